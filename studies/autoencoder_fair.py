"""Which optimizer trains an autoencoder of digits best, when each gets its own learning rate?

The question of `autoencoder.py`, asked fairly: scaled by what is trained on alone, a loss that fits
standardized inputs (squared error, with an output that can be any number), and a learning rate
tuned for each optimizer.
"""

from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
from keras import layers, optimizers
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

from optisearch import Comparison, Study, choice, real
from optisearch.data import Split
from optisearch.data.parts import Part


@dataclass(frozen=True)
class FairAutoencoder:
    """How the autoencoder is trained. `FairAutoencoder()` is the baseline."""

    optimizer: str = choice("sgd", "momentum", "adam", "rmsprop", "adagrad", baseline="adam")
    # As wide as to hold what suits Adam (0.03) and what suits plain SGD (3).
    learning_rate: float = real(1e-4, 10.0, log=True, baseline=1e-3)
    batch_size: int = choice(32, 64, 128, 256, baseline=256)
    code: int = 32
    epochs: int = 50


OPTIMIZERS = {
    "sgd": optimizers.SGD,
    "momentum": partial(optimizers.SGD, momentum=0.9),
    "adam": optimizers.Adam,
    "rmsprop": optimizers.RMSprop,
    "adagrad": optimizers.Adagrad,
}
PIXELS = 64


def scaled_digits() -> Split:
    """Scikit-learn's digits, 1,257 / 270 / 270, stratified, each pixel scaled.

    A pixel has mean 0 and variance 1 over the training part, and so nearly over the others.

    x, and y as well: float32 (n, 64), in standard deviations. They are the same array.
    """
    pixels, labels = load_digits(return_X_y=True)
    split = Split.cut(pixels, labels, name="fairly scaled digits")
    scaler = StandardScaler().fit(split.train[0])

    def scaled(part: Part) -> Part:
        x = scaler.transform(part[0]).astype(np.float32)
        return x, x

    return Split(
        train=scaled(split.train),
        validation=scaled(split.validation),
        test=scaled(split.test),
        name=split.name,
    )


def build(hp: FairAutoencoder) -> keras.Model:
    """Standardized pixels (64,) to their reconstruction (64,); returned compiled."""
    model = keras.Sequential(
        [
            layers.Input((PIXELS,)),
            layers.Dense(hp.code, "relu"),
            layers.Dense(PIXELS),
        ]
    )
    model.compile(OPTIMIZERS[hp.optimizer](hp.learning_rate), "mse")
    return model


study = Study(
    name="autoencoder_fair",
    space=FairAutoencoder,
    build=build,
    data=scaled_digits,
    minimize="val_loss",
    comparisons=[
        Comparison(
            "optimizer",
            tune=["learning_rate"],
            title="The optimizer: the reconstruction error",
        ),
        Comparison(
            "learning_rate", levels=(1e-4, 1e-3, 1e-2, 1e-1), title="The learning rate of Adam"
        ),
    ],
)

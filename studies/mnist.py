"""MNIST: which choices classify handwritten digits best, and which of them matter?

The joint space that tutorials discuss one table at a time: the optimizer, its learning rate, the
batch size, the activation, the regularization with its strength, the width and the epochs. Their
tables follow as comparisons, and with them what only comparisons vary: the architecture, the loss
and early stopping.
"""

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers, ops, optimizers, regularizers

from optisearch import Comparison, Study, choice, integer, real
from optisearch.data import mnist


@dataclass(frozen=True)
class Digits:
    """One network and how it is trained. `Digits()` is the baseline."""

    optimizer: str = choice(
        "sgd", "momentum", "rmsprop", "adagrad", "adadelta", "adam", baseline="adam"
    )
    learning_rate: float = real(1e-4, 1.0, log=True, baseline=1e-3, levels=(1e-3, 1e-2, 1e-1, 1.0))
    batch_size: int = choice(32, 64, 128, 256, baseline=128)
    activation: str = choice("sigmoid", "tanh", "relu", "leaky_relu", baseline="relu")
    regularization: str = choice("none", "l1", "l2", "dropout", baseline="none")
    penalty: float = real(
        1e-6, 1e-2, log=True, baseline=1e-4, when={"regularization": ("l1", "l2")}
    )
    dropout: float = real(0.1, 0.6, baseline=0.3, when={"regularization": "dropout"})
    units: int = choice(64, 128, 256, 512, baseline=64)
    epochs: int = integer(5, 20, baseline=10)
    architecture: str = choice(
        "perceptron", "mlp", "deep", "convolutional", "recurrent", baseline="mlp", searched=False
    )
    loss: str = choice("crossentropy", "mse", "focal", baseline="crossentropy", searched=False)
    stopping: str = choice("none", "early", baseline="none", searched=False)


OPTIMIZERS = {
    "sgd": optimizers.SGD,
    "momentum": lambda rate: optimizers.SGD(rate, momentum=0.9),
    "rmsprop": optimizers.RMSprop,
    "adagrad": optimizers.Adagrad,
    "adadelta": optimizers.Adadelta,
    "adam": optimizers.Adam,
}
PENALTIES = {"l1": regularizers.L1, "l2": regularizers.L2}
CLASSES = 10
PATIENCE = 3


def squared_error(labels: Any, probabilities: Any) -> Any:
    """Mean over the classes of (1 if it is the label, else 0, less its probability)², (batch,)."""
    return ops.mean(ops.square(_one_hot(labels) - probabilities), axis=-1)


def focal(labels: Any, probabilities: Any) -> Any:
    """A loss of one's own: cross-entropy that passes over what is already right, (batch,).

    -(1 - p)² log p, p being the label's probability.

    Source: Lin et al. (2017), Focal Loss for Dense Object Detection, its γ = 2.
    """
    right = ops.sum(_one_hot(labels) * probabilities, axis=-1)
    right = ops.clip(right, keras.config.epsilon(), 1.0)
    return -ops.square(1.0 - right) * ops.log(right)


LOSSES = {"crossentropy": "sparse_categorical_crossentropy", "mse": squared_error, "focal": focal}


def build(hp: Digits) -> keras.Model:
    """Images (28, 28) in [0, 1] to class probabilities (10,); returned compiled."""
    model = keras.Sequential([layers.Input((28, 28)), *_hidden(hp)])
    if hp.regularization == "dropout":
        model.add(layers.Dropout(hp.dropout))
    model.add(layers.Dense(CLASSES, "softmax"))
    model.compile(
        optimizer=OPTIMIZERS[hp.optimizer](hp.learning_rate),
        loss=LOSSES[hp.loss],
        metrics=["accuracy"],
    )
    return model


def callbacks(hp: Digits) -> list[keras.callbacks.Callback]:
    """Early stopping: the end when the validation loss hasn't improved for `PATIENCE` epochs.

    It keeps the last weights, so that the last recorded epoch is the model that there is.
    """
    if hp.stopping == "none":
        return []
    return [keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE)]


def _hidden(hp: Digits) -> list[layers.Layer]:
    """All but the output."""
    if hp.architecture == "perceptron":
        return [layers.Flatten()]
    if hp.architecture == "recurrent":  # a row at a time
        return [layers.LSTM(hp.units, kernel_regularizer=_penalty(hp))]
    if hp.architecture == "convolutional":
        return [
            layers.Reshape((28, 28, 1)),
            # A stride in place of a first pooling: half of the time.
            layers.Conv2D(16, 5, strides=2, activation=hp.activation),
            layers.Conv2D(32, 3, activation=hp.activation),
            layers.MaxPooling2D(),
            layers.Flatten(),
            _dense(hp),
        ]
    depth = 3 if hp.architecture == "deep" else 1
    return [layers.Flatten(), *(_dense(hp) for _ in range(depth))]


def _dense(hp: Digits) -> layers.Layer:
    return layers.Dense(hp.units, hp.activation, kernel_regularizer=_penalty(hp))


def _penalty(hp: Digits) -> regularizers.Regularizer | None:
    penalty = PENALTIES.get(hp.regularization)
    return penalty(hp.penalty) if penalty else None


def _one_hot(labels: Any) -> Any:
    # Keras hands labels to a loss as numbers of the output's type.
    return ops.one_hot(ops.reshape(ops.cast(labels, "int32"), (-1,)), CLASSES)


LOSS_TUTORIAL = "Loss Function Optimization Tutorial"
TUTORIAL = "Gradient Descent Optimizer Keras"
# Most accuracies are printed as whole percents: half of the last digit.
HALF_A_PERCENT = 0.005

study = Study(
    name="mnist",
    space=Digits,
    build=build,
    callbacks=callbacks,
    data=mnist,
    maximize="val_accuracy",
    trials=80,
    comparisons=[
        Comparison(
            "optimizer",
            tune=["learning_rate"],
            title="The optimizer",
            published={"sgd": 0.92, "adagrad": 0.95, "rmsprop": 0.97, "adam": 0.98},
            tolerance=HALF_A_PERCENT,
            source=TUTORIAL,
        ),
        Comparison(
            "learning_rate",
            title="The learning rate of Adam",
            published={1e-3: 0.97, 1e-2: 0.98, 1e-1: 0.975, 1.0: 0.92},
            tolerance=HALF_A_PERCENT,
            source=TUTORIAL,
        ),
        Comparison(
            "activation",
            title="The activation of the hidden layer",
            published={"sigmoid": 0.80, "tanh": 0.92, "relu": 0.96, "leaky_relu": 0.97},
            tolerance=HALF_A_PERCENT,
            source=TUTORIAL,
        ),
        Comparison(
            "epochs",
            levels=(10, 25, 50, 100),
            measure="loss",
            title="The training loss after so many epochs",
            published={10: 0.3, 25: 0.2, 50: 0.15, 100: 0.1},
            # Half the distance between neighbours: no loss is that of two rows.
            tolerance=0.025,
            source=TUTORIAL,
        ),
        Comparison(
            "regularization",
            title="The regularization",
            published={"none": 0.97, "l1": 0.965, "l2": 0.975, "dropout": 0.98},
            # These are half a percent apart: half of that, or two rows would hold at once.
            tolerance=0.0025,
            source=TUTORIAL,
        ),
        Comparison(
            "batch_size",
            measure="seconds",
            title="The time that a batch size takes",
            published={32: 40, 64: 30, 128: 20, 256: 15},  # minutes, compared as ratios
            # The minutes are printed in steps of 5: 2.5 of 40.
            tolerance=0.0625,
            source=TUTORIAL,
        ),
        Comparison(
            "architecture",
            tune=["learning_rate"],
            title="The architecture",
            published={
                "perceptron": 0.92,
                "deep": 0.975,
                "convolutional": 0.985,
                "recurrent": 0.95,
            },
            tolerance=HALF_A_PERCENT,
            source=TUTORIAL,
        ),
        # The tutorial prints three models without naming them, 0.15 and 0.95, 0.20 and 0.92, 0.12
        # and 0.97. Here they have the names that their order suggests: the smallest is the worst.
        Comparison(
            "architecture",
            name="model loss",
            levels=("perceptron", "mlp", "deep"),
            measure="loss",
            title="Three models: the training loss",
            published={"perceptron": 0.20, "mlp": 0.15, "deep": 0.12},
            tolerance=0.005,  # printed with two decimals
            source=TUTORIAL,
        ),
        Comparison(
            "architecture",
            name="model accuracy",
            levels=("perceptron", "mlp", "deep"),
            title="Three models: the final accuracy",
            published={"perceptron": 0.92, "mlp": 0.95, "deep": 0.97},
            tolerance=HALF_A_PERCENT,
            source=TUTORIAL,
        ),
        # A loss can't be judged by itself: each has its own unit.
        Comparison("loss", tune=["learning_rate"], title="The loss", source=LOSS_TUTORIAL),
        # Long enough for the baseline to overfit: its validation loss rises while its loss falls.
        Comparison(
            "regularization",
            name="overfitting",
            base={"epochs": 30},
            measure="val_loss",
            title="Regularization against overfitting: the validation loss after 30 epochs",
            source=TUTORIAL,
        ),
        Comparison(
            "stopping",
            base={"epochs": 30},
            measure="val_loss",
            title="Early stopping against overfitting: the validation loss at the end",
            source=TUTORIAL,
        ),
        Comparison(
            "stopping",
            name="stopping time",
            base={"epochs": 30},
            measure="seconds",
            title="The time that early stopping takes",
            source=TUTORIAL,
        ),
    ],
)

"""KerasTuner as its guide and TensorFlow's tutorial have it, with one of its three tuners.

RandomSearch and BayesianOptimization follow https://keras.io/guides/keras_tuner/getting_started/
(its "Tune model training" for the batch size), Hyperband follows
https://www.tensorflow.org/tutorials/keras/keras_tuner (factor 3, early stopping by the validation
loss with a patience of 5); changed in their data, space and epochs, and seeded. `max_trials` has
its default, 10, each trained once.

    python -m benchmarks.search.keras_tuner_examples TUNER RECORDS EPOCHS SEED FILE
"""
# As the guides write it.
# ruff: noqa: ANN001, ANN002, ANN003, ANN201, ARG002

import sys
import tempfile
import time
from pathlib import Path

import keras
import keras_tuner

from benchmarks.search.track import Track
from benchmarks.studies.race import Race, build
from optisearch.data import mnist

TUNER = sys.argv[1]
RECORDS, EPOCHS, SEED = map(int, sys.argv[2:5])

data = mnist(RECORDS)
x_train, y_train = data.train
times, values = [], []


class MLP(keras_tuner.HyperModel):
    def build(self, hp):
        hp.Choice("batch_size", [32, 64, 128, 256])
        return build(
            Race(
                optimizer=hp.Choice(
                    "optimizer", ["sgd", "momentum", "rmsprop", "adagrad", "adadelta", "adam"]
                ),
                learning_rate=hp.Float(
                    "learning_rate", min_value=1e-4, max_value=1.0, sampling="log"
                ),
                activation=hp.Choice("activation", ["sigmoid", "tanh", "relu", "leaky_relu"]),
                units=hp.Choice("units", [64, 128, 256, 512]),
                dropout=hp.Float("dropout", min_value=0.0, max_value=0.5, step=0.1),
            )
        )

    def fit(self, hp, model, *args, **kwargs):
        return model.fit(*args, batch_size=hp.get("batch_size"), **kwargs)


class Clock(keras.callbacks.Callback):
    """Writes down what each epoch reached, for KerasTuner's score is the best epoch's."""

    def on_train_begin(self, logs=None):
        times.append(time.time())

    def on_epoch_end(self, epoch, logs=None):
        values.append((time.time(), float(logs["val_accuracy"])))


if __name__ == "__main__":
    common = {"objective": "val_accuracy", "seed": SEED}
    common |= {"directory": tempfile.mkdtemp(), "project_name": "race"}
    searched = {"epochs": EPOCHS, "callbacks": [Clock()]}
    keras.utils.set_random_seed(SEED)
    if TUNER == "Hyperband":
        tuner = keras_tuner.Hyperband(MLP(), max_epochs=EPOCHS, factor=3, **common)
        searched["callbacks"].append(keras.callbacks.EarlyStopping(monitor="val_loss", patience=5))
    else:
        tuner = getattr(keras_tuner, TUNER)(MLP(), **common)
    tuner.search(x_train, y_train, validation_data=data.validation, **searched)
    Track(first=times[0], reached=values).write(Path(sys.argv[5]))

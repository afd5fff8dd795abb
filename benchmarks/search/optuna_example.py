"""Optuna's own Keras example: its pruning callback, the median pruner, everything in one process.

https://github.com/optuna/optuna-examples/blob/main/keras/keras_integration.py, changed in its data,
its space (the batch size is searched), the number of epochs and trials, and seeded.

    python -m benchmarks.search.optuna_example RECORDS EPOCHS TRIALS SEED FILE
"""
# As the example is written.
# ruff: noqa: ANN001, ANN201

import sys
from pathlib import Path

import keras
import optuna
from optuna_integration import KerasPruningCallback

from benchmarks.search.track import Track
from benchmarks.studies.race import Race, build
from optisearch.data import mnist

RECORDS, EPOCHS, TRIALS, SEED = map(int, sys.argv[1:5])

data = mnist(RECORDS)
x_train, y_train = data.train
x_valid, y_valid = data.validation


def create_model(trial):
    return build(
        Race(
            optimizer=trial.suggest_categorical(
                "optimizer", ["sgd", "momentum", "rmsprop", "adagrad", "adadelta", "adam"]
            ),
            learning_rate=trial.suggest_float("learning_rate", 1e-4, 1.0, log=True),
            activation=trial.suggest_categorical(
                "activation", ["sigmoid", "tanh", "relu", "leaky_relu"]
            ),
            units=trial.suggest_categorical("units", [64, 128, 256, 512]),
            dropout=trial.suggest_float("dropout", 0.0, 0.5, step=0.1),
        )
    )


def objective(trial):
    keras.backend.clear_session()
    model = create_model(trial)
    model.fit(
        x_train,
        y_train,
        batch_size=trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
        callbacks=[KerasPruningCallback(trial, "val_accuracy")],
        epochs=EPOCHS,
        validation_data=(x_valid, y_valid),
        verbose=1,
    )
    score = model.evaluate(x_valid, y_valid, verbose=0)
    return score[1]


if __name__ == "__main__":
    keras.utils.set_random_seed(SEED)
    study = optuna.create_study(
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(),
        sampler=optuna.samplers.TPESampler(seed=SEED),
    )
    study.optimize(objective, n_trials=TRIALS)
    trials = study.get_trials(deepcopy=False)
    complete = [trial for trial in trials if trial.state == optuna.trial.TrialState.COMPLETE]
    Track(
        first=min(trial.datetime_start.timestamp() for trial in trials),
        reached=[(trial.datetime_complete.timestamp(), trial.value) for trial in complete],
    ).write(Path(sys.argv[5]))

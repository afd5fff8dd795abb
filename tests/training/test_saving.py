"""Models as files, and what reading them takes."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from optisearch.errors import TrainingError

pytestmark = pytest.mark.keras
keras: Any = pytest.importorskip("keras")
tf: Any = pytest.importorskip("tensorflow")

from optisearch.training import Needs, saving  # noqa: E402

X = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.int64)

OWN = """
import keras

def own_loss(y, p):
    return keras.ops.mean(keras.ops.square(y - p[..., :1]), axis=-1)

class Own(keras.layers.Layer):
    def call(self, x):
        return 2.0 * x
"""


@pytest.fixture
def study_module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a study file would define, in a module as `load_study` makes it."""
    module = ModuleType("optisearch_study_own")
    exec(OWN, module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def model(*more: Any, loss: Any = "sparse_categorical_crossentropy") -> Any:
    layers = keras.layers
    made = keras.Sequential([layers.Input((4,)), *more, layers.Dense(2, "softmax")])
    made.compile("adam", loss, metrics=["accuracy"])
    return made


def test_a_keras_file_needs_keras_alone(tmp_path: Path) -> None:
    """In a process of its own: `tests/end_to_end/test_export.py`."""
    made, path = model(), tmp_path / "m.keras"
    expected = made.evaluate(X, Y, return_dict=True, verbose=0)
    assert saving.write(made, path, "keras") == Needs()
    loaded = keras.saving.load_model(path)
    assert loaded.evaluate(X, Y, return_dict=True, verbose=0) == expected


def test_a_loss_of_the_studys_own_isnt_needed_to_read_it(tmp_path: Path, study_module: Any) -> None:
    made, path = model(loss=study_module.own_loss), tmp_path / "m.keras"
    expected = made.evaluate(X, Y, return_dict=True, verbose=0)
    assert saving.write(made, path, "keras") == Needs(to_evaluate=("own_loss",))
    loaded = keras.saving.load_model(path)
    assert np.array_equal(loaded.predict(X, verbose=0), made.predict(X, verbose=0))
    loaded.compile(loss=study_module.own_loss, metrics=["accuracy"])
    assert loaded.evaluate(X, Y, return_dict=True, verbose=0) == expected


def test_a_layer_of_the_studys_own_is_named(tmp_path: Path, study_module: Any) -> None:
    path = tmp_path / "m.keras"
    assert saving.write(model(study_module.Own()), path, "keras") == Needs(("Own",))
    assert keras.saving.load_model(path, custom_objects={"Own": study_module.Own})


def test_a_lambda_is_named(tmp_path: Path) -> None:
    made = model(keras.layers.Lambda(lambda x: 2.0 * x))
    assert saving.write(made, tmp_path / "m.keras", "keras") == Needs(("a lambda",))


def test_weights(tmp_path: Path) -> None:
    made, path, other = model(), tmp_path / "m.weights.h5", model()
    saving.write(made, path, "weights")
    other.load_weights(path)
    assert np.array_equal(other.get_weights()[0], made.get_weights()[0])


def test_a_saved_model(tmp_path: Path) -> None:
    made, path = model(), tmp_path / "m"
    made.evaluate(X, Y, verbose=0)
    saving.write(made, path, "saved_model")
    loaded = tf.saved_model.load(str(path))
    assert np.allclose(loaded.serve(X), made.predict(X, verbose=0), atol=1e-6)


def test_onnx_without_what_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tf2onnx", None)  # as if it weren't installed
    made = model()
    made.evaluate(X, Y, verbose=0)
    with pytest.raises(TrainingError, match="which aren't installed") as raised:
        saving.write(made, tmp_path / "m.onnx", "onnx")
    assert "pip install tf2onnx" in str(raised.value)

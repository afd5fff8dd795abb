"""A trained model → a file of one of Keras's formats, and what reading it takes."""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras

from optisearch.errors import TrainingError
from optisearch.training.values import differ

# What every Keras has; a study's own layers and functions are in other modules.
_KERAS = ("keras", "builtins")
_LAMBDA = "__lambda__"


def write(model: keras.Model, path: Path, file_format: str) -> tuple[str, ...]:
    """Write a model.

    Args:
        model: The trained model, compiled.
        path: A file, or for `saved_model` a folder, that isn't there yet. Its name ends as the
            format wants it.
        file_format: `keras`, `weights`, `saved_model` or `onnx`.

    Returns:
        The study's own functions and classes that reading it takes, beside Keras.

    Raises:
        TrainingError: Keras can't write this model in this format.
        OSError: There is no room, or no right.
    """
    return _WRITERS[file_format](model, path)


def _keras(model: keras.Model, path: Path) -> tuple[str, ...]:
    compiled = model.get_compile_config()
    plain = _without_own(compiled)
    if plain != compiled:
        # Else nobody could read the file without the study's own loss or metric.
        model.compile_from_config(plain)
    model.save(path)
    # Written a moment ago: it holds what the study file holds.
    if differ(model, keras.saving.load_model(path, compile=False, safe_mode=False)):
        raise TrainingError(
            "the file that Keras wrote doesn't hold the model's weights",
            where=str(path.name),
            remedy="A layer keeps variables where Keras doesn't look for them; see "
            "https://keras.io/guides/serialization_and_saving",
        )
    return tuple(dict.fromkeys(_own(_config(path))))


def _weights(model: keras.Model, path: Path) -> tuple[str, ...]:
    model.save_weights(path)
    return ()


def _saved_model(model: keras.Model, path: Path) -> tuple[str, ...]:
    model.export(path, format="tf_saved_model", verbose=False)
    return ()


def _onnx(model: keras.Model, path: Path) -> tuple[str, ...]:
    try:
        model.export(path, format="onnx", verbose=False)
    except ImportError as error:
        raise TrainingError(
            f"Keras writes ONNX by tf2onnx, which isn't installed ({error})",
            where="--format onnx",
            remedy="pip install tf2onnx, in an environment of its own where it doesn't go with "
            "TensorFlow's protobuf; or write --format saved_model and convert that",
        ) from None
    return ()


_WRITERS: Mapping[str, Callable[[keras.Model, Path], tuple[str, ...]]] = {
    "keras": _keras,
    "weights": _weights,
    "saved_model": _saved_model,
    "onnx": _onnx,
}


def _config(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def _without_own(compiled: Mapping[str, Any]) -> dict[str, Any]:
    """How a model is compiled, as far as it takes nothing but Keras."""
    found = {}
    for name, value in compiled.items():
        if isinstance(value, list):
            found[name] = [each for each in value if not any(_own(each))]
        elif not any(_own(value)):
            found[name] = value
    return found


def _own(config: Any) -> Iterator[str]:
    """The names of functions and classes in a configuration that aren't Keras's."""
    if isinstance(config, Mapping):
        if config.get("class_name") == _LAMBDA:
            yield "a lambda"
            return
        module = config.get("module")
        if isinstance(module, str) and module.partition(".")[0] not in _KERAS:
            inner = config.get("config")
            yield inner if isinstance(inner, str) else str(config.get("class_name"))
        for value in config.values():
            yield from _own(value)
    elif isinstance(config, list | tuple):
        for value in config:
            yield from _own(value)

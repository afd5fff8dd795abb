"""A trained model → a file of one of Keras's formats, and what reading it takes."""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras

from optisearch.errors import TrainingError
from optisearch.training import private
from optisearch.training.interface import Needs
from optisearch.training.values import differ

# What every Keras has; a study's own layers and functions are in other modules.
_KERAS = ("keras", "builtins")
_LAMBDA, _FUNCTION = "__lambda__", "function"


def write(model: keras.Model, path: Path, file_format: str) -> Needs:
    """Write a model.

    Args:
        model: The trained model, compiled.
        path: A file, or for `saved_model` a folder, that isn't there yet. Its name ends as the
            format wants it.
        file_format: `keras`, `weights`, `saved_model` or `onnx`.

    Raises:
        TrainingError: Keras can't write this model in this format.
        OSError: There is no room, or no right.
    """
    return _WRITERS[file_format](model, path)


def _keras(model: keras.Model, path: Path) -> Needs:
    compiled = model.get_compile_config()
    missing = tuple(dict.fromkeys(_own(compiled)))
    if missing:
        # Else nobody could read the file without the study's own loss or metric.
        model.compile_from_config(_without_own(compiled))
    if not model.optimizer.built:  # else reading the file warns of its missing state
        model.optimizer.build(model.trainable_variables)
    model.save(path)
    own = tuple(dict.fromkeys(_own(_config(path))))
    _check(model, path, own)
    return Needs(own, missing)


def _check(model: keras.Model, path: Path, own: tuple[str, ...]) -> None:
    """See that a file holds the model's weights. One with functions of the study's own can't be
    read here."""
    kinds = {type(layer).__name__: type(layer) for layer in private.layers(model)}
    try:
        # Written a moment ago: it holds what the study file holds.
        written = keras.saving.load_model(path, kinds, compile=False, safe_mode=False)
    except Exception:
        if own:
            return
        raise
    if differ(model, written):
        raise TrainingError(
            "the file that Keras wrote doesn't hold the model's weights",
            where=path.name,
            remedy="A layer keeps variables where Keras doesn't look for them; see "
            "https://keras.io/guides/serialization_and_saving",
        )


def _weights(model: keras.Model, path: Path) -> Needs:
    model.save_weights(path)
    return Needs()


def _saved_model(model: keras.Model, path: Path) -> Needs:
    model.export(path, format="tf_saved_model", verbose=False)
    return Needs()


def _onnx(model: keras.Model, path: Path) -> Needs:
    try:
        model.export(path, format="onnx", verbose=False)
    except ImportError as error:
        raise TrainingError(
            f"Keras writes ONNX by onnx and tf2onnx, which aren't installed ({error})",
            where="--format onnx",
            remedy="pip install tf2onnx, in an environment of its own where it doesn't go with "
            "TensorFlow's protobuf; or write --format saved_model and convert that",
        ) from None
    return Needs()


_WRITERS: Mapping[str, Callable[[keras.Model, Path], Needs]] = {
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
        kind, module = config.get("class_name"), config.get("module")
        if kind == _LAMBDA:
            yield "a lambda"
        elif kind == _FUNCTION:
            if not _is_keras(config):
                yield str(config["config"])
        elif isinstance(module, str) and module.partition(".")[0] not in _KERAS:
            yield str(kind)
        for value in config.values():
            yield from _own(value)
    elif isinstance(config, list | tuple):
        for value in config:
            yield from _own(value)


def _is_keras(function: Mapping[str, Any]) -> bool:
    """Whether Keras finds a function by its name; those of the study's may be registered here."""
    try:
        found = keras.saving.deserialize_keras_object(dict(function))
    except (TypeError, ValueError):
        return False
    return bool(found.__module__.partition(".")[0] == "keras")

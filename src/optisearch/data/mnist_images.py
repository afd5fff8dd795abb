"""MNIST: 70,000 handwritten digits, from disk or the network, else scikit-learn's enlarged."""

import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from optisearch.data.digits_images import enlarged_digits
from optisearch.data.download import DownloadError, download
from optisearch.data.split import Split
from optisearch.errors import DataError

# The address and checksum of keras/src/datasets/mnist.py.
URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"

_SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
_PARTS = ("train", "test")
_CLASSES = 10
_VALIDATION = 10_000
# What np.load raises for files that are cut short, overwritten, empty, or of another kind.
_NO_NPZ = (OSError, EOFError, ValueError, TypeError, KeyError, zipfile.BadZipFile, zlib.error)
_REMEDY = "Put mnist.npz into storage/datasets, or set OPTISEARCH_DATA to its folder"


def mnist(train_samples: int | None = None, *, fallback: bool = True) -> Split:
    """MNIST, cut 50,000 / 10,000 / 10,000.

    x: float32 (n, 28, 28), brightness from 0 (paper) to 1 (ink).
    y: int64 (n,), the digit, 0 … 9.

    The test part is MNIST's own. Of its 60,000 training images, 10,000 are the validation part,
    stratified, with seed 0.

    Looked for as `mnist.npz` in `$OPTISEARCH_DATA`, in `storage/datasets` and in Keras's cache
    (`$KERAS_HOME/datasets`, by default `~/.keras/datasets`); then downloaded (11 MB) into the last.
    Where it is nowhere to be had, the split holds scikit-learn's 1,797 digits, enlarged to 28 x 28,
    as the variant `digits`, and its note says so.

    Source: LeCun, Cortes and Burges (1998), The MNIST database; CC BY-SA 3.0.

    Args:
        train_samples: How many images to train on; by default all. See `Split.take`.
        fallback: False: an error in place of the enlarged digits.

    Raises:
        DataError: A file is damaged, MNIST is nowhere to be had, or there are fewer images.
    """
    split = _found() or _downloaded(fallback=fallback)
    return split if train_samples is None else split.take(train_samples)


def places() -> list[Path]:
    """The files that may be MNIST, in the order in which they are looked for."""
    own = os.environ.get("OPTISEARCH_DATA", "")
    folders = [Path(own).expanduser()] if own else []
    return [folder / "mnist.npz" for folder in (*folders, Path("storage/datasets"), _cache())]


def _cache() -> Path:
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"


def _found() -> Split | None:
    path = next((place for place in places() if place.exists()), None)
    return None if path is None else _split(read(path))


def _downloaded(*, fallback: bool) -> Split:
    try:
        return _split(read(download(URL, SHA256, into=_cache())))
    except DownloadError as error:
        looked = ", ".join(str(place) for place in places())
        missing = f"MNIST is neither in {looked} nor to be downloaded ({error})"
    if not fallback:
        raise DataError(missing, remedy=_REMEDY)
    x, y = enlarged_digits()
    note = f"{missing}: training on scikit-learn's digits, enlarged to 28 x 28. {_REMEDY}."
    return Split.cut(x, y, name="mnist", variant="digits", note=note)


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an `mnist.npz`.

    Returns:
        `x_train`, uint8 (60000, 28, 28), `y_train`, uint8 (60000,), `x_test` and `y_test`
        (10,000 of each), brightness from 0 to 255 and labels from 0 to 9.

    Raises:
        DataError: The file can't be read or is something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _SHAPES}
    except PermissionError:
        raise DataError(
            "the file may not be read", where=str(path), remedy="Change its permissions"
        ) from None
    except _NO_NPZ as error:
        raise _damaged(path, str(error)) from None
    for name, shape in _SHAPES.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != np.uint8:
            wrong = f"{name} is {array.dtype} {array.shape} instead of uint8 {shape}"
            raise _damaged(path, wrong)
        if name.startswith("y") and array.max() >= _CLASSES:
            raise _damaged(path, f"{name} has the label {array.max()}")
    return arrays


def _damaged(path: Path, reason: str) -> DataError:
    return DataError(
        f"the file isn't MNIST, or damaged ({reason})",
        where=str(path),
        remedy="Replace or delete it: without it, MNIST is looked for elsewhere and downloaded",
    )


def _split(arrays: dict[str, np.ndarray]) -> Split:
    x = {part: arrays[f"x_{part}"].astype(np.float32) / np.float32(255) for part in _PARTS}
    y = {part: arrays[f"y_{part}"].astype(np.int64) for part in _PARTS}
    test = (x["test"], y["test"])
    return Split.cut(x["train"], y["train"], name="mnist", validation=_VALIDATION, test=test)

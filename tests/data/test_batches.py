"""Parts that yield batches: `tf.data.Dataset` and `keras.utils.PyDataset`."""

from typing import Any

import numpy as np
import pytest

from optisearch.data import Split
from optisearch.errors import DataError

pytestmark = pytest.mark.keras

X = np.arange(24, dtype=np.float32).reshape(12, 2)
Y = np.arange(12)


def dataset(x: Any = X, y: Any = Y, size: int = 4) -> Any:
    tf = pytest.importorskip("tensorflow")

    return tf.data.Dataset.from_tensor_slices((x, y)).batch(size)


def py_dataset(length: int | None = 3) -> Any:
    keras: Any = pytest.importorskip("keras")

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        reads = 0

        @property
        def num_batches(self) -> int | None:
            return length

        def __getitem__(self, index: int) -> Any:
            self.reads += 1
            return X[:4], Y[:4]

    return Batches()


def split(train: Any, **others: Any) -> Split:
    return Split(train=train, validation=(X, Y), name="mine", **others)


def test_sizes_are_in_batches() -> None:
    mixed = split(dataset(), test=py_dataset())
    assert mixed.sizes == {"train": 3, "validation": 12, "test": 3}


def test_an_unknown_number_of_batches_is_none() -> None:
    assert split(dataset().filter(lambda x, y: True)).sizes["train"] is None


def test_the_fingerprint_is_that_of_the_specification() -> None:
    known = split(dataset()).fingerprint
    assert known.startswith("spec:")
    assert split(dataset()).fingerprint == known
    assert split(dataset(X + 1)).fingerprint == known  # not read
    others = [dataset(size=2), dataset(X.astype("float64")), dataset(X[:, :1]), py_dataset()]
    assert len({known, *(split(other).fingerprint for other in others)}) == 5


def test_arrays_beside_batches_count() -> None:
    fingerprints = {split(dataset(), test=(x, Y)).fingerprint for x in (X, X + 1)}
    assert len(fingerprints) == 2


def test_a_dataset_of_unknown_rank_has_a_fingerprint() -> None:
    tf = pytest.importorskip("tensorflow")

    spec = (tf.TensorSpec(None), tf.RaggedTensorSpec([None, None], tf.int32))
    unknown = tf.data.Dataset.from_generator(lambda: iter(()), output_signature=spec)
    assert split(unknown).fingerprint.startswith("spec:")


def test_nothing_is_read() -> None:
    batches = py_dataset()
    whole = split(batches)
    assert (whole.sizes["train"], whole.fingerprint[:5], batches.reads) == (3, "spec:", 0)
    assert whole.for_training().train is batches


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: dataset().repeat(), r"train: the dataset never ends. .*take\(batches\)"),
        (lambda: dataset().take(0), "train: it has no batches"),
        (lambda: py_dataset(None), "train: the PyDataset never ends"),
        (lambda: py_dataset(0), "train: it has no batches"),
    ],
)
def test_what_can_not_be_trained_on(make: Any, what: str) -> None:
    with pytest.raises(DataError, match=what):
        split(make())


def test_batches_are_not_counted_in_records() -> None:
    with pytest.raises(DataError, match=r"yields batches.*dataset\.take\(batches\)"):
        split(dataset()).take(2)


def test_tensors_become_arrays() -> None:
    tf = pytest.importorskip("tensorflow")

    whole = Split(train=(tf.constant(X), tf.constant(Y)), validation=(X, Y), name="mine")
    same = Split(train=(X, Y), validation=(X, Y), name="mine")
    assert whole.fingerprint == same.fingerprint

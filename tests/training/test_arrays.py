"""Parts that are arrays → tensors."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf

from optisearch.training import arrays

pytestmark = pytest.mark.keras

X = np.arange(12, dtype=np.uint8).reshape(6, 2)
PART = ({"image": X, "tabular": [X.astype(np.float32), X[:, 0]]}, X[:, 1] % 3)


def test_tensors_have_the_types_of_their_arrays() -> None:
    (x, y) = arrays.Tensors(PART).of(PART)
    assert x["image"].dtype == y.dtype == tf.uint8
    assert x["tabular"][0].dtype == tf.float32
    assert (x["image"].numpy() == X).all()


def test_those_of_the_study_are_made_once() -> None:
    tensors, other = arrays.Tensors(PART), (X,)
    assert tensors.of(PART) is tensors.of(PART)
    assert tensors.of(other) is not tensors.of(other)


def test_there_is_room_for_half_of_the_memory(monkeypatch: Any) -> None:
    tensors = arrays.Tensors(PART)
    monkeypatch.setattr(arrays, "_SHARE_OF_MEMORY", 0.0)
    assert not tensors.have_room_for(PART)
    tensors.of(PART)
    monkeypatch.setattr(arrays, "_SHARE_OF_MEMORY", 1e-300)
    assert tensors.have_room_for(PART)  # it is there already


def test_sizes() -> None:
    assert arrays.records(PART) == 6
    assert arrays.gibibytes(PART) * 2**30 == 12 + 48 + 6 + 6
    assert arrays.is_arrays(PART)
    assert not arrays.is_arrays(tf.data.Dataset.range(3))


@pytest.mark.parametrize("rows", [np.array([3, 0]), tf.constant([3, 0])], ids=["arrays", "tensors"])
def test_records_are_gathered(rows: Any) -> None:
    part = arrays.Tensors().of(PART) if tf.is_tensor(rows) else arrays.tuples(PART)
    x, y = arrays.gathered(part, rows)
    assert np.asarray(x["image"]).tolist() == [[6, 7], [0, 1]]
    assert np.asarray(x["tabular"][1]).tolist() == [6, 0]
    assert np.asarray(y).tolist() == [1, 1]


LABELS = np.array([0, 2, 1, 2])


@pytest.mark.parametrize(
    "y",
    [LABELS, LABELS[:, None], LABELS.astype(np.float32), np.eye(3)[LABELS]],
    ids=["labels", "a column", "floats", "one-hot"],
)
def test_classes_weigh(y: Any) -> None:
    part = arrays.Tensors().of((X[:4], y))
    *_, weights = arrays.weighted(part, {0: 0.5, 2: 3.0})
    assert weights.dtype == tf.float32
    assert weights.numpy().tolist() == [0.5, 3.0, 1.0, 3.0]
    assert arrays.weighted(part, None) is part

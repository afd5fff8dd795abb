"""Dealing records out by seed, all classes evenly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optisearch.data.ordering import class_labels, stratified_order

LABELS = hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-2, 3))
SEEDS = st.integers(0, 2**40)


@given(LABELS, SEEDS, st.booleans())
def test_it_is_a_permutation(labels: np.ndarray, seed: int, stratified: bool) -> None:
    order = stratified_order(len(labels), labels if stratified else None, seed)
    assert sorted(order) == list(range(len(labels)))


@given(LABELS, SEEDS, st.integers(0, 60))
def test_each_prefix_holds_the_classes_in_proportion(
    labels: np.ndarray, seed: int, length: int
) -> None:
    length = min(length, len(labels))
    prefix = labels[stratified_order(len(labels), labels, seed)[:length]]
    classes, counts = np.unique(labels, return_counts=True)
    for label, count in zip(classes, counts, strict=True):
        share = count * length / len(labels)
        assert abs(np.count_nonzero(prefix == label) - share) <= len(classes)


def test_large_classes_are_exact_to_a_few_records() -> None:
    labels = np.repeat(np.arange(10), np.arange(100, 200, 10))
    prefix = labels[stratified_order(len(labels), labels, 0)[:500]]
    share = np.bincount(labels) * 500 / len(labels)
    assert np.abs(np.bincount(prefix) - share).max() < 1.5


def test_seeds_differ() -> None:
    labels = np.arange(100) % 5
    orders = [stratified_order(100, labels, seed).tolist() for seed in range(20)]
    orders += [stratified_order(100, None, seed).tolist() for seed in range(20)]
    assert len({tuple(order) for order in orders}) == 40


def test_it_is_the_same_for_ever() -> None:
    """A change here would cut every data set anew, and every stored study refuse it."""
    assert stratified_order(6, None, 0).tolist() == [3, 2, 1, 0, 4, 5]
    assert stratified_order(6, np.array([0, 0, 0, 1, 1, 1]), 0).tolist() == [2, 3, 1, 4, 5, 0]


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 2, 1]),
        np.array([[0], [2], [1]], np.uint8),
        np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], np.float32),
        np.eye(3, dtype=bool)[[0, 2, 1]],
    ],
)
def test_class_labels(y: np.ndarray) -> None:
    labels = class_labels(y)
    assert labels is not None
    assert labels.tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    "y",
    [
        np.array([0.0, 1.0, 2.0]),
        np.array([[0.5, 0.5], [0.0, 1.0]]),
        np.array([[1, 1], [0, 1]]),
        np.array([[0, 0], [0, 1]]),
        np.array([[3, 4, 5], [0, 1, 2]]),
        np.zeros((3, 2, 2), np.int64),
        np.array(["a", "b"]),
        {"y": np.arange(3)},
    ],
)
def test_what_is_not_one_class_per_record(y: object) -> None:
    assert class_labels(y) is None

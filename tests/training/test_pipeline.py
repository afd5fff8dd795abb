"""Arrays → batches: every record once an epoch, in an order that follows from the seed."""

from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.keras
tf: Any = pytest.importorskip("tensorflow")

RECORDS = 21
X = np.arange(RECORDS)
PART = ({"image": X, "tabular": [10 * X, X.astype(np.float32)]}, X % 3, X / 2)


def orders(seed: int | None, *, size: int = 4, epochs: int = 2) -> list[list[int]]:
    """The records of each epoch in their order."""
    from optisearch.training.pipeline import batches

    data = batches((X,), size, shuffle_seed=seed)
    return [[int(n) for (batch,) in data for n in batch] for _ in range(epochs)]


def test_each_epoch_has_every_record_once_in_another_order() -> None:
    first, second = orders(seed=1)
    assert sorted(first) == sorted(second) == list(range(RECORDS))
    assert first != second
    assert list(range(RECORDS)) not in (first, second)


def test_the_orders_follow_from_the_seed() -> None:
    assert orders(seed=1) == orders(seed=1)
    assert orders(seed=1) != orders(seed=2)


def test_without_a_seed_the_order_is_that_of_the_arrays() -> None:
    assert orders(seed=None) == [list(range(RECORDS))] * 2


def test_batches_have_the_given_size_but_for_the_last() -> None:
    from optisearch.training.pipeline import batches

    data = batches((X,), 4, shuffle_seed=1)
    assert [len(batch) for (batch,) in data] == [4, 4, 4, 4, 4, 1]
    assert int(data.cardinality()) == 6


def test_records_stay_together_in_nested_parts() -> None:
    from optisearch.training.pipeline import batches

    for x, y, weight in batches(PART, 4, shuffle_seed=1):
        number = x["image"].numpy()
        tens, same = x["tabular"]
        assert (tens.numpy() == 10 * number).all()
        assert (same.numpy() == number).all()
        assert (y.numpy() == number % 3).all()
        assert (weight.numpy() == number / 2).all()


def test_a_data_set_is_cut_into_other_batches() -> None:
    from optisearch.training.pipeline import rebatched

    data = rebatched(tf.data.Dataset.from_tensor_slices((X, X)).batch(2), 8)
    assert [x.numpy().tolist() for x, _ in data] == [
        list(range(8)),
        list(range(8, 16)),
        list(range(16, 21)),
    ]


def test_the_first_batch_of_arrays() -> None:
    from optisearch.training.pipeline import first_batch

    x, y, weight = first_batch(PART, 3)
    assert x["image"].numpy().tolist() == [0, 1, 2]
    assert y.shape == weight.shape == (3,)


def test_the_first_batch_of_a_data_set_is_its_own() -> None:
    from optisearch.training.pipeline import first_batch

    (x,) = first_batch(tf.data.Dataset.from_tensor_slices(X).batch(5), 3)
    assert x.numpy().tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("part", "described"),
    [
        (
            (np.zeros((9, 28, 28), np.float32), np.zeros(9, np.int64)),
            "(28, 28) float32 with () int64",
        ),
        (({"a": np.zeros((9, 2), np.uint8)},), "{'a': '(2,) uint8'}"),
    ],
)
def test_records_are_described_by_shape_and_type(part: Any, described: str) -> None:
    from optisearch.training.pipeline import describe

    assert describe(part) == described

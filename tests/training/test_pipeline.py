"""Arrays → batches: every record once an epoch, in an order that follows from the seed."""

from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.keras
tf: Any = pytest.importorskip("tensorflow")

RECORDS = 21
X = np.arange(RECORDS)
PART = ({"image": X, "tabular": [10 * X, X.astype(np.float32)]}, X % 3, X / 2)


def orders(seed: int, *, begin: int = 0, epochs: int = 2) -> list[list[int]]:
    """The records of each epoch in their order."""
    from optisearch.training import arrays, pipeline

    order = pipeline.Shuffle(RECORDS, seed)
    data = pipeline.gathered(arrays.Tensors().of((X,)), 4, order=order)
    found = []
    for epoch in range(begin, epochs):
        order.on_epoch_begin(epoch)
        found.append([int(n) for (batch,) in data for n in batch])
    return found


def test_each_epoch_has_every_record_once_in_another_order() -> None:
    first, second = orders(seed=1)
    assert sorted(first) == sorted(second) == list(range(RECORDS))
    assert first != second
    assert list(range(RECORDS)) not in (first, second)


def test_the_orders_follow_from_the_seed_and_the_epoch() -> None:
    assert orders(seed=1) == orders(seed=1)
    assert orders(seed=1) != orders(seed=2)
    assert orders(seed=1, begin=1) == orders(seed=1)[1:]


def batches(kind: str, part: Any, *, order: Any = None) -> list[Any]:
    from optisearch.training import arrays, pipeline

    if kind == "tensors":
        return list(pipeline.gathered(arrays.Tensors().of(part), 4, order=order))
    data = pipeline.Batches(part, 4, order=order)
    return [data[index] for index in range(len(data))]


KINDS = pytest.mark.parametrize("kind", ["tensors", "arrays"])


@KINDS
def test_without_an_order_it_is_that_of_the_arrays(kind: str) -> None:
    found = [np.asarray(batch).tolist() for (batch,) in batches(kind, (X,))]
    assert [len(batch) for batch in found] == [4, 4, 4, 4, 4, 1]
    assert [number for batch in found for number in batch] == list(range(RECORDS))


@KINDS
def test_records_stay_together_in_nested_parts(kind: str) -> None:
    backwards = np.arange(RECORDS, dtype=np.int32)[::-1]
    seen = []
    for x, y, weight in batches(kind, PART, order=lambda: backwards):
        number = np.asarray(x["image"])
        tens, same = x["tabular"]
        assert (np.asarray(tens) == 10 * number).all()
        assert (np.asarray(same) == number).all()
        assert (np.asarray(y) == number % 3).all()
        assert (np.asarray(weight) == number / 2).all()
        seen.extend(number.tolist())
    assert seen == backwards.tolist()


def test_a_data_set_tells_how_many_batches_it_has() -> None:
    from optisearch.training import arrays, pipeline

    order = pipeline.Shuffle(RECORDS, 1)
    data = pipeline.gathered(arrays.Tensors().of((X,)), 4, order=order)
    assert int(data.cardinality()) == 6


def fed(part: Any, batch_size: int | None) -> Any:
    from optisearch.training import arrays, pipeline

    return pipeline.feed(part, batch_size, arrays.Tensors())


def test_a_data_set_is_cut_into_other_batches() -> None:
    data = tf.data.Dataset.from_tensor_slices((X, X)).batch(2)
    assert [x.numpy().tolist() for x, _ in fed(data, 8)] == [
        list(range(8)),
        list(range(8, 16)),
        list(range(16, 21)),
    ]
    assert fed(data, None) is data


@pytest.mark.parametrize(("room", "kind"), [(True, "_PrefetchDataset"), (False, "Batches")])
def test_arrays_too_large_for_the_memory_are_gathered_where_they_lie(
    monkeypatch: Any, room: bool, kind: str
) -> None:
    from optisearch.training import arrays

    monkeypatch.setattr(arrays.Tensors, "have_room_for", lambda *_: room)
    assert type(fed((X,), 4)).__name__ == kind


def test_the_first_batch_of_arrays() -> None:
    from optisearch.training.pipeline import first_batch

    x, y, weight = first_batch(PART, 3)
    assert np.asarray(x["image"]).tolist() == [0, 1, 2]
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

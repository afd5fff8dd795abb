"""The order of an epoch's records: a permutation that follows from the seed and the epoch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optisearch.training.order import order

seeds = st.integers(0, 2**31 - 1)
epochs = st.integers(0, 10_000)


@given(st.integers(1, 300), seeds, epochs)
def test_each_record_comes_once(records: int, seed: int, epoch: int) -> None:
    found = order(records, seed, epoch)
    assert found.dtype == np.int32
    assert sorted(found) == list(range(records))
    assert (found == order(records, seed, epoch)).all()


@given(st.sets(st.tuples(seeds, epochs), min_size=2, max_size=2))
def test_each_seed_and_each_epoch_has_its_own(both: set[tuple[int, int]]) -> None:
    one, other = both
    assert order(100, *one).tolist() != order(100, *other).tolist()

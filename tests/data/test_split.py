"""Cutting, shortening, and keeping the test part closed."""

import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch.data import Split, TrainingData
from optisearch.errors import DataError

X = np.arange(60, dtype=np.float32).reshape(30, 2)
Y = np.arange(30) % 3


def split(**changes: Any) -> Split:
    whole: dict[str, Any] = {
        "train": (X[:20], Y[:20]),
        "validation": (X[20:25], Y[20:25]),
        "test": (X[25:], Y[25:]),
        "name": "mine",
    }
    return Split(**(whole | changes))


def test_sizes_are_in_records() -> None:
    assert split().sizes == {"train": 20, "validation": 5, "test": 5}
    assert split(test=None).sizes == {"train": 20, "validation": 5}


def test_splits_are_frozen_and_compared_by_identity() -> None:
    one, same = split(), split()
    assert one != same
    assert len({one, same, one}) == 2
    with pytest.raises(FrozenInstanceError):
        one.name = "other"  # type: ignore[misc]


def test_one_problem_is_one_sentence() -> None:
    with pytest.raises(DataError) as caught:
        split(test=(X, Y[:3]))
    assert str(caught.value) == (
        "data 'mine', test: the numbers of records differ: x has 30, y has 3. "
        "Give each record one row in each."
    )


def test_several_problems_are_told_together() -> None:
    with pytest.raises(DataError) as caught:
        split(train=X, validation=(X[:0],), variant="a/b", note="two\nlines")
    told = str(caught.value).splitlines()
    assert told[0] == "data 'mine': it has 4 problems:"
    assert [line.split(":")[0].strip() for line in told[1:]] == [
        "train",
        "validation.x",
        "variant",
        "note",
    ]


def test_the_variant_becomes_part_of_the_stored_name() -> None:
    assert split().stored_as("mnist") == "mnist"
    assert split(variant="digits").stored_as("mnist") == "mnist-digits"


class TestTraining:
    def test_it_sees_all_but_the_test_part(self) -> None:
        whole = split(variant="v", note="n")
        data = whole.for_training()
        assert (data.name, data.variant, data.note) == ("mine", "v", "n")
        assert np.shares_memory(data.train[0], whole.train[0])
        assert data.sizes == {"train": 20, "validation": 5}
        assert not any("test" in name for name in vars(data))

    def test_asking_for_the_test_part_is_an_error(self) -> None:
        with pytest.raises(DataError, match=r"the test part isn't handed to training"):
            _ = split().for_training().test

    def test_it_stays_closed_when_shortened_or_pickled(self) -> None:
        data = split().for_training().take(5)
        assert type(data) is TrainingData
        with pytest.raises(DataError):
            _ = pickle.loads(pickle.dumps(data)).test

    def test_it_can_not_write_to_the_data(self) -> None:
        for x, y in (split().train, Split.cut(X, Y, name="mine").for_training().train):
            assert not x.flags.writeable
            assert not y.flags.writeable


class TestCut:
    @given(
        seed=st.integers(0, 2**32),
        labels=st.lists(st.integers(0, 3), min_size=10, max_size=50),
        validation=st.one_of(st.integers(1, 4), st.floats(0.1, 0.4)),
        test=st.one_of(st.none(), st.integers(1, 4), st.floats(0.1, 0.4)),
    )
    def test_it_is_a_partition(
        self, seed: int, labels: list[int], validation: float, test: float | None
    ) -> None:
        x, y = np.arange(len(labels)), np.array(labels)
        cut = Split.cut(x, y, name="mine", seed=seed, validation=validation, test=test)
        members = [cut.train, cut.validation, *([] if test is None else [cut.test])]
        assert sorted(np.concatenate([part[0] for part in members])) == list(x)
        for part_x, part_y in members:
            assert part_y.tolist() == y[part_x].tolist()
        for share, part in zip((validation, test), members[1:], strict=False):
            assert share is not None
            assert len(part[0]) == (share if isinstance(share, int) else round(share * len(x)))

    def test_it_is_stratified(self) -> None:
        y = np.repeat([0, 1], [900, 100])
        one_hot = np.eye(2, dtype=np.float32)[y]
        cut = Split.cut(np.arange(1000), one_hot, name="mine", validation=100, test=100)
        for part, rare in ((cut.train, 80), (cut.validation, 10), (cut.test, 10)):
            assert part is not None
            assert abs(part[1][:, 1].sum() - rare) <= 1

    def test_a_class_of_one_record_is_no_obstacle(self) -> None:
        y = np.array([0] * 98 + [1, 2])
        assert Split.cut(np.arange(100), y, name="mine").sizes["train"] == 70

    def test_the_seed_decides(self) -> None:
        prints = {Split.cut(X, Y, name="mine", seed=seed).fingerprint for seed in (0, 0, 1, 2)}
        assert len(prints) == 3

    def test_nested_arrays_and_weights_stay_together(self) -> None:
        x = {"a": X, "b": (X + 1, [Y])}
        cut = Split.cut(x, Y, sample_weight=Y * 2.0, name="mine")
        taken, y, weights = cut.train
        assert taken["b"][0].tolist() == (taken["a"] + 1).tolist()
        assert taken["b"][1][0].tolist() == y.tolist()
        assert weights.tolist() == (y * 2).tolist()

    def test_a_test_part_that_exists_is_kept(self) -> None:
        cut = Split.cut(X[:20], Y[:20], name="mine", validation=5, test=(X[20:], Y[20:]))
        assert cut.sizes == {"train": 15, "validation": 5, "test": 10}
        assert np.shares_memory(cut.test[0], X)  # type: ignore[index]

    @pytest.mark.parametrize(
        "share", [0, -1, 0.0, 1.0, 1.5, -0.1, True, "much", None, float("nan")]
    )
    def test_shares_that_are_none(self, share: Any) -> None:
        with pytest.raises(DataError, match=r"validation=.* is no part of 30 records"):
            Split.cut(X, Y, name="mine", validation=share)

    @pytest.mark.parametrize(("validation", "test"), [(30, None), (15, 15), (0.5, 0.5), (1, 99)])
    def test_shares_that_leave_nothing(self, validation: float, test: float | None) -> None:
        with pytest.raises(DataError, match="leave none of the 30 records to train on"):
            Split.cut(X, Y, name="mine", validation=validation, test=test)

    def test_what_it_cuts_is_checked_first(self) -> None:
        with pytest.raises(DataError, match=r"data 'mine', cut: .* x has 30, y has 3"):
            Split.cut(X, Y[:3], name="mine")
        with pytest.raises(DataError, match=r"cut\.x: it holds single values"):
            Split.cut(X.tolist(), Y, name="mine")


class TestTake:
    def test_it_shortens_training_alone(self) -> None:
        whole = split()
        less = whole.take(6)
        assert less.sizes == {"train": 6, "validation": 5, "test": 5}
        assert less.validation[0] is not None
        assert less.validation[0].tolist() == whole.validation[0].tolist()
        assert less.fingerprint != whole.fingerprint
        assert np.bincount(less.train[1]).tolist() == [2, 2, 2]

    def test_it_extends_the_variant(self) -> None:
        assert split().take(10).stored_as("mnist") == "mnist-10"
        assert split(variant="digits").take(10).stored_as("mnist") == "mnist-digits-10"
        assert split().take(10).take(5).variant == "10-5"

    def test_a_larger_subset_contains_the_smaller(self) -> None:
        taken = [set(split().take(count).train[0][:, 0]) for count in (3, 10, 20)]
        assert taken[0] < taken[1] < taken[2]

    @pytest.mark.parametrize("count", [0, -1, 21, True, 2.0, "5"])
    def test_numbers_it_can_not_take(self, count: Any) -> None:
        with pytest.raises(DataError, match=r"there are 20 records .* from 1 to 20"):
            split().take(count)


def test_the_fingerprint_covers_the_test_part_but_not_the_names() -> None:
    known = split().fingerprint
    assert known.startswith("sha256:")
    assert split(name="other", variant="v", note="n").fingerprint == known
    assert split(test=None).fingerprint != known
    assert split(test=(X[25:] + 1, Y[25:])).fingerprint != known

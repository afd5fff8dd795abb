"""What a person asks for comes before what is stored, and that before the defaults."""

from datetime import UTC, datetime
from typing import Any

import pytest

from optisearch.budget import Budget
from optisearch.settings import COMPARE, CONFIRM, KINDS, SEARCH, Settings, Wishes

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wishes", "settings"),
    [
        ({}, Settings("search", "qmc", "asha", 4)),
        ({"seed": 0}, Settings("search", "qmc", "asha", 0)),
        ({"sampler": "tpe", "pruner": "none"}, Settings("search", "tpe", "none", 4)),
    ],
)
def test_wishes_come_before_what_is_stored(wishes: dict[str, Any], settings: Settings) -> None:
    assert Wishes(**wishes).settings(Settings("search", "qmc", "asha", 4)) == settings


def test_budgets_come_from_wishes_what_is_stored_and_defaults() -> None:
    assert Wishes().budget(Budget(50), NOW) == Budget(50)
    assert Wishes(patience=3).budget(Budget(9), NOW) == Budget(9, 3)
    assert Wishes(trials=20).budget(Budget(9, 3), NOW) == Budget(20, 3)


def test_more_seeds_may_be_asked_for() -> None:
    assert Wishes(seeds=7).budget(Budget(seeds=5), NOW) == Budget(seeds=7)
    assert Wishes(trials=3).budget(Budget(seeds=5), NOW) == Budget(trials=3, seeds=5)


def test_the_time_that_all_have_begins_now() -> None:
    second = NOW.timestamp()
    assert Wishes(timeout_seconds=90.0).budget(Budget(5), NOW) == Budget(5, deadline=second + 90)
    before, after = Budget(5, deadline=second - 1), Budget(5, deadline=second + 1)
    assert before.is_over(NOW)
    assert not after.is_over(NOW)
    assert not Budget(5).is_over(NOW)
    # Who joins finds the time up; a new run goes on, and leaves alone what isn't up yet.
    assert Wishes().budget(before, NOW) == before
    assert Wishes(goes_on=True).budget(before, NOW) == Budget(5)
    assert Wishes(goes_on=True).budget(after, NOW) == after


def test_a_budget_says_what_has_a_meaning() -> None:
    assert Budget(seeds=5).as_dict() == {"seeds": 5}
    assert Budget(trials=9, patience=2).as_dict() == {"trials": 9, "patience": 2}
    assert Budget(**Budget(seeds=5).as_dict()) == Budget(seeds=5)


def test_cells_are_neither_sampled_nor_pruned() -> None:
    assert Settings.of(SEARCH) == Settings()
    for kind in (COMPARE, CONFIRM):
        assert Settings.of(kind) == Settings(kind, "random", "none", 0)
    assert KINDS == ("search", "compare", "confirm")

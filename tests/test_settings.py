"""What a person asks for comes before what is stored, and that before the defaults."""

from typing import Any

import pytest

from optisearch.budget import Budget
from optisearch.settings import COMPARE, CONFIRM, KINDS, SEARCH, Settings, Wishes


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
    assert Wishes().budget(Budget(50)) == Budget(50)
    assert Wishes(patience=3).budget(Budget(9)) == Budget(9, 3)
    assert Wishes(trials=20).budget(Budget(9, 3)) == Budget(20, 3)


def test_more_seeds_may_be_asked_for() -> None:
    assert Wishes(seeds=7).budget(Budget(seeds=5)) == Budget(seeds=7)
    assert Wishes(trials=3).budget(Budget(seeds=5)) == Budget(trials=3, seeds=5)


def test_a_budget_says_what_has_a_meaning() -> None:
    assert Budget(seeds=5).as_dict() == {"seeds": 5}
    assert Budget(trials=9, patience=2).as_dict() == {"trials": 9, "patience": 2}
    assert Budget(**Budget(seeds=5).as_dict()) == Budget(seeds=5)


def test_cells_are_neither_sampled_nor_pruned() -> None:
    assert Settings.of(SEARCH) == Settings()
    for kind in (COMPARE, CONFIRM):
        assert Settings.of(kind) == Settings(kind, "random", "none", 0)
    assert KINDS == ("search", "compare", "confirm")

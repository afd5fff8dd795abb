"""The winner of a search and the baseline, on fresh seeds."""

import json

from optisearch.plan import Cell, Confirmation, Contestant, Ledger, Plan
from optisearch.seeding import Purpose, seed

WINNER = Contestant("winner", {"x": 1.0}, 7, 0.9)
BASELINE = Contestant("baseline", {"x": 0.0})


def test_both_are_trained_with_the_same_fresh_seeds_by_turns() -> None:
    due = Confirmation((WINNER, BASELINE), seeds=3, study_seed=5).due(Ledger())
    seeds = [seed(5, number, Purpose.CONFIRMATION) for number in range(3)]
    expected = [Cell({"x": x}, each) for each in seeds for x in (1.0, 0.0)]
    assert [cell.key for cell in due] == [cell.key for cell in expected]


def test_its_seeds_are_those_of_no_comparison() -> None:
    confirmed = {cell.seed for cell in Confirmation((WINNER,), 20).due(Ledger())}
    assert not confirmed & set(Plan((), {}, (), seeds=20).fresh_seeds)


def test_a_baseline_that_won_is_trained_once() -> None:
    assert len(Confirmation((WINNER,), seeds=3).due(Ledger())) == 3


def test_it_is_read_as_it_was_stored() -> None:
    written = {"contestants": [WINNER.as_dict(), BASELINE.as_dict()], "earlier": []}
    read = Confirmation.from_stored(json.loads(json.dumps(written)), 3, 5)
    assert read == Confirmation((WINNER, BASELINE), 3, 5)
    assert read.foreseen(Ledger()) == 0

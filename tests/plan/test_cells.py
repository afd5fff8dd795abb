"""A cell is its point and its seed; a ledger says which are done, free or given up."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch.plan import Attempt, Cell, Ledger
from optisearch.record import MAX_FAILED_ATTEMPTS, MAX_FAILURES_AT_A_POINT, MAX_LOST_ATTEMPTS

Known = Callable[..., Ledger]
CELL = Cell({"x": 1.0, "shape": "flat"}, 7)


def at(seed: int) -> Cell:
    return Cell(CELL.point, seed)


def test_the_same_point_and_seed_are_the_same_cell() -> None:
    again = Cell(dict(json.loads(json.dumps(CELL.point))), 7)
    assert again.key == CELL.key
    assert again.place == CELL.place


@pytest.mark.parametrize(
    "other", [at(8), Cell({"x": 2.0, "shape": "flat"}, 7), Cell(CELL.point, 7, "tuning")]
)
def test_others_are_others(other: Cell) -> None:
    assert other.key != CELL.key
    assert (other.place == CELL.place) == (other.point == CELL.point)


def test_a_cell_that_nobody_touched_is_open(ledger: Known) -> None:
    found = ledger()
    assert found.is_open(CELL)
    assert not found.is_done(CELL)
    assert found.failures(CELL) == 0
    assert found.last_attempt(CELL) is None


def test_a_trained_cell_is_done(ledger: Known) -> None:
    found = ledger((CELL, "failed"), (CELL, "done", 0.5))
    assert found.is_done(CELL)
    assert not found.is_open(CELL)
    assert not found.is_given_up(CELL)
    assert found.last_attempt(CELL) == 1
    assert found.values == {CELL.key: 0.5}


def test_the_first_result_counts(ledger: Known) -> None:
    assert ledger((CELL, "done", 0.5), (CELL, "done", 0.9)).values == {CELL.key: 0.5}


@pytest.mark.parametrize(
    ("ending", "most"), [("failed", MAX_FAILED_ATTEMPTS), ("lost", MAX_LOST_ATTEMPTS)]
)
def test_what_fails_too_often_is_given_up(ledger: Known, ending: str, most: int) -> None:
    for count in range(most + 2):
        found = ledger(*[(CELL, ending)] * count)
        assert found.is_given_up(CELL) == (count >= most)
        assert found.is_open(CELL) == (count < most)
        assert found.failures(CELL) == count


def test_an_interruption_is_nobodys_fault(ledger: Known) -> None:
    found = ledger(*[(CELL, "interrupted")] * 9)
    assert found.is_open(CELL)
    assert found.failures(CELL) == 0


def test_a_point_that_fails_with_every_seed_is_given_up_with_all(ledger: Known) -> None:
    failed = [(at(seed), "failed") for seed in range(MAX_FAILURES_AT_A_POINT)]
    assert ledger(*failed[:-1]).is_open(at(99))
    assert ledger(*failed).is_given_up(at(99))
    elsewhere = Cell({"x": 2.0, "shape": "flat"}, 99)
    assert ledger(*failed).is_open(elsewhere)


def test_a_point_that_ever_worked_is_tried_with_all_seeds(ledger: Known) -> None:
    failed = [(at(seed), "failed") for seed in range(MAX_FAILURES_AT_A_POINT)]
    found = ledger((at(50), "done", 0.5), *failed)
    assert found.is_open(at(99))
    assert found.is_open(at(0))


def test_lost_workers_say_nothing_about_a_point(ledger: Known) -> None:
    assert ledger(*((at(seed), "lost") for seed in range(9))).is_open(at(99))


def test_who_trains_now(ledger: Known) -> None:
    found = ledger((CELL, "lost"), (CELL, "running"), (at(8), "done", 1.0))
    assert found.running == {CELL.key}
    assert found.is_open(CELL)


endings = st.sampled_from(["done", "failed", "lost", "interrupted", "running"])


@given(st.lists(st.tuples(st.integers(0, 4), endings)))
def test_a_cell_is_exactly_one_of_done_given_up_and_open(history: list[tuple[int, str]]) -> None:
    found = Ledger.of(
        Attempt(number, at(seed).key, ending, 0.5 if ending == "done" else None)  # type: ignore[arg-type]
        for number, (seed, ending) in enumerate(history)
    )
    for seed in range(6):
        cell = at(seed)
        assert found.is_done(cell) + found.is_given_up(cell) + found.is_open(cell) == 1
        tries = [number for number, (of, _) in enumerate(history) if of == seed]
        assert found.last_attempt(cell) == (tries[-1] if tries else None)

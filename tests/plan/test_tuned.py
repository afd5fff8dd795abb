"""How a level is tuned: tried, widened at an edge, chosen."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch import Comparison
from optisearch.plan import Cell, Ledger, Plan, Tuning, tuning

Plans = Callable[..., Plan]
Known = Callable[..., Ledger]
Trained = Callable[[Plan, Callable[[Cell], float]], Ledger]

RATE = Comparison("optimizer", tune=["rate"])


def near(rate: float) -> Callable[[Cell], float]:
    """A metric that is best at this rate."""
    return lambda cell: -abs(math.log10(cell.point["rate"]) - math.log10(rate))


def tuned(plan: Plan, level: Any, ledger: Ledger) -> Tuning:
    return plan.tuning(plan.comparisons[0], level, ledger)


def rates(found: Tuning) -> list[float]:
    return [cell.point["rate"] for cell in found.cells]


@pytest.mark.parametrize(("tune", "points"), [(["rate"], 12), (["rate", "epochs"], 20)])
def test_all_levels_are_tried_at_the_same_points(
    planned: Plans, ledger: Known, tune: list[str], points: int
) -> None:
    plan = planned(Comparison("optimizer", tune=tune))
    by_sgd, by_adam = (tuned(plan, level, ledger()) for level in ("sgd", "adam"))
    assert len(by_sgd.cells) == points
    for name in tune:
        values = [[cell.point[name] for cell in found.cells] for found in (by_sgd, by_adam)]
        assert values[0] == values[1]
    assert len({cell.seed for cell in (*by_sgd.cells, *by_adam.cells)}) == 1
    assert not by_sgd.is_settled
    assert by_sgd.chosen is None


def test_tuning_has_a_seed_that_no_table_has(planned: Plans, ledger: Known) -> None:
    plan = planned(RATE, seeds=20)
    assert tuned(plan, "sgd", ledger()).cells[0].seed not in plan.fresh_seeds


def test_the_best_is_chosen_and_repeated(planned: Plans, ledger: Known, trained: Trained) -> None:
    plan = planned(RATE, seeds=3)
    known = trained(plan, near(3e-3))
    for level in ("sgd", "adam"):
        found = tuned(plan, level, known)
        best = min(rates(found), key=lambda rate: abs(math.log10(rate / 3e-3)))
        assert found.chosen == {"rate": best}
        assert (found.widened, found.at_edge, found.hopeless) == ((), (), False)
        assert found.is_settled
        again = plan.repeats(plan.comparisons[0], level, found.chosen)
        assert [cell.seed for cell in again] == list(plan.fresh_seeds)
        assert all(known.is_done(cell) and cell.point["rate"] == best for cell in again)


def test_of_equal_ones_the_first_is_chosen(planned: Plans, trained: Trained) -> None:
    plan = planned(Comparison("optimizer", tune=["width"]))
    found = tuned(plan, "sgd", trained(plan, lambda _cell: 0.5))
    assert found.chosen == {"width": found.cells[0].point["width"]}


@pytest.mark.parametrize("best", [0.5, 1e-5])
def test_a_choice_at_the_edge_is_searched_again_wider(
    planned: Plans, trained: Trained, best: float
) -> None:
    plan = planned(RATE)
    found = tuned(plan, "sgd", trained(plan, near(best)))
    assert found.widened == ("rate",)
    assert found.chosen is not None
    assert abs(math.log10(found.chosen["rate"] / best)) < 0.4
    region = found.regions["rate"]
    assert region is not None
    assert region.low <= best <= region.high
    assert (region.low, region.high) != (1e-4, 1e-1)
    # What was tried within the declared range is still what it was.
    assert all(1e-4 <= rate <= 1e-1 for rate in rates(found)[:12])
    assert not any(1e-4 < rate < 1e-1 for rate in rates(found)[12:])


def test_an_optimum_that_is_never_reached_is_said_to_be_at_the_edge(
    planned: Plans, trained: Trained
) -> None:
    plan = planned(RATE)
    found = tuned(plan, "sgd", trained(plan, lambda cell: cell.point["rate"]))
    assert len(found.cells) == 12 + tuning.MOST_WIDENINGS * tuning.POINTS_PER_WIDENING
    assert found.at_edge == ("rate",)
    assert found.chosen == {"rate": max(rates(found))}
    assert found.is_settled


def test_less_may_be_better(planned: Plans, trained: Trained) -> None:
    plan = planned(RATE, maximize="", minimize="a")
    known = trained(plan, lambda cell: -near(3e-3)(cell))
    assert (
        tuned(plan, "sgd", known).chosen
        == tuned(planned(RATE), "sgd", trained(planned(RATE), near(3e-3))).chosen
    )


def test_what_diverged_is_not_chosen(planned: Plans, trained: Trained) -> None:
    plan = planned(RATE)

    def value(cell: Cell) -> float:
        return -math.inf if cell.point["rate"] > 5e-3 else cell.point["rate"]

    found = tuned(plan, "sgd", trained(plan, value))
    assert found.chosen is not None
    assert found.chosen["rate"] <= 5e-3
    assert found.chosen["rate"] == max(rate for rate in rates(found) if rate <= 5e-3)
    assert not found.at_edge


def test_what_failed_is_not_waited_for(planned: Plans, ledger: Known) -> None:
    plan = planned(RATE)
    cells = tuned(plan, "sgd", ledger()).cells
    best, *rest = sorted(cells, key=near(3e-3), reverse=True)
    given = [(cell, "done", near(3e-3)(cell)) for cell in rest]
    waiting = ledger(*given, (best, "failed"))
    assert not tuned(plan, "sgd", waiting).is_settled
    found = tuned(plan, "sgd", ledger(*given, (best, "failed"), (best, "failed")))
    assert found.chosen == {"rate": rest[0].point["rate"]}


@pytest.mark.parametrize("ending", ["done", "failed"])
def test_a_level_at_which_nothing_works_is_hopeless(
    planned: Plans, ledger: Known, ending: str
) -> None:
    plan = planned(RATE, seeds=3)
    cells = tuned(plan, "sgd", ledger()).cells
    ended = (ending, -math.inf) if ending == "done" else (ending,)
    known = ledger(*((cell, *ended) for _ in range(2) for cell in cells))
    found = tuned(plan, "sgd", known)
    assert (found.hopeless, found.chosen, found.is_settled) == (True, None, True)
    assert plan.foreseen(known) == 3  # those of the other level


def test_a_factor_is_tuned_where_it_has_a_meaning(
    planned: Plans, ledger: Known, trained: Trained
) -> None:
    plan = planned(Comparison("optimizer", tune=["momentum", "rate"]))
    by_sgd, by_adam = (tuned(plan, level, ledger()) for level in ("sgd", "adam"))
    assert set(by_sgd.regions) == {"momentum", "rate"}
    assert set(by_adam.regions) == {"rate"}
    assert rates(by_sgd) == rates(by_adam)  # the same budget, the same points
    only = planned(Comparison("optimizer", tune=["momentum"]))
    nothing = tuned(only, "adam", ledger())
    assert (nothing.cells, nothing.chosen, nothing.is_settled) == ((), {}, True)


def test_options_are_tuned_too(planned: Plans, trained: Trained) -> None:
    plan = planned(Comparison("rate", levels=[1e-3, 1e-2], tune=["optimizer"]))
    found = tuned(plan, 1e-3, trained(plan, lambda cell: cell.point["optimizer"] == "sgd"))
    assert found.chosen == {"optimizer": "sgd"}
    assert len(found.cells) == 2  # the same setting isn't tried twice
    assert (found.widened, found.at_edge) == ((), ())


@given(best=st.floats(1e-6, 10.0), known=st.integers(0, 24))
def test_what_was_tried_once_stays_tried(
    planned: Plans, ledger: Known, best: float, known: int
) -> None:
    """Cells only come in addition, so that workers with a newer view agree with older ones."""
    plan = planned(RATE)
    before: list[str] = []
    done: list[tuple[Any, ...]] = []
    for _ in range(known):
        found = tuned(plan, "sgd", ledger(*done))
        keys = [cell.key for cell in found.cells]
        assert keys[: len(before)] == before
        before = keys
        rest = [cell for cell in found.cells if ledger(*done).is_open(cell)]
        if not rest:
            assert found.is_settled
            break
        done.append((rest[0], "done", near(best)(rest[0])))

"""Which cells there are, and which are due."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from optisearch import Comparison, plan, record
from optisearch.plan import Cell, Confirmation, Ledger, Plan, Wanted, read_plan
from optisearch.record import MAX_FAILURES_AT_A_POINT

Plans = Callable[..., Plan]
Known = Callable[..., Ledger]
Trained = Callable[[Plan, Callable[[Cell], float]], Ledger]

TUNED = Comparison("optimizer", tune=["rate"])


def test_a_cell_for_each_level_and_seed(planned: Plans, ledger: Known) -> None:
    plan = planned(Comparison("width", levels=[8, 16, 100]), seeds=4)
    cells = plan.due(ledger())
    assert len(cells) == len({cell.key for cell in cells}) == 12
    base = {"optimizer": "adam", "rate": 1e-3, "epochs": 10}
    assert {cell.point["width"] for cell in cells} == {8, 16, 100}
    assert all({**cell.point, "width": 0} == {**base, "width": 0} for cell in cells)
    assert len({cell.seed for cell in cells}) == 4


def test_a_seed_at_a_time(planned: Plans, ledger: Known) -> None:
    cells = planned(Comparison("width", levels=[8, 16]), TUNED, seeds=3).due(ledger())
    repeats = [cell for cell in cells if cell.purpose == "repeat"]
    assert cells[: len(repeats)] == repeats  # what is tuned comes last
    seeds = [cell.seed for cell in repeats]
    assert len(set(seeds)) == 3
    assert sum(one != other for one, other in pairwise(seeds)) == 2


def test_what_is_the_same_is_trained_once(planned: Plans, ledger: Known) -> None:
    """Both comparisons have the baseline, and two of them have SGD."""
    plan = planned(
        Comparison("optimizer"),
        Comparison("width", levels=[16, 32]),
        Comparison("rate", levels=[1e-3, 1e-2], base={"optimizer": "sgd"}),
        seeds=3,
    )
    cells = plan.due(ledger())
    assert len(cells) == 3 * 4
    assert len({cell.place for cell in cells}) == 4


def test_factors_that_are_switched_off_make_no_difference(planned: Plans) -> None:
    plan = planned(Comparison("optimizer", base={"momentum": 0.5}))
    by_sgd, by_adam = (plan.repeats(plan.comparisons[0], level)[0] for level in ("sgd", "adam"))
    assert by_sgd.point["momentum"] == 0.5
    assert by_sgd.point["nesterov"] is False
    assert "momentum" not in by_adam.point


def test_epochs_are_moments_of_one_run(planned: Plans, ledger: Known) -> None:
    plan = planned(Comparison("epochs", levels=[1, 100, 20]), seeds=3)
    cells = plan.due(ledger())
    assert len(cells) == 3
    assert {cell.point["epochs"] for cell in cells} == {100}


def test_a_comparison_may_have_its_own_number_of_seeds(planned: Plans, ledger: Known) -> None:
    plan = planned(Comparison("optimizer", seeds=5), Comparison("width", levels=[8, 16]), seeds=2)
    cells = plan.due(ledger())
    assert len(cells) == 2 * 5 + 2 * 2
    # The first seeds are the same for all.
    assert {c.seed for c in cells if c.point["width"] == 8} < {c.seed for c in cells}


def test_more_seeds_add_to_those_there_are(planned: Plans, ledger: Known) -> None:
    few, many = (planned(Comparison("optimizer"), seeds=n).due(ledger()) for n in (2, 5))
    assert {cell.key for cell in few} < {cell.key for cell in many}


def test_another_study_seed_has_other_cells(planned: Plans, ledger: Known) -> None:
    one, other = (planned(TUNED, seed=n).due(ledger()) for n in (0, 1))
    assert not {cell.key for cell in one} & {cell.key for cell in other}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["optimizer", "quick", "width"]),
        (Wanted(("optimizer",)), ["optimizer", "quick"]),  # a factor means all of it
        (Wanted(("quick",)), ["quick"]),
        (Wanted(("width", "quick")), ["quick", "width"]),
        (Wanted(("xyz",)), []),
    ],
)
def test_a_part_of_a_plan(planned: Plans, ledger: Known, wanted: Wanted, names: list[str]) -> None:
    plan = planned(
        Comparison("optimizer"),
        Comparison("optimizer", name="quick", base={"epochs": 2}),
        Comparison("width", levels=[8, 16]),
        seeds=2,
    )
    assert [each.name for each in wanted.of(plan.comparisons)] == names
    assert len(plan.due(ledger(), wanted)) == 4 * len(names)


def test_the_tuned_halves_may_be_left_out(planned: Plans, ledger: Known) -> None:
    plan = planned(TUNED, seeds=2)
    untuned = Wanted(tuned=False)
    assert len(plan.due(ledger(), untuned)) == 4
    assert plan.foreseen(ledger(), untuned) == 0
    assert {cell.purpose for cell in plan.due(ledger())} == {"repeat", "tuning"}


def test_what_comes_after_tuning_is_foreseen(
    planned: Plans, ledger: Known, trained: Trained
) -> None:
    plan = planned(TUNED, seeds=3)
    assert plan.foreseen(ledger()) == 2 * 3
    done = trained(plan, lambda cell: -abs(cell.point["rate"] - 0.01))
    assert plan.foreseen(done) == 0
    # Six as they stand, twelve points for each level, and six as chosen.
    assert len(plan.due(done)) == 6 + 2 * 12 + 6


def test_one_comparison_s_failing_level_keeps_no_other_back(planned: Plans, ledger: Known) -> None:
    plan = planned(Comparison("optimizer"), seeds=4)
    by_sgd = [cell for cell in plan.due(ledger()) if cell.point["optimizer"] == "sgd"]
    failed = ledger(*((cell, "failed") for cell in by_sgd[:MAX_FAILURES_AT_A_POINT]))
    rest = [cell for cell in plan.due(failed) if failed.is_open(cell)]
    assert {cell.point["optimizer"] for cell in rest} == {"adam"}
    assert len(rest) == 4


def test_other_stages_have_no_plan() -> None:
    assert read_plan({}) is None
    assert read_plan({record.MANIFEST: {}}) is None


def test_a_stage_with_contestants_is_a_confirmation() -> None:
    contestants = [{"name": "baseline", "point": {"x": 1}, "trial": 0, "value": 0.5}]
    found = read_plan(
        {
            record.MANIFEST: {},
            record.SETTINGS: {"seed": 3},
            record.BUDGET: {"seeds": 2},
            record.CONTESTANTS: {"contestants": contestants, "earlier": []},
        }
    )
    assert isinstance(found, Confirmation)
    assert (found.seeds, found.study_seed) == (2, 3)
    assert [each.as_dict() for each in found.contestants] == contestants


def test_seeds_have_a_default() -> None:
    stored = {record.CONTESTANTS: {"contestants": [], "earlier": []}, record.BUDGET: {}}
    found = read_plan({record.MANIFEST: {}, record.SETTINGS: {"seed": 0}, **stored})
    assert isinstance(found, Confirmation)
    assert found.seeds == plan.DEFAULT_SEEDS

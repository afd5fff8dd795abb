"""The page of findings: its judges on stages made by hand, its commands, its whole."""

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.findings.__main__ import batch_memory, page
from docs.findings.both import CostsLess, DependsOnTuning, NeedsLessMemory
from docs.findings.claims import Claim, Part, Published
from docs.findings.commands import asked, of_stage
from docs.findings.documents import PARTS
from docs.findings.judges import (
    Better,
    Figure,
    First,
    Longer,
    NoLonger,
    Ordered,
    PublishedOrder,
    Similar,
)
from docs.findings.shelf import Half, Shelf, find_half, halves
from docs.findings.single import Course, Least, Restarts, Shown, Spread, Tracked, Works
from docs.findings.summary import rows

from optisearch.loading import load_study
from optisearch.plan import Plan, Planned
from optisearch.plan.tuning import unit_points
from optisearch.reading import FactorInfo, StageInfo, StageResults, TrialResult

ROOT = Path(__file__).parents[1]
FACTORS = (
    FactorInfo("optimizer", "choice", "adam", options=("sgd", "adam", "rmsprop")),
    FactorInfo("learning_rate", "real", 0.001, low=1e-4, high=1.0, log=True),
    FactorInfo("noise", "real", 0.0, low=0.0, high=1.0, searched=False),
)
# Seeds differ a little, and each level in its own way.
WOBBLE = {"sgd": (0, 1, -1, 2, -2), "adam": (1, -1, 0, -2, 2), "rmsprop": (2, 0, 1, -1, -2)}
Value = Callable[[dict[str, Any], int], float]


def stage(
    *comparisons: Planned,
    value: Value,
    seconds: Value = lambda _point, _at: 1.0,
    seeds: int = 5,
    most: int | None = None,
    name: str = "toy/compare",
    records: int = 100,
) -> StageResults:
    """A compare stage whose cells gave `value` of their point and the position of their seed.

    Four epochs that get better by halves; what isn't finite diverges.
    """
    plan = Plan(FACTORS, {}, comparisons, seeds=seeds)
    info = StageInfo(
        name,
        "toy",
        "compare",
        "Toy",
        "val_accuracy",
        "maximize",
        FACTORS,
        seeds=seeds,
        file="studies/toy.py",
        data={"sizes": {"train": records}},
        versions={"python": "3.11"},
        declared=True,
    )
    trials: list[TrialResult] = []
    while True:
        made = StageResults(info, tuple(trials), plan)
        due = [cell for cell in plan.due(made.ledger) if made.ledger.is_open(cell)]
        if not due or (most is not None and len(trials) >= most):
            return made
        for cell in due[: None if most is None else most - len(trials)]:
            at = plan.fresh_seeds.index(cell.seed) if cell.purpose == "repeat" else 0
            point = dict(cell.point)
            found, pace = value(point, at), seconds(point, at)
            diverged = not math.isfinite(found)
            history = tuple(
                {
                    "epoch": epoch,
                    "seconds": pace / 4,
                    "val_accuracy": "nan" if diverged else found - 0.5 ** (epoch + 2) + 0.5**5,
                    "loss": 1 - found + at / 1000,
                    "val_loss": 1.5 - found,
                }
                for epoch in range(4)
            )
            trial = TrialResult(
                len(trials),
                "diverged" if diverged else "completed",
                -math.inf if diverged else found,
                cell.point,
                seconds=pace,
                history=history,
                cell=cell.key,
            )
            trials.append(trial)


def comparison(**given: Any) -> Planned:
    known = {"name": "optimizer", "factor": "optimizer", "levels": ("sgd", "adam", "rmsprop")}
    if given.get("tune"):
        known["points"] = tuple(map(tuple, unit_points(1, 0)))
    return Planned(**{**known, "measure": "val_accuracy", **given})


def at(**means: float) -> Value:
    """Levels that lie at these values, their seeds some thousandths apart."""
    return lambda point, seed: (
        means[point["optimizer"]] + WOBBLE[point["optimizer"]][seed % 5] / 1000
    )


def half(made: StageResults, name: str = "optimizer", *, tuned: bool = False) -> Half:
    found = find_half(halves(made), name, tuned=tuned)
    assert found is not None
    return found


CLEAR = at(sgd=0.80, adam=0.97, rmsprop=0.96)
CLOSE = at(sgd=0.80, adam=0.970, rmsprop=0.9702)


def test_a_published_figure_is_judged_by_its_tolerance() -> None:
    planned = comparison(published=(("sgd", 0.92), ("adam", 0.97)), tolerance=0.005)
    one = half(stage(planned, value=CLEAR))
    assert Figure("sgd")(one).judgement == "contradicted"
    found = Figure("adam")(one)
    assert found.judgement == "holds"
    assert found.measured.startswith("0.9700 (0.96")
    assert found.trials == (1, 4, 7, 10, 13)  # a seed at a time, three levels
    assert found.stage == "toy/compare"


def test_a_published_time_is_judged_as_a_ratio() -> None:
    planned = comparison(
        measure="seconds", published=(("sgd", 40), ("adam", 80), ("rmsprop", 400)), tolerance=0.1
    )
    pace = {"sgd": 1.0, "adam": 2.0, "rmsprop": 3.0}
    made = stage(
        planned,
        value=CLEAR,
        seconds=lambda point, seed: (
            pace[point["optimizer"]] * (1 + seed / 1e4 * pace[point["optimizer"]])
        ),
    )
    one = half(made)
    assert Figure("sgd")(one).judgement == "shown"
    assert Figure("adam")(one).judgement == "holds"
    assert Figure("rmsprop")(one).judgement == "contradicted"
    shelf = Shelf([made], {})
    says = [row.says for row in Published("B", "toy", "optimizer", " min").rows(shelf)]
    assert says[:2] == ["B, sgd: 40 min", "B, adam: 80 min, 2 × ± 0.1"]
    assert says[-1] == "B, in order: sgd before adam before rmsprop"


def test_the_published_order() -> None:
    figures = (("sgd", 0.9), ("adam", 0.98), ("rmsprop", 0.97))
    assert (
        PublishedOrder()(half(stage(comparison(published=figures), value=CLEAR))).judgement
        == "holds"
    )
    close = PublishedOrder()(half(stage(comparison(published=figures), value=CLOSE)))
    assert close.judgement == "undecided"
    wrong = (("sgd", 0.99), *figures[1:])
    assert (
        PublishedOrder()(half(stage(comparison(published=wrong), value=CLEAR))).judgement
        == "contradicted"
    )


def test_the_first_of_all() -> None:
    one = half(stage(comparison(), value=CLEAR))
    assert First("adam")(one).judgement == "holds"
    assert First("sgd")(one).judgement == "contradicted"
    assert First("rmsprop", among=("sgd",))(one).judgement == "holds"
    assert First("adam")(half(stage(comparison(), value=CLOSE))).judgement == "undecided"


def test_an_order_by_epochs_to_a_target_that_some_never_reach() -> None:
    one = half(stage(comparison(target=0.95), value=at(sgd=0.8, adam=0.99, rmsprop=0.7)))
    found = Ordered(("adam", "sgd"), "epochs_to_target")(one)
    assert found.judgement == "holds"
    assert "sgd never" in found.measured
    never = Ordered(("adam", "sgd", "rmsprop"), "epochs_to_target")(one)
    assert never.judgement == "undecided"
    assert never.reason == "sgd and rmsprop never reach the target"


def test_better_by_the_interval_or_by_ranks_where_runs_diverge() -> None:
    one = half(stage(comparison(), value=CLEAR))
    assert Better("adam", "sgd")(one).judgement == "holds"
    assert Better("sgd", "adam")(one).judgement == "contradicted"
    assert Better("sgd", "adam", "loss")(one).judgement == "contradicted"
    assert (
        Better("adam", "rmsprop")(half(stage(comparison(), value=CLOSE))).judgement == "undecided"
    )
    broken = stage(
        comparison(),
        value=lambda point, seed: math.nan if point["optimizer"] == "sgd" else CLEAR(point, seed),
    )
    assert Better("adam", "sgd")(half(broken)).judgement == "holds"


def test_a_gap_between_two_metrics() -> None:
    """val_loss is 1.5 - x and loss 1 - x + seed / 1000: the gap is that of the seeds alone."""
    one = half(stage(comparison(), value=CLEAR))
    gaps = one.values("val_loss - loss")["adam"]
    assert list(gaps.values()) == pytest.approx([0.5, 0.499, 0.498, 0.497, 0.496])
    assert one.direction("val_loss - loss") == "minimize"


def test_similar_within_a_margin() -> None:
    one = half(stage(comparison(), value=CLOSE))
    assert Similar("adam", "rmsprop", 0.01)(one).judgement == "holds"
    assert Similar("adam", "rmsprop", 0.001)(one).judgement == "undecided"
    assert Similar("adam", "sgd", 0.01)(one).judgement == "contradicted"
    assert "± 0.01" in Similar("adam", "rmsprop", 0.01)(one).measured


def test_longer_and_no_longer_by_a_factor() -> None:
    pace = {"sgd": 1.0, "adam": 1.2, "rmsprop": 2.0}
    made = stage(
        comparison(measure="seconds"),
        value=CLEAR,
        seconds=lambda point, seed: (
            pace[point["optimizer"]] + WOBBLE[point["optimizer"]][seed] / 1e3
        ),
    )
    one = half(made)
    assert Longer("rmsprop", "adam", 1.5)(one).judgement == "holds"
    assert Longer("adam", "sgd", 1.5)(one).judgement == "contradicted"
    assert NoLonger("adam", "sgd", 1.5)(one).judgement == "holds"
    assert NoLonger("rmsprop", "sgd", 1.5)(one).judgement == "contradicted"
    assert Longer("adam", "sgd", 1.2)(one).judgement == "undecided"


def test_the_spread_over_seeds() -> None:
    one = half(stage(comparison(), value=CLEAR))
    found = Spread("adam", "val_accuracy")(one)
    assert found.judgement == "holds"
    assert "0.9680 … 0.9720 over 5 seeds, sd 0.00158" in found.measured
    flat = half(stage(comparison(), value=lambda _point, _seed: 0.9))
    assert Spread("adam", "val_accuracy")(flat).judgement == "contradicted"


def test_restarts_are_shown_not_judged() -> None:
    """Of 968, 969, 970, 971 and 972 thousandths the best of 5 is the last."""
    found = Restarts("adam", 5, "val_accuracy")(half(stage(comparison(), value=CLEAR)))
    assert found.judgement == "shown"
    assert "the best of 5 0.9720" in found.measured
    assert "+0.002" in found.reason
    few = half(stage(comparison(), value=CLEAR, seeds=2))
    assert Restarts("adam", 3, "val_accuracy")(few).judgement == "not measured"


def test_what_works_and_what_is_recorded() -> None:
    one = half(stage(comparison(), value=CLEAR))
    assert Works("sgd", "", 0.1)(one).judgement == "holds"
    assert Works("sgd", "", 0.9)(one).judgement == "undecided"
    assert Tracked(("loss", "val_loss"))(one).judgement == "holds"
    assert Tracked(("loss", "mae"))(one).judgement == "contradicted"
    course = Course("adam", ("loss", "nothing"), (1, 4, 9))(one)
    assert course.measured == "loss 0.0320 at 1, 0.0320 at 4; 1.0 s in all (n 5)"
    broken = half(stage(comparison(), value=lambda _point, _seed: math.nan))
    assert Works("sgd", "", 0.1)(broken).judgement == "contradicted"


def test_the_least_of_what_no_seed_changes() -> None:
    size = {"sgd": 0.0, "adam": 2.0, "rmsprop": 1.0}
    one = half(stage(comparison(), value=lambda point, _seed: size[point["optimizer"]], seeds=3))
    assert Least("sgd")(one).judgement == "holds"
    found = Least("adam")(one)
    assert (found.judgement, found.reason) == ("contradicted", "less: sgd and rmsprop")


def test_means_without_a_claim() -> None:
    found = Shown(("adam", "sgd"))(half(stage(comparison(), value=CLEAR)))
    assert found.judgement == "shown"
    assert found.measured.startswith("adam 0.9700 (")
    assert found.reason == "all can be told from adam"


def test_which_is_best_depends_on_the_tuning() -> None:
    """At 0.001 Adam is the best; with a larger learning rate SGD is."""

    def value(point: dict[str, Any], seed: int) -> float:
        large = point["learning_rate"] > 0.01
        best = "sgd" if large else "adam"
        return (
            0.9
            + (0.05 if point["optimizer"] == best else 0)
            + (0.01 if large else 0)
            + (WOBBLE[point["optimizer"]][seed] / 1000)
        )

    made = stage(comparison(tune=("learning_rate",)), value=value)
    found = DependsOnTuning()(half(made, tuned=True))
    assert found.judgement == "holds"
    assert "as they stand: the best is adam" in found.measured
    assert "tuned: the best is sgd" in found.measured
    same = stage(comparison(tune=("learning_rate",)), value=CLEAR)
    assert DependsOnTuning()(half(same, tuned=True)).judgement == "undecided"
    begun = stage(comparison(tune=("learning_rate",)), value=CLEAR, most=20)
    assert DependsOnTuning()(half(begun, tuned=True)).judgement == "not measured"


@pytest.mark.parametrize(
    ("loss_of_adam", "judgement"), [(0.02, "holds"), (0.1, "undecided"), (0.3, "contradicted")]
)
def test_what_noise_costs(loss_of_adam: float, judgement: str) -> None:
    lost = {"sgd": 0.1, "adam": loss_of_adam, "rmsprop": 0.0}

    def value(point: dict[str, Any], seed: int) -> float:
        noisy = point["noise"] > 0
        bump = WOBBLE["sgd" if noisy else "rmsprop"][seed] / 1000
        return (
            0.9
            - (lost[point["optimizer"]] + (seed % 2) / 1e4 if noisy else 0)
            + (bump if point["optimizer"] == "adam" else 0)
        )

    made = stage(comparison(), comparison(name="noise", base={"noise": 0.2}), value=value)
    assert CostsLess("adam", "sgd", "optimizer")(half(made, "noise")).judgement == judgement


def test_memory_by_batch() -> None:
    shelf = Shelf([], {1: [10e6, 11e6, 10e6], 10_000: [900e6, 950e6, 920e6]})
    assert NeedsLessMemory(1, 10_000)(shelf).judgement == "holds"
    assert NeedsLessMemory(10_000, 1)(shelf).judgement == "contradicted"
    assert NeedsLessMemory(1, 64)(shelf).judgement == "not measured"


def test_the_file_of_the_memory_benchmark(tmp_path: Path) -> None:
    file = tmp_path / "memory.json"
    file.write_text('[{"batch": 1, "before": 5, "peak": 7}, {"batch": 1, "before": 5, "peak": 8}]')
    assert batch_memory(file) == {1: [2, 3]}
    assert batch_memory(None) == {}


def test_whole_halves_first_then_the_most_data() -> None:
    small = stage(comparison(), value=CLEAR, name="toy-50/compare", records=50)
    large = stage(comparison(), value=CLEAR)
    begun = replace(large, trials=large.trials[:4])
    assert _name(Shelf([small, large], {})) == "toy/compare"
    assert _name(Shelf([small, begun], {})) == "toy-50/compare"
    assert _name(Shelf([begun], {})) == "toy/compare"
    assert Shelf([], {}).half("toy", "optimizer") is None
    found = Shelf([small], {}).half("toy", "optimizer")
    assert found is not None
    assert First("adam")(found).measured.endswith("; trained on 50 records")


def _name(shelf: Shelf) -> str:
    found = shelf.half("toy", "optimizer")
    assert found is not None
    return found.stage.info.name


def test_partial_data_is_said() -> None:
    one = half(stage(comparison(), value=CLEAR, most=8))
    assert First("adam")(one).measured.endswith("2 to 3 of 5 seeds so far")
    empty = half(stage(comparison(), value=CLEAR, most=0))
    for judge in (First("adam"), Shown(), Better("adam", "sgd"), Spread("adam", "loss")):
        assert judge(empty).judgement == "not measured"


def test_commands_say_what_was_asked_for() -> None:
    rate = comparison(name="the rate", factor="learning_rate", levels=(0.001, 0.1))
    tunable = comparison(tune=("learning_rate",))
    noisy = comparison(name="noise", base={"noise": 0.2}, tune=("learning_rate",))
    both = (tunable, noisy, rate)
    assert asked(halves(stage(*both, value=CLEAR))) == [([], False)]
    # 15 cells, 15 with noise, 5 of the other rate; then those for tuning, a level of each in turn.
    untuned = stage(*both, value=CLEAR, most=35)
    assert asked(halves(untuned)) == [([], True)]
    cut = replace(untuned.info, name="toy-50/compare", seeds=3, settings={"seed": 7})
    assert list(of_stage(replace(untuned, info=cut))) == [
        "optisearch compare studies/toy.py --untuned --seeds 3 --train-samples 50 --seed 7"
    ]
    begun = stage(*both, value=CLEAR, most=36)
    assert asked(halves(begun)) == [([], True), (["optimizer"], False)]


def test_only_some_comparisons() -> None:
    rate = comparison(name="the rate", factor="learning_rate", levels=(0.001, 0.1))
    tunable = comparison(tune=("learning_rate",))
    noisy = comparison(name="noise", base={"noise": 0.2})
    made = stage(tunable, rate, value=CLEAR)
    plan = made.plan
    assert isinstance(plan, Plan)
    asked_for = replace(made, plan=replace(plan, comparisons=(*plan.comparisons, noisy)))
    assert list(of_stage(asked_for)) == [
        'optisearch compare studies/toy.py optimizer "the rate" --seeds 5'
    ]
    untuned = stage(tunable, value=CLEAR, most=15)
    plain = replace(untuned, plan=replace(plan, comparisons=(*plan.comparisons, noisy)))
    assert list(of_stage(plain)) == [
        "optisearch compare studies/toy.py optimizer --untuned --seeds 5"
    ]


def test_a_search_and_a_confirmation_have_commands() -> None:
    info = StageInfo(
        "toy/search",
        "toy",
        "search",
        "",
        "loss",
        "minimize",
        trials=30,
        settings={"sampler": "random", "pruner": "median"},
        file="studies/toy.py",
    )
    assert list(of_stage(StageResults(info, ()))) == [
        "optisearch run studies/toy.py --trials 30 --sampler random"
    ]
    confirm = replace(info, name="toy/confirm", stage="confirm", seeds=5)
    assert list(of_stage(StageResults(confirm, ()))) == [
        "optisearch confirm studies/toy.py --seeds 5"
    ]


def test_the_page_of_an_empty_database_says_so() -> None:
    text = page(Shelf([], {}))
    assert "Nothing is stored." in text
    assert "**holds**:" not in text
    assert text.count("not measured |") > 60


def test_the_whole_page() -> None:
    made = stage(comparison(published=(("sgd", 0.92),), tolerance=0.01), value=CLEAR)
    part = Part(
        "Z. A document",
        (
            Published("Z1", "toy", "optimizer"),
            Claim("Adam is | best", "toy", "optimizer", First("adam")),
            Claim("nothing", "elsewhere", "optimizer", First("adam")),
        ),
    )
    text = page(Shelf([made], {}), parts=[part])
    assert "| Z. A document | 1 | 1 | 0 | 0 | 1 |" in text
    assert "| Z1, sgd: 0.92 ± 0.01 | 0.8000 (0.7980 … 0.8020, n 5) | **contradicted**" in text
    assert "Of 1 published figure that could be judged: 1 contradicted." in text
    assert "| Adam is \\| best |" in text
    assert "| nothing | no result yet of elsewhere/compare, optimizer | not measured |  |" in text
    assert "optisearch compare studies/toy.py --seeds 5" in text
    assert "python 3.11" in text
    assert "\n| optimizer | seeds |" in text  # the report's own table
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings[0] == "# Findings"
    assert not any(line.startswith("# ") for line in headings[1:])


@pytest.mark.keras
def test_every_claim_names_what_a_study_compares() -> None:
    files = {row.study for part in PARTS for row in part.rows if hasattr(row, "study")}
    studies = {name: load_study(ROOT / "studies" / f"{name}.py") for name in files}
    for row in (row for part in PARTS for row in part.rows if hasattr(row, "study")):
        known = {
            name: each
            for each in studies[row.study].comparisons
            for name in (each.label, each.title)
        }
        assert row.comparison in known, row
        found = known[row.comparison]
        assert not row.tuned or found.tune, row
        judge = getattr(row, "judge", None)
        levels = [getattr(judge, name, None) for name in ("level", "than", "to")]
        levels += [*getattr(judge, "levels", ()), *getattr(judge, "among", ())]
        options = [*found.levels, *_options(studies[row.study], found.factor)]
        assert {level for level in levels if level is not None} <= set(options), row


def _options(study: Any, factor: str) -> tuple[Any, ...]:
    from optisearch import space

    declared = space.factors(study.space)[factor]
    return (*declared.levels, *getattr(declared, "options", ()))


def test_every_row_is_answered_without_data() -> None:
    answers = [row.answer for part in PARTS for row in rows(part, Shelf([], {}))]
    assert {answer.judgement for answer in answers} == {"not measured"}

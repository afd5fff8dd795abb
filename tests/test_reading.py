"""What is in the database, as typed rows."""

import math
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from optisearch import record
from optisearch.errors import NotStoredError, OptisearchError
from optisearch.objectives import Objective
from optisearch.reading import (
    FactorInfo,
    StageInfo,
    StageResults,
    Tally,
    TrialResult,
    find,
    load_stage,
    load_stages,
    read_stage,
)

SPACE = {
    "name": "Space",
    "factors": [
        {"name": "kind", "kind": "choice", "baseline": "none", "options": ["none", "l1", "l2"]},
        {"name": "rate", "kind": "real", "baseline": 0.1, "low": 1e-3, "high": 1.0, "log": True},
        {
            "name": "penalty",
            "kind": "real",
            "baseline": 1e-4,
            "low": 1e-6,
            "high": 1e-2,
            "when": {"kind": ["l1", "l2"]},
        },
        {
            "name": "shape",
            "kind": "choice",
            "baseline": "flat",
            "options": ["flat", "deep"],
            "when": {"penalty": [1e-4]},
        },
        {
            "name": "loss",
            "kind": "choice",
            "baseline": "mse",
            "options": ["mse"],
            "searched": False,
        },
    ],
    "fixed": {"units": 64},
}


def manifest(**more: Any) -> dict[str, Any]:
    return {"format": 1, "study": "mnist", "metric": "loss", "space": SPACE} | more


def store(
    name: str = "mnist/search",
    storage: InMemoryStorage | None = None,
    *,
    directions: tuple[StudyDirection, ...] = (StudyDirection.MINIMIZE,),
    **attributes: Any,
) -> optuna.Study:
    storage = storage or InMemoryStorage()
    study_id = storage.create_new_study(list(directions), name)
    for key, value in attributes.items():
        storage.set_study_system_attr(study_id, f"optisearch:{key}", value)
    return optuna.load_study(study_name=name, storage=storage)


def trial(
    state: TrialState = TrialState.COMPLETE,
    value: float | None = None,
    *,
    system: dict[str, Any] | None = None,
    steps: dict[int, float] | None = None,
    rate: float | None = None,
    **user: Any,
) -> FrozenTrial:
    params = {} if rate is None else {"kind": "none", "rate": rate}
    distributions = {
        "kind": CategoricalDistribution(["none", "l1", "l2"]),
        "rate": FloatDistribution(1e-3, 1.0, log=True),
    }
    return create_trial(
        state=state,
        value=value,
        params=params,
        distributions={key: distributions[key] for key in params},
        user_attrs=user,
        system_attrs=system or {},
        intermediate_values=steps or {},
    )


def read(*trials: FrozenTrial, **attributes: Any) -> StageResults:
    study = store(**attributes)
    study.add_trials(trials)
    return read_stage(study)


def test_a_trial_with_everything() -> None:
    history = [
        {"epoch": 0, "seconds": 1.5, "loss": "inf"},
        {"epoch": 1, "seconds": 1.5, "loss": 0.2},
    ]
    stage = read(
        trial(
            value=0.2,
            rate=0.5,
            steps={0: 0.1, 1: 0.2},
            system={
                "optisearch:history": history,
                "optisearch:retry_of": 4,
                "optisearch:first_attempt": 2,
                "optisearch:traceback": "frames",
            },
            seed=7,
            worker="vm:41",
            epochs_trained=2,
            seconds=3.0,
            seconds_per_epoch=1.5,
            parameters=50890,
            diverged=False,
            end_reason="completed",
            best_epoch=0,
            best_loss=0.1,
            loss=0.2,
            accuracy=1,
        ),
        manifest=manifest(),
    )
    [found] = stage.trials
    assert found == TrialResult(
        number=0,
        ending="completed",
        value=0.2,
        params={"kind": "none", "rate": 0.5},
        metrics={"loss": 0.2, "accuracy": 1.0},
        seed=7,
        epochs_trained=2,
        seconds=3.0,
        seconds_per_epoch=1.5,
        parameters=50890,
        best_epoch=0,
        best_value=0.1,
        last_epoch=1,
        last_value=0.2,
        worker="vm:41",
        error=None,
        traceback="frames",
        started=found.started,
        finished=found.finished,
        retry_of=4,
        first_attempt=2,
        superseded=False,
        history=history,
    )


@pytest.mark.parametrize(
    ("stored", "ending"),
    [
        (trial(value=0.5), "completed"),
        (trial(value=math.inf, diverged=True), "diverged"),
        (trial(value=math.inf), "diverged"),
        (trial(TrialState.PRUNED), "pruned"),
        (trial(TrialState.FAIL, end_reason="failed", error="E: x"), "failed"),
        (trial(TrialState.FAIL, error="E: x"), "failed"),
        (trial(TrialState.FAIL, end_reason="interrupted"), "interrupted"),
        (trial(TrialState.FAIL, end_reason="lost"), "lost"),
        (trial(TrialState.FAIL, system={"optisearch:owner": {}}), "lost"),
        (trial(TrialState.FAIL), "failed"),
        (trial(TrialState.RUNNING), "running"),
        (trial(TrialState.WAITING), "waiting"),
    ],
)
def test_endings(stored: FrozenTrial, ending: str) -> None:
    assert read(stored, manifest=manifest()).trials[0].ending == ending


def test_a_plain_optuna_study_is_read_too() -> None:
    stage = read(
        trial(value=0.5, rate=0.1, seed="mine", worker=3, seconds="long", score=2),
        trial(TrialState.FAIL),
    )
    first, second = stage.trials
    assert stage.info == StageInfo(
        name="mnist/search",
        study="mnist/search",
        stage="",
        title="",
        metric="value",
        direction="minimize",
        factors=(
            FactorInfo("kind", "choice", options=("none", "l1", "l2")),
            FactorInfo("rate", "real", low=1e-3, high=1.0, log=True),
        ),
    )
    assert (first.seed, first.worker, first.metrics) == (None, None, {"score": 2.0})
    assert first.seconds is not None
    assert second.ending == "failed"
    assert stage.info.baseline() == {}
    assert stage.baseline is None


def test_an_integer_s_distribution() -> None:
    found = FactorInfo.from_distribution("n", IntDistribution(1, 9, step=2))
    assert found == FactorInfo("n", "integer", low=1, high=9, step=2)


def test_the_manifest() -> None:
    info = read(
        manifest=manifest(title="T", file="f.py", data={"name": "d"}, versions={"python": "3"}),
        settings={"stage": "search", "sampler": "tpe"},
        budget={"trials": 50, "patience": 9},
    ).info
    assert (info.study, info.stage, info.title, info.metric) == ("mnist", "search", "T", "loss")
    assert (info.trials, info.patience, info.fixed) == (50, 9, {"units": 64})
    assert info.factors[2].when == {"kind": ("l1", "l2")}
    assert not info.factors[4].searched
    assert info.declared


def test_what_no_manifest_declares_is_learnt_from_the_trials_but_for_the_seed() -> None:
    study = store(manifest=manifest(space={"factors": []}))
    seeded = IntDistribution(0, 9)
    study.add_trial(create_trial(value=1.0, params={"seed": 3}, distributions={"seed": seeded}))
    study.add_trial(trial(value=1.0, rate=0.5))
    stage = read_stage(study)
    assert [factor.name for factor in stage.info.factors] == ["kind", "rate"]
    assert stage.trials[0].params == {}


def test_the_baseline_has_only_what_its_conditions_switch_on() -> None:
    stage = read(trial(value=1.0, rate=0.5), trial(value=2.0, rate=0.1), manifest=manifest())
    # `shape` hangs on `penalty`, which is itself off although its kept value would do.
    assert stage.info.baseline() == {"kind": "none", "rate": 0.1, "loss": "mse"}
    assert stage.baseline is stage.trials[1]


def test_settings_are_ordered_as_declared() -> None:
    info = read(manifest=manifest()).info
    params = {"own": 1, "penalty": 1e-5, "kind": "l1"}
    assert info.ordered(params) == [("kind", "l1"), ("penalty", 1e-5), ("own", 1)]


def test_a_newer_manifest_is_refused() -> None:
    with pytest.raises(OptisearchError, match="newer version"):
        read(manifest=manifest(format=2))


def test_of_several_objectives_the_first_one_ranks_and_all_make_the_front() -> None:
    study = store(directions=(StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE))
    for values in [(1.0, 1.0), (2.0, 1.0), (2.0, 3.0), (3.0, math.inf), (math.inf, -math.inf)]:
        study.add_trial(create_trial(values=values))
    study.add_trial(create_trial(state=TrialState.PRUNED, intermediate_values={0: 0.5}))
    stage = read_stage(study)
    assert stage.info.objectives == (Objective("value"), Objective("value 1", "maximize"))
    assert [trial.number for trial in stage.ranked] == [0, 1, 2, 3]
    assert [trial.number for trial in stage.front] == [0, 2, 3]
    assert stage.trials[2].values == (2.0, 3.0)
    assert [trial.ending for trial in stage.trials[3:]] == ["completed", "diverged", "pruned"]
    assert (stage.trials[5].value, stage.trials[5].values) == (None, ())
    study._storage.set_study_system_attr(study._study_id, record.METRIC_NAMES, ["loss", "score"])
    assert [each.name for each in read_stage(study).info.objectives] == ["loss", "score"]


def test_a_stage_about_one_objective_says_which_it_hasn_t() -> None:
    given = [{"name": "loss", "direction": "minimize"}, {"name": "parameters"}]
    info = read(trial(value=0.5), manifest=manifest(objectives=given)).info
    assert info.objectives == (Objective("loss"),)
    assert info.unweighed == (Objective("parameters"),)


def test_tally_counts_a_repeated_trial_once() -> None:
    lost = {"end_reason": "lost"}
    stage = read(
        trial(TrialState.FAIL, **lost),
        trial(TrialState.FAIL, system={"optisearch:retry_of": 0}, **lost),
        trial(TrialState.FAIL, end_reason="interrupted"),
        trial(TrialState.FAIL, end_reason="failed", error="E: x"),
        trial(value=1.0),
        trial(value=math.inf, diverged=True),
        trial(TrialState.PRUNED),
        trial(TrialState.RUNNING),
        trial(TrialState.WAITING),
        manifest=manifest(),
    )
    assert stage.trials[0].superseded
    assert stage.tally == Tally(
        completed=1, pruned=1, diverged=1, failed=1, to_be_retried=2, running=1, waiting=1
    )
    assert stage.tally.trained == 3
    assert [found.number for found in stage.trained] == [4, 5, 6]


@pytest.mark.parametrize(
    ("direction", "best", "so_far"),
    [(StudyDirection.MINIMIZE, 2, [0, 2]), (StudyDirection.MAXIMIZE, 1, [0, 1])],
)
def test_the_best_is_the_first_of_equal_ones(
    direction: StudyDirection, best: int, so_far: list[int]
) -> None:
    study = store(directions=(direction,))
    worst = -math.inf if direction is StudyDirection.MAXIMIZE else math.inf
    study.add_trials([trial(value=value) for value in (0.5, 0.9, 0.1, 0.9, 0.1, worst)])
    study.add_trial(trial(TrialState.PRUNED, steps={0: 2.0}))
    stage = read_stage(study)
    assert stage.best is stage.trials[best]
    assert [found.number for found in stage.best_so_far] == so_far
    assert len(stage.ranked) == 5


def test_an_empty_stage() -> None:
    stage = read()
    assert stage.best is None
    assert stage.tally == Tally()
    assert stage.best_so_far == ()
    assert stage.last_activity is None


def test_the_last_activity() -> None:
    stage = read(trial(value=1.0), trial(TrialState.RUNNING))
    assert stage.last_activity == max(
        moment for found in stage.trials for moment in (found.started, found.finished) if moment
    )


def test_the_judged_trials_as_a_study_of_optuna_s() -> None:
    stage = read(
        trial(value=1.0, rate=0.5),
        trial(value=math.inf),
        trial(TrialState.PRUNED),
        trial(TrialState.PRUNED, steps={0: 9.0, 1: 3.0}, rate=0.25),
        trial(value=2.0, rate=0.75),
    )
    assert [judged.number for judged in stage.judged] == [0, 4, 3]
    study = stage.judged_study()
    judged = [(found.state, found.value, found.params["rate"]) for found in study.trials]
    complete = TrialState.COMPLETE
    assert judged == [(complete, 1.0, 0.5), (complete, 3.0, 0.25), (complete, 2.0, 0.75)]
    assert study.direction is StudyDirection.MINIMIZE
    assert stage.ended("pruned")[1].value is None  # nothing was changed by it


@pytest.fixture
def storage() -> InMemoryStorage:
    storage = InMemoryStorage()
    for name, study in {
        "mnist-digits/search": "mnist",
        "mnist-digits/compare": "mnist",
        "mnist-10000/search": "mnist",
        "toy/search": "toy",
    }.items():
        store(name, storage, manifest=manifest(study=study))
    store("plain", storage)
    return storage


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("plain", ["plain"]),
        ("toy", ["toy/search"]),
        ("toy/search", ["toy/search"]),
        ("mnist-digits", ["mnist-digits/search", "mnist-digits/compare"]),
        ("mnist", ["mnist-digits/search", "mnist-digits/compare", "mnist-10000/search"]),
        ("mnist/search", ["mnist-digits/search", "mnist-10000/search"]),
    ],
)
def test_find(storage: InMemoryStorage, name: str, stages: list[str]) -> None:
    assert list(find(storage, name)) == stages


def test_the_exact_study_is_preferred_to_its_variants(storage: InMemoryStorage) -> None:
    store("mnist/search", storage, manifest=manifest())
    assert find(storage, "mnist") == ("mnist/search",)


@pytest.mark.parametrize("name", ["mnits", "mnist/serch", "toy/confirm", "nothing-like-it", ""])
def test_what_isn_t_stored(storage: InMemoryStorage, name: str) -> None:
    with pytest.raises(NotStoredError) as caught:
        find(storage, name)
    assert "  toy/search" in caught.value.detail
    assert ("Did you mean" in caught.value.remedy) == (name not in {"nothing-like-it", ""})
    with pytest.raises(NotStoredError):
        load_stage(storage, name)


def test_nothing_stored_at_all() -> None:
    with pytest.raises(NotStoredError, match="nothing is stored"):
        find(InMemoryStorage(), "mnist")


def test_a_similar_study_is_named(storage: InMemoryStorage) -> None:
    with pytest.raises(NotStoredError, match=r"Did you mean mnist\?"):
        find(storage, "mnits")


def test_all_stages_are_read_and_the_unreadable_named(storage: InMemoryStorage) -> None:
    store("newer", storage, manifest=manifest(format=99))
    stages, unreadable = load_stages(storage)
    assert len(stages) == 5
    assert len(unreadable) == 1
    assert unreadable[0].startswith("newer: a newer version of OptiSearch")
    assert load_stage(storage, "toy/search") == stages[3]

"""A study of several objectives is pruned as one of the first alone, and searched by all."""

import math
import random
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import optuna
import pytest
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from optisearch import pruners, samplers
from optisearch.monitored import MonitoredStudy, MonitoredTrial

BOTH = [StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE]
EPOCHS = 9
SAMPLERS = [name for name in samplers.NAMES if name != "gp" or find_spec("torch")]


def monitored(directions: list[StudyDirection], pruner: Any = None) -> MonitoredStudy:
    storage = InMemoryStorage()
    storage.create_new_study(directions, "toy")
    return MonitoredStudy("toy", storage, pruner=pruner)


def decisions(
    study: optuna.Study, begin: Callable[[], optuna.Trial], others: list[float]
) -> list[tuple[int, bool]]:
    """When trials of a fixed course end, and whether they were pruned."""
    found, chance = [], random.Random(7)
    for _ in range(40):
        trial, level = begin(), chance.random()
        epoch, is_pruned = 0, False
        for epoch in range(EPOCHS):
            trial.report(level * (epoch + 1) + 0.1 * chance.random(), epoch)
            is_pruned = trial.should_prune()
            if is_pruned:
                break
        found.append((epoch, is_pruned))
        value = None if is_pruned else [level, *others]
        state = TrialState.PRUNED if is_pruned else TrialState.COMPLETE
        study._storage.set_trial_state_values(trial._trial_id, state, value)
    return found


@pytest.mark.parametrize("name", pruners.NAMES)
def test_it_is_pruned_as_optuna_prunes_by_the_first_objective_alone(name: str) -> None:
    plain = optuna.create_study(
        study_name="toy",
        direction="maximize",
        pruner={
            "hyperband": optuna.pruners.HyperbandPruner(1, EPOCHS, 3),
        }.get(name, pruners.make_pruner(name, EPOCHS)),
    )
    several = monitored(BOTH, pruners.make_pruner(name, EPOCHS))

    def begin() -> optuna.Trial:
        return MonitoredTrial(several, several._storage.create_new_trial(several._study_id))

    expected = decisions(plain, plain.ask, [])
    assert decisions(several, begin, [3.0]) == expected
    assert any(is_pruned for _, is_pruned in expected) == (name != "none")


def filled(study: MonitoredStudy) -> MonitoredStudy:
    """Good where x is small; pruned where it is large, but for one that diverged."""
    space = {"x": optuna.distributions.FloatDistribution(0.0, 1.0)}
    for number in range(30):
        x = number / 29
        state = TrialState.PRUNED if x > 0.5 else TrialState.COMPLETE
        values = None if state is TrialState.PRUNED else [1.0 - x, x]
        if number == 29:
            state, values = TrialState.COMPLETE, [-math.inf, math.inf]
        given = {"params": {"x": x}, "distributions": space}
        steps = {0: 1.0 - x, 1: math.nan if number == 28 else 1.0 - x}
        study.add_trial(
            create_trial(state=state, values=values, intermediate_values=steps, **given)
        )
    return study


@pytest.mark.parametrize("pruner", ["median", "hyperband"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_each_sampler_proposes_after_trials_that_were_pruned_or_diverged(
    sampler: str, pruner: str
) -> None:
    study = filled(monitored(BOTH, pruners.make_pruner(pruner, EPOCHS)))
    study.sampler = samplers.make_sampler(sampler, 1, 30)
    trial = MonitoredTrial(study, study._storage.create_new_trial(study._study_id))
    assert 0.0 <= trial.suggest_float("x", 0.0, 1.0) <= 1.0


def test_the_default_sampler_keeps_away_from_what_was_pruned() -> None:
    study = filled(monitored(BOTH))
    proposed = []
    for number in range(20):
        study.sampler = samplers.make_sampler(samplers.DEFAULT, 1, 30 + number)
        trial = MonitoredTrial(study, study._storage.create_new_trial(study._study_id))
        proposed.append(trial.suggest_float("x", 0.0, 1.0))
    assert sum(x > 0.6 for x in proposed) <= 4

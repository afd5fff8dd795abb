"""A stage hands out trials: the baseline first, then what its sampler proposes, and retries."""

from collections.abc import Callable
from dataclasses import replace

import optuna
from optuna.trial import TrialState

from optisearch import Study, record
from optisearch import space as spaces
from optisearch.budget import Done, Wait
from optisearch.lease import Owner
from optisearch.seeding import training_seed
from optisearch.stage import Stage


def take(stage: Stage, owner: Owner) -> optuna.Trial:
    trial = stage.take(owner)
    assert isinstance(trial, optuna.Trial)
    return trial


def interrupt(stage: Stage, trial: optuna.Trial) -> None:
    trial.set_user_attr(record.END_REASON, "interrupted")
    stage.study.tell(trial, state=TrialState.FAIL)


def test_the_baseline_is_first(
    open_parabola: Callable[..., Stage], parabola: Study, owner: Owner
) -> None:
    stage = open_parabola()
    first, second = take(stage, owner), take(stage, owner)
    assert spaces.suggest(parabola.space, first) == parabola.space()
    assert spaces.suggest(parabola.space, second) != parabola.space()


def test_a_trial_is_owned_and_seeded_before_it_is_trained(
    open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola(seed=3)
    take(stage, owner)
    (trial,) = stage.trials()
    assert trial.state == TrialState.RUNNING
    assert trial.user_attrs == {record.WORKER: str(owner), record.SEED: training_seed(3, 0)}
    assert Owner.from_attributes(trial.system_attrs) == owner


def test_a_retry_has_the_point_and_the_seed_of_its_first_attempt(
    open_parabola: Callable[..., Stage], parabola: Study, owner: Owner
) -> None:
    stage = open_parabola()
    take(stage, owner)
    points = []
    for _ in range(3):
        trial = take(stage, owner)
        points.append(spaces.suggest(parabola.space, trial))
        interrupt(stage, trial)
    assert points[0] == points[1] == points[2]
    found = stage.trials()
    assert len({trial.user_attrs[record.SEED] for trial in found[1:]}) == 1
    assert [t.system_attrs.get(record.RETRY_OF) for t in found] == [None, None, 1, 2]
    assert [t.system_attrs.get(record.FIRST_ATTEMPT) for t in found] == [None, None, 1, 1]


def test_a_baseline_that_was_lost_before_it_began_is_tried_again(
    open_parabola: Callable[..., Stage], parabola: Study, owner: Owner
) -> None:
    stage = open_parabola()
    take(stage, replace(owner, boot="another"))
    assert spaces.suggest(parabola.space, take(stage, owner)) == parabola.space()


def test_the_dead_workers_trial_is_taken_up(
    open_parabola: Callable[..., Stage], parabola: Study, owner: Owner
) -> None:
    stage = open_parabola(trials=2)
    take(stage, owner)
    lost = take(stage, replace(owner, boot="another"))
    point = spaces.suggest(parabola.space, lost)
    assert spaces.suggest(parabola.space, take(stage, owner)) == point


def test_waiting_and_done(open_parabola: Callable[..., Stage], owner: Owner) -> None:
    stage = open_parabola(trials=1)
    trial = take(stage, owner)
    assert stage.take(owner) == Wait()
    stage.study.tell(trial, 0.5)
    assert stage.take(owner) == Done("trials")


def test_the_budget_is_read_anew(open_parabola: Callable[..., Stage], owner: Owner) -> None:
    stage = open_parabola(trials=1)
    stage.study.tell(take(stage, owner), 0.5)
    open_parabola(stage.database, trials=2)
    take(stage, owner)

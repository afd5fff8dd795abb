"""Whether a trial's worker still lives."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import psutil
import pytest
from optuna.trial import Trial, TrialState

from optisearch import record
from optisearch.lease import Owner, reap
from optisearch.stage import Stage


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until its standard input is closed."""
    command = [sys.executable, "-S", "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        yield process
        process.kill()


def owner_of(process: subprocess.Popen[bytes]) -> Owner:
    return replace(
        Owner.current(), pid=process.pid, started=psutil.Process(process.pid).create_time()
    )


def test_this_process_lives(owner: Owner) -> None:
    assert not owner.is_dead()
    assert str(owner) == f"{socket.gethostname()}:{psutil.Process().pid}"


def test_an_owner_is_stored_and_read(owner: Owner) -> None:
    assert Owner.from_attributes({record.OWNER: owner.as_dict()}) == owner
    assert Owner.from_attributes({}) is None


@pytest.mark.processes
def test_a_process_lives_until_it_is_killed(child: subprocess.Popen[bytes]) -> None:
    owner = owner_of(child)
    assert not owner.is_dead()
    child.kill()
    child.wait()
    assert owner.is_dead()


@pytest.mark.processes
def test_a_zombie_is_dead(child: subprocess.Popen[bytes]) -> None:
    owner = owner_of(child)
    child.kill()
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    assert owner.is_dead()


def test_another_process_of_the_same_number_is_not_the_owner(owner: Owner) -> None:
    assert replace(owner, started=owner.started - 60).is_dead()


def test_a_restart_of_the_machine_ends_its_processes(owner: Owner) -> None:
    assert replace(owner, boot="another").is_dead(one_machine=True)


def test_a_machine_of_the_same_name_is_another_one(owner: Owner) -> None:
    assert not replace(owner, boot="another").is_dead()


def test_a_container_of_the_same_name_has_numbers_of_its_own(owner: Owner) -> None:
    within = replace(owner, namespace="pid:[1]", started=owner.started - 60)
    assert not within.is_dead()
    assert not within.is_dead(one_machine=True)


def test_of_other_machines_nothing_is_known(owner: Owner) -> None:
    assert not replace(owner, host="elsewhere", boot="another", pid=1).is_dead()


def take(stage: Stage, owner: Owner) -> Trial:
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    return trial


def test_the_trials_of_the_dead_are_lost(open_parabola: Callable[..., Stage], owner: Owner) -> None:
    stage = open_parabola(trials=9)
    take(stage, owner)
    take(stage, replace(owner, host="elsewhere"))
    stage.study.ask()  # plain Optuna's: it has no owner
    take(stage, replace(owner, boot="another"))
    assert stage.reap() == [3]
    *others, lost = stage.trials()
    assert {trial.state for trial in others} == {TrialState.RUNNING}
    assert lost.state == TrialState.FAIL
    assert lost.user_attrs[record.END_REASON] == "lost"
    assert stage.reap() == []


def test_a_trial_that_was_told_meanwhile_is_not_lost(
    open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola()
    trial = take(stage, replace(owner, boot="another"))
    seen = stage.study.get_trials()
    stage.study.tell(trial, 0.5)
    assert reap(stage.database, seen) == []
    assert stage.trials()[0].state == TrialState.COMPLETE
    assert record.END_REASON not in stage.trials()[0].user_attrs

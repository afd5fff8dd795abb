"""A worker in a process of its own, for the contract suites.

    python actor.py STORAGE_URL STUDY_FILE WHAT

It says `ready` once everything is imported, begins when it is told to (a line on its standard
input), and says what came of it.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import optuna

from optisearch.address import parse
from optisearch.budget import Wait
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.settings import Wishes
from optisearch.space import suggest
from optisearch.stage import Stage
from optisearch.stage_plans import comparisons_for
from optisearch.storage import Database, open_database

address = parse(sys.argv[1])
study = load_study(Path(sys.argv[2]))
owner = Owner.current()


def opened() -> Database:
    return open_database(address, create=True, lock_wait_seconds=60)


def joined() -> Stage:
    return open_stage(opened(), describe(study, None), Wishes())


def create() -> None:
    """Opens a database that may be empty, and joins a stage that may not be there."""
    print(joined().name)


def count() -> None:
    """Adds to a number in a file, which only works out when nobody else does meanwhile."""
    database, file = opened(), Path(sys.argv[4])
    for _ in range(20):
        with database.exclusive("count"):
            number = int(file.read_text())
            file.write_text("")  # whoever reads now, reads nonsense
            file.write_text(str(number + 1))


def take() -> None:
    """Takes trials until nothing is left, and completes each."""
    stage = joined()
    while isinstance(trial := stage.take(owner), optuna.Trial | Wait):
        if isinstance(trial, optuna.Trial):
            suggest(study.space, trial)
            stage.study.tell(trial, 0.5)
            print(trial.number)


def take_cells() -> None:
    """Takes a comparison's cells until nothing is left, and completes each."""
    stage = open_stage(
        opened(),
        describe(study, None),
        Wishes(),
        kind="compare",
        planned=comparisons_for(study, "", redefine=False, changed=list),
    )
    is_first = True
    while isinstance(trial := stage.take(owner), optuna.Trial | Wait):
        if isinstance(trial, optuna.Trial):
            if is_first:
                _wait_for_another(stage)
            is_first = False
            stage.study.tell(trial, 0.5)
            print(trial.number)


def _wait_for_another(stage: Stage) -> None:
    """Until another process has taken something, too."""
    while len({str(Owner.from_attributes(each.system_attrs)) for each in stage.trials()}) < 2:
        time.sleep(0.01)


def hold() -> None:
    """Takes a trial, says which, and lives on until it is killed."""
    trial = joined().take(owner)
    assert isinstance(trial, optuna.Trial)
    suggest(study.space, trial)
    print(trial.number, flush=True)
    input()


def hold_lock() -> None:
    """Takes the lock, says so, and lives on until it is killed."""
    with opened().exclusive("parabola/search"):
        print("held", flush=True)
        input()


ACTIONS: dict[str, Callable[[], None]] = {
    action.__name__: action for action in (create, count, take, take_cells, hold, hold_lock)
}
print("ready", flush=True)
input()
ACTIONS[sys.argv[3]]()

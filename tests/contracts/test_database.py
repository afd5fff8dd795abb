"""What every database promises: memory, a SQLite file, a PostgreSQL and a MariaDB server."""

import math
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState
from tests.contracts.databases import ON_DISK

from optisearch import Outcome, Study, real, record
from optisearch.address import Address
from optisearch.budget import Done, Wait
from optisearch.errors import NotStoredError
from optisearch.events import silence
from optisearch.lease import Owner
from optisearch.reading import comparisons, read_stage
from optisearch.stage import Stage
from optisearch.storage import Database, open_database
from optisearch.training import make_trainer
from optisearch.worker import ExitCode, Stop, work

ACTOR = Path(__file__).with_name("actor.py")


@pytest.fixture(params=["memory", *ON_DISK])
def connect(request: pytest.FixtureRequest) -> Callable[[], Database]:
    """Opens the same database again and again."""
    if request.param == "memory":
        database = Database.in_memory()
        return lambda: database
    found: Address = request.getfixturevalue(request.param)
    return lambda: open_database(found, create=True, lock_wait_seconds=60)


@pytest.fixture
def opened(connect: Callable[[], Database], open_parabola: Callable[..., Stage]) -> Any:
    """Opens the parabola's stage, over a connection of its own."""
    return lambda **wishes: open_parabola(connect(), **wishes)


Actors = Callable[..., list[subprocess.Popen[str]]]


@pytest.fixture
def actors(address: Address, parabola_file: Path) -> Iterator[Actors]:
    """Starts processes that do the same at the same moment."""
    with ExitStack() as stack:

        def start(how_many: int, *what: str) -> list[subprocess.Popen[str]]:
            command = [sys.executable, str(ACTOR), address.text, str(parabola_file), *what]
            pipe = subprocess.PIPE
            started = [
                stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
                for _ in range(how_many)
            ]
            for process in started:
                stack.callback(process.kill)
            for process in started:
                assert heard(process) == "ready"
            for process in started:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            return started

        yield start


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def rest(process: subprocess.Popen[str]) -> list[str]:
    """What a process says until it ends well."""
    said, _ = process.communicate()
    assert process.returncode == 0
    return said.split()


def in_threads(how_many: int, task: Callable[[], Any]) -> list[Any]:
    """Runs a task in several threads that begin together."""
    barrier = threading.Barrier(how_many)

    def begin() -> Any:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(how_many) as pool:
        return [future.result() for future in [pool.submit(begin) for _ in range(how_many)]]


def take_all(stage: Stage, owner: Owner, *, fail_first: bool = False) -> list[int]:
    """Takes and completes trials until nothing is left; the first may end as interrupted."""
    taken = []
    while isinstance(trial := stage.take(owner), optuna.Trial | Wait):
        if isinstance(trial, Wait):
            continue
        if fail_first and not taken:
            trial.set_user_attr(record.END_REASON, "interrupted")
            stage.study.tell(trial, state=TrialState.FAIL)
        else:
            stage.study.tell(trial, 0.5)
        taken.append(trial.number)
    return taken


def test_the_lock_excludes_threads(connect: Callable[[], Database]) -> None:
    inside = Counter[str]()

    def enter() -> None:
        database = connect()
        for _ in range(5):
            with database.exclusive("it"):
                inside["now"] += 1
                inside["most"] = max(inside["most"], inside["now"])
                inside["in all"] += 1
                database.storage.get_all_studies()  # lets the others try
                inside["now"] -= 1

    in_threads(4, enter)
    assert inside == {"now": 0, "most": 1, "in all": 20}


def test_the_lock_is_released_when_an_error_passes(connect: Callable[[], Database]) -> None:
    database = connect()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), database.exclusive("it"):
            _ = 1 / 0


@pytest.mark.processes
def test_the_lock_excludes_processes(actors: Actors, tmp_path: Path) -> None:
    number = tmp_path / "number"
    number.write_text("0")
    for process in actors(3, "count", str(number)):
        rest(process)
    assert number.read_text() == "60"


@pytest.mark.processes
def test_the_lock_of_a_killed_process_is_free(actors: Actors, address: Address) -> None:
    (holder,) = actors(1, "hold_lock")
    assert heard(holder) == "held"
    holder.kill()
    with open_database(address, create=True).exclusive("parabola/search"):
        pass


def test_the_budget_is_exact_and_each_trial_is_handed_out_once(opened: Any, owner: Owner) -> None:
    stages = [opened(trials=20) for _ in range(8)]
    waiting = iter(stages)
    taken = in_threads(8, lambda: take_all(next(waiting), owner))
    assert sorted(number for numbers in taken for number in numbers) == list(range(20))
    assert [trial.state for trial in stages[0].trials()] == [TrialState.COMPLETE] * 20


def test_each_interrupted_attempt_is_taken_up_once(opened: Any, owner: Owner) -> None:
    stages = [opened(trials=12) for _ in range(4)]
    waiting = iter(stages)
    in_threads(4, lambda: take_all(next(waiting), owner, fail_first=True))
    trials = stages[0].trials()
    states = Counter(trial.state for trial in trials)
    assert states[TrialState.COMPLETE] == 12
    retried = [trial.system_attrs.get(record.RETRY_OF) for trial in trials]
    interrupted = [trial.number for trial in trials if trial.state == TrialState.FAIL]
    assert sorted(number for number in retried if number is not None) == interrupted
    for trial in trials:
        first = trials[trial.system_attrs.get(record.FIRST_ATTEMPT, trial.number)]
        assert trial.user_attrs[record.SEED] == first.user_attrs[record.SEED]


@pytest.mark.processes
def test_processes_share_a_budget(
    actors: Actors, address: Address, open_parabola: Callable[..., Stage]
) -> None:
    stage = open_parabola(open_database(address, create=True), trials=20)
    taken = [rest(process) for process in actors(3, "take")]
    assert sorted(int(number) for numbers in taken for number in numbers) == list(range(20))
    assert {trial.state for trial in stage.trials()} == {TrialState.COMPLETE}


@pytest.mark.processes
def test_processes_share_the_cells_of_a_comparison(
    actors: Actors, address: Address, open_compare: Callable[..., Stage]
) -> None:
    stage = open_compare(database=open_database(address, create=True), seeds=3)
    _, total = stage.progress()
    taken = [rest(process) for process in actors(8, "take_cells")]
    assert sorted(int(number) for numbers in taken for number in numbers) == list(range(total))
    assert sum(map(bool, taken)) > 1  # not one process did it all
    trials = stage.trials()
    assert {trial.state for trial in trials} == {TrialState.COMPLETE}
    cells = Counter(trial.system_attrs[record.CELL] for trial in trials)
    assert len(cells) == total
    found = read_stage(stage.study)
    assert (found.progress().done, found.progress().total) == (total, total)
    for table in comparisons(found):
        assert [len(row.trials) for row in table.levels] == [3] * len(table.levels)


@pytest.mark.processes
def test_a_killed_workers_trial_is_taken_up(
    actors: Actors, address: Address, open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola(open_database(address, create=True), trials=2)
    (holder,) = actors(1, "hold")
    assert heard(holder) == "0"
    assert stage.reap() == []
    holder.kill()
    holder.wait()
    retry = stage.take(owner)
    lost, taken_up = stage.trials()
    assert isinstance(retry, optuna.Trial)
    assert lost.user_attrs[record.END_REASON] == "lost"
    assert taken_up.system_attrs[record.RETRY_OF] == 0
    assert taken_up.user_attrs[record.SEED] == lost.user_attrs[record.SEED]
    assert retry.suggest_float("x", -10.0, 10.0) == lost.params["x"]


@pytest.mark.processes
def test_several_processes_open_an_empty_database_at_the_same_moment(
    actors: Actors, address: Address
) -> None:
    assert [rest(process) for process in actors(4, "create")] == [["parabola/search"]] * 4
    database = open_database(address, create=False)
    assert [study.study_name for study in database.storage.get_all_studies()] == ["parabola/search"]


def test_reading_creates_nothing(address: Address) -> None:
    import sqlalchemy

    with pytest.raises(NotStoredError):
        open_database(address, create=False)
    if address.path is not None:
        assert list(address.path.parent.iterdir()) == []
    else:
        engine = sqlalchemy.create_engine(address.sqlalchemy_url)
        assert sqlalchemy.inspect(engine).get_table_names() == []
        engine.dispose()


def test_readers_see_what_workers_wrote(
    address: Address, open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage = open_parabola(open_database(address, create=True), trials=3)
    trainer = make_trainer(parabola, None)
    assert work(stage, parabola, trainer, stop=Stop(), listener=silence) == ExitCode.DONE
    read = open_database(address, create=False).storage
    study_id = read.get_study_id_from_name("parabola/search")
    assert read.get_all_trials(study_id) == stage.study.trials
    assert read.get_study_system_attrs(study_id)[record.MANIFEST]["metric"] == "height"


def test_plain_optuna_reads_it(
    address: Address, open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage = open_parabola(open_database(address, create=True), trials=2)
    work(stage, parabola, make_trainer(parabola, None), stop=Stop(), listener=silence)
    study = optuna.load_study(study_name="parabola/search", storage=address.optuna_url)
    assert len(study.trials) == 2
    assert study.best_value == stage.study.best_value


@dataclass(frozen=True)
class Level:
    x: float = real(0.0, 1.0, baseline=0.5)
    epochs: int = 4


def test_several_objectives_are_stored_as_optuna_stores_them(
    address: Address, open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    def train(_hp: Any, _data: Any, run: Any) -> Outcome:
        height = 1.0 if run.number < 6 else 0.5 - 0.1 * run.number
        if run.number == 9:
            height = math.nan
        for epoch in range(4):
            run.report(epoch, {"height": height})
        return Outcome(parameters=7)

    given = {"minimize": ("parameters", "seconds_to_target"), "target": 1.0}
    study = replace(parabola, space=Level, train=train, **given)
    database = open_database(address, create=True)
    stage = open_parabola(database, study=study, trials=10, sampler="tpe", pruner="median")
    work(stage, study, make_trainer(study, None), stop=Stop(), listener=silence)
    stored = optuna.load_study(study_name="parabola/search", storage=address.optuna_url)
    assert [each.name for each in stored.directions] == ["MAXIMIZE", "MINIMIZE", "MINIMIZE"]
    assert stored.metric_names == ["height", "parameters", "seconds_to_target"]
    assert {tuple(trial.values[:2]) for trial in stored.trials[:6]} == {(1.0, 7.0)}
    assert all(0 <= trial.values[2] < 1 for trial in stored.trials[:6])
    assert [trial.state for trial in stored.trials[6:9]] == [TrialState.PRUNED] * 3
    assert [trial.values for trial in stored.trials[6:9]] == [None] * 3
    assert stored.trials[9].values == [-math.inf, math.inf, math.inf]
    assert len(stored.best_trials) >= 1


@pytest.mark.parametrize("heights", [[0.5, math.nan], [math.inf], [-math.inf]])
def test_a_diverged_trial_can_be_stored(opened: Any, parabola: Study, heights: list[float]) -> None:
    def train(_hp: Any, _data: Any, run: Any) -> None:
        for epoch, height in enumerate(heights):
            run.report(epoch, {"height": height})

    study = replace(parabola, train=train)
    stage = opened(trials=1)
    work(stage, study, make_trainer(study, None), stop=Stop(), listener=silence)
    (trial,) = stage.trials()
    assert (trial.state, trial.value) == (TrialState.COMPLETE, -math.inf)
    assert trial.user_attrs[record.END_REASON] == "diverged"
    assert len(trial.system_attrs[record.HISTORY]) == len(heights)


def test_a_finished_stage_is_done_for_everybody(opened: Any, owner: Owner) -> None:
    take_all(opened(trials=1), owner)
    assert opened().take(owner) == Done("trials")


def test_a_glance_sees_who_trains_and_all_of_what_has_ended(
    opened: Callable[..., Stage], owner: Owner
) -> None:
    ours, theirs = opened(trials=9), opened()
    study_id = ours.study._study_id

    def glance() -> list[tuple[int, TrialState, float | None]]:
        found = ours.database.glance(study_id)
        return [(trial.number, trial.state, trial.value) for trial in found]

    assert glance() == []
    first, second = theirs.take(owner), theirs.take(owner)
    assert isinstance(first, optuna.Trial)
    assert isinstance(second, optuna.Trial)
    running, complete = TrialState.RUNNING, TrialState.COMPLETE
    assert glance() == [(0, running, None), (1, running, None)]
    owners = [trial.system_attrs[record.OWNER] for trial in ours.database.glance(study_id)]
    assert owners == [owner.as_dict()] * 2
    # The later one ends first, and after it one that wasn't seen in training.
    second.report(0.25, 0)
    theirs.study.tell(second, 0.5)
    third = theirs.take(owner)
    assert isinstance(third, optuna.Trial)
    theirs.study.tell(third, 0.75)
    assert glance() == [(0, running, None), (1, complete, 0.5), (2, complete, 0.75)]
    assert ours.database.glance(study_id)[1].intermediate_values == {0: 0.25}
    theirs.study.tell(first, 1.0)
    assert glance() == [(0, complete, 1.0), (1, complete, 0.5), (2, complete, 0.75)]
    assert [trial.value for trial in ours.trials()] == [1.0, 0.5, 0.75]

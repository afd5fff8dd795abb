"""`compare` from beginning to end: whatever happens to it, each level has each seed once."""

import contextlib
import json
import random
from collections import Counter
from dataclasses import dataclass

import optuna
import psutil
import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
# Of three shapes, two more values of x; all epochs are read from the baseline's runs.
PLACES = 5


@dataclass
class Rows:
    """What stands in a report: comparison → level → seeds, from the trials that it names."""

    seeds: dict[str, dict[object, list[int]]]
    notes: str
    answer: str


@pytest.fixture
def rows(home):
    """Reads the report as programs do."""

    def read(name="compared", storage="sqlite:///r.db", env=None):
        words = ("report", f"{name}/compare", "--format", "json")
        told = home.run(*words, *(("--storage", storage) if storage else ()), env=env)
        assert told.code == 0, told
        report = json.loads(told.out)
        place = storage or next(iter(env.values()))
        trials = load(f"{name}/compare", place, home).trials
        found = {}
        for section in report["sections"]:
            table = section["tables"][0] if section["tables"] else None
            if table is None or "trials" not in table or table["columns"][0]["kind"] != "setting":
                continue
            found[section["title"]] = {
                row[0]: [trials[number].params["seed"] for number in numbers]
                for row, numbers in zip(table["rows"], table["trials"], strict=True)
            }
        return Rows(found, json.dumps(report["sections"]), report["answer"])

    return read


def load(name, storage, home):
    """A stage, by plain Optuna."""
    place = storage.replace("sqlite:///", f"sqlite:///{home.folder}/")
    place = place.replace("postgresql://", "postgresql+psycopg://")
    return optuna.load_study(study_name=name, storage=place)


def check_complete(rows, seeds):
    """Every level has every seed exactly once, and all levels the same ones."""
    assert {title.partition(":")[0] for title in rows.seeds} == {"shape", "x", "epochs"}
    for levels in rows.seeds.values():
        assert len({tuple(sorted(found)) for found in levels.values()}) == 1
        for found in levels.values():
            assert len(found) == len(set(found)) == seeds
    assert [list(levels) for levels in rows.seeds.values()] == [
        ["round", "flat", "steep"],
        [0.0, 1.0, 10.0],
        [1, 4],
    ]


@pytest.fixture
def words(home):
    return ("compare", home.study("compared"), *STORAGE, "--workers", "1")


def test_each_level_and_seed_once_and_then_nothing(home, words, rows):
    result = home.run(*words, "--seeds", "2")
    assert result.code == 0
    assert not result.err
    assert "compares   shape: round | flat | steep" in result.out
    assert "seeds      2 for each row" in result.out
    assert "compared/compare is finished." in result.out
    stored = home.stored()
    assert stored.trained == stored.trials == 2 * PLACES
    check_complete(rows(), 2)

    dump = stored.dump()
    again = home.run(*words)
    assert again.code == 0
    assert "nothing was trained" in again.out
    assert stored.dump() == dump

    more = home.run(*words, "--seeds", "3")
    assert more.code == 0
    assert stored.trained == stored.trials == 3 * PLACES
    check_complete(rows(), 3)


def in_training(study):
    """The processes in the middle of a cell: it reported an epoch, and isn't at its end."""
    running = optuna.trial.TrialState.RUNNING
    return [
        trial.system_attrs["optisearch:owner"]["pid"]
        for trial in study.get_trials(deepcopy=False, states=[running])
        if 1 <= len(trial.intermediate_values) <= 2
    ]


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_workers_killed_at_random(home, rows, until, request, database):
    """Done when 3."""
    if database == "sqlite":
        place, env, storage = "sqlite:///r.db", None, "sqlite:///r.db"
    else:
        address = request.getfixturevalue("postgresql")
        place, env, storage = address.text, {"OPTISEARCH_STORAGE": address.text}, None
    words = ["compare", home.study("compared"), "--workers", "3", "--seeds", "4"]
    words += ["--storage", storage] if storage else []
    chance = random.Random(0)
    run = home.start(*words, env=env)
    name = "compared/compare"

    def stage():
        with contextlib.suppress(Exception):  # it isn't there yet
            return load(name, place, home)
        return None

    study = until(stage, "the stage is there")
    for _ in range(4):
        found = until(
            lambda: in_training(study) or run.process.poll() is not None, "somebody trains"
        )
        if found is True:
            break  # three deaths in a row: the run gave up
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(chance.choice(found)).kill()
    first = run.wait()
    assert first.code in (0, 1), first
    for _ in range(3):
        again = home.run(*words, env=env)
        if again.code == 0:
            break
    assert again.code == 0, again

    trials = study.get_trials(deepcopy=False)
    lost = [trial for trial in trials if trial.user_attrs.get("end_reason") == "lost"]
    assert any(trial.intermediate_values for trial in lost)  # cells were lost in training indeed
    states = Counter(trial.state.name for trial in trials)
    assert states == {"COMPLETE": 4 * PLACES, "FAIL": len(lost)}
    cells = Counter(
        trial.system_attrs["optisearch:cell"] for trial in trials if trial.state.name == "COMPLETE"
    )
    assert set(cells.values()) == {1}
    by_number = {trial.system_attrs.get("optisearch:retry_of") for trial in trials}
    assert {trial.number for trial in lost} <= by_number  # each was handed out again
    check_complete(rows(storage=storage, env=env), 4)


def test_ctrl_c_and_the_same_line_goes_on(home, words, rows):
    line = (*words, "--seeds", "4", "--workers", "2")
    run = home.start(*line)
    stored = home.stored()
    run.until(lambda: stored.trained >= 3 and len(stored.in_training()) == 2, "both train")
    run.interrupt()
    first = run.wait()
    assert first.code == 130
    assert "compared/compare isn't finished: the same command goes on with it." in first.out
    before = stored.trained
    assert before < 4 * PLACES
    assert stored.count("RUNNING") == 0
    partial = rows()  # what is trained can be reported
    assert any(partial.seeds.values())

    assert home.run(*line).code == 0
    assert stored.trained == 4 * PLACES
    assert stored.trials == 4 * PLACES + len(stored.ended("interrupted"))
    check_complete(rows(), 4)


def test_two_at_once_share_the_cells(home, words, rows):
    both = [home.start(*words, "--seeds", "3")]
    # As by a second person: in a folder of one's own its output would overwrite the first's.
    (home.folder / "second").mkdir()
    other = type(home)(home.folder / "second")
    try:
        both.append(other.start("compare", "../compared.py", "--storage", "sqlite:///../r.db"))
        codes = [running.wait().code for running in both]
    finally:
        both[-1].clean_up()
    assert codes == [0, 0]
    stored = home.stored()
    assert stored.trained == stored.trials
    cells = stored.rows(
        "SELECT value_json FROM trial_system_attributes WHERE key = 'optisearch:cell'"
    )
    assert len(cells) == len(set(cells)) == stored.trained
    assert stored.trained >= 3 * PLACES
    assert home.run(*words).code == 0


def test_a_part_of_it(home, words, rows):
    result = home.run(*words[:2], "x", *words[2:], "--seeds", "2")
    assert result.code == 0
    assert home.stored().trained == 2 * 3
    assert "shape:" not in result.out
    work = home.run("work", words[1], *STORAGE, "--stage", "compare", "--only", "shape")
    assert work.code == 0
    assert home.stored().trained == 2 * PLACES
    check_complete(rows(), 2)


def test_work_by_hand_and_one_seed(home, words, rows):
    """What an engine would start: no leader, no queue."""
    line = ("work", words[1], *STORAGE, "--stage", "compare", "--seeds", "1")
    assert home.run(*line).code == 0
    assert home.stored().trained == PLACES
    told = rows()
    check_complete(told, 1)
    assert "no interval" in told.notes or "one seed" in told.notes.lower()


@pytest.mark.parametrize(
    ("name", "hint"), [("shpe", "Did you mean 'shape'?"), ("colour", "Use one of shape, x, epochs")]
)
def test_a_name_that_is_not_there(home, words, refused, name, hint):
    result = home.run(*words[:2], name, *words[2:])
    refused(result, repr(name), hint)
    assert home.stored().studies() == []


FAILING = '''"""Some shapes can't be trained."""

from dataclasses import dataclass

from optisearch import Comparison, Study, choice


@dataclass(frozen=True)
class Point:
    """A point. `Point()` is the baseline."""

    shape: str = choice("round", "flat", "torn", baseline="round")


def train(hp, data, run):
    if hp.shape == "torn":
        raise ValueError("it is torn")
    run.report(0, {"loss": len(hp.shape) + run.seed / 2**31})


study = Study(
    name="failing", space=Point, train=train, minimize="loss", comparisons=[Comparison("shape")]
)
'''


def test_a_level_that_always_fails(home, rows):
    file = home.write("failing.py", FAILING)
    result = home.run("compare", file, *STORAGE, "--workers", "2", "--seeds", "4")
    assert result.code == 1
    assert "ValueError: it is torn" in result.out
    assert "Traceback" not in result.err
    stored = home.stored()
    assert stored.trained == 2 * 4
    assert len(stored.ended("failed")) in (3, 4)  # both workers may have had one at the same time
    found = rows("failing")
    (levels,) = found.seeds.values()
    assert [len(levels[level]) for level in ("round", "flat", "torn")] == [4, 4, 0]
    assert "it is torn" in found.notes

    again = home.run("compare", file, *STORAGE, "--workers", "1")
    assert again.code == 1
    assert "nothing was trained" in again.out
    assert stored.trained == 2 * 4
    assert len(stored.ended("failed")) in (3, 4)


def test_a_definition_that_changed(home, words, rows, refused):
    assert home.run(*words, "--seeds", "2").code == 0
    text = (home.folder / words[1]).read_text()
    home.write(words[1], text.replace("[0.0, 1.0, 10.0]", "[0.0, 1.0, 3.0]"))
    work = home.run("work", words[1], *STORAGE, "--stage", "compare")
    refused(work, "x levels", "optisearch compare")

    result = home.run(*words)
    assert result.code == 0
    assert "changed    8 trained cells are still in it, and kept" in result.out
    assert "x levels" in result.out
    assert "[0.0, 1.0, 10.0]" in result.out
    stored = home.stored()
    assert stored.trained == stored.trials == 2 * PLACES + 2
    found = rows()
    assert list(next(v for k, v in found.seeds.items() if k.startswith("x"))) == [0.0, 1.0, 3.0]

    text = (home.folder / words[1]).read_text()
    home.write(words[1], text.replace("5.0 - hp.x", "6.0 - hp.x"))
    refused(home.run(*words), "code of train")  # another training: nothing would be left of it
    assert stored.trained == 2 * PLACES + 2


def test_every_problem_is_told_at_once(home, refused):
    text = FAILING.replace(
        'Comparison("shape")', 'Comparison("shap"), Comparison("shape", tune=["shape"], seeds=0)'
    )
    result = home.run("compare", home.write("failing.py", text), *STORAGE)
    refused(result, "did you mean 'shape'", "`tune` names 'shape'", "seeds=0")
    assert home.stored().studies() == []

"""`Study(known=…)` and `run --from` with real processes, and what is wrong with them."""

import re

import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
GIVEN = "optisearch:given"


def changed(home, name, *changes):
    """A copy of the parabola under another name, with these changes."""
    text = (home.folder / home.study("parabola")).read_text()
    for before, after in (("parabola", name), *changes):
        assert before in text
        text = text.replace(before, after)
    return home.write(f"{name}.py", text)


@pytest.fixture
def old(home):
    """A search of 24 trials."""
    file = changed(home, "old")
    assert home.run("run", file, *STORAGE, "--trials", "24", "--workers", "1", "-q").code == 0
    return home.stored().load("old/search")


def points(study):
    """The points that trials were given, by the stage that they are of."""
    found = {}
    for trial in study.trials:
        if GIVEN in trial.system_attrs:
            source = trial.system_attrs[GIVEN].get("stage", "file")
            found.setdefault(source, []).append(trial.params)
    return found


def test_a_search_begins_with_the_best_of_an_earlier_one(home, old):
    file = changed(
        home,
        "new",
        ("y: float = real(-5.0, 5.0, baseline=0.0)", "y: float = real(-9.0, 9.0, baseline=1.0)"),
        ("    epochs", "    z: float = real(0.0, 1.0, baseline=0.25)\n    epochs"),
    )
    result = home.run("run", file, *STORAGE, "--trials", "10", "--from", "old", "--workers", "2")
    assert result.code == 0
    study = home.stored().load("new/search")
    (given,) = points(study).values()
    number = len(given)
    assert 1 <= number <= 5
    numbers = [t.system_attrs[GIVEN]["trial"] for t in study.trials if GIVEN in t.system_attrs]
    assert old.best_trial.number == numbers[0]
    for point, source in zip(given, numbers, strict=True):
        assert point == {**old.trials[source].params, "z": 0.25}
    said = re.search(
        r"^begins +the baseline, (\d) of old/search \(trials? (.*)\)$", result.out, re.MULTILINE
    )
    assert said
    assert int(said[1]) == number
    assert "at the baseline, being new: z 0.25\n" in result.out
    assert f"{number} trials had settings that were given: 1" in result.out
    assert len(study.trials) == 10

    before = home.stored().dump()
    again = home.run("run", file, *STORAGE, "--trials", "10", "--from", "old/search")
    assert again.code == 0
    assert f"none of these {number} still to be tried" in again.out
    assert home.stored().dump() == before


def test_what_a_study_knows_is_tried_once_whatever_the_number_of_workers(home):
    known = [{"x": x / 2} for x in range(-4, 5)]  # the baseline among them
    file = changed(home, "new", ("space=Point,", f"space=Point, known={[*known, *known[:3]]!r},"))
    words = (file, *STORAGE, "--trials", "14")
    worker = home.start("work", *words)
    assert home.run("run", *words, "--workers", "2").code == 0
    assert worker.wait().code == 0
    study = home.stored().load("new/search")
    found = sorted(point["x"] for point in points(study)["file"])
    assert found == [x / 2 for x in range(-4, 5) if x]
    assert study.trials[0].params["x"] == 0.0
    assert len(study.trials) == 14
    report = home.run("report", "new", *STORAGE).out
    assert "8 trials had settings that were given: 1-8 by the study file." in " ".join(
        report.split()
    )
    said = " ".join(home.run("check", file).out.split())
    assert "A search begins with the baseline and 12 configurations of the file." in said


def test_a_given_point_survives_those_who_train_it(home):
    """Everything is killed in the middle of the first trials; the same command trains the rest."""
    text = (home.folder / home.study("slow")).read_text()
    points = [1.0, 2.0, 3.0, 4.0]
    known = f"known=[{{'x': x}} for x in {points}]"
    home.write("slow.py", text.replace("space=", f"{known}, space="))
    words = ("run", "slow.py", *STORAGE, "--trials", "6", "--pruner", "none", "--workers", "2")
    running = home.start(*words)
    stored = home.stored()
    running.until(
        lambda: stored.trained >= 2 and len(stored.in_training()) == 2,
        "given points are in training",
    )
    running.kill_all()
    assert stored.trained < 6
    assert home.run(*words).code == 0
    trials = stored.load("slow/search").trials
    assert stored.trained == 6
    trained = [t for t in trials if t.state.name == "COMPLETE"]
    assert sorted(t.params["x"] for t in trained if GIVEN in t.system_attrs) == points
    assert any("optisearch:retry_of" in t.system_attrs for t in trained)


class TestBadInput:
    @pytest.mark.parametrize("command", ["run", "work"])
    def test_no_database(self, home, refused, command):
        file = changed(home, "new")
        before = home.files()
        refused(home.run(command, file, *STORAGE, "--from", "old"), "there is no database yet")
        assert home.files() == before

    @pytest.mark.parametrize("command", ["run", "work"])
    def test_unknown(self, home, refused, old, command):
        file = changed(home, "new")
        before = home.stored().dump()
        result = home.run(command, file, *STORAGE, "--from", "odl")
        refused(result, "odl: there is no such study here", "Did you mean old?", "\n  old/search")
        assert home.stored().dump() == before

    @pytest.mark.parametrize("command", ["run", "work"])
    def test_itself(self, home, refused, old, command):
        before = home.stored().dump()
        result = home.run(command, "old.py", *STORAGE, "--from", "old", "--trials", "30")
        refused(result, "--from old: a search can't begin with itself", "goes on without --from")
        assert home.stored().dump() == before

    def test_nothing_in_common(self, home, refused, old):
        words = (
            ("    x: float", "    a: float"),
            ("hp.x", "hp.a"),
            ("    y: float", "    b: float"),
        )
        others = (("hp.y", "hp.b"), ("    shape", "    form"), ("    epochs", "    rounds"))
        file = changed(home, "new", *words, *others, ("hp.epochs", "hp.rounds"))
        before = home.stored().dump()
        result = home.run("run", file, *STORAGE, "--from", "old")
        refused(result, "old/search: nothing of it has a place in this study", "a, b, form, rounds")
        assert home.stored().dump() == before

    def test_nothing_fits(self, home, refused, old):
        file = changed(
            home, "new", ("real(-5.0, 5.0, baseline=0.0)", "real(6.0, 7.0, baseline=6.5)")
        )
        result = home.run("run", file, *STORAGE, "--from", "old")
        refused(result, "old/search: none of its", "can be had in this study", "lies outside 6 … 7")
        assert home.stored().studies() == ["old/search"]

    def test_nothing_completed(self, home, refused):
        file = changed(home, "old", ("    for epoch", "    raise MemoryError\n    for epoch"))
        assert home.run("run", file, *STORAGE, "--workers", "1").code == 1
        result = home.run("run", changed(home, "new"), *STORAGE, "--from", "old")
        refused(result, "old/search: no trial of it has completed", "optisearch run old.py")
        assert home.stored().studies() == ["old/search"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("run", "new.py", "--from-best", "3"), "--from-best needs --from"),
            (("run", "new.py", "--from", "old", "--from-best", "0"), "0 is not in the range x>=1"),
            (("work", "new.py", "--from", "old", "--stage", "compare"), "--from is for a search"),
        ],
    )
    def test_options(self, home, refused, words, said):
        changed(home, "new")
        before = home.files()
        refused(home.run(*words, *STORAGE), said, "--help")
        assert home.files() == before

    def test_known_configurations_with_problems(self, home, refused):
        known = "known=[Point(x=9.0), {'shape': 'square', 'z': 1}]"
        file = changed(home, "new", ("space=Point,", f"space=Point, {known},"))
        before = home.files()
        refused(
            home.run("run", file, *STORAGE),
            *("new.py: study 'new': the definition has 3 problems", "known[0]: x: 9 lies outside"),
            *("known[1]: shape: 'square' is no option", "known[1]: 'z' is no field of Point"),
        )
        assert home.files() == before

    def test_a_worker_that_knows_others(self, home, refused):
        file = changed(home, "new", ("space=Point,", "space=Point, known=[{'x': 1.0}],"))
        assert home.run("run", file, *STORAGE, "--trials", "2", "-q").code == 0
        changed(home, "new", ("space=Point,", "space=Point, known=[{'x': 2.0}],"))
        result = home.run("work", file, *STORAGE, "--trials", "4")
        refused(result, "new.py: the study file knows other configurations than are stored")
        assert "known[0]: stored x 1, y 0, shape round, epochs 2, given x 2, y 0" in result.err
        assert home.run("run", file, *STORAGE, "--trials", "3", "-q").code == 0
        assert home.stored().load("new/search").trials[2].params["x"] == 2.0

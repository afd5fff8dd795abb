"""`run` from beginning to end with studies that need no Keras, and what tells about them."""

import csv
import io
import json
import re
import time

import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x1b]")


class TestOnAPipe:
    def test_prints_plain_lines(self, home):
        result = home.run("run", home.study("parabola"), *STORAGE, "--trials", "12")
        assert result.code == 0
        assert not CONTROL.search(result.out)
        assert not result.err
        lines = result.out.splitlines()
        for beginning in (
            "parabola/search · Parabola: a trial takes a millisecond.",
            "metric     loss, minimized",
            "space      x: -5 … 5",
            "budget     12 trials · ",
            "results    sqlite:///r.db",
            "dashboard  optisearch dashboard --storage sqlite:///r.db",
            "Best loss ",
            "Leaderboard ",
            "Importance ",
            "parabola/search is finished.",
            "  optisearch run parabola.py --trials 24 ",
            "  optisearch report parabola/search ",
            "  optisearch status parabola/search ",
        ):
            assert any(line.startswith(beginning) for line in lines), beginning
        ended = [line for line in lines if re.match(r"trial \d+ (completed|pruned) loss ", line)]
        assert len(ended) == 12
        for factor in ("x", "y", "shape", "epochs"):
            assert any(re.match(rf"{factor} +trials +", line) for line in lines), factor
        assert not any("epoch 1:" in line for line in lines)

    def test_quiet_says_the_result_only(self, home):
        words = ("run", home.study("parabola"), *STORAGE, "--trials", "5")
        result = home.run(*words, "--quiet")
        assert (result.code, result.err) == (0, "")
        assert re.fullmatch(r"Best loss [\d.]+ in trial \d+: x .+, epochs \d\.\n", result.out)

    def test_verbose_says_more(self, home):
        file = home.study("parabola")
        text = (home.folder / file).read_text()
        home.write(
            file, text.replace("    for epoch", "    print('hello from the study')\n    for epoch")
        )
        result = home.run("run", file, *STORAGE, "--trials", "5", "--workers", "1", "-v")
        assert result.code == 0
        assert not CONTROL.search(result.out)
        assert result.out.count("worker 1| hello from the study\n") == 5
        assert re.search(r"worker 1: trial 0 begins: x 0, y 0, shape round, epochs 2\n", result.out)
        assert "worker 1: trial 0 epoch 2: loss 5.5" in result.out

    def test_uses_the_default_place_and_no_other(self, home):
        file = home.study("parabola")
        assert home.run("run", file, "--trials", "2", "-q").code == 0
        kept = "storage/optisearch.artifacts"
        found = {name for name in home.files() if not name.startswith(f"{kept}/")}
        assert found - {"storage/optisearch.db.lock", kept} == {
            file,
            "storage",
            "storage/optisearch.db",
        }
        assert "parabola/search" in home.run("status").out


class TestOnATerminal:
    def test_shows_live_progress(self, home, terminal):
        screen = terminal("run", home.study("slow"), *STORAGE, "--trials", "14", "--workers", "2")

        def shows(*patterns: str):
            return lambda: all(re.search(pattern, screen.text) for pattern in patterns)

        screen.until(
            shows(
                r"[2-9] of 14 trials · \d+ pruned · 0 diverged · 0 failed",
                r"best loss [\d.]+ in trial \d+: x ",
                r"worker 1 +trial \d+ epoch [1-8] of 8 +loss [\d.]+ +x ",
                r"worker 2 +trial \d+ epoch [1-8] of 8 +loss [\d.]+ +x ",
                r"about .+ left",
                r"slow/search · Slow: ",
            ),
            "progress, the best, and each worker's trial on one screen",
        )
        assert screen.wait() == 0
        assert "slow/search is finished." in screen.text
        everything = screen.everything()
        assert "Best loss" in everything
        assert "worker 1 " not in everything  # the panel has gone

    def test_ctrl_c_stops_it(self, home, terminal):
        screen = terminal("run", home.study("slow"), *STORAGE, "--trials", "20", "--workers", "2")
        screen.until(lambda: len(home.stored().in_training()) == 2, "both workers train")
        screen.press(b"\x03")
        assert screen.wait() == 130
        assert home.stored().ended("interrupted")
        assert "the same command goes on with it" in screen.text

    def test_quiet(self, home, terminal):
        file = home.study("parabola")
        screen = terminal("run", file, *STORAGE, "--trials", "3", "--quiet")
        assert screen.wait() == 0
        assert screen.everything().strip().startswith("Best loss ")


class TestFailures:
    def test_the_third_with_the_same_cause_stops_the_run(self, home, refused):
        result = home.run("run", home.study("failing"), *STORAGE, "--workers", "1")
        refused(result, "3 trials in a row failed with the same cause", code=1, frames=True)
        assert "Correct the cause and run the same command again" in result.err
        assert 'return layers[f"convolution {hp.x:.3f}"]' in result.err
        assert re.search(r"KeyError: 'convolution -?\d\.\d{3}'\n$", result.err)
        assert home.stored().ended("failed") == [0, 1, 2]
        assert home.stored().trials == 3

    def test_with_several_workers(self, home, refused):
        result = home.run("run", home.study("failing"), *STORAGE, "--workers", "2")
        refused(result, "3 trials in a row failed with the same cause", code=1, frames=True)
        assert 3 <= home.stored().trials <= 6
        assert home.stored().count("RUNNING") == 0

    def test_by_a_worker_of_its_own(self, home, refused):
        result = home.run("work", home.study("failing"), *STORAGE)
        refused(result, "3 trials in a row failed with the same cause", code=1, frames=True)
        assert home.stored().ended("failed") == [0, 1, 2]

    def test_some_leave_the_study_finished_with_failures(self, home):
        words = ("run", home.study("flaky"), *STORAGE, "--trials", "4", "--workers", "1")
        result = home.run(*words)
        assert result.code == 1
        assert "flaky/search is finished." in result.out
        assert "MemoryError: no room for this batch" in result.out
        assert home.stored().trained == 4
        assert home.stored().ended("failed") == [1, 3, 5]
        again = home.run(*words)
        assert again.code == 1
        assert "finished already: nothing was trained" in again.out
        assert home.stored().trials == 7

    def test_a_worker_that_always_crashes(self, home, refused):
        text = (home.folder / home.study("parabola")).read_text()
        crash = "    print('the last words')\n    import os\n    os._exit(9)\n"
        file = home.write("crashing.py", text.replace("    for epoch", f"{crash}    for epoch"))
        result = home.run("run", file, *STORAGE, "--workers", "1")
        refused(result, "worker 1 ended unexpectedly with exit code 9", "correct the cause", code=1)
        assert "  the last words" in result.err
        assert home.stored().count("RUNNING") == 0


def test_diverged_trials_are_recorded_and_stop_nothing(home):
    words = ("run", home.study("diverging"), *STORAGE, "--trials", "16", "--sampler", "random")
    result = home.run(*words, "--workers", "2", "--pruner", "none")
    assert result.code == 0
    assert home.stored().trained == 16
    assert re.search(r"trial \d+ diverged in ", result.out)
    study = home.stored().load("diverging/search")
    wild = [trial for trial in study.trials if trial.params["method"] == "wild"]
    assert 1 <= len(wild) < 16
    for trial in study.trials:
        diverged = trial.params["method"] == "wild"
        assert trial.state.name == "COMPLETE"
        assert (trial.value == float("inf")) is diverged
        assert trial.user_attrs["diverged"] is diverged
        assert trial.user_attrs["end_reason"] == ("diverged" if diverged else "completed")
        assert trial.user_attrs["epochs_trained"] == (2 if diverged else 3)
        assert [row["loss"] for row in trial.system_attrs["optisearch:history"]][1:2] == (
            ["nan"] if diverged else [trial.intermediate_values[1]]
        )
    assert study.best_trial.params["method"] == "sound"
    assert f"{16 - len(wild)} completed and {len(wild)} diverged" in result.out


class TestBudget:
    def test_finished_it_trains_nothing_more(self, home):
        words = ("run", home.study("parabola"), *STORAGE, "--trials", "6")
        assert home.run(*words).code == 0
        before = home.stored().dump()
        again = home.run(*words)
        assert again.code == 0
        assert "parabola/search was finished already: nothing was trained." in again.out
        assert "Best loss " in again.out
        assert home.stored().dump() == before

    def test_finished_it_needs_no_number_of_trials(self, home):
        file = home.study("parabola")
        assert home.run("run", file, *STORAGE, "--trials", "6", "-q").code == 0
        assert home.run("run", file, *STORAGE).code == 0
        assert home.stored().trials == 6

    def test_more_trials_go_on(self, home):
        words = ("run", home.study("parabola"), *STORAGE)
        assert home.run(*words, "--trials", "5", "-q").code == 0
        first = home.stored().load("parabola/search").trials
        more = home.run(*words, "--trials", "9")
        assert more.code == 0
        assert len(re.findall(r"trial \d+ (?:completed|pruned)", more.out)) == 4
        trials = home.stored().load("parabola/search").trials
        assert len(trials) == 9
        assert trials[:5] == first

    def test_patience(self, home):
        words = ("run", home.study("plateau"), *STORAGE, "--patience", "3", "--workers", "1")
        result = home.run(*words)
        assert result.code == 0
        assert home.stored().trained == 4
        assert "improve" in result.out
        assert home.run(*words).code == 0
        assert home.stored().trials == 4

    def test_timeout(self, home):
        words = ("run", home.study("slow"), *STORAGE, "--pruner", "none", "--workers", "2")
        text = (home.folder / "slow.py").read_text()
        home.write("slow.py", text.replace("epochs: int = 8", "epochs: int = 200"))
        began = time.monotonic()
        result = home.run(*words, "--timeout", "4s")
        assert time.monotonic() - began >= 4
        assert result.code == 0
        assert "the time is up" in result.out
        assert "slow/search isn't finished: the same command goes on with it." in result.out
        assert home.stored().ended("interrupted")
        assert home.stored().count("RUNNING") == 0

    def test_a_stage_is_one_for_all_of_its_workers(self, home):
        """`work` beside `run`, and the number of trials is that of the study."""
        file = home.study("slow")
        words = (file, *STORAGE, "--trials", "16", "--pruner", "none")
        run = home.start("run", *words, "--workers", "1")
        work = home.run("work", *words)
        assert (work.code, run.wait().code) == (0, 0)
        study = home.stored().load("slow/search")
        assert len(study.trials) == 16
        assert len({trial.user_attrs["worker"] for trial in study.trials}) == 2


class TestTelling:
    @pytest.fixture
    def stored(self, home):
        words = ("run", home.study("parabola"), *STORAGE, "--trials", "12", "-q")
        assert home.run(*words).code == 0
        return home.stored().load("parabola/search")

    def test_plain_optuna_reads_it(self, stored):
        assert len(stored.trials) == 12
        assert stored.direction.name == "MINIMIZE"
        best = stored.best_trial
        assert set(best.params) == {"x", "y", "shape", "epochs"}
        assert sorted(best.intermediate_values) == list(range(best.params["epochs"]))
        assert best.value == best.intermediate_values[best.params["epochs"] - 1]
        names = ("seed", "epochs_trained", "seconds", "end_reason", "worker", "loss", "height")
        assert set(names) <= set(best.user_attrs)

    def test_status(self, home, stored):
        every = home.run("status", *STORAGE)
        assert (every.code, "parabola/search" in every.out) == (0, True)
        one = home.run("status", "parabola", *STORAGE)
        assert (one.code, "12" in one.out) == (0, True)
        assert not CONTROL.search(every.out + one.out)

    def test_report_in_the_terminal_and_as_markdown(self, home, stored):
        best = f"in trial {stored.best_trial.number}"
        terminal = home.run("report", "parabola", *STORAGE)
        assert (terminal.code, terminal.err) == (0, "")
        assert best in terminal.out
        markdown = home.run("report", "parabola/search", *STORAGE, "--format", "markdown")
        assert (markdown.code, markdown.err) == (0, "")
        assert best in markdown.out
        assert re.search(r"^\|(?: *:?-+:? *\|)+$", markdown.out, re.MULTILINE)
        assert not CONTROL.search(terminal.out + markdown.out)

    def test_report_as_csv_and_json(self, home, stored):
        text = home.run("report", "parabola", *STORAGE, "--format", "csv")
        assert (text.code, text.err) == (0, "")
        rows = list(csv.DictReader(io.StringIO(text.out)))
        assert [int(row["number"]) for row in rows] == list(range(12))
        best = stored.best_trial
        assert float(rows[best.number]["value"]) == best.value
        document = home.run("report", "parabola", *STORAGE, "--format", "json")
        assert (document.code, document.err) == (0, "")
        assert json.loads(document.out)

    @pytest.mark.parametrize("text_format", ["terminal", "markdown", "csv", "json"])
    def test_report_into_a_file(self, home, stored, text_format):
        words = ("report", "parabola", *STORAGE, "--format", text_format)
        env = {"FORCE_COLOR": "1"}
        assert home.run(*words, "-o", "report.txt", env=env).code == 0
        written = (home.folder / "report.txt").read_text()
        assert "\x1b" not in written
        assert f"{stored.best_trial.value:.3f}"[:5] in written


@pytest.mark.keras
def test_a_new_study_is_sound_and_can_be_run(home):
    new = home.run("new", "mine.py")
    assert (new.code, set(home.files())) == (0, {"mine.py"})
    assert "optisearch check mine.py" in new.out
    check = home.run("check", "mine.py")
    assert check.code == 0
    assert "optisearch run mine.py" in check.out
    assert set(home.files()) == {"mine.py"}
    run = home.run("run", "mine.py", *STORAGE, "--trials", "2")
    assert run.code == 0
    assert "mine/search is finished." in run.out

"""Workers as processes: how many there are, what they import, and what the one that watches doesn't."""

import json
import os
import re
import signal
import sys

import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
# A framework that writes down who imports it.
FRAMEWORK = """
import os
with open("imports.txt", "a") as file:
    file.write(f"{os.getpid()}\\n")
"""


@pytest.fixture
def cache(home):
    """The user's cache folder, for the environment."""
    return {"XDG_CACHE_HOME": str(home.folder.parent / "cache")}


class TestAuto:
    @pytest.fixture(autouse=True)
    def two_cores(self, home):
        """However many the machine has: more take longer to be measured."""
        cores = sorted(os.sched_getaffinity(0))[:2]
        if len(cores) < 2:
            pytest.skip("one core has one layout")
        home.prefix = ("taskset", "-c", ",".join(map(str, cores)))

    def test_measures_once_and_remembers(self, home, cache):
        words = ("run", home.study("slow"), *STORAGE, "--workers", "auto", "--trials", "2")
        first = home.run(*words, env=cache)
        assert first.code == 0
        measured = re.findall(
            r"^  (\d+) workers? of \d+ threads? +([\d.]+) epochs", first.out, re.MULTILINE
        )
        assert len(measured) >= 2
        assert "slow.py: measuring which workers train most, " in first.out
        best = re.search(
            r"^(\d+) workers? of .+ trains? most; remembered in ", first.out, re.MULTILINE
        )
        assert best
        # Epochs that sleep take equally long however many sleep beside them.
        assert int(best[1]) == max(int(workers) for workers, _ in measured)
        assert " (measured)\n" in first.out
        again = home.run(*words, env=cache)
        assert again.code == 0
        assert "measuring" not in again.out
        assert f"{best[1]} workers" in again.out.splitlines()[0]
        assert "which trained most when it was measured on " in again.out.splitlines()[0]

    def test_nothing_is_said_when_quiet(self, home, cache):
        words = ("run", home.study("parabola"), *STORAGE, "--trials", "2", "--quiet")
        result = home.run(*words, "--workers", "auto", env=cache)
        assert result.code == 0
        assert result.out.startswith("Best loss ")
        kept = home.folder.parent / "cache" / "optisearch" / "layouts.json"
        assert len(json.loads(kept.read_text())) == 1

    @pytest.mark.parametrize(
        ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 75), (signal.SIGUSR1, 75)]
    )
    def test_a_signal_ends_it_cleanly(self, home, cache, number, code):
        words = ("run", home.study("hanging"), *STORAGE, "--workers", "auto")
        run = home.start(*words, env=cache)
        run.until(lambda: "measuring" in run.out and len(run.group()) > 1, "a worker has started")
        if number == signal.SIGINT:
            run.interrupt()
        else:
            run.process.send_signal(number)
        result = run.wait()
        assert (result.code, result.err) == (code, "")
        assert set(home.files()) == {"hanging.py"}

    def test_ctrl_c_at_the_terminal(self, home, terminal):
        screen = terminal("run", home.study("hanging"), *STORAGE, "--workers", "auto")
        screen.until(
            lambda: re.search(r"1 worker of \d+ threads?: (starting|loading)", screen.text),
            "it says what it measures",
        )
        screen.press(b"\x03")
        assert screen.wait() == 130
        assert "Traceback" not in screen.everything()
        assert set(home.files()) == {"hanging.py"}

    def test_a_study_that_cannot_be_trained(self, home, cache, refused):
        result = home.run("run", home.study("failing"), *STORAGE, "--workers", "auto", env=cache)
        refused(result, "failing.py: the baseline can't be trained", frames=True)
        assert set(home.files()) == {"failing.py"}

    def test_a_database_that_cannot_be_used_is_told_before(self, home, cache, refused):
        words = ("run", home.study("parabola"), "--workers", "auto")
        result = home.run(*words, "--storage", "sqlite:///no/where.db", env=cache)
        refused(result, "no")
        assert "measuring" not in result.out

    def test_a_check_says_what_was_measured(self, home, cache):
        result = home.run("check", home.study("slow"), "--workers", "auto", env=cache)
        assert result.code == 0
        assert re.search(
            r"A search trains by \d+ workers? of \d+ threads? \(measured\)", result.out
        )


class TestTheFramework:
    @pytest.fixture
    def study(self, home):
        """A study that imports the framework."""
        home.write("framework.py", FRAMEWORK)
        text = (home.folder / home.study("slow")).read_text()
        return home.write(
            "slow.py", text.replace("import time\n", "import framework\nimport time\n")
        )

    def importers(self, home) -> list[str]:
        return (home.folder / "imports.txt").read_text().split()

    def test_is_imported_once_in_each_worker_and_not_where_they_are_watched(self, home, study):
        words = ("run", study, *STORAGE, "--trials", "12", "--workers", "2")
        run = home.start(*words)
        assert run.wait().code == 0
        importers = self.importers(home)
        assert len(importers) == len(set(importers)) == 2
        assert str(run.pid) not in importers

    def test_no_framework_nor_study_is_in_the_process_that_watches(self, home, study):
        words = ["optisearch", "run", study, *STORAGE, "--trials", "3", "--workers", "1", "-q"]
        home.write(
            "watch.py",
            "import sys\nfrom optisearch.cli import main\n"
            f"sys.argv = {words!r}\n"
            "try:\n    main()\nfinally:\n    print(*sys.modules)\n",
        )
        home.prefix = (sys.executable, "watch.py")
        result = home.run()
        assert result.code == 0
        modules = set(result.out.splitlines()[-1].split())
        assert "optisearch.pool.session" in modules
        assert modules.isdisjoint({"tensorflow", "keras", "framework"})
        assert not [name for name in modules if name.startswith("optisearch_study_")]

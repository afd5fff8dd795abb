"""Whatever ends a run in the middle: nothing is lost, and the same command finishes the job."""

import re
import signal
import time

import psutil
import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
TRIALS = 20


@pytest.fixture
def words(home):
    """A run whose trials take half a second, in epochs of 50 ms."""
    file = home.study("slow")
    return ("run", file, *STORAGE, "--trials", str(TRIALS), "--pruner", "none", "--workers", "2")


@pytest.fixture
def training(home):
    """Waits until some trials are trained, and so many are in the middle of their training."""

    def wait(running, workers: int = 2) -> None:
        running.until(
            lambda: home.stored().trained >= 3 and len(home.stored().in_training()) == workers,
            "trials are trained, and others are in the middle of it",
        )
        assert home.stored().trained < TRIALS - 4
        assert running.process.poll() is None

    return wait


@pytest.fixture
def finishes(home, words):
    """The same command trains what is left, and once more nothing."""

    def check(reason: str) -> None:
        stored = home.stored()
        before = {
            trial.number: trial
            for trial in stored.load("slow/search").trials
            if trial.state.is_finished()
        }
        second = home.run(*words)
        assert second.code == 0, second
        assert "slow/search is finished." in second.out
        assert stored.trained == TRIALS
        assert stored.count("RUNNING", "WAITING") == 0
        trials = stored.load("slow/search").trials
        for number, trial in before.items():
            assert trials[number] == trial
        # What was begun is trained again: the same point with the same seed, once.
        for number in stored.ended(reason):
            (again,) = [
                trial for trial in trials if trial.system_attrs.get("optisearch:retry_of") == number
            ]
            assert again.params == trials[number].params
            assert again.user_attrs["seed"] == trials[number].user_attrs["seed"]
        assert len(trials) == TRIALS + len(stored.ended(reason))

        dump = stored.dump()
        third = home.run(*words)
        assert third.code == 0
        assert "finished already: nothing was trained" in third.out
        assert stored.dump() == dump

    return check


def test_ctrl_c(home, words, training, finishes):
    run = home.start(*words)
    training(run)
    asked = time.monotonic()
    run.interrupt()
    result = run.wait()
    assert result.code == 130
    assert time.monotonic() - asked < 30
    assert "running trials end at their next epoch" in result.out
    assert "slow/search isn't finished: the same command goes on with it." in result.out
    stored = home.stored()
    interrupted = stored.ended("interrupted")
    assert interrupted
    assert stored.trained < TRIALS
    assert stored.count("RUNNING") == 0
    for trial in stored.load("slow/search").trials:
        if trial.number in interrupted:
            assert 1 <= len(trial.intermediate_values) < 8
            assert trial.user_attrs["epochs_trained"] == len(trial.intermediate_values)
    finishes("interrupted")


def test_sigterm_to_the_parent(home, words, training, finishes):
    run = home.start(*words)
    training(run)
    run.process.send_signal(signal.SIGTERM)
    result = run.wait()
    assert result.code == 75
    assert home.stored().ended("interrupted")
    assert home.stored().count("RUNNING") == 0
    finishes("interrupted")


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGINT], ids=lambda n: n.name)
def test_a_signal_to_a_worker_of_its_own(home, words, number):
    file = words[1]
    line = ("work", file, *STORAGE, "--trials", "5", "--pruner", "none")
    work = home.start(*line)
    work.until(lambda: home.stored().in_training(), "it trains")
    work.process.send_signal(number)
    assert work.wait().code == 75
    assert len(home.stored().ended("interrupted")) == 1
    assert home.run(*line).code == 0
    assert home.stored().trained == 5


def test_kill_9_on_the_whole_group(home, words, training, finishes):
    run = home.start(*words)
    training(run)
    run.kill_all()
    stored = home.stored()
    assert stored.is_intact()
    begun = stored.count("RUNNING")
    assert begun >= 1  # work was lost indeed
    told = home.run("status", "slow", *STORAGE)
    assert told.code == 0
    assert " gone, and no other worker" in " ".join(told.out.split())
    finishes("lost")
    assert len(stored.ended("lost")) == begun


def test_kill_9_of_a_worker(home, words, training):
    run = home.start(*words)
    training(run)
    victim = home.stored().in_training()[0]
    psutil.Process(victim).kill()
    result = run.wait()
    assert "ended unexpectedly (-9); a successor takes its trial up" in result.out
    stored = home.stored()
    assert stored.trained == TRIALS
    assert stored.count("RUNNING") == 0
    assert len(stored.ended("lost")) == 1
    assert stored.trials == TRIALS + 1
    workers = {trial.user_attrs["worker"] for trial in stored.load("slow/search").trials}
    assert len(workers) == 3
    assert result.code == 0


def test_kill_9_of_the_parent_alone(home, words, training, until):
    run = home.start(*words)
    training(run)
    run.kill_parent()
    assert home.stored().trained < TRIALS
    assert len(run.group()) == 2
    until(lambda: not run.group(), "the workers finish the job and end")
    assert home.stored().trained == TRIALS
    assert home.stored().trials == TRIALS
    result = home.run(*words)
    assert (result.code, "nothing was trained" in result.out) == (0, True)


@pytest.mark.parametrize(("study", "reason"), [("hanging", "interrupted"), ("deaf", "lost")])
def test_a_second_ctrl_c_ends_at_once(home, tmp_path_factory, study, reason):
    """Although the trials are in an epoch of ten minutes."""
    words = ("run", home.study(study), *STORAGE, "--workers", "2")
    asleep = tmp_path_factory.mktemp("asleep")
    run = home.start(*words, env={"ASLEEP": str(asleep)})
    # Earlier, in the midst of what an epoch reports, the first Ctrl-C would end it.
    run.until(lambda: len([*asleep.iterdir()]) == 2, "both workers are in an epoch")
    run.interrupt()
    run.until(lambda: "running trials end at their next epoch" in run.out, "it says that it waits")
    with pytest.raises(psutil.TimeoutExpired):
        psutil.Process(run.pid).wait(1)
    asked = time.monotonic()
    run.interrupt()
    assert run.wait().code == 130
    assert time.monotonic() - asked < 20
    assert home.stored().count("RUNNING") == 0
    assert home.stored().ended(reason) == [0, 1]


def test_interrupted_before_anything_is_trained(home, words):
    run = home.start(*words)
    run.until(lambda: "starting" in run.out, "it starts")
    run.interrupt()
    result = run.wait()
    assert result.code == 130
    assert "Traceback" not in result.out + result.err
    assert home.stored().count("RUNNING") == 0
    assert home.run(*words, "--trials", "4", "-q").code == 0
    assert home.stored().trained == 4


def test_eight_workers_on_sqlite_train_exactly_what_is_asked_for(home):
    """Done when 5: none lost, none twice, no lock in anybody's way."""
    words = ("run", home.study("parabola"), *STORAGE, "--trials", "400", "--workers", "8")
    result = home.run(*words, "--sampler", "random", "-v")
    assert result.code == 0, result.err
    assert "locked" not in result.out + result.err
    assert "unexpectedly" not in result.out
    stored = home.stored()
    assert stored.trials == stored.trained == 400
    trials = stored.load("parabola/search").trials
    assert [trial.number for trial in trials] == list(range(400))
    assert len({trial.user_attrs["worker"] for trial in trials}) == 8
    assert len({trial.user_attrs["seed"] for trial in trials}) == 400
    assert len(re.findall(r"^trial \d+ (?:completed|pruned) ", result.out, re.MULTILINE)) == 400

"""A real Keras study from beginning to end, and no TensorFlow where none is needed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.keras]

STORAGE = ("--storage", "sqlite:///r.db")
# An epoch takes some milliseconds: enough of them to be looked at, and interrupted.
EPOCHS = 600


@pytest.fixture
def words(home):
    text = (home.folder / home.study("tiny_digits")).read_text()
    file = home.write("tiny_digits.py", text.replace("epochs: int = 12", f"epochs: int = {EPOCHS}"))
    return ("run", file, *STORAGE, "--trials", "4", "--workers", "2", "--pruner", "none")


def maps_tensorflow(pid: int) -> bool:
    return "/tensorflow/" in Path(f"/proc/{pid}/maps").read_text()


def test_trains_in_workers_and_tells_without_tensorflow(home, words):
    run = home.start(*words)
    workers = run.until(lambda: home.stored().in_training(), "it trains")
    assert all(maps_tensorflow(pid) for pid in workers)
    assert run.pid not in workers
    assert not maps_tensorflow(run.pid)
    result = run.wait()
    assert result.code == 0
    assert not result.err
    assert home.stored().trained == home.stored().trials == 4

    trials = home.stored().load("tiny/search").trials
    assert {trial.user_attrs["parameters"] for trial in trials} == {650}
    assert {trial.user_attrs["epochs_trained"] for trial in trials} == {EPOCHS}
    metrics = {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(metrics <= set(trial.user_attrs) for trial in trials)
    assert trials[0].params == {"learning_rate": 0.01, "batch_size": 64}
    assert max(trial.value for trial in trials) > 0.85
    assert re.search(r"digits: [\d,]+ train, [\d,]+ validation", result.out)

    for told in (("status",), ("status", "tiny"), ("report", "tiny"), ("--help",)):
        assert not imports_frameworks(home, *told)


def imports_frameworks(home, *words: str) -> set[str]:
    """The frameworks that a command's own process imports."""
    storage = () if "--help" in words else STORAGE
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "optisearch", *words, *storage],
        cwd=home.folder,
        env=home.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "optisearch" in imported
    return imported & {"tensorflow", "keras", "sklearn", "jax", "torch"}


def test_interrupted_and_resumed(home, words):
    run = home.start(*words)
    run.until(lambda: len(home.stored().in_training()) == 2, "both workers train")
    run.interrupt()
    result = run.wait()
    assert result.code == 130
    stored = home.stored()
    interrupted = stored.ended("interrupted")
    assert interrupted
    assert stored.count("RUNNING") == 0

    result = home.run(*words)
    assert result.code == 0
    assert stored.trained == 4
    trials = stored.load("tiny/search").trials
    for number in interrupted:
        (again,) = [t for t in trials if t.system_attrs.get("optisearch:retry_of") == number]
        assert again.params == trials[number].params
        assert again.user_attrs["seed"] == trials[number].user_attrs["seed"]
        # The same seed: the same training, epoch by epoch, as far as it went.
        for epoch, value in trials[number].intermediate_values.items():
            assert again.intermediate_values[epoch] == pytest.approx(value, abs=0.02)

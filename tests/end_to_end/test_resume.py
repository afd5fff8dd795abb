"""A worker is killed in the middle of a trial: the next one goes on where it was, bit by bit."""

import csv
import io
import json
import signal
from pathlib import Path

import numpy as np
import pytest
from tests.artifacts.bucket import Bucket
from tests.processes.home import Home

pytestmark = [pytest.mark.keras, pytest.mark.processes]

EPOCHS, HELD = 12, 7
EACH_EPOCH = {"OPTISEARCH_CHECKPOINT_SECONDS": "0"}
WORDS = ("--storage", "sqlite:///r.db", "--trials", "1", "--pruner", "none")


@pytest.fixture
def words(home):
    return ("work", home.study("resumed"), *WORDS)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, studies):
    """What a trial that nobody disturbs leaves, by the way in which it is trained."""
    found = {}

    def trained(way: str) -> Left:
        if way not in found:
            home = Home(tmp_path_factory.mktemp("undisturbed"), studies)
            file = home.study("resumed")
            assert home.run("work", file, *WORDS, env={"WAY": way}).code == 0
            found[way] = Left(home)
            assert found[way].begun == list(range(EPOCHS))
        return found[way]

    return trained


class Left:
    """What a run left in its folder."""

    def __init__(self, home) -> None:
        self.home = home
        self.trials = home.stored().load("resumed/search").trials
        self.begun = [int(line) for line in (home.folder / "begun").read_text().split()]
        with np.load(home.folder / "final.npz") as final:
            self.weights = [final[name].tobytes() for name in final.files]

    @property
    def history(self):
        rows = self.trials[-1].system_attrs["optisearch:history"]
        return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]

    @property
    def artifacts(self) -> list[Path]:
        return sorted((self.home.folder / "r.artifacts").iterdir())


def checkpoint(home) -> dict:
    rows = home.stored().rows(
        "SELECT value_json FROM trial_system_attributes WHERE key = 'optisearch:checkpoint'"
    )
    return json.loads(rows[-1][0]) if rows else {}


def held(home, words, env):
    """A worker that waits before its eighth epoch, with seven behind it."""
    (home.folder / "hold").touch()
    worker = home.start(*words, env=env)
    begun = home.folder / "begun"
    worker.until(
        lambda: begun.exists() and begun.read_text().split()[-1:] == [str(HELD)],
        "it is about to begin the eighth epoch",
    )
    assert len(home.stored().rows("SELECT * FROM trial_intermediate_values")) == HELD
    return worker


def assert_alike(left: Left, undisturbed: Left) -> None:
    last, alone = left.trials[-1], undisturbed.trials[-1]
    assert left.weights == undisturbed.weights
    assert last.intermediate_values == alone.intermediate_values
    assert left.history == undisturbed.history
    assert last.value == alone.value
    for name in ("epochs_trained", "best_epoch", "best_val_accuracy", "val_loss", "seed"):
        assert last.user_attrs[name] == alone.user_attrs[name]
    assert last.user_attrs["epochs_trained"] == EPOCHS
    assert not [each for each in left.artifacts if each.name.startswith("checkpoint-")]
    (table,) = [each for each in left.artifacts if each.read_bytes().startswith(b"epoch,")]
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [int(row["epoch"]) for row in rows] == list(range(EPOCHS))
    assert [float(row["val_loss"]) for row in rows] == [row["val_loss"] for row in left.history]
    seconds = [float(row["seconds"]) for row in rows]
    assert last.user_attrs["seconds"] >= round(sum(seconds[:HELD]), 3)


@pytest.mark.parametrize("way", ["graphs", "fit", "run.fit"])
def test_kill_9_in_the_eighth_epoch(home, words, undisturbed, way):
    env = EACH_EPOCH | {"WAY": way}
    worker = held(home, words, env)
    assert checkpoint(home)["epochs"] == HELD
    worker.kill_all()
    (home.folder / "hold").unlink()
    assert not (home.folder / "final.npz").exists()

    result = home.run(*words, env=env)
    assert result.code == 0
    assert ("trained by keras.Model.fit" in result.err) == (way == "fit")
    assert f"checkpoints: trial 1 goes on after epoch {HELD}\n" in result.err
    left = Left(home)
    first, second = left.trials
    assert (first.user_attrs["end_reason"], second.user_attrs["end_reason"]) == (
        "lost",
        "completed",
    )
    assert second.system_attrs["optisearch:retry_of"] == 0
    assert left.begun == [*range(HELD + 1), *range(HELD, EPOCHS)]
    assert_alike(left, undisturbed(way))


def test_a_worker_that_drains_leaves_a_checkpoint_at_once(home, words, undisturbed):
    """Although half a minute hasn't passed."""
    worker = held(home, words, {})
    assert not checkpoint(home)
    worker.process.send_signal(signal.SIGTERM)
    (home.folder / "hold").unlink()
    assert worker.wait().code == 75
    assert checkpoint(home)["epochs"] == HELD + 1
    assert home.run(*words).code == 0
    left = Left(home)
    assert left.begun == list(range(EPOCHS))
    assert left.trials[0].user_attrs["end_reason"] == "interrupted"
    assert_alike(left, undisturbed("graphs"))


def test_without_its_checkpoint_a_trial_begins_anew(home, words, undisturbed):
    worker = held(home, words, EACH_EPOCH)
    worker.kill_all()
    (home.folder / "hold").unlink()
    (home.folder / "r.artifacts" / checkpoint(home)["id"]).unlink()
    result = home.run(*words, env=EACH_EPOCH)
    assert result.code == 0
    assert "checkpoints: trial 1 begins anew: its checkpoint is gone\n" in result.err
    left = Left(home)
    assert left.begun == [*range(HELD + 1), *range(EPOCHS)]
    assert_alike(left, undisturbed("graphs"))


def test_from_a_bucket(home, words, undisturbed):
    pytest.importorskip("boto3", reason="the `s3` extra isn't installed")
    with Bucket() as bucket:
        env = EACH_EPOCH | bucket.environment | {"OPTISEARCH_ARTIFACTS": "s3://bucket/studies"}
        worker = held(home, words, env)
        assert list(bucket.kept) == [f"/bucket/studies/{checkpoint(home)['id']}"]
        worker.kill_all()
        (home.folder / "hold").unlink()
        result = home.run(*words, env=env)
        assert result.code == 0
        assert f"checkpoints: trial 1 goes on after epoch {HELD}\n" in result.err
        assert Left(home).weights == undisturbed("graphs").weights
        assert not [name for name in bucket.kept if "/checkpoint-" in name]
        assert [each for each in bucket.kept.values() if each.startswith(b"epoch,seconds,")]
    assert not (home.folder / "r.artifacts").exists()

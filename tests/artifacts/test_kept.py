"""What a trial has in the store: which checkpoint is its, and when it is removed."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna.artifacts import download_artifact, get_all_artifact_meta
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import TrialState, create_trial

from optisearch import record
from optisearch.artifacts import Artifacts, Kept, Place, open_store
from optisearch.artifacts.store import Store

ROWS = [
    {"epoch": 0, "seconds": 0.5, "loss": 0.1 + 0.2},
    {"epoch": 1, "seconds": 0.25, "loss": "nan", "learning_rate": 0.01},
]


@pytest.fixture
def study() -> optuna.Study:
    return optuna.create_study()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def attempt(study: optuna.Study, folder: Path, said: list[str]) -> Callable[..., Kept]:
    """The next attempt at a trial, by a worker of its own."""

    def begun(retry_of: int | None = None, place: Path = folder) -> Kept:
        system = {} if retry_of is None else {record.RETRY_OF: retry_of}
        template = create_trial(state=TrialState.RUNNING, system_attrs=system)
        trial_id = study._storage.create_new_trial(study._study_id, template)
        artifacts = Artifacts(Store(Place("folder", str(place)), said.append), 0.0)
        artifacts.say = said.append  # type: ignore[method-assign]
        kept = artifacts.of(optuna.Trial(study, trial_id))
        assert kept is not None
        return kept

    return begun


@pytest.fixture
def said() -> list[str]:
    return []


def end(kept: Kept, reason: record.EndReason) -> None:
    kept.trial.set_user_attr(record.END_REASON, reason)
    kept.trial.study.tell(kept.trial, state=TrialState.FAIL)
    kept.ended(reason)


def stored(study: optuna.Study, number: int) -> object:
    return study.trials[number].system_attrs.get(record.CHECKPOINT)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_the_latest_one_replaces_those_before(
    attempt: Callable[..., Kept], study: optuna.Study, folder: Path
) -> None:
    kept = attempt()
    assert kept.checkpoint() is None
    kept.save(lambda: b"one", 1)
    kept.save(lambda: b"two", 2)
    (name,) = names(folder)
    assert stored(study, 0) == {"id": name, "epochs": 2}
    assert kept.checkpoint() == b"two"


def test_the_one_before_is_there_until_the_next_is_stored(
    attempt: Callable[..., Kept], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = attempt()
    kept.save(lambda: b"one", 1)
    seen: list[list[str]] = []
    storage = kept.trial.storage
    note = storage.set_trial_system_attr

    def noted(*arguments: object) -> None:
        seen.append(names(folder))
        note(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "set_trial_system_attr", noted)
    kept.save(lambda: b"two", 2)
    assert [len(each) for each in seen] == [2]
    assert len(names(folder)) == 1


@pytest.mark.parametrize("reason", ["interrupted", "lost"])
def test_the_next_attempt_takes_it_up(
    attempt: Callable[..., Kept], study: optuna.Study, folder: Path, reason: record.EndReason
) -> None:
    first = attempt()
    first.save(lambda: b"one", 1)
    end(first, reason)
    second = attempt(retry_of=0)
    assert stored(study, 1) == stored(study, 0)
    assert second.checkpoint() == b"one"
    end(second, reason)  # before it saved one of its own
    third = attempt(retry_of=1)
    assert third.checkpoint() == b"one"
    third.save(lambda: b"two", 2)
    assert third.checkpoint() == b"two"
    end(third, "completed")
    assert names(folder) == []


def test_also_that_of_an_attempt_before_one_that_died_at_once(
    attempt: Callable[..., Kept], study: optuna.Study
) -> None:
    first = attempt()
    first.save(lambda: b"one", 1)
    end(first, "lost")
    template = create_trial(
        state=TrialState.FAIL,
        system_attrs={record.RETRY_OF: 0},
        user_attrs={record.END_REASON: "lost"},
    )
    study._storage.create_new_trial(study._study_id, template)
    assert stored(study, 1) is None
    assert attempt(retry_of=1).checkpoint() == b"one"


@pytest.mark.parametrize("reason", ["completed", "pruned", "diverged", "failed"])
def test_the_checkpoint_of_a_trial_that_ended_is_gone(
    attempt: Callable[..., Kept], folder: Path, said: list[str], reason: record.EndReason
) -> None:
    first = attempt()
    first.save(lambda: b"one", 1)
    end(first, reason)
    assert names(folder) == []
    assert attempt(retry_of=0).checkpoint() is None  # a cell that failed is tried once more
    assert not said


def test_a_worker_that_was_taken_for_dead_leaves_the_others_alone(
    attempt: Callable[..., Kept], study: optuna.Study, folder: Path
) -> None:
    first = attempt()
    first.save(lambda: b"one", 1)
    first.trial.set_user_attr(record.END_REASON, "lost")
    study.tell(0, state=TrialState.FAIL)
    second = attempt(retry_of=0)
    with pytest.raises(UpdateFinishedTrialError):
        first.save(lambda: b"late", 2)
    first.ended("lost")
    assert len(names(folder)) == 1
    assert second.checkpoint() == b"one"


def test_one_that_is_gone_has_the_trial_begin_anew(
    attempt: Callable[..., Kept], folder: Path, said: list[str]
) -> None:
    first = attempt()
    first.save(lambda: b"one", 1)
    end(first, "lost")
    (folder / names(folder)[0]).unlink()
    second = attempt(retry_of=0)
    assert second.checkpoint() is None
    assert said == ["checkpoints: trial 1 begins anew: its checkpoint is gone"]
    second.save(lambda: b"two", 1)
    assert second.checkpoint() == b"two"


def test_a_full_disk_leaves_the_one_before(
    attempt: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    kept = attempt()
    kept.save(lambda: b"one", 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept.store._store, "write", full)
    kept.save(lambda: b"two", 2)
    kept.save(lambda: b"three", 3)
    assert kept.checkpoint() == b"one"
    (line,) = said
    assert "can't be used (no space left on device)" in line


@pytest.mark.parametrize("stored", [True, False])
def test_whatever_the_database_names_is_there(
    attempt: Callable[..., Kept],
    study: optuna.Study,
    monkeypatch: pytest.MonkeyPatch,
    stored: bool,
) -> None:
    """The link broke, or the second signal came, and nobody knows whether it was stored before."""
    kept = attempt()
    kept.save(lambda: b"one", 1)
    note = kept.trial.storage.set_trial_system_attr

    def interrupted(*arguments: object) -> None:
        if stored:
            note(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(kept.trial.storage, "set_trial_system_attr", interrupted)
        kept.save(lambda: b"two", 2)
    end(kept, "interrupted")
    assert attempt(retry_of=0).checkpoint() == (b"two" if stored else b"one")


def test_they_are_saved_now_and_then(
    attempt: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    kept = attempt()
    kept.every_seconds = 30.0
    assert not kept.is_due()
    now[0] += 30
    assert kept.is_due()
    kept.save(lambda: None, 1)
    assert not kept.is_due()
    assert kept.checkpoint() is None


def test_the_table_is_an_artifact_of_optunas(
    attempt: Callable[..., Kept], study: optuna.Study, folder: Path, tmp_path: Path
) -> None:
    kept = attempt()
    for name, link in kept.table(ROWS, "completed").items():
        kept.trial.storage.set_trial_system_attr(kept.trial._trial_id, name, link)
    (meta,) = get_all_artifact_meta(study.trials[0], storage=study._storage)
    assert (meta.filename, meta.mimetype) == ("trial-0.csv", "text/csv")
    download_artifact(
        artifact_store=open_store(Place("folder", str(folder))),
        artifact_id=meta.artifact_id,
        file_path=str(tmp_path / "down.csv"),
    )
    text = (tmp_path / "down.csv").read_text()
    assert text.splitlines()[0] == "epoch,seconds,loss,learning_rate"
    first, second = csv.DictReader(io.StringIO(text))
    assert float(first["loss"]) == 0.1 + 0.2
    assert second == {"epoch": "1", "seconds": "0.25", "loss": "nan", "learning_rate": "0.01"}


def test_the_curve_of_a_long_trial_is_one_too(
    attempt: Callable[..., Kept], study: optuna.Study, folder: Path
) -> None:
    manifest = {"metric": "loss", "direction": "minimize"}
    study._storage.set_study_system_attr(study._study_id, record.MANIFEST, manifest)
    kept = attempt()
    for name, link in kept.table([row | {"seconds": 1.0} for row in ROWS], "diverged").items():
        kept.trial.storage.set_trial_system_attr(kept.trial._trial_id, name, link)
    found = get_all_artifact_meta(study.trials[0], storage=study._storage)
    assert [(meta.filename, meta.mimetype) for meta in found] == [
        ("trial-0.png", "image/png"),
        ("trial-0.csv", "text/csv"),
    ]
    assert (folder / found[0].artifact_id).read_bytes().startswith(b"\x89PNG")


def test_there_is_no_link_to_nothing(
    attempt: Callable[..., Kept], tmp_path: Path, folder: Path, said: list[str]
) -> None:
    assert attempt().table([], "failed") == {}
    assert attempt().table(ROWS, "interrupted") == {}
    assert names(folder) == []
    assert attempt(place=tmp_path / "missing" / "kept").table(ROWS, "completed") == {}
    assert len(said) == 1

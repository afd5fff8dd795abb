"""Which models of a search are kept, and which aren't any more."""

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from optisearch import record
from optisearch.artifacts import Artifacts, Kept, Place
from optisearch.artifacts.store import Store

Ended = Callable[..., bool]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture(params=["maximize", "minimize"])
def study(request: pytest.FixtureRequest) -> optuna.Study:
    return optuna.create_study(direction=request.param)


@pytest.fixture
def worker(folder: Path, said: list[str]) -> Callable[[int], Artifacts]:
    """A worker's artifacts, of which so many models are to be kept."""

    def made(keep_models: int) -> Artifacts:
        artifacts = Artifacts(Store(Place("folder", str(folder)), said.append), 0.0, keep_models)
        artifacts.say = said.append  # type: ignore[method-assign]
        return artifacts

    return made


@pytest.fixture
def ended(study: optuna.Study) -> Ended:
    """Ends a trial with a value, and says whether its model was asked for."""

    def end(worker: Artifacts, value: float, reason: record.EndReason = "completed") -> bool:
        if study.direction.name == "MINIMIZE":
            value = -value
        trial, asked = study.ask(), False

        def values() -> bytes:
            nonlocal asked
            asked = True
            return str(trial.number).encode()

        kept = worker.of(trial)
        assert isinstance(kept, Kept)
        for name, attribute in kept.model(value, values, reason).items():
            trial.storage.set_trial_system_attr(trial._trial_id, name, attribute)
        study.tell(trial, value)
        kept.ended(reason)
        return asked

    return end


def models(folder: Path) -> set[int]:
    """The numbers of the trials whose models are there."""
    return {int(path.read_bytes()) for path in folder.iterdir()} if folder.exists() else set()


def test_the_best_one(ended: Ended, worker: Callable[[int], Artifacts], folder: Path) -> None:
    one = worker(1)
    kept = []
    for value in (0.5, 0.4, 0.7, 0.6, 0.7):
        ended(one, value)
        kept.append(models(folder))
    assert kept == [{0}, {0}, {2}, {2}, {2}]


def test_a_trial_says_what_is_kept(
    ended: Ended, worker: Callable[[int], Artifacts], folder: Path, study: optuna.Study
) -> None:
    ended(worker(1), 0.5)
    (path,) = folder.iterdir()
    assert study.trials[0].system_attrs[record.MODEL] == {"id": path.name}


def test_the_best_three_of_two_workers(
    ended: Ended, worker: Callable[[int], Artifacts], folder: Path
) -> None:
    one, other = worker(3), worker(3)
    for number, value in enumerate((0.1, 0.9, 0.3, 0.5, 0.2, 0.8, 0.0)):
        ended(one if number % 2 else other, value)
    assert models(folder) == {1, 3, 5}


def test_a_model_that_falls_short_isnt_asked_for(
    ended: Ended, worker: Callable[[int], Artifacts]
) -> None:
    one = worker(1)
    assert [ended(one, value) for value in (0.5, 0.4, 0.6, 0.55)] == [True, False, True, False]


@pytest.mark.parametrize("reason", ["pruned", "diverged", "failed", "interrupted"])
def test_trials_that_didnt_complete_leave_none(
    ended: Ended, worker: Callable[[int], Artifacts], folder: Path, reason: record.EndReason
) -> None:
    assert not ended(worker(1), 0.5, reason)
    assert not models(folder)


def test_the_model_of_a_trial_that_is_anothers_by_now(
    study: optuna.Study, worker: Callable[[int], Artifacts], folder: Path
) -> None:
    kept = worker(1).of(study.ask())
    assert kept is not None
    assert kept.model(0.5, lambda: b"0", "completed")
    assert models(folder) == {0}
    kept.ended("lost")
    assert not models(folder)


def test_none_is_asked_for(ended: Ended, worker: Callable[[int], Artifacts]) -> None:
    assert not ended(worker(0), 0.5)


def test_one_that_cant_be_read_out(
    study: optuna.Study, worker: Callable[[int], Artifacts], said: list[str]
) -> None:
    def broken() -> bytes:
        raise RuntimeError("no memory")

    kept = worker(1).of(study.ask())
    assert kept is not None
    assert kept.model(0.5, broken, "completed") == {}
    assert kept.model(0.5, lambda: None, "completed") == {}
    assert said == ["artifacts: the best models aren't kept (RuntimeError: no memory)"]


def test_a_store_that_fails(study: optuna.Study, tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "file").touch()
    store = Store(Place("folder", str(tmp_path / "file" / "x")), said.append)
    kept = Artifacts(store, 0.0, 1).of(study.ask())
    assert kept is not None
    assert kept.model(0.5, lambda: b"1", "completed") == {}
    assert len(said) == 1

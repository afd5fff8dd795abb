"""A recorded trial, trained once more."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optisearch.errors import MismatchError, OptisearchError, StudyFileError
from optisearch.events import Epoch, silence
from optisearch.replaying import Repetition, prepare_again, train_again
from optisearch.replaying.again import train_samples

from .conftest import Hill


def again(hill: Hill, number: int = 0, name: str = "hill", **changes: Any) -> Repetition:
    recorded = hill.recorded(number, name)
    recorded = replace(recorded, trial=replace(recorded.trial, **changes))
    prepared, trainer = prepare_again(recorded, hill.address, None, silence)
    return train_again(recorded, prepared, trainer, silence)


def heights(rows: Any) -> list[float]:
    return [row.get("height") for row in rows]


@pytest.mark.parametrize("number", [0, 1])
def test_a_search_trial(trained: Hill, number: int) -> None:
    recorded = trained.recorded(number)
    found = again(trained, number)
    assert not found.failure
    assert heights(found.history) == heights(recorded.trial.history)
    assert len(found.history) == 3


def test_a_cell(trained: Hill) -> None:
    trained.train("compare")
    recorded = trained.recorded(4, "hill/compare")
    found = again(trained, 4, "hill/compare")
    assert heights(found.history) == heights(recorded.trial.history)


def test_nothing_is_stored(trained: Hill, sqlite_dump: Callable[[], list[str]]) -> None:
    before = sqlite_dump()
    again(trained, 1)
    assert sqlite_dump() == before


@pytest.mark.parametrize("ending", ["pruned", "failed", "interrupted"])
def test_one_that_ended_early_ends_there(trained: Hill, ending: str) -> None:
    history = trained.recorded(1).trial.history[:2]
    found = again(trained, 1, ending=ending, history=history)
    assert heights(found.history) == heights(history)


def test_one_that_stopped_by_itself_and_doesnt_now_is_seen(trained: Hill) -> None:
    history = trained.recorded(1).trial.history[:1]
    assert len(again(trained, 1, history=history).history) == 2


def test_one_that_diverges(hill: Hill) -> None:
    hill.change("-hp.x**2 +", "(float('nan') if epoch else 0.0) +")
    hill.train()
    recorded = hill.recorded(1)
    assert recorded.trial.ending == "diverged"
    assert heights(again(hill, 1).history) == heights(recorded.trial.history)
    assert recorded.trial.history[-1]["height"] == "nan"


def test_one_that_fails_now(trained: Hill) -> None:
    trained.change("    for epoch", "    raise ValueError('no hill')\n    for epoch")
    found = again(trained)
    assert found.failure == "ValueError: no hill"
    assert "hill.py" in found.traceback
    assert not found.history


def test_epochs_are_told(trained: Hill) -> None:
    recorded, events = trained.recorded(1), []
    prepared, trainer = prepare_again(recorded, trained.address, None, silence)
    train_again(recorded, prepared, trainer, events.append)
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [0, 1, 2]


def test_the_file_is_gone(trained: Hill, tmp_path: Path) -> None:
    moved = trained.file.rename(tmp_path / "moved.py")
    recorded = trained.recorded(0)
    with pytest.raises(StudyFileError, match=r"isn't there.*--file FILE"):
        prepare_again(recorded, trained.address, None, silence)
    prepared, _ = prepare_again(recorded, trained.address, moved, silence)
    assert prepared.study.name == "hill"


def test_the_file_of_another_study(trained: Hill) -> None:
    trained.change('maximize="height"', 'minimize="depth"')
    with pytest.raises(MismatchError, match="metric: stored height, given depth"):
        prepare_again(trained.recorded(0), trained.address, None, silence)


def test_a_space_without_the_trials_factor(trained: Hill) -> None:
    trained.change("x: float", "y: float")
    trained.change('"x"', '"y"')
    with pytest.raises(OptisearchError, match="no longer contains trial 0 of hill/search"):
        again(trained)


@pytest.mark.parametrize(
    ("name", "size", "asked"),
    [("mnist-10000", 10000, 10000), ("mnist", 50000, None), ("mnist-digits", 1000, None)],
)
def test_records_that_were_asked_for(name: str, size: int, asked: int | None) -> None:
    manifest = {"name": name, "study": "mnist", "data": {"sizes": {"train": size}}}
    assert train_samples(manifest) == asked


def test_records_of_no_data() -> None:
    assert train_samples({"name": "hill", "study": "hill", "data": None}) is None

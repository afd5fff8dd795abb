"""Which trials have their learning curve drawn."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest

from optisearch import record
from optisearch.artifacts.pictures import Pictures

PNG = b"\x89PNG\r\n"


def rows(epochs: int, seconds: float) -> list[dict[str, Any]]:
    return [
        {"epoch": epoch, "seconds": seconds / epochs, "height": float(epoch)}
        for epoch in range(epochs)
    ]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def pictures(said: list[str]) -> Pictures:
    return Pictures(said.append)


@pytest.fixture
def begun() -> Callable[[], optuna.Trial]:
    """The next trial of a stage."""
    study = optuna.create_study(direction="maximize")
    manifest = {"metric": "height", "direction": "maximize"}
    study._storage.set_study_system_attr(study._study_id, record.MANIFEST, manifest)
    return study.ask


@pytest.mark.parametrize(
    ("epochs", "seconds", "is_drawn"),
    [(2, 1.0, True), (1, 100.0, False), (2, 0.99, False), (100, 60.0, True)],
)
def test_long_trials_of_several_epochs_are_drawn(
    pictures: Pictures,
    begun: Callable[[], optuna.Trial],
    said: list[str],
    epochs: int,
    seconds: float,
    is_drawn: bool,
) -> None:
    drawn = pictures.of(begun(), rows(epochs, seconds), "completed")
    assert (drawn is not None and drawn.startswith(PNG)) == is_drawn
    assert not said


def test_the_manifest_is_read_once(
    pictures: Pictures, begun: Callable[[], optuna.Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pictures.of(begun(), rows(2, 1.0), "completed")
    trial = begun()
    monkeypatch.setattr(trial.storage, "get_study_system_attrs", None)
    assert pictures.of(trial, rows(3, 1.0), "pruned")


def test_without_a_number_there_is_nothing_to_draw(
    pictures: Pictures, begun: Callable[[], optuna.Trial], said: list[str]
) -> None:
    nothing = [row | {"height": "nan"} for row in rows(2, 1.0)]
    assert pictures.of(begun(), nothing, "diverged") is None
    assert not said


def test_one_line_once_where_nothing_can_be_drawn(
    pictures: Pictures,
    begun: Callable[[], optuna.Trial],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for _ in range(2):
        assert pictures.of(begun(), rows(2, 1.0), "completed") is None
    (line,) = said
    assert line.startswith("artifacts: learning curves can't be drawn (")
    assert "matplotlib" in line
    monkeypatch.undo()
    assert pictures.of(begun(), rows(2, 1.0), "completed")


DRAWS = """
import sys
import optuna
from optisearch.artifacts.pictures import Pictures
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study()
manifest = {"metric": "loss", "direction": "minimize"}
study._storage.set_study_system_attr(study._study_id, "optisearch:manifest", manifest)
rows = [{"epoch": epoch, "seconds": 1.0, "loss": 1.0} for epoch in range(2)]
assert "matplotlib" not in sys.modules
assert Pictures(print).of(study.ask(), rows, "completed")
"""


@pytest.mark.processes
@pytest.mark.parametrize("home", ["usual", "read-only", "nowhere"])
def test_in_silence_wherever_home_is(tmp_path: Path, home: str) -> None:
    """The first picture on a machine, whose fonts nobody has listed yet."""
    folder, temporary = tmp_path / "home", tmp_path / "temporary"
    temporary.mkdir()
    if home == "usual":
        folder.mkdir()
    elif home == "read-only":
        folder.write_text("what even root can't create a folder in")
    run = subprocess.run(
        [sys.executable, "-c", DRAWS],
        env={"HOME": str(folder), "TMPDIR": str(temporary), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert not list(temporary.iterdir())
    if folder.is_dir():
        written = {path.relative_to(folder).parts[0] for path in folder.rglob("*")}
        assert written <= {".cache", ".config"}

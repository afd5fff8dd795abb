"""What a worker keeps, as its environment says."""

from pathlib import Path
from typing import Any

import pytest

from optisearch.address import parse
from optisearch.artifacts import Place, open_artifacts
from optisearch.errors import StorageError


def test_beside_a_file_every_half_minute(tmp_path: Path, capsys: Any) -> None:
    artifacts = open_artifacts({}, parse(f"sqlite:///{tmp_path}/results.db"))
    assert artifacts.store is not None
    assert artifacts.store.place == Place("folder", f"{tmp_path}/results.artifacts")
    assert artifacts.every_seconds == 30.0
    assert capsys.readouterr().err == ""
    assert not list(tmp_path.iterdir())


def test_without_a_place_nothing_is_kept_and_one_line_says_so(capsys: Any) -> None:
    artifacts = open_artifacts({}, parse("postgresql://somebody:secret@host/studies"))
    artifacts.announce()
    assert artifacts.store is None
    said = capsys.readouterr().err
    assert said.startswith("artifacts: none are kept, so a trial that is cut off begins anew: ")
    assert said.count("\n") == 1
    assert "secret" not in said


@pytest.mark.parametrize(("given", "seconds"), [("0", 0.0), (" 2.5 ", 2.5), ("", 30.0)])
def test_how_often(given: str, seconds: float) -> None:
    environment = {"OPTISEARCH_CHECKPOINT_SECONDS": given}
    assert open_artifacts(environment, parse("sqlite:///r.db")).every_seconds == seconds


@pytest.mark.parametrize("given", ["often", "-1", "nan", "inf"])
def test_what_is_no_time_is_refused(given: str) -> None:
    environment = {"OPTISEARCH_CHECKPOINT_SECONDS": given}
    with pytest.raises(StorageError, match="is no number of seconds"):
        open_artifacts(environment, parse("sqlite:///r.db"))


def test_a_line_is_said_once(capsys: Any) -> None:
    artifacts = open_artifacts({}, parse("sqlite:///r.db"))
    artifacts.say("one")
    artifacts.say("one")
    artifacts.say("two")
    assert capsys.readouterr().err == "one\ntwo\n"

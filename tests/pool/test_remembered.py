"""What was measured, from one command to the next."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optisearch.pool import remembered
from optisearch.pool.layout import Layout, Machine
from optisearch.pool.remembered import Measured, Remembered, key

SOURCE = '"""Mine."""\nrate = 0.5\n'
MACHINE = Machine(4, 2**34)
MEASURED = Measured(4, 2, 31.25, {"train": 1257, "test": None}, "2026-11-21")


@pytest.fixture
def kept(tmp_path: Path) -> Remembered:
    return Remembered(tmp_path / "cache" / "layouts.json")


def test_it_lies_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Remembered().path.name == "layouts.json"
    assert Remembered().path.parent.name == "optisearch"


def test_what_is_kept_is_found(kept: Remembered) -> None:
    assert kept.find("a") is None
    assert kept.keep("a", replace(MEASURED, sizes=None))
    assert kept.keep("b", MEASURED)
    found = Remembered(kept.path).find("b")
    assert found == MEASURED
    assert found is not None
    assert (found.layout, found.layout.why) == (Layout(4, 2), "measured")
    assert kept.find("a") == replace(MEASURED, sizes=None)
    assert [path.name for path in kept.path.parent.iterdir()] == ["layouts.json"]


def test_what_is_forgotten_is_gone_and_nothing_else(kept: Remembered) -> None:
    kept.keep("a", MEASURED)
    kept.keep("b", MEASURED)
    kept.forget("a")
    kept.forget("never")
    assert kept.find("a") is None
    assert kept.find("b") == MEASURED


def test_the_file_stays_small(kept: Remembered) -> None:
    for number in range(remembered._MOST + 3):
        kept.keep(str(number), MEASURED)
        kept.keep("0", MEASURED)
    stored = json.loads(kept.path.read_text())
    assert len(stored) == remembered._MOST
    assert "0" in stored
    assert "3" not in stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"a": null}',
        '{"a": {}}',
        '{"a": {"workers": 0, "threads": 1, "rate": 1.0, "sizes": null, "day": ""}}',
        '{"a": {"workers": "x", "threads": 1, "rate": 1.0, "sizes": null, "day": ""}}',
        '{"a": {"workers": 1, "threads": 1, "rate": 1.0, "sizes": null, "day": "", "more": 1}}',
        b"\xff\xfe\x00",
    ],
)
def test_a_damaged_file_holds_nothing_and_is_mended(kept: Remembered, text: str | bytes) -> None:
    kept.path.parent.mkdir()
    kept.path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert kept.find("a") is None
    kept.forget("b")
    assert kept.keep("a", MEASURED)
    assert kept.find("a") == MEASURED


def test_a_place_that_cannot_be_written_hurts_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Remembered(tmp_path / "file" / "layouts.json")
    assert not kept.keep("a", MEASURED)
    assert kept.find("a") is None
    kept.forget("a")
    folder = Remembered(tmp_path / "layouts.json")
    folder.path.mkdir()
    assert not folder.keep("a", MEASURED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "layouts.json"]


def test_a_measurement_holds_for_the_same_code_on_the_same_machine() -> None:
    same = key(SOURCE, None, MACHINE)
    assert key(SOURCE + "# a remark\n", None, replace(MACHINE, memory=1)) == same
    others = [
        key(SOURCE.replace("0.5", "0.6"), None, MACHINE),
        key(SOURCE, 100, MACHINE),
        key(SOURCE, None, replace(MACHINE, cores=8)),
    ]
    assert len({same, *others}) == 4


def test_and_for_the_same_host_gpus_and_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = ["NVIDIA H200\n", "NVIDIA A100\n", "NVIDIA A100\n", OSError("no driver")]

    def run(*_: Any, **__: Any) -> Any:
        answer = said.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return subprocess.CompletedProcess([], 0, stdout=answer)

    monkeypatch.setattr(subprocess, "run", run)
    keys = [
        key(SOURCE, None, replace(MACHINE, gpus=gpus)) for gpus in (("0",), ("0",), ("1",), ("0",))
    ]
    monkeypatch.setattr("socket.gethostname", lambda: "another")
    keys.append(key(SOURCE, None, MACHINE))
    monkeypatch.setattr(remembered, "versions", lambda: {"keras": "4.0"})
    keys.append(key(SOURCE, None, MACHINE))
    assert len(set(keys)) == 6

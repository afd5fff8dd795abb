"""What a training's numbers may depend on, of machine and process."""

import json
from pathlib import Path

import pytest

from optisearch import machine
from optisearch.errors import Difference


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set, and nothing remembered."""
    for name in ("TF_NUM_INTRAOP_THREADS", "CUDA_VISIBLE_DEVICES", *machine._SWITCHES):
        monkeypatch.delenv(name, raising=False)
    machine._machine.cache_clear()
    machine._models.cache_clear()
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(6)), raising=False)


def test_it_can_be_stored() -> None:
    described = machine.describe()
    assert json.loads(json.dumps(described)) == described
    assert machine.differences(described, machine.describe()) == []


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.describe()["threads"] == 6
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "0")  # TensorFlow's word for all of them
    assert machine.describe()["threads"] == 6
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    assert machine.describe()["threads"] == 3


def test_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.describe()["switches"] == {}
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert machine.describe()["switches"] == {"TF_ENABLE_ONEDNN_OPTS": "0"}


def test_the_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(
        "processor: 0\nmodel name\t: Abacus 9\nflags\t: fpu avx2 fma\n\nmodel name: B\n"
    )
    monkeypatch.setattr(machine, "_CPU", file)
    described = machine.describe()
    assert (described["processor"], described["instructions"]) == ("Abacus 9", "avx2 fma")


def test_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in "01":
        folder = tmp_path / number
        folder.mkdir()
        (folder / "information").write_text(f"Model: \t\t GPU {number}\nIRQ: 1\n")
    monkeypatch.setattr(machine, "_GPUS", tmp_path)
    assert machine.describe()["gpus"] == ["GPU 0", "GPU 1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert machine.describe()["gpus"] == []


def test_to_compute_as_it_did() -> None:
    assert machine.environment({}) == {}
    found = machine.environment(
        {"threads": 3, "switches": {"TF_ENABLE_ONEDNN_OPTS": "0", "PATH": "/"}}
    )
    assert found["TF_NUM_INTRAOP_THREADS"] == found["TF_NUM_INTEROP_THREADS"] == "3"
    assert found["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert "PATH" not in found  # whatever is stored


def test_differences() -> None:
    stored = {"threads": 1, "gpus": [], "switches": {"A": "1"}}
    assert machine.differences(stored, {"threads": 2, "gpus": ["G"], "switches": {}}) == [
        Difference("threads", "1", "2"),
        Difference("gpus", "nothing", "G"),
        Difference("switches", "A=1", "nothing"),
    ]

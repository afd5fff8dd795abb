"""How a machine is shared out."""

import pytest

from optisearch.pool import layout
from optisearch.pool.layout import Layout


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(layout, "available_cores", lambda: 8)
    monkeypatch.setattr(layout, "has_gpu", lambda: False)
    return monkeypatch


@pytest.mark.parametrize(
    ("cores", "gpu", "workers", "expected"),
    [
        (8, False, None, Layout(4, 2)),
        (2, False, None, Layout(2, 1)),
        (1, False, None, Layout(1, 1)),
        (8, True, None, Layout(1, 8)),
        (8, False, 3, Layout(3, 2)),
        (8, True, 2, Layout(2, 4)),
        (2, False, 8, Layout(8, 1)),
    ],
)
def test_workers_and_threads_fill_the_cores(
    machine: pytest.MonkeyPatch, cores: int, gpu: bool, workers: int | None, expected: Layout
) -> None:
    machine.setattr(layout, "available_cores", lambda: cores)
    machine.setattr(layout, "has_gpu", lambda: gpu)
    assert Layout.of(workers) == expected


def test_the_cores_are_those_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 3, 5}, raising=False)
    assert layout.available_cores() == 3


def test_a_gpu_can_be_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/nvidia-smi")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert layout.has_gpu()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert not layout.has_gpu()


def test_threads_are_set_before_tensorflow_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    environment = Layout(2, 3).environment()
    assert environment["TF_NUM_INTRAOP_THREADS"] == environment["OMP_NUM_THREADS"] == "3"
    assert environment["TF_CPP_MIN_LOG_LEVEL"] == "2"
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert Layout(2, 3).environment()["TF_CPP_MIN_LOG_LEVEL"] == "0"

"""How a machine is shared out."""

import psutil
import pytest

from optisearch.pool import layout
from optisearch.pool.layout import WORKER_BYTES, Layout, Machine, candidates, fastest

PLENTY = 1000 * WORKER_BYTES


@pytest.mark.parametrize(
    ("machine", "workers", "expected", "why"),
    [
        (Machine(8, PLENTY), None, Layout(4, 2), "4 unless --workers says more"),
        (Machine(2, PLENTY), None, Layout(2, 1), "one for each core"),
        (Machine(1, PLENTY), None, Layout(1, 1), "one for each core"),
        (Machine(8, 3 * WORKER_BYTES), None, Layout(3, 2), "memory for no more"),
        (Machine(8, WORKER_BYTES // 2), None, Layout(1, 8), "memory for no more"),
        (Machine(8, PLENTY, has_gpu=True), None, Layout(1, 8), "for the GPU"),
        (Machine(8, PLENTY), 3, Layout(3, 2), ""),
        (Machine(8, PLENTY, has_gpu=True), 2, Layout(2, 4), ""),
        (Machine(2, WORKER_BYTES), 8, Layout(8, 1), ""),
    ],
)
def test_workers_and_threads_fill_the_cores(
    machine: Machine, workers: int | None, expected: Layout, why: str
) -> None:
    found = Layout.of(workers, machine)
    assert (found, found.why) == (expected, why)


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (Machine(1, PLENTY), [(1, 1)]),
        (Machine(2, PLENTY), [(1, 2), (2, 1)]),
        (Machine(8, PLENTY), [(1, 8), (2, 4), (4, 2), (8, 1)]),
        # Four of one thread would leave cores idle that six use.
        (Machine(6, PLENTY), [(1, 6), (2, 3), (6, 1)]),
        (Machine(8, 5 * WORKER_BYTES), [(1, 8), (2, 4), (4, 2)]),
        (Machine(6, 5 * WORKER_BYTES), [(1, 6), (2, 3), (4, 1)]),
        (Machine(8, 0), [(1, 8)]),
        (Machine(2, PLENTY, has_gpu=True), [(1, 2), (2, 1), (4, 1)]),
        (Machine(16, 2 * WORKER_BYTES, has_gpu=True), [(1, 16), (2, 8)]),
    ],
)
def test_what_is_measured(machine: Machine, expected: list[tuple[int, int]]) -> None:
    assert [(each.workers, each.threads) for each in candidates(machine)] == expected


ONE, TWO, FOUR = Layout(1, 4), Layout(2, 2), Layout(4, 1)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({ONE: 10.0, TWO: 15.0, FOUR: 20.0}, FOUR),
        ({ONE: 10.0, TWO: 19.1, FOUR: 20.0}, TWO),
        ({ONE: 10.0, TWO: 18.9, FOUR: 20.0}, FOUR),
        ({ONE: 19.5, TWO: 19.9, FOUR: 20.0}, ONE),
        ({FOUR: 20.0, TWO: 20.0}, TWO),
        ({ONE: 0.001}, ONE),
    ],
)
def test_the_fastest_and_among_equals_the_fewest(
    rates: dict[Layout, float], expected: Layout
) -> None:
    assert fastest(rates) == expected


def test_in_words() -> None:
    assert str(ONE) == "1 worker of 4 threads"
    assert str(FOUR) == "4 workers of 1 thread"


def test_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "available_cores", lambda: 3)
    monkeypatch.setattr(layout, "has_gpu", lambda: True)
    here = Machine.here()
    assert (here.cores, here.has_gpu) == (3, True)
    assert 0 < here.memory < psutil.virtual_memory().total


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


def test_several_workers_share_a_gpus_memory() -> None:
    assert Layout(2, 1).environment()["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert "TF_FORCE_GPU_ALLOW_GROWTH" not in Layout(1, 2).environment()

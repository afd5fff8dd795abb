"""How a machine is shared out."""

import psutil
import pytest

from optisearch.errors import OptisearchError
from optisearch.pool import layout
from optisearch.pool.layout import WORKER_BYTES, Layout, Machine, candidates, fastest

PLENTY = 1000 * WORKER_BYTES
GPU = ("0",)
GPUS = ("0", "1", "2", "3")


@pytest.mark.parametrize(
    ("machine", "workers", "expected", "why"),
    [
        (Machine(8, PLENTY), None, Layout(4, 2), "4 unless --workers says more"),
        (Machine(2, PLENTY), None, Layout(2, 1), "one for each core"),
        (Machine(1, PLENTY), None, Layout(1, 1), "one for each core"),
        (Machine(8, 3 * WORKER_BYTES), None, Layout(3, 2), "memory for no more"),
        (Machine(8, WORKER_BYTES // 2), None, Layout(1, 8), "memory for no more"),
        (Machine(8, PLENTY, GPU), None, Layout(1, 8), "one for each GPU"),
        (Machine(16, PLENTY, GPUS), None, Layout(4, 4), "one for each GPU"),
        (Machine(2, PLENTY, GPUS), None, Layout(4, 1), "one for each GPU"),
        (Machine(16, 2 * WORKER_BYTES, GPUS), None, Layout(2, 8), "memory for no more"),
        (Machine(8, PLENTY), 3, Layout(3, 2), ""),
        (Machine(8, PLENTY, GPU), 2, Layout(2, 4), ""),
        (Machine(2, WORKER_BYTES), 8, Layout(8, 1), ""),
    ],
)
def test_workers_and_threads_fill_the_cores(
    machine: Machine, workers: int | None, expected: Layout, why: str
) -> None:
    found = Layout.of(workers, machine)
    assert (found, found.why, found.gpus) == (expected, why, machine.gpus)


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
        (Machine(2, PLENTY, GPU), [(1, 2), (2, 1), (4, 1)]),
        (Machine(16, 2 * WORKER_BYTES, GPU), [(1, 16), (2, 8)]),
        (Machine(32, PLENTY, GPUS), [(4, 8), (8, 4), (16, 2)]),
        (Machine(32, 9 * WORKER_BYTES, GPUS), [(4, 8), (8, 4)]),
        (Machine(32, 3 * WORKER_BYTES, GPUS), [(3, 10)]),
    ],
)
def test_what_is_measured(machine: Machine, expected: list[tuple[int, int]]) -> None:
    found = candidates(machine)
    assert [(each.workers, each.threads) for each in found] == expected
    assert {each.gpus for each in found} == {machine.gpus}


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
    assert str(Layout(4, 1, gpus=("0", "1"))) == "4 workers of 1 thread on 2 GPUs"
    assert str(Layout(1, 8, gpus=GPU)) == "1 worker of 8 threads on 1 GPU"


def test_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "available_cores", lambda: 3)
    monkeypatch.setattr("optisearch.pool.gpus.visible", lambda: ("5", "7"))
    here = Machine.here()
    assert (here.cores, here.gpus) == (3, ("5", "7"))
    assert 0 < here.memory < psutil.virtual_memory().total
    assert Machine.here((1,)).gpus == ("7",)
    with pytest.raises(OptisearchError, match="no GPU 2"):
        Machine.here((2,))


def test_memory_is_what_is_left_of_a_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "available_memory", lambda: 3 * WORKER_BYTES)
    monkeypatch.setattr("optisearch.pool.gpus.visible", lambda: ())
    assert Machine.here().room == 3


def test_threads_are_set_before_tensorflow_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    environment = Layout(2, 3).environment()
    assert environment["TF_NUM_INTRAOP_THREADS"] == environment["OMP_NUM_THREADS"] == "3"
    assert environment["TF_CPP_MIN_LOG_LEVEL"] == "2"
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert Layout(2, 3).environment()["TF_CPP_MIN_LOG_LEVEL"] == "0"


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize(
    ("workers", "gpus", "dealt"),
    [
        (1, GPU, ["0"]),
        (3, GPU, ["0", "0", "0"]),
        (4, GPUS, ["0", "1", "2", "3"]),
        (6, ("1", "3"), ["1", "3", "1", "3", "1", "3"]),
        (3, ("1", "3"), ["1", "3", "1"]),
        (2, GPUS, ["0,2", "1,3"]),
        (3, GPUS, ["0,3", "1", "2"]),
        (1, GPUS, ["0,1,2,3"]),
        (2, ("GPU-a", "GPU-b"), ["GPU-a", "GPU-b"]),
    ],
)
def test_gpus_are_dealt_out_in_turn(workers: int, gpus: tuple[str, ...], dealt: list[str]) -> None:
    layout = Layout(workers, 1, gpus=gpus)
    environments = [layout.environment(name) for name in range(1, workers + 1)]
    assert [each["CUDA_VISIBLE_DEVICES"] for each in environments] == dealt
    # What `nvidia-smi` numbers by the bus, CUDA would number by speed.
    assert {each["CUDA_DEVICE_ORDER"] for each in environments} == {"PCI_BUS_ID"}


def test_who_named_the_gpus_numbered_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,0")
    environment = Layout(2, 1, gpus=("1", "0")).environment(1)
    assert environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert "CUDA_DEVICE_ORDER" not in environment


def test_without_gpus_nothing_is_said_of_them() -> None:
    assert "CUDA_VISIBLE_DEVICES" not in Layout(2, 1).environment()


@pytest.mark.parametrize(
    ("workers", "gpus", "shared"),
    [
        (1, (), False),
        (2, (), True),
        (1, GPU, False),
        (2, GPU, True),
        (4, GPUS, False),
        (5, GPUS, True),
    ],
)
def test_several_workers_share_a_gpus_memory(
    workers: int, gpus: tuple[str, ...], shared: bool
) -> None:
    environment = Layout(workers, 1, gpus=gpus).environment(workers)
    assert (environment.get("TF_FORCE_GPU_ALLOW_GROWTH") == "true") == shared

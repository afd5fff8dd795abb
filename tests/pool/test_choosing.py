"""Which layout a command works with."""

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from optisearch.address import Address
from optisearch.job import Job
from optisearch.pool import choosing
from optisearch.pool.choosing import check_sizes, choose
from optisearch.pool.gpus import Gpus
from optisearch.pool.layout import WORKER_BYTES, Layout, Machine
from optisearch.pool.measuring import Measuring
from optisearch.pool.remembered import Remembered
from optisearch.settings import Wishes

ONE, TWO = Layout(1, 2), Layout(2, 1)


class Bench:
    """A machine of two cores, on which layouts train as fast as it says, and who looks on."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.machine = Machine(2, 1000 * WORKER_BYTES)
        self.rates = {ONE: 10.0, TWO: 16.0}
        self.measured = 0
        self._out = io.StringIO()
        self.console = Console(file=self._out, width=300)

    def measure(self, measuring: Measuring, layouts: Iterable[Layout]) -> dict[Layout, float]:
        self.measured += 1
        measuring.sizes = {"train": 7}
        return {layout: self.rates[layout] for layout in layouts}

    def here(self, asked: Gpus) -> Machine:
        gpus = self.machine.gpus
        return replace(self.machine, gpus=tuple(gpus[n] for n in asked)) if asked else self.machine

    def choose(self, workers: choosing.Workers, gpus: Any = None) -> Layout:
        return choose(self.job, workers, self.console, gpus)

    @property
    def said(self) -> list[str]:
        lines = self._out.getvalue().splitlines()
        self._out.seek(0)
        self._out.truncate()
        return lines


@pytest.fixture
def bench(
    parabola_file: Path, sqlite: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    copy = tmp_path / "mine.py"
    copy.write_text(parabola_file.read_text())
    bench = Bench(Job(copy, sqlite, Wishes()))
    monkeypatch.setattr(Machine, "here", lambda asked=None: bench.here(asked))

    def rates(measuring: Measuring, layouts: Iterable[Layout]) -> dict[Layout, float]:
        return bench.measure(measuring, layouts)

    monkeypatch.setattr(Measuring, "rates", rates)
    return bench


@pytest.mark.parametrize("workers", [None, 1, 2])
def test_nothing_is_measured_unasked(bench: Bench, workers: int | None) -> None:
    assert bench.choose(workers) == Layout.of(workers, bench.machine)
    assert (bench.measured, bench.said) == (0, [])


def test_it_is_measured_once(bench: Bench) -> None:
    path = Remembered().path
    found = bench.choose("auto")
    assert (found, found.why) == (TWO, "measured")
    assert bench.said == [
        f"{bench.job.path}: measuring which workers train most, 2 layouts, about 15 s each",
        f"2 workers of 1 thread train most; remembered in {path}",
    ]
    again = bench.choose("auto")
    assert (again, again.why, bench.measured) == (TWO, "measured", 1)
    (said,) = bench.said
    assert said.startswith("2 workers of 1 thread, which trained most when it was measured on 20")
    assert said.endswith(f": 16 epochs a second (to measure again, delete {path})")


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (15.5, "1 worker of 2 threads: more workers gain less than 5 %, and searches learn most"),
        (17.0, "1 worker of 2 threads trains most; remembered"),
    ],
)
def test_fewer_workers_where_more_gain_nothing(bench: Bench, rate: float, said: str) -> None:
    bench.rates[ONE] = rate
    assert bench.choose("auto") == ONE
    assert bench.said[-1].startswith(said)


def test_a_cache_that_cannot_be_written_is_no_failure(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "optisearch").touch()
    assert bench.choose("auto") == bench.choose("auto") == TWO
    assert bench.measured == 2
    assert bench.said[-1] == "2 workers of 1 thread train most"


def test_another_study_is_measured(bench: Bench) -> None:
    bench.choose("auto")
    bench.job.path.write_text(bench.job.path.read_text().replace("baseline=3", "baseline=4"))
    bench.choose("auto")
    assert bench.measured == 2


def test_a_layout_that_memory_has_no_room_for_any_more_is_not_used(bench: Bench) -> None:
    bench.machine = Machine(4, 1000 * WORKER_BYTES)
    bench.rates = {Layout(1, 4): 1.0, Layout(2, 2): 2.0, Layout(4, 1): 3.0}
    assert bench.choose("auto") == Layout(4, 1)
    bench.machine = Machine(4, 2 * WORKER_BYTES)
    assert bench.choose("auto") == Layout(2, 2)


def test_where_there_is_one_layout_nothing_is_measured(bench: Bench) -> None:
    bench.machine = Machine(1, 1000 * WORKER_BYTES)
    found = bench.choose("auto")
    assert (found, bench.measured, bench.said) == (Layout(1, 1), 0, [])
    assert found.why == "there is core or memory for no other layout"


def test_data_of_other_sizes_is_measured_again(bench: Bench) -> None:
    bench.choose("auto")
    assert bench.said
    check_sizes(bench.job, {"train": 7}, bench.console)
    assert bench.said == []
    check_sizes(bench.job, {"train": 8}, bench.console)
    (said,) = bench.said
    assert said.startswith("Its data has other sizes than when its workers were measured")
    bench.choose("auto")
    assert bench.measured == 2


def test_the_gpus_that_were_asked_for_are_dealt_out(bench: Bench) -> None:
    bench.machine = Machine(8, 1000 * WORKER_BYTES, ("0", "1", "2"))
    assert bench.choose(None, (0, 2)).gpus == ("0", "2")
    assert bench.choose(None, (0, 2)).workers == 2


def test_what_is_remembered_holds_for_the_same_gpus(bench: Bench) -> None:
    bench.machine = Machine(8, 1000 * WORKER_BYTES, ("0", "1"))
    bench.rates = {Layout(n, 8 // n): float(n) for n in (1, 2, 4, 8)}
    for _ in range(2):
        assert bench.choose("auto").gpus == ("0", "1")
    assert bench.measured == 1
    assert bench.choose("auto", (1,)).gpus == ("1",)
    assert bench.measured == 2
    check_sizes(bench.job, {"train": 8}, bench.console, (1,))
    bench.choose("auto")
    assert bench.measured == 2

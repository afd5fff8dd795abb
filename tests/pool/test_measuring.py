"""Layouts measured with real processes and studies that need no Keras."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from optisearch.address import Address
from optisearch.job import Job
from optisearch.pool.layout import Layout
from optisearch.pool.measuring import Measuring, rounded
from optisearch.pool.session import RefusedByWorker
from optisearch.settings import Wishes

ONE, TWO, FOUR = Layout(1, 4), Layout(2, 2), Layout(4, 1)
STUDY = '''"""Sleeps for a hundredth of a second an epoch."""
import os
import time
from dataclasses import dataclass
from optisearch import Study, real

@dataclass(frozen=True)
class Point:
    x: float = real(-1.0, 1.0, baseline=0.0)
    epochs: int = 3

def train(hp, data, run):
    for epoch in range(hp.epochs):
        time.sleep(0.01)
        {act}
        run.report(epoch, {{"loss": hp.x}})

study = Study(name="sleeping", space=Point, train=train, minimize="loss")
'''


class Measured:
    """A comparison of layouts, what it found and what it showed."""

    def __init__(self, folder: Path, address: Address, act: str) -> None:
        self.path = folder / "sleeping.py"
        self.path.write_text(STUDY.format(act=act))
        self._out = io.StringIO()
        console = Console(file=self._out, width=300)
        self.measuring = Measuring(Job(self.path, address, Wishes()), console, seconds=1.0)

    @property
    def said(self) -> list[str]:
        return self._out.getvalue().splitlines()


@pytest.mark.processes
def test_sleepers_gain_from_being_more(tmp_path: Path, sqlite: Address) -> None:
    bench = Measured(tmp_path, sqlite, "pass")
    rates = bench.measuring.rates([ONE, TWO])
    assert list(rates) == [ONE, TWO]
    # A sleeper's epoch takes 10 ms at least, and some more on a busy machine.
    assert 5 < rates[ONE] <= 100
    assert 1.2 * rates[ONE] < rates[TWO] <= 200
    assert bench.said == [
        f"  1 worker of 4 threads     {rounded(rates[ONE])} epochs a second",
        f"  2 workers of 2 threads    {rounded(rates[TWO])} epochs a second",
    ]
    assert sqlite.path is not None
    assert not sqlite.path.exists()


@pytest.mark.processes
@pytest.mark.parametrize("act", ["raise MemoryError('no room')", "os._exit(9)"])
def test_more_workers_that_fail_are_the_layouts_failure(
    tmp_path: Path, sqlite: Address, act: str
) -> None:
    # What fails is known by its environment: that of two workers has two threads each.
    bench = Measured(tmp_path, sqlite, f"if os.environ['OMP_NUM_THREADS'] == '2': {act}")
    assert list(bench.measuring.rates([ONE, TWO, FOUR])) == [ONE]
    one, two = bench.said
    assert one.endswith(" epochs a second")
    assert two.startswith("  2 workers of 2 threads    can't be used: ")


@pytest.mark.processes
def test_one_worker_that_fails_is_the_studys_failure(tmp_path: Path, sqlite: Address) -> None:
    bench = Measured(tmp_path, sqlite, "1 / 0")
    with pytest.raises(RefusedByWorker) as caught:
        bench.measuring.rates([ONE, TWO])
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith(f"{bench.path}: the baseline can't be trained. ")
    assert str(caught.value).endswith("ZeroDivisionError: division by zero")
    assert bench.said == []


@pytest.mark.parametrize(
    ("rate", "shown"), [(39.3591, "39.4"), (94.0, "94"), (1234.5, "1230"), (0.01234, "0.0123")]
)
def test_rates_have_three_digits(rate: float, shown: str) -> None:
    assert rounded(rate).replace(",", "") == shown

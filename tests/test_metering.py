"""How much one process trains of a baseline, and what keeps it from being measured."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.events import Epoch, Event, Loading, Metered, Refused, Started, Warm, Within
from optisearch.job import Job
from optisearch.metering import Meter, run_meter
from optisearch.settings import Wishes
from optisearch.worker import ExitCode, Stop


class Starter:
    """Says `go` at once and drains at the end of the next epoch."""

    is_gone = False

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self.waited = False

    def wait(self) -> None:
        self.waited = True
        self._stop.asked.set()


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optisearch.metering._WARM_UP_SECONDS", 0.01)


@pytest.fixture
def metered(
    parabola_file: Path, sqlite: Address, tmp_path: Path
) -> Callable[..., list[Event | str]]:
    """What a meter says of a changed parabola."""

    def run(*changes: tuple[str, str]) -> list[Any]:
        source = parabola_file.read_text()
        for before, after in changes:
            assert before in source
            source = source.replace(before, after)
        path = tmp_path / "mine.py"
        path.write_text(source)
        stop, events = Stop(), list[Event]()
        starter: Any = Starter(stop)
        with contextlib.suppress(OptisearchError):
            code = run_meter(Job(path, sqlite, Wishes()), events.append, stop, starter)
            assert code == ExitCode.DONE
            assert starter.waited
        return events

    return run


def test_epochs_and_shares_are_counted_over_trainings() -> None:
    meter = Meter(last=0.0)
    for event in (Epoch(0, 0, 1.0), Epoch(0, 1, 1.0)):
        meter(event)
    meter.ended(2)
    assert meter.epochs == 2
    meter(Within(1, 0, 0.5))
    assert meter.epochs == 2.5
    counted = meter.last
    meter(Started(1, {}, 3))
    meter.ended(0)  # within its first epoch
    assert (meter.epochs, meter.last) == (2.5, counted)
    meter.ended(1)  # it diverged: nobody told of that epoch
    assert meter.epochs == 3.5
    assert meter.last > counted


def test_it_warms_up_waits_and_trains(metered: Callable[..., list[Any]], sqlite: Address) -> None:
    events = metered()
    assert [type(event) for event in events] == [Loading, Loading, Warm, Metered]
    assert events[-2] == Warm(None)
    assert events[-1].epochs >= 1
    assert 0 < events[-1].seconds < 1
    assert sqlite.path is not None
    assert not sqlite.path.exists()


def test_the_sizes_of_the_data_are_told(metered: Callable[..., list[Any]]) -> None:
    split = "Split.cut(np.zeros((100, 1)), np.zeros(100), name='hundred')"
    events = metered(
        ("train=train,", f"train=train, data={split},"),
        (
            "from optisearch import Outcome",
            "import numpy as np\nfrom optisearch.data import Split\nfrom optisearch import Outcome",
        ),
    )
    (warm,) = [event for event in events if isinstance(event, Warm)]
    assert sum(warm.sizes.values()) == 100


@pytest.mark.parametrize(
    "change",
    [
        ("- 1.0 / (epoch + 1)", "- float('nan')"),  # every training ends in its first epoch
        ("epochs: int = integer(1, 4, baseline=3)", "epochs: int = integer(1, 4, baseline=1)"),
        ("return Outcome(parameters=2)", "run.report(hp.epochs, {'height': 1.0})"),
    ],
)
def test_what_ends_early_or_goes_on_is_counted(
    metered: Callable[..., list[Any]], change: tuple[str, str]
) -> None:
    assert metered(change)[-1].epochs >= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("depth = ", "1 / 0\n    depth = "),
            "mine.py: the baseline can't be trained. Correct it,",
        ),
        (("depth = ", "raise SystemExit\n    depth = "), "the baseline can't be trained"),
        (("range(hp.epochs)", "range(0)"), "the training ended without reporting an epoch"),
        (('maximize="height"', 'maximize="hight"'), "no metric 'hight'; those reported are depth"),
        (("def train", "1 / 0\ndef train"), "the file raises when it is imported"),
    ],
)
def test_what_cannot_be_measured_is_said(
    metered: Callable[..., list[Any]], change: tuple[str, str], said: str
) -> None:
    *_, refused = metered(change)
    assert isinstance(refused, Refused)
    assert refused.exit_code == 2
    assert said in refused.message

"""How an epoch is cut into calls: every step once, and none for long."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optisearch.training import pace
from optisearch.training.pace import Pace


class Clock:
    """Shows the time that somebody else lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: Any) -> Clock:
    shown = Clock()
    monkeypatch.setattr(pace.time, "perf_counter", shown)
    return shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=4),
    st.floats(0, 10),
    st.lists(st.floats(0, 5), min_size=1, max_size=5),
)
def test_every_step_is_in_one_call(
    clock: Clock, epochs: list[int], seconds: float, durations: list[float]
) -> None:
    cut = Pace(seconds)
    for steps in epochs:
        done = 0
        for number, (begin, end) in enumerate(cut.calls(steps)):
            assert begin == done < end <= steps
            done = end
            clock.now += durations[number % len(durations)]
        assert done == steps


def lengths(cut: Pace, clock: Clock, steps: int, seconds_per_step: float) -> list[int]:
    found = []
    for begin, end in cut.calls(steps):
        clock.now += (end - begin) * seconds_per_step
        found.append(end - begin)
    return found


def test_a_call_takes_as_long_as_it_may(clock: Clock) -> None:
    cut = Pace(2.0)
    assert lengths(cut, clock, 41, 0.125) == [1, 16, 16, 8]
    assert lengths(cut, clock, 41, 0.25) == [16, 8, 8, 8, 1]  # what it has learned stays


def test_slow_steps_come_one_by_one(clock: Clock) -> None:
    assert lengths(Pace(2.0), clock, 3, 60.0) == [1, 1, 1]
    assert lengths(Pace(0), clock, 3, 1e-6) == [1, 1, 1]


def test_quick_epochs_are_one_call(clock: Clock) -> None:
    cut = Pace(2.0)
    assert lengths(cut, clock, 1000, 1e-6) == [1, 999]
    assert lengths(cut, clock, 1000, 1e-6) == [1000]

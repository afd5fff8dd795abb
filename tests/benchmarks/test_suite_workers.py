"""Trials per hour, from the ends of trials."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.workers import per_hour

NOON = datetime(2026, 1, 1, 12)


def at(*seconds: float) -> list[datetime]:
    return [NOON + timedelta(seconds=second) for second in seconds]


def test_one_workers_rate_is_that_of_its_intervals() -> None:
    assert per_hour({"a": at(100, 110, 120, 130)}) == pytest.approx(360)


def test_the_rates_of_several_workers_add_up() -> None:
    assert per_hour({"a": at(0, 10, 20), "b": at(0, 5, 10, 15)}) == pytest.approx(360 + 720)


def test_what_one_did_while_the_other_started_does_not_count() -> None:
    alone = at(*range(50))
    assert per_hour({"a": alone + at(60, 70, 80), "b": at(55, 75, 95)}) == pytest.approx(360 + 180)


def test_a_worker_with_one_trial_has_no_rate() -> None:
    with pytest.raises(ValueError, match="b ended too few trials"):
        per_hour({"a": at(0, 10, 20), "b": at(5)})

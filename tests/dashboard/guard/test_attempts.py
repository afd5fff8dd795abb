"""How often a token may be guessed."""

from collections.abc import Iterator

import pytest
import time_machine

from optisearch.dashboard.guard.attempts import Attempts


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        yield clock


def fails(attempts: Attempts, address: str, times: int) -> None:
    for _ in range(times):
        assert attempts.wait_seconds(address) == 0
        attempts.failed(address)


def test_ten_a_minute_from_one(clock: time_machine.Traveller) -> None:
    attempts = Attempts()
    fails(attempts, "10.0.0.1", 10)
    assert 0 < attempts.wait_seconds("10.0.0.1") <= 61
    assert attempts.wait_seconds("10.0.0.2") == 0
    clock.shift(attempts.wait_seconds("10.0.0.1"))
    assert attempts.wait_seconds("10.0.0.1") == 0


def test_the_minute_goes_with_the_clock(clock: time_machine.Traveller) -> None:
    """Ten at the end of one minute and ten at the beginning of the next are twenty."""
    attempts = Attempts()
    fails(attempts, "10.0.0.1", 1)
    clock.shift(58)
    fails(attempts, "10.0.0.1", 9)
    clock.shift(4)
    fails(attempts, "10.0.0.1", 1)
    assert attempts.wait_seconds("10.0.0.1")


def test_a_hundred_a_minute_from_all(clock: time_machine.Traveller) -> None:
    attempts = Attempts()
    attempts.succeeded("10.9.9.9")
    for number in range(20):
        fails(attempts, f"10.0.0.{number}", 5)
    assert attempts.wait_seconds("10.0.1.1"), "a stranger waits"
    assert attempts.wait_seconds("10.9.9.9") == 0, "who knew the token before doesn't"
    fails(attempts, "10.9.9.9", 10)
    assert attempts.wait_seconds("10.9.9.9"), "but may not guess for ever"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("", "", True),
    ],
)
def test_what_counts_as_one(first: str, second: str, same: bool) -> None:
    attempts = Attempts()
    fails(attempts, first, 10)
    assert bool(attempts.wait_seconds(second)) is same

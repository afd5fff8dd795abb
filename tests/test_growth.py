"""When a worker has grown too large."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from optisearch import growth
from optisearch.growth import Growth


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bool]]:
    """What it says after trials that leave the process so large, where so much memory is left."""

    def after(watch: Growth, sizes: Sequence[int], *, left: int = 10**9) -> list[bool]:
        steps = iter(sizes)

        class Process:
            def memory_info(self) -> Any:
                return SimpleNamespace(rss=next(steps))

        monkeypatch.setattr(psutil, "Process", Process)
        monkeypatch.setattr(growth, "available_memory", lambda: left)
        return [watch.is_too_much() for _ in sizes]

    return after


@pytest.mark.parametrize(("left", "limit"), [(100, 200), (99, 120)])
def test_a_worker_may_double_or_grow_by_a_fifth_where_memory_is_short(
    asked: Callable[..., list[bool]], left: int, limit: int
) -> None:
    sizes = [10, 50, 80, 90, 100, 119, limit, limit + 1]
    assert asked(Growth(), sizes, left=left) == [False] * 7 + [True]


def test_beyond_a_limit_it_is_too_much_at_once(asked: Callable[..., list[bool]]) -> None:
    assert asked(Growth(limit_bytes=100), [99, 100, 101]) == [False, False, True]


@pytest.mark.parametrize("left", [10**9, 0])
def test_where_nobody_starts_a_successor_only_a_limit_counts(
    asked: Callable[..., list[bool]], left: int
) -> None:
    sizes = [10] * 5 + [1000]
    assert asked(Growth(replaceable=False), sizes, left=left) == [False] * 6
    limited = Growth(limit_bytes=999, replaceable=False)
    assert asked(limited, sizes, left=left) == [False] * 5 + [True]


def test_a_limit_leaves_the_other_rules_as_they_are(asked: Callable[..., list[bool]]) -> None:
    assert asked(Growth(limit_bytes=1000), [10] * 5 + [20, 21]) == [False] * 6 + [True]


def test_this_process_is_measured() -> None:
    size = psutil.Process().memory_info().rss
    assert Growth(limit_bytes=size // 2).is_too_much()
    assert not Growth(limit_bytes=size * 2).is_too_much()

"""What is slow is computed once at a time, and shown until it is computed anew."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from optisearch.dashboard.pages import kept
from optisearch.dashboard.pages.kept import Kept


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


class Slow:
    """Computes when it is let, and counts how often."""

    def __init__(self) -> None:
        self.count = 0
        self.may = threading.Event()

    def __call__(self) -> int:
        assert self.may.wait(60)
        self.count += 1
        return self.count


def test_the_same_state_is_computed_once(pool: ThreadPoolExecutor) -> None:
    values: Kept[object] = Kept(pool, 0.0)
    first = values.get(object, "a", patience=None)
    assert values.get(object, "a", patience=None) is first
    assert values.get(object, "b", patience=None) is not first


def test_a_young_value_is_shown_as_it_is(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # with its rests
    values: Kept[object] = Kept(pool, 3600.0)
    first = values.get(object, "a", patience=None)
    assert values.get(object, "b", patience=None) is first


def test_what_took_long_rests_for_long(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # with its rests
    # Began, ended; asked too early; asked in time, began, ended.
    clock = iter([0.0, 7.0, 7.0 + 62.9, 7.0 + 63.0, 71.0, 71.1])
    monkeypatch.setattr(kept, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    values: Kept[object] = Kept(pool, 3.0, 9.0)
    first = values.get(object, "a", patience=None)
    assert values.get(object, "b", patience=None) is first
    assert values.get(object, "b", patience=None) is not first


def test_one_computes_and_the_others_wait(pool: ThreadPoolExecutor) -> None:
    values: Kept[int] = Kept(pool, 0.0)
    slow = Slow()
    assert values.get(slow, "a", patience=0.0) is None
    assert values.get(slow, "b", patience=0.0) is None
    with ThreadPoolExecutor(8) as many:
        waiting = [many.submit(values.get, slow, "c", patience=None) for _ in range(8)]
        slow.may.set()
        assert {each.result() for each in waiting} == {1}
    assert slow.count == 1


def test_meanwhile_the_last_one_is_shown(pool: ThreadPoolExecutor) -> None:
    values: Kept[int] = Kept(pool, 0.0)
    slow = Slow()
    slow.may.set()
    assert values.get(slow, "a", patience=None) == 1
    kept_back = Slow()
    assert values.get(kept_back, "b", patience=0.0) == 1
    kept_back.may.set()


def test_a_failure_is_told_and_tried_again(pool: ThreadPoolExecutor) -> None:
    values: Kept[int] = Kept(pool, 0.0)
    with pytest.raises(ZeroDivisionError):
        values.get(lambda: 1 // 0, patience=None)
    assert values.get(lambda: 1, patience=None) == 1

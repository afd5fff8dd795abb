"""Who is taken for dead, from what a watcher saw and when: no process, no database, no clock."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from optisearch.lease.watch import GRACE_BEATS, Sign, Watch

EVERY = 10.0


def watched(*looks: tuple[float, Mapping[int, object]]) -> list[set[int]]:
    """What a watcher says after each look: at a time, at what it sees of each trial."""
    watch = Watch(EVERY)
    return [
        watch.look({key: Sign(beat, EVERY) for key, beat in seen.items()}, now)
        for now, seen in looks
    ]


def test_three_missed_heartbeats_are_death() -> None:
    looks = [(10.0 * n, {1: "same", 2: n}) for n in range(5)]
    assert watched(*looks) == [set(), set(), set(), {1}, {1}]


def test_one_that_never_gave_a_sign_of_life_dies_as_well() -> None:
    assert watched(*[(10.0 * n, {1: None}) for n in range(4)])[-1] == {1}


def test_a_sign_of_life_gives_the_grace_anew() -> None:
    beats = ["a", "a", "a", "b", "b", "b", "b"]
    said = watched(*[(10.0 * n, {1: beat}) for n, beat in enumerate(beats)])
    assert said == [set()] * 6 + [{1}]


def test_a_clock_that_goes_back_is_a_sign_of_life_like_any_other() -> None:
    assert watched(*[(10.0 * n, {1: -n}) for n in range(9)]) == [set()] * 9


def test_a_long_pause_counts_no_more_than_a_usual_one() -> None:
    looks = [(0.0, {1: "a"}), (10.0, {1: "a"}), (300.0, {1: "a"}), (310.0, {1: "a"})]
    assert watched(*looks) == [set(), set(), set(), {1}]


def test_an_outage_counts_nothing() -> None:
    watch, signs = Watch(EVERY), {1: Sign("a", EVERY)}
    found = []
    for now in (0.0, 10.0, 20.0, 25.0, 35.0):
        found.append(watch.look(signs, now))
        if now == 20.0:
            watch.missed()
    assert found == [set(), set(), set(), set(), {1}]


def test_each_is_measured_by_the_rate_it_promised() -> None:
    watch = Watch(EVERY)
    signs = {1: Sign("a", 2.0), 2: Sign("a", 60.0)}
    assert watch.look(signs, 0.0) == set()
    assert watch.look(signs, 10.0) == {1}


def test_one_that_is_gone_is_forgotten() -> None:
    looks = [(0.0, {1: "a"}), (10.0, {1: "a"}), (20.0, {}), (30.0, {1: "a"}), (40.0, {1: "a"})]
    assert watched(*looks) == [set()] * 5


@given(
    pauses=st.lists(st.floats(0.1, 1000.0), min_size=1, max_size=60),
    beats=st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_nobody_is_taken_for_dead_sooner_than_the_grace(
    pauses: list[float], beats: list[bool]
) -> None:
    watch, now, beat, changed = Watch(EVERY), 0.0, 0, 0.0
    watch.look({1: Sign(beat, EVERY)}, now)
    for pause, beats_now in zip(pauses, beats, strict=False):
        now += pause
        if beats_now:
            beat, changed = beat + 1, now
        if watch.look({1: Sign(beat, EVERY)}, now):
            assert now - changed >= GRACE_BEATS * EVERY


@given(st.floats(0.1, 2 * EVERY), st.integers(0, 5))
def test_the_dead_are_found_by_whoever_looks_regularly(pause: float, before: int) -> None:
    watch, now = Watch(EVERY), 0.0
    for beat in range(before):
        watch.look({1: Sign(beat, EVERY)}, now)
        now += pause
    died = now
    while not watch.look({1: Sign("still", EVERY)}, now):
        now += pause
    assert now - died <= GRACE_BEATS * max(EVERY, pause) + 2 * pause

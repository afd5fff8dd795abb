"""What `status` says of who is at work, and of what was lost."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from optisearch.lease import Owner
from optisearch.reading import Crew, StageResults, read_crew
from optisearch.report import overview
from optisearch.report.render import terminal
from optisearch.report.table import Section

NewStage = Any  # the class `Stage` of conftest.py
ELSEWHERE = Owner("node7", "boot", 41, 1.7e9, heartbeat_seconds=10.0)
JOIN = "optisearch work studies/toy.py --stage search"


def owned(owner: Owner = ELSEWHERE, **more: Any) -> dict[str, Any]:
    return {"optisearch:owner": asdict(owner)} | {f"optisearch:{k}": v for k, v in more.items()}


def gone() -> Owner:
    """A process of this machine whose number another one has by now."""
    return replace(Owner.current(), started=1.0)


def told(
    stage: StageResults, now: datetime, beats: Mapping[int, float | None] | None = None
) -> dict[str, Section]:
    crew = read_crew(stage, beats or {}, now)
    return {section.title: section for section in overview.status(stage, now, crew)}


def rows(section: Section) -> tuple[tuple[Any, ...], ...]:
    [table] = section.tables
    return table.rows


def notes(section: Section) -> tuple[str, ...]:
    [table] = section.tables
    return table.notes


def drawn(sections: Mapping[str, Section], width: int) -> str:
    lines = StringIO()
    for section in sections.values():
        terminal.render_section(section, Console(file=lines, width=width, color_system=None))
    return lines.getvalue()


def test_what_is_stored(stage: StageResults, new_stage: NewStage) -> None:
    now = new_stage.BEGAN + timedelta(seconds=80)
    empty = new_stage(declared=False).read()
    section = overview.stored([(stage, Crew()), (empty, Crew())], now)
    [table] = section.tables
    names = ["stage", "trained", "pruned", "diverged", "failed", "running", "best"]
    assert [c.name for c in table.columns] == [*names, "last activity"]
    assert table.rows == (
        ("toy/search", "5 of 20", 1, 1, 1, 1, 0.95, "10 s ago"),
        ("toy/search", "0", 0, 0, 0, 0, None, None),
    )
    assert section.notes == ()


def test_nothing_stored_is_a_sentence(new_stage: NewStage) -> None:
    section = overview.stored([], new_stage.BEGAN)
    assert not section.tables
    assert section.notes


def test_a_stage_that_needs_somebody_is_pointed_out(new_stage: NewStage) -> None:
    built = new_stage().add("completed", 0.5).add("running", 0.1, system=owned(gone()))
    for _ in range(4):
        built.add("lost", system=owned(first_attempt=2))
    stage, now = built.read(), new_stage.BEGAN + timedelta(seconds=60)
    section = overview.stored([(stage, read_crew(stage, {1: 1.0}, now))], now)
    assert section.notes == (
        (
            "toy/search needs a look, for 1 trial without a worker and 4 trials given up as lost: "
            "optisearch status toy/search"
        ),
    )


def test_who_is_at_work(new_stage: NewStage) -> None:
    built = new_stage().add("completed", 0.5)
    built.add("running", 0.5, params=new_stage.point(epochs=3), system=owned())
    built.add("running", params={}, system=owned(replace(ELSEWHERE, pid=12345)))
    now = new_stage.BEGAN + timedelta(seconds=30)
    section = told(built.read(), now, {1: 4.0, 2: None})["At work"]
    assert rows(section) == (
        (1, "node7", 41, "2 of 3", "4 s ago", 20.0, "alive"),
        (2, "node7", 12345, "0", "none yet", 10.0, "alive"),
    )
    assert notes(section) == ()
    assert "12345" in drawn({"": section}, 80)


def test_who_is_gone_or_silent_is_noticed_by_whoever_is_left(new_stage: NewStage) -> None:
    built = new_stage().add("running", system=owned()).add("running", system=owned())
    built.add("running", system=owned(gone()))
    now = new_stage.BEGAN + timedelta(seconds=300)
    section = told(built.read(), now, {0: 3.0, 1: 250.0, 2: 3.0})["At work"]
    assert [row[-1] for row in rows(section)] == ["alive", "silent", "gone"]
    assert notes(section) == (
        (
            "Trials 1-2: their workers are gone, or silent for 4 m 10 s. Another worker or the run "
            "notices soon, and has them trained again."
        ),
    )


@pytest.mark.parametrize(
    ("silent", "note"),
    [
        (29.0, None),
        (
            31.0,
            (
                "Trial 0: no heartbeat for 31 s. Another worker or the run notices soon, and has it "
                "trained again."
            ),
        ),
        (
            61.0,
            (
                "Trial 0: no heartbeat for 1 m 01 s, and no other worker is left to notice. Start "
                f"one, or the run again, to have it trained again: {JOIN}"
            ),
        ),
    ],
)
def test_when_nobody_notices_somebody_has_to_be_started(
    new_stage: NewStage, silent: float, note: str | None
) -> None:
    stage = new_stage().add("running", system=owned()).read()
    now = new_stage.BEGAN + timedelta(seconds=silent)
    for beats in ({0: silent}, {0: None}):
        section = told(stage, now, beats)["At work"]
        assert notes(section) == (() if note is None else (note,))


def test_a_worker_that_is_gone_from_here(new_stage: NewStage) -> None:
    stage = new_stage().add("running", system=owned(gone())).read()
    section = told(stage, new_stage.BEGAN + timedelta(seconds=3), {0: 1.0})["At work"]
    assert notes(section) == (
        (
            "Trial 0: its worker is gone, and no other worker is left to notice. Start one, or the "
            f"run again, to have it trained again: {JOIN}"
        ),
    )


def test_what_takes_far_longer_than_anything_so_far(new_stage: NewStage) -> None:
    stage = new_stage().add("completed", 0.5, seconds=12.0).add("running", system=owned()).read()
    soon, late = (new_stage.BEGAN + timedelta(seconds=10 + each) for each in (35, 37))
    assert rows(told(stage, soon, {1: 1.0})["At work"])[0][-1] == "alive"
    section = told(stage, late, {1: 1.0})["At work"]
    assert rows(section)[0][-1] == "slow"
    assert notes(section) == (
        (
            "Trial 1: alive, but the longest trial so far took 12 s. Where it is stuck, end its worker "
            "(kill -9 PID) to have it trained again; --trial-timeout sets a limit."
        ),
    )


def test_plain_optuna_gives_no_owner(new_stage: NewStage) -> None:
    stage = new_stage(declared=False).add("running", worker="vm").read()
    section = told(stage, new_stage.BEGAN + timedelta(days=3))["At work"]
    assert rows(section) == ((0, "vm", None, "0 of 2", None, 259200.0, "unknown"),)
    [note] = notes(section)
    assert "optuna tell --study-name toy/search --trial-number N --state fail" in note


def test_what_became_of_the_lost(new_stage: NewStage) -> None:
    built = new_stage().add("lost", 0.4, params=new_stage.point(epochs=4), system=owned())
    built.add("lost", system=owned(retry_of=0, first_attempt=0))
    built.add("completed", 0.5, system=owned(retry_of=1, first_attempt=0))
    built.add("lost").add("running", system=owned(retry_of=3, first_attempt=3)).add("lost")
    now = new_stage.BEGAN + timedelta(seconds=60)
    section = told(built.read(), now, {4: 1.0})["Lost attempts"]
    assert rows(section) == (
        (5, "vm:41", "6 s ago", "0 of 2", "waits to be trained again"),
        (3, "vm:41", "26 s ago", "0 of 2", "in training as trial 4"),
        (1, "vm:41", "46 s ago", "0 of 2", "completed as trial 2"),
        (0, "vm:41", "56 s ago", "2 of 4", "lost again as trial 1"),
    )
    assert notes(section) == ()  # somebody is at work, who takes it up
    section = told(built.read(), now + timedelta(hours=1))["Lost attempts"]
    assert notes(section) == (
        f"1 trial waits for a worker to be trained again, and none is at work. Start one: {JOIN}",
    )


def test_what_was_given_up_is_explained(new_stage: NewStage) -> None:
    built = new_stage()
    for number in range(4):
        more = {"first_attempt": 0, "retry_of": number - 1} if number else {}
        params = {} if number == 0 else new_stage.point("sgd")
        built.add("lost", params=params, system=owned(**more))
    section = told(built.read(), new_stage.BEGAN + timedelta(seconds=60))["Lost attempts"]
    assert [row[-1] for row in rows(section)] == [
        "given up",
        "lost again as trial 3",
        "lost again as trial 2",
        "lost again as trial 1",
    ]
    assert notes(section)[0] == (
        "Trial 3 is given up after 4 lost attempts (0, 1, 2 and 3): its workers died each time. It "
        "may be what kills them, by the memory it needs, say: optimizer sgd, learning_rate 0.001, "
        "regularization none, epochs 2."
    )


def test_thousands_are_not_listed(new_stage: NewStage) -> None:
    stage = new_stage(budget=9000).add("lost", system=owned()).add("running", system=owned()).read()
    lost, running = stage.trials
    trials = [replace(lost, number=number) for number in range(1000)]
    trials += [replace(running, number=number) for number in range(1000, 1100)]
    now = new_stage.BEGAN + timedelta(seconds=60)
    beats = {1000 + each: 1.0 for each in range(100)} | {1090: 999.0}
    sections = told(replace(stage, trials=tuple(trials)), now, beats)
    shown = rows(sections["Lost attempts"])
    assert [row[0] for row in shown] == list(range(999, 899, -1))
    assert notes(sections["Lost attempts"])[0] == (
        "The latest 100 of 1,000. All of them: optisearch report toy/search --format csv"
    )
    working = rows(sections["At work"])
    assert [row[0] for row in working] == [*range(1000, 1039), 1090]
    assert working[-1][-1] == "silent"
    assert notes(sections["At work"])[0] == "60 more are in training, all alive."


def test_it_fits_a_narrow_terminal(new_stage: NewStage) -> None:
    owner = replace(ELSEWHERE, host="optisearch-workers-4711-abcde", pid=4194303)
    built = new_stage().add("lost", worker=str(owner), system=owned(owner))
    built.add("running", 0.1, system=owned(owner))
    sections = told(built.read(), new_stage.BEGAN + timedelta(seconds=50), {1: 35.0})
    for width in (80, 60, 40):
        lines = drawn(sections, width).splitlines()
        assert max(map(len, lines)) <= width
    text = drawn(sections, 80)
    assert text.count("\ntrial  ") == 2  # one grid for each table: nothing had to be split

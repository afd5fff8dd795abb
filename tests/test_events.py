"""Events travel as lines, and nothing that a study prints can be taken for one."""

import math
import os
import subprocess
import sys

import pytest

from optisearch.events import (
    Ended,
    Epoch,
    Event,
    Leaving,
    Loading,
    Metered,
    Ready,
    Refused,
    Started,
    Warm,
    decode,
    encode,
)

EVENTS: list[Event] = [
    Loading("data"),
    Ready(
        *("m/search", {"name": "m", "data": None}, {"seed": 0}, {"trials": 5}),
        checked=False,
        rows=[["epochs", "1 | 3"]],
        changes=["seeds: stored 3, given 5"],
        begins=["the baseline, 1 of the study file"],
    ),
    Started(3, {"optimizer": "adam", "rate": 1e-3, "none": None}, 10),
    Started(3, {}, None),
    Epoch(3, 0, 0.5),
    Epoch(3, 1, math.inf),
    Ended(3, "diverged", -math.inf, 1.5),
    Ended(3, "failed", None, 0.0, cause="ValueError at x.py:1", error="two\nlines\u2028ü"),
    Refused("one paragraph\n  and details", 2),
    Leaving("grown"),
    Warm({"train": 1257, "test": None}),
    Warm(None),
    Metered(12.5, 5.01),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_survive_the_journey_on_one_line(event: Event) -> None:
    line = encode(event)
    assert line.isascii()
    assert "\n" not in line
    assert decode(line + "\n") == event


def test_values_that_are_no_json_are_told_as_text() -> None:
    event = decode(encode(Started(0, {"path": os.sep.join, "odd": 1j}, None)))
    assert isinstance(event, Started)
    assert event.params["odd"] == "1j"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Epoch 1/5",
        "{}",
        "null",
        "[]",
        '"event"',
        '{"event": "Unknown"}',
        '{"event": []}',
        '{"event": "Loading"}',
        '{"event": "Loading", "what": "x", "more": 1}',
        '{"event": "Loading"',
    ],
)
def test_other_lines_are_no_events(line: str) -> None:
    assert decode(line) is None


@pytest.mark.processes
def test_what_a_study_prints_goes_elsewhere() -> None:
    program = (
        "import os, sys\n"
        "from optisearch.events import Loading, PipeListener\n"
        "listener = PipeListener()\n"
        "print('printed')\n"
        "sys.stdout.flush()\n"
        "os.write(1, b'written\\n')\n"
        "listener(Loading('data'))\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert decode(done.stdout) == Loading("data")
    assert done.stderr == "printed\nwritten\n"


@pytest.mark.processes
def test_a_worker_whose_watcher_is_gone_works_on() -> None:
    program = (
        "import sys\n"
        "from optisearch.events import Loading, PipeListener\n"
        "listener = PipeListener()\n"
        "input()\n"
        "for _ in range(3): listener(Loading('data'))\n"
        "print('went on', file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, said = process.communicate("\n")
    assert said == "went on\n"
    assert process.returncode == 0

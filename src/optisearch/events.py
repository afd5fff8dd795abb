"""What a worker tells whoever watches it: one JSON object a line, over a pipe.

Events are for eyes only. What counts is in the database; a worker whose watcher is gone works on.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TextIO

from optisearch.record import EndReason


@dataclass(frozen=True)
class Loading:
    """The worker is starting up; `what` it does now."""

    what: str


@dataclass(frozen=True)
class Ready:
    """The stage is open: `stage` is its name; the rest is as stored.

    `trained` of `total` trials (cells, in a stage that has some) are trained already; `checked`
    says whether the monitored metric is known to exist; `rows` names what is compared, a line each;
    `changes` what a stored definition had otherwise; `versions` which libraries are others here;
    `begins` what a search begins with, a line each.
    """

    stage: str
    manifest: Mapping[str, Any]
    settings: Mapping[str, Any]
    budget: Mapping[str, Any]
    trained: int = 0
    total: int = 0
    checked: bool = True
    rows: Sequence[tuple[str, str]] = ()
    changes: Sequence[str] = ()
    versions: str = ""
    begins: Sequence[str] = ()


@dataclass(frozen=True)
class Started:
    """A trial is in training. `epochs` is how many it will have, where that is known."""

    number: int
    params: Mapping[str, Any]
    epochs: int | None


@dataclass(frozen=True)
class Within:
    """A share (0 to 1) of an epoch (from 0) is done, of one that takes long."""

    number: int
    epoch: int
    share: float


@dataclass(frozen=True)
class Epoch:
    """An epoch (from 0) ended with this value of the monitored metric."""

    number: int
    epoch: int
    value: float


@dataclass(frozen=True)
class Ended:
    """A trial ended. `cause` and `error` are given for failed ones."""

    number: int
    reason: EndReason
    value: float | None
    seconds: float
    cause: str = ""
    error: str = ""


@dataclass(frozen=True)
class Refused:
    """The worker can't work: an error for the person, and the exit code that goes with it."""

    message: str
    exit_code: int


@dataclass(frozen=True)
class Leaving:
    """The worker ends: `done`, `drained`, or `grown` (it wants a successor)."""

    why: str


@dataclass(frozen=True)
class Lost:
    """A trial whose owner (`host:pid`) died; it is trained again, unless that happens too often."""

    number: int
    owner: str


@dataclass(frozen=True)
class Away:
    """The database doesn't answer; the worker waits for it, this long at most."""

    seconds: float


@dataclass(frozen=True)
class Back:
    """The database answers again, after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Warm:
    """The worker has trained the baseline for a moment and waits for `go`, to be measured.

    `sizes` are the numbers of its data's records; None without data.
    """

    sizes: Mapping[str, int | None] | None


@dataclass(frozen=True)
class Metered:
    """The worker trained so many epochs of the baseline, the share of one counted, in `seconds`."""

    epochs: float
    seconds: float


Event = (
    Loading
    | Ready
    | Started
    | Within
    | Epoch
    | Ended
    | Refused
    | Leaving
    | Lost
    | Away
    | Back
    | Warm
    | Metered
)
_KINDS = {
    kind.__name__: kind
    for kind in (
        *(Loading, Ready, Started, Within, Epoch, Ended, Refused, Leaving),
        *(Lost, Away, Back, Warm, Metered),
    )
}


class Listener(Protocol):
    """Whoever is told of events."""

    def __call__(self, event: Event) -> None: ...


def silence(event: Event) -> None:
    """A listener that doesn't care."""


class PipeListener:
    """Writes events to what was standard output, and sends everything else there to standard error.

    So nothing that a study prints, nor a library below Python, can get between the events.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # a heartbeat speaks, too
        self._file: TextIO | None = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def __call__(self, event: Event) -> None:
        with self._lock:
            if self._file is None:
                return
            try:
                self._file.write(encode(event) + "\n")
                self._file.flush()
            except (BrokenPipeError, ValueError):
                self._file = None  # nobody watches any more


def encode(event: Event) -> str:
    return json.dumps({"event": type(event).__name__} | asdict(event), default=str)


def decode(line: str) -> Event | None:
    """The event on a line, or None when the line is none."""
    try:
        fields = json.loads(line)
        return _KINDS[fields.pop("event")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None

"""`optisearch replay`: train a trial again, and say whether its numbers are the same."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from optisearch import machine
from optisearch.address import Address
from optisearch.chatter import without_chatter
from optisearch.errors import OptisearchError
from optisearch.events import Epoch, Event, Listener, Loading
from optisearch.reading.measures import curve
from optisearch.replaying.again import prepare_again, train_again
from optisearch.replaying.causes import causes
from optisearch.replaying.recorded import Recorded, find_trial
from optisearch.replaying.spread import spread
from optisearch.replaying.verdict import compare
from optisearch.replaying.words import lines_of, others_of, verdict_of
from optisearch.storage import open_database
from optisearch.worker import ExitCode


def replay(
    address: Address, name: str, number: int, file: Path | None, console: Console
) -> ExitCode:
    """Train a trial again, to the epoch where it ended, and print whether it is the same.

    Args:
        address: The database, which isn't changed.
        name: The name of a study or stage.
        number: The trial's number.
        file: The study file; None for the one that is recorded.
        console: Where to.

    Returns:
        `DONE` where the monitored metric is the same to the last digit, else `FAILURES`.

    Raises:
        OptisearchError: There is no such trial, or it can't be trained again.
    """
    recorded = find_trial(open_database(address, create=False), name, number)
    check_can_be_trained(recorded)
    compute_as(recorded)
    with without_chatter(), progress(recorded, console) as listener:
        prepared, trainer = prepare_again(recorded, address, file, listener)
        repeated = train_again(recorded, prepared, trainer, listener)
    found = compare(recorded.trial.history, repeated.history, recorded.metric)
    apart = None if found.is_same else spread(recorded)
    sentences = [verdict_of(recorded, found, repeated, apart), others_of(found)]
    for sentence in filter(None, sentences):
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)
    for line in lines_of(causes(recorded, prepared)):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    if repeated.traceback and not found.is_same:
        console.print(repeated.traceback, soft_wrap=True, highlight=False, markup=False)
    return ExitCode.DONE if found.is_same else ExitCode.FAILURES


def check_can_be_trained(recorded: Recorded) -> None:
    """Raise an OptisearchError unless a trial has ended, with an epoch to compare with."""
    trial, name = recorded.trial, recorded.stage.info.name
    if trial.ending in ("running", "waiting"):
        raise OptisearchError(
            f"trial {trial.number} is still in training",
            where=name,
            remedy=f"Wait until it has ended: optisearch status {name}",
        )
    if trial.history and trial.seed is not None:
        return
    after = next((t for t in recorded.stage.trials if t.retry_of == trial.number), None)
    said = f": {trial.error}" if trial.error else ""
    raise OptisearchError(
        f"trial {trial.number} {_ENDED[trial.ending]} before an epoch was recorded{said}",
        where=name,
        remedy=f"Trial {after.number} took it up: --trial {after.number}"
        if after is not None
        else "There is nothing to compare with; name another one",
    )


_ENDED = {"failed": "failed", "lost": "was lost", "interrupted": "was interrupted"}


def compute_as(recorded: Recorded) -> None:
    """Have this process compute with as many threads as the trial did. TensorFlow isn't imported
    yet."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.update(machine.environment(recorded.trial.machine or {}))


@contextmanager
def progress(recorded: Recorded, console: Console) -> Iterator[Listener]:
    """One line that says what happens; a listener for it."""
    before = curve(recorded.trial, recorded.metric)
    epochs = len(recorded.trial.history)
    with console.status("loading") as status:

        def listener(event: Event) -> None:
            if isinstance(event, Loading):
                status.update(f"loading {event.what}")
            elif isinstance(event, Epoch):
                known = before.get(event.epoch + 1)
                then = "" if known is None else f", recorded {known:.6g}"
                status.update(
                    f"{recorded}: epoch {event.epoch + 1} of {epochs}, "
                    f"{recorded.metric} {event.value:.6g}{then}"
                )

        yield listener

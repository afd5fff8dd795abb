"""TensorBoard: a folder for each trial, with its scalars, its hyperparameters and how it ended."""

import contextlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optisearch.address import Address
from optisearch.events import Ended
from optisearch.tracking.beside import beside
from optisearch.tracking.event_file import Entry, EventFile
from optisearch.tracking.interface import Place, Row, Subject, metrics

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary

# It has no variable of its own for this.
VARIABLE = "OPTISEARCH_TENSORBOARD"
_SUCCESSES = ("completed", "pruned", "diverged")


def place(environment: Mapping[str, str], address: Address) -> Place:
    """The folder that the environment names, else one beside the database."""
    folder = environment.get(VARIABLE) or str(beside(address, "tensorboard"))
    return Place(folder, f"tensorboard --logdir {shlex.quote(folder)}")


class TensorBoard:
    """See `Tool`."""

    def __init__(self, place: Place) -> None:
        self._folder = Path(place.where)

    def begin(self, subject: Subject) -> "TensorBoardRun":
        stage = self._folder / subject.stage
        # Of this number, too: of a study that was deleted since, or half of what begins again.
        for number in (subject.number, *subject.earlier):
            _clear(stage / str(number))
        return TensorBoardRun(stage / str(subject.number), subject)


class TensorBoardRun:
    """See `Run`."""

    def __init__(self, folder: Path, subject: Subject) -> None:
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        self._seconds, self._step = subject.started.timestamp(), 0
        given = {name: _scalar(value) for name, value in subject.params.items()}
        hparams = hparams_pb(
            given | {"seed": subject.seed}, f"{subject.stage} {subject.number}", self._seconds
        )
        self._file = EventFile(folder)
        self._file.add([self._entry(hparams), self._entry(_text("trial", subject.facts()))])

    def add(self, rows: Sequence[Row]) -> None:
        self._file.add(self._scalars(rows))
        self._seconds += sum(row["seconds"] for row in rows)
        self._step = rows[-1]["epoch"]

    def end(self, ended: Ended) -> None:
        facts = {"ended": ended.reason, "seconds": f"{ended.seconds:.1f}"}
        summaries = _session_end(ended, self._seconds), _text("end", facts)
        self._file.add(map(self._entry, summaries))
        self._file.close()

    def _entry(self, summary: "Summary") -> Entry:
        return Entry(summary, self._step, self._seconds)

    def _scalars(self, rows: Sequence[Row]) -> Iterator[Entry]:
        from tensorboard.compat.proto.summary_pb2 import Summary

        seconds = self._seconds
        for row in rows:
            seconds += row["seconds"]
            values = metrics(row).items()
            scalars = [Summary.Value(tag=name, simple_value=value) for name, value in values]
            yield Entry(Summary(value=scalars), row["epoch"], seconds)


def _session_end(ended: Ended, seconds: float) -> "Summary":
    """What the hyperparameters' tab goes by. (TensorBoard's own function imports TensorFlow.)"""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    succeeded = ended.reason in _SUCCESSES
    status = api_pb2.STATUS_SUCCESS if succeeded else api_pb2.STATUS_FAILURE
    info = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=seconds)
    value = Summary.Value(
        tag=metadata.SESSION_END_INFO_TAG,
        metadata=metadata.create_summary_metadata(
            plugin_data_pb2.HParamsPluginData(session_end_info=info)
        ),
        tensor=metadata.NULL_TENSOR,
    )
    return Summary(value=[value])


def _text(tag: str, facts: Mapping[str, str]) -> "Summary":
    """A table for the tab of texts, in Markdown."""
    from tensorboard.plugins.text.summary_v2 import text_pb

    lines = [f"| {name} | {value} |" for name, value in facts.items()]
    return text_pb(tag, "\n".join(["| | |", "|---|---|", *lines]))


def _scalar(value: Any) -> bool | float | str:
    """A hyperparameter as TensorBoard takes it."""
    return value if isinstance(value, bool | int | float | str) else str(value)


def _clear(folder: Path) -> None:
    """Remove a run; whatever else lies there stays."""
    for file in folder.glob("events.out.tfevents.*"):
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()

"""A file of events as TensorBoard reads it, written without TensorFlow.

TensorBoard's own writer imports TensorFlow where it is installed: seconds, in a worker whose study
may not need it.
"""

import contextlib
import errno
import os
import socket
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary


class Entry(NamedTuple):
    """What is known after a step.

    Attributes:
        summary: TensorBoard's message.
        step: The step.
        seconds: When, since the Unix epoch.
    """

    summary: "Summary"
    step: int
    seconds: float


class EventFile:
    """A new file of events in a folder, which is created.

    Raises:
        OSError: It can't be; so do the methods.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        # TensorBoard goes by `tfevents`, and by the time, to the second, for their order.
        name = f"events.out.tfevents.{now:010.0f}.{socket.gethostname()}.{os.getpid()}"
        self._file = (folder / name).open("wb", buffering=0)
        self._append(_record(Event(wall_time=now, file_version="brain.Event:2")))

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries: all of them, or none."""
        from tensorboard.compat.proto.event_pb2 import Event

        records = (
            _record(Event(wall_time=seconds, step=step, summary=summary))
            for summary, step, seconds in entries
        )
        self._append(b"".join(records))

    def close(self) -> None:
        self._file.close()

    def _append(self, content: bytes) -> None:
        end, written = self._file.tell(), 0
        try:
            written = self._file.write(content)
        finally:
            if written < len(content):  # half a record: nothing behind it could be read
                with contextlib.suppress(OSError):
                    self._file.truncate(end)
                    self._file.seek(end)
        if written < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _record(event: "object") -> bytes:
    """A message as TFRecord: https://www.tensorflow.org/tutorials/load_data/tfrecord."""
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    content: bytes = event.SerializeToString()  # type: ignore[attr-defined]
    length = struct.pack("<Q", len(content))
    sums = (struct.pack("<I", masked_crc32c(part)) for part in (length, content))
    return length + next(sums) + content + next(sums)

"""A file written whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from optisearch.errors import OptisearchError
from optisearch.tracebacks import headline


def write_file(path: Path, write: Callable[[Path], object], *, force: bool) -> None:
    """Write a file beside its place, and move it there.

    Args:
        path: Its place.
        write: Writes it to a path.
        force: Whether what is there already is replaced.

    Raises:
        OptisearchError: It is there already, or it can't be written: the disk is full, say. Nothing
            is left then.
    """
    if not path.parent.is_dir():
        raise OptisearchError(
            f"there is no folder {path.parent}", where=str(path), remedy="Create it first"
        )
    if path.exists() and not force:
        raise OptisearchError(
            "it is there already", where=str(path), remedy="Name another one, or give force=True"
        )
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            aside = Path(folder) / path.name
            write(aside)
            with aside.open("rb") as written:  # its bytes are on the disk before its name is
                os.fsync(written.fileno())
            aside.replace(path)
    except Exception as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else headline(error)
        raise OptisearchError(
            f"the file can't be written ({why})",
            where=str(path),
            remedy="Make room, or name a file in another folder",
        ) from None

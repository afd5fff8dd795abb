"""Tracebacks for the author of a study file: their own frames, not those of the machinery."""

import re
import sys
import sysconfig
import traceback
from pathlib import Path

# What TensorFlow says of its graph, around what it says of the error.
_TENSORFLOW_GRAPH = re.compile(
    r'\s*(Graph execution error:|Detected at node |File ".*", line \d+, in |\[\[\{\{node )'
)
# Keras sets parts of its messages in bold, whoever reads them.
_TYPEFACE = re.compile("\x1b\\[[0-9;]*m")
_OURS = Path(__file__).parent
# Installed packages and the standard library; a virtual environment inside the project included.
_LIBRARIES = tuple(
    Path(path) for name, path in sysconfig.get_paths().items() if name.endswith(("lib", "stdlib"))
)


def own_frames(error: BaseException) -> str:
    """The traceback of an error, reduced to frames of the user's own files."""
    summary = traceback.TracebackException.from_exception(error)
    summary.stack = traceback.StackSummary.from_list(
        [frame for frame in summary.stack if _is_users(frame.filename)]
    )
    return _TYPEFACE.sub("", "".join(summary.format(chain=False))).rstrip()


def cause(error: BaseException) -> str:
    """What failures with the same cause have in common: the error's type and the user's line."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_users(frame.filename)] or frames[-1:]
    place = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__}{place}"


def headline(error: BaseException, limit: int = 500) -> str:
    """An error in one line: its type and the beginning of its message."""
    lines = _TYPEFACE.sub("", str(error)).splitlines()
    said = [line for line in lines if not _TENSORFLOW_GRAPH.match(line)]
    text = " ".join(" ".join(said or lines).split())
    shortened = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return f"{type(error).__name__}: {shortened}" if shortened else type(error).__name__


def _is_users(filename: str) -> bool:
    if filename.startswith(("<", f"{sys.base_prefix}/lib/python")):
        return False
    path = Path(filename).resolve()
    return not any(path.is_relative_to(folder) for folder in (_OURS, *_LIBRARIES))

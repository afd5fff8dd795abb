"""TensorFlow's start-up lines, which say nothing to the person at the terminal.

They come from below Python, before any of TensorFlow's settings is read.
"""

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTER = re.compile(
    r"WARNING: All log messages before absl::InitializeLog|"
    r"[IW]\d{4} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IW] |"
    # Without a GPU, that there is none is reported as an error.
    r"E\d{4} \S+ +\d+ cuda_\w+\.cc"
)


def is_chatter(line: str) -> bool:
    """Whether a line is one of them."""
    return bool(_CHATTER.match(line))


@contextmanager
def without_chatter() -> Iterator[None]:
    """Standard error without them, for as long as the context lasts."""
    sys.stderr.flush()
    kept = os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    copier = threading.Thread(target=_copy, args=(reading, kept), daemon=True)
    copier.start()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        copier.join(timeout=1)  # a grandchild may hold the pipe open


def _copy(reading: int, kept: int) -> None:
    with open(reading, "rb") as lines, open(kept, "wb", buffering=0) as out:
        for line in lines:
            if not is_chatter(line.decode(errors="replace")):
                out.write(line)

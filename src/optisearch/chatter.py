"""TensorFlow's start-up lines, which say nothing to the person at the terminal.

They come from below Python, before any of TensorFlow's settings is read.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTER = re.compile(
    r"WARNING: All log messages before absl::InitializeLog|[IW]\d{4} \d\d:\d\d:\d\d|"
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IW] "
)


def is_chatter(line: str) -> bool:
    """Whether a line is one of them."""
    return bool(_CHATTER.match(line))


@contextmanager
def without_chatter() -> Iterator[None]:
    """Hold standard error back, and print it afterwards without them."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            sys.stderr.writelines(line for line in held if not is_chatter(line))

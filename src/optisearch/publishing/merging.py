"""Our part of a note and a person's: what a person has written into a note is never lost.

Our part ends with a line that carries its checksum. While that holds, the part is ours: it is
replaced, and what stands above and below it stays. A part that a person has changed is theirs by
now, and stays below the new one.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

_LAST_LINE = re.compile(r'Updated .*\[OptiSearch\]\(/ "([0-9a-f]{16})"\)')
_RULE = "---"


def signed(text: str, ended: int, updated: datetime) -> str:
    """A note with its last line: when it was written, and from how many trials.

    Args:
        text: The note.
        ended: How many trials had ended.
        updated: When it was written, with its zone.
    """
    trials = "1 trial that has ended" if ended == 1 else f"{ended:,} trials that have ended"
    before = f"Updated {updated:%Y-%m-%d %H:%M:%S %Z}, from {trials}, by [OptiSearch](/ "
    after = "). What is written above or below all this stays."
    lines = [*text.strip("\n").split("\n"), "", _RULE, ""]
    *_, checksum = _checksums([*lines, f'{before}""{after}'])
    return "\n".join([*lines, f'{before}"{checksum}"{after}'])


def merged(stored: str, ours: str) -> str:
    """A stored note with our part of it replaced.

    Args:
        stored: The note as it is, with whatever people have written into it.
        ours: Our part, `signed`.
    """
    lines = stored.split("\n")
    spans = list(_ours(lines))
    if not spans:
        theirs = stored.strip("\n")
        return f"{ours}\n\n{_RULE}\n\n{theirs}" if theirs.strip() else ours
    first = spans[0][0]
    theirs_below = [
        line
        for at, line in enumerate(lines)
        if at >= first and not any(begin <= at < end for begin, end in spans)
    ]
    parts = ("\n".join(lines[:first]), ours, "\n".join(theirs_below))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def _ours(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where our unchanged parts begin, and where they are over."""
    over = 0
    for at, line in enumerate(lines):
        found = _LAST_LINE.match(line)
        if found is None:
            continue
        unsigned = line.replace(found[1], "", 1)
        for size, checksum in enumerate(_checksums([*lines[over:at], unsigned]), 1):
            if checksum == found[1]:
                over = at + 1
                yield over - size, over
                break


def _checksums(lines: Sequence[str]) -> Iterator[str]:
    """That of the last line, that of the last two, and so on up to all."""
    found = hashlib.sha256()
    for line in reversed(lines):
        found.update(f"{line}\n".encode(errors="surrogatepass"))
        yield found.hexdigest()[:16]

"""Lengths of time and amounts of memory, as people write them."""

import re

_DURATION = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?)h)?(?:(?P<minutes>\d+(?:\.\d+)?)m)?(?:(?P<seconds>\d+(?:\.\d+)?)s?)?"
)
_UNITS = {"hours": 3600, "minutes": 60, "seconds": 1}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) *([a-z]+)")
# As Slurm and Docker have it, a letter alone counts in 1024s.
_BYTES = {"b": 1} | {
    f"{letter}{rest}": base**power
    for power, letter in enumerate("kmgt", start=1)
    for rest, base in (("", 1024), ("i", 1024), ("ib", 1024), ("b", 1000))
}


def read_duration(text: str) -> float:
    """A length of time in seconds, more than 0: `90`, `90s`, `30m`, `1h30m`.

    Raises:
        ValueError: It is none. Its words are for people.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    parts = {k: float(v) for k, v in match.groupdict().items() if v} if match else {}
    total = sum(number * _UNITS[unit] for unit, number in parts.items())
    if not total:
        raise ValueError(f"{text!r} is no length of time. Write 90s, 30m or 1h30m.")
    return float(total)


def read_size(text: str) -> int:
    """An amount of memory in bytes, more than 0: `4GiB`, `4G` (the same), `500MB`.

    Raises:
        ValueError: It is none. Its words are for people.
    """
    match = _SIZE.fullmatch(text.strip().lower())
    size = int(float(match[1]) * _BYTES.get(match[2], 0)) if match else 0
    if not size:
        raise ValueError(f"{text!r} is no amount of memory. Write 4GiB or 500MB.")
    return size

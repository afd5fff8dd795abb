"""The values that people give to options, read and checked."""

import math
import re
from typing import Any

import click

POSITIVE = click.IntRange(min=1)

_DURATION = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?)h)?(?:(?P<minutes>\d+(?:\.\d+)?)m)?(?:(?P<seconds>\d+(?:\.\d+)?)s?)?"
)
_SIZE = re.compile(r"(\d+(?:\.\d+)?) *([a-z]+)")
# As Slurm and Docker have it, a letter alone counts in 1024s.
_BYTES = {"b": 1} | {
    f"{letter}{rest}": base**power
    for power, letter in enumerate("kmgt", start=1)
    for rest, base in (("", 1024), ("i", 1024), ("ib", 1024), ("b", 1000))
}


class Duration(click.ParamType[float]):
    """A length of time in seconds: `90`, `90s`, `30m`, `1h30m`."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        match = _DURATION.fullmatch(str(value).strip().lower())
        parts = {k: float(v) for k, v in match.groupdict().items() if v} if match else {}
        units = {"hours": 3600, "minutes": 60, "seconds": 1}
        total = sum(number * units[unit] for unit, number in parts.items())
        if not total:
            self.fail(f"{value!r} is no length of time. Write 90s, 30m or 1h30m.", param, ctx)
        return float(total)


class Processes(click.ParamType[int | str]):
    """How many worker processes: a number from 1, or `auto`."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        if value == "auto":
            return "auto"
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor `auto`.", param, ctx)
        return int(POSITIVE.convert(number, param, ctx))


class Figure(click.ParamType[float]):
    """A finite number."""

    name = "value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(click.FLOAT.convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is no value that a metric could reach.", param, ctx)
        return number


class Size(click.ParamType[int]):
    """An amount of memory in bytes: `4GiB`, `4G` (the same), `500MB`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = _SIZE.fullmatch(str(value).strip().lower())
        size = int(float(match[1]) * _BYTES.get(match[2], 0)) if match else 0
        if not size:
            self.fail(f"{value!r} is no amount of memory. Write 4GiB or 500MB.", param, ctx)
        return size


class Devices(click.ParamType[Any]):
    """GPUs: `all`, or numbers from 0, as in `0,1`."""

    name = "gpus"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...] | str:
        if value == "all":
            return "all"
        words = [word.strip() for word in str(value).split(",")]
        if not all(word.isdecimal() for word in words) or len(set(map(int, words))) < len(words):
            self.fail(f"{value!r} names no GPUs. Write 0, or 0,1, or all.", param, ctx)
        return tuple(map(int, words))

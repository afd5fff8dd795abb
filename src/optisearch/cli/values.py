"""The values that people give to options, read and checked."""

import math
from typing import Any

import click

from optisearch.quantities import read_duration, read_size

POSITIVE = click.IntRange(min=1)


class Duration(click.ParamType[float]):
    """A length of time in seconds: `90`, `90s`, `30m`, `1h30m`."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        try:
            return read_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


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
        try:
            return read_size(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


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


class TrialNumber(click.ParamType[Any]):
    """A trial: its number, or None for `best`."""

    name = "trial"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        if value is None or value == "best":
            return None
        if not str(value).isdecimal():
            self.fail(f"{value!r} is neither a trial's number nor `best`.", param, ctx)
        return int(value)

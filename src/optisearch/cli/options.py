"""Options that several commands share, and the values that people give them."""

import os
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from optisearch.address import DEFAULT_URL, Address, parse

F = TypeVar("F", bound=Callable[..., Any])

_DURATION = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?)h)?(?:(?P<minutes>\d+(?:\.\d+)?)m)?(?:(?P<seconds>\d+(?:\.\d+)?)s?)?"
)


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


def address(url: str | None) -> Address:
    """The database that `--storage`, else the environment, else the default names."""
    return parse(url or os.environ.get("OPTISEARCH_STORAGE") or DEFAULT_URL)


def storage(function: F) -> F:
    """`--storage URL`, not parsed yet."""
    return click.option(
        "--storage",
        "url",
        metavar="URL",
        help="The database.  [default: $OPTISEARCH_STORAGE, else sqlite:///storage/optisearch.db; "
        "a password belongs into the environment or ~/.pgpass]",
    )(function)


def study_file(function: F) -> F:
    """The study file."""
    return click.argument("file", type=click.Path(path_type=Path))(function)


POSITIVE = click.IntRange(min=1)


_TRIALS = click.option(
    "--trials",
    type=POSITIVE,
    help="Trained trials in all.  [default: the study's, else 50]",
)
_PATIENCE = click.option(
    "--patience",
    type=POSITIVE,
    help="Stop when the best hasn't improved over so many finished trials.",
)
_SAMPLER = click.option("--sampler", metavar="NAME", help="tpe, random, qmc, gp.  [default: tpe]")
_PRUNER = click.option(
    "--pruner",
    metavar="NAME",
    help="median, percentile, asha, hyperband, none.  [default: median]",
)
_SEED = click.option("--seed", type=click.IntRange(min=0), help="The study's seed.  [default: 0]")
_SEEDS = click.option("--seeds", type=POSITIVE, help="Seeds of each row.  [default: 5]")
_TRAIN_SAMPLES = click.option(
    "--train-samples", type=POSITIVE, help="Train on so many records only."
)
WORKERS = click.option(
    "--workers",
    type=Processes(),
    metavar="N|auto",
    help="Processes, which share the cores. auto: as many as train most, measured the first time, "
    "for about 15 s a layout.  [default: one a core, to 4 and as memory allows]",
)
_WATCHED = (
    WORKERS,
    click.option("--timeout", type=Duration(), help="Wall-clock time: 90s, 30m, 1h30m."),
    click.option("-v", "--verbose", is_flag=True, help="Show each epoch and what is printed."),
    click.option("-q", "--quiet", is_flag=True, help="Show the result only."),
)


def search(function: F) -> F:
    """What a search may be told."""
    return _with(function, _TRIALS, _PATIENCE, _SAMPLER, _PRUNER, _SEED, _TRAIN_SAMPLES)


def cells(function: F) -> F:
    """What a stage of cells may be told."""
    return _with(function, _SEEDS, _SEED, _TRAIN_SAMPLES)


def watched(function: F) -> F:
    """What a command may be told that starts workers and watches them, as `manner`."""

    @wraps(function)
    def gathered(*args: Any, **given: Any) -> Any:
        names = ("workers", "timeout", "verbose", "quiet")
        return function(*args, manner={name: given.pop(name) for name in names}, **given)

    return _with(cast("F", gathered), *_WATCHED)


def _with(function: F, *options: Callable[[F], F]) -> F:
    for option in reversed(options):
        function = option(function)
    return function

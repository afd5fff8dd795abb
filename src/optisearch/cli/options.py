"""Options that several commands share."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from optisearch.address import Address, default, parse_argument, read
from optisearch.cli.values import POSITIVE, Devices, Duration, Processes, Size
from optisearch.machine import DETERMINISTIC
from optisearch.tracking import TOOLS

F = TypeVar("F", bound=Callable[..., Any])


def address(url: str | None = None, file: Path | None = None) -> Address:
    """The database that an option names, else the environment, else the default."""
    if url is not None:
        return parse_argument(url)
    if file is not None:
        return read(file)
    return default()


def storage(function: F) -> F:
    """`--storage URL` or `--storage-file FILE`, as `place`."""

    @wraps(function)
    def gathered(*args: Any, url: str | None, url_file: Path | None, **given: Any) -> Any:
        if url is not None and url_file is not None:
            context = click.get_current_context()
            raise click.UsageError("--storage and --storage-file name the database twice.", context)
        return function(*args, place=address(url, url_file), **given)

    return _with(cast("F", gathered), *_STORAGE)


def study_file(function: F) -> F:
    """The study file."""
    return click.argument("file", type=click.Path(path_type=Path))(function)


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
_FROM = click.option(
    "--from",
    "source",
    metavar="NAME",
    default="",
    help="Begin with the best configurations of this study, of the same database.",
)
_FROM_BEST = click.option(
    "--from-best", "best", type=POSITIVE, help="With so many of them.  [default: 5]"
)
_TRAIN_SAMPLES = click.option(
    "--train-samples", type=POSITIVE, help="Train on so many records only."
)
WORKERS = click.option(
    "--workers",
    type=Processes(),
    metavar="N|auto",
    help="Processes, which share the cores. auto: as many as train most, measured the first time, "
    "for about 15 s a layout.  [default: one a GPU, else one a core to 4, as memory allows]",
)
_GPUS = click.option(
    "--gpus",
    type=Devices(),
    metavar="0,1|all",
    help="NVIDIA GPUs, dealt out to the workers in turn.  [default: all that are visible]",
)
_TIMEOUT = click.option(
    "--timeout",
    "timeout_seconds",
    type=Duration(),
    help="Wall-clock time of the study, for all its workers: 90s, 30m, 1h30m.",
)
_TRIAL_TIMEOUT = click.option(
    "--trial-timeout",
    type=Duration(),
    help="A trial that takes longer is ended, and counts as failed.",
)
_MEMORY_LIMIT = click.option(
    "--memory-limit",
    type=Size(),
    metavar="SIZE",
    help="A worker that holds more is replaced after its trial: 4GiB, 500MB.",
)
_ALLOW_VERSIONS = click.option(
    "--allow-versions",
    "allows_versions",
    is_flag=True,
    help="Join with other Keras, TensorFlow or Optuna versions than the study was begun with.",
)


def _deterministic(_context: click.Context, _option: click.Parameter, given: bool) -> None:
    """As TensorFlow wants to be told, before it starts; this process's workers inherit it."""
    if given:
        os.environ[DETERMINISTIC] = "1"


_DETERMINISTIC = click.option(
    "--deterministic",
    is_flag=True,
    expose_value=False,
    callback=_deterministic,
    help="Use TensorFlow's deterministic operations alone, so that a GPU gives the same numbers "
    "again, too.",
)
_LOG = click.option(
    "--log",
    type=click.Choice(list(TOOLS)),
    multiple=True,
    metavar="TOOL",
    help=f"{', '.join(TOOLS)}: make each trial a run there as well. May be repeated.",
)
KEEP_MODELS = click.option(
    "--keep-models",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="How many of the search's best models are kept beside the database.",
)
_STORAGE = (
    click.option(
        "--storage",
        "url",
        metavar="URL",
        help="The database, without a password.  [default: $OPTISEARCH_STORAGE, else what "
        "$OPTISEARCH_STORAGE_FILE holds, else sqlite:///storage/optisearch.db]",
    ),
    click.option(
        "--storage-file",
        "url_file",
        type=click.Path(path_type=Path),
        help="A file that holds the URL; one with a password has to be yours alone.",
    ),
)
_WATCHED = (
    WORKERS,
    _GPUS,
    click.option("-v", "--verbose", is_flag=True, help="Show each epoch and what is printed."),
    click.option("-q", "--quiet", is_flag=True, help="Show the result only."),
)


def search(function: F) -> F:
    """What a search may be told."""
    return _with(function, _TRIALS, _PATIENCE, _SAMPLER, _PRUNER, _SEED, _TRAIN_SAMPLES)


def warm_start(function: F) -> F:
    """What a search may begin with."""
    return _with(function, _FROM, _FROM_BEST)


def cells(function: F) -> F:
    """What a stage of cells may be told."""
    return _with(function, _SEEDS, _SEED, _TRAIN_SAMPLES)


def process(function: F) -> F:
    """What a command that trains may be told, and each of its workers."""
    limits = (_TIMEOUT, _TRIAL_TIMEOUT, _MEMORY_LIMIT)
    return _with(function, *limits, _ALLOW_VERSIONS, _DETERMINISTIC, _LOG)


def watched(function: F) -> F:
    """What a command may be told that starts workers and watches them, as `manner`."""

    @wraps(function)
    def gathered(*args: Any, **given: Any) -> Any:
        names = ("workers", "gpus", "verbose", "quiet")
        return function(*args, manner={name: given.pop(name) for name in names}, **given)

    return _with(cast("F", gathered), *_WATCHED)


def _with(function: F, *options: Callable[[F], F]) -> F:
    for option in reversed(options):
        function = option(function)
    return function

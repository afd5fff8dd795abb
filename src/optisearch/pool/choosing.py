"""Which layout a command works with: by a rule, as given, as remembered, or as measured now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from rich.console import Console

from optisearch.job import Job
from optisearch.loading import read_source
from optisearch.pool.gpus import Gpus
from optisearch.pool.layout import Layout, Machine, candidates, fastest
from optisearch.pool.measuring import Measuring, rounded
from optisearch.pool.remembered import Measured, Remembered, key
from optisearch.report import format

Workers = int | Literal["auto"] | None
# Importing TensorFlow, reading the data, tracing, and some seconds of training.
_SECONDS_EACH = 15


def choose(job: Job, workers: Workers, console: Console, gpus: Gpus = None) -> Layout:
    """The layout for so many workers; for None by a rule; for `auto` the one that trains most.

    Raises:
        OptisearchError: A GPU that was asked for isn't there, or the study can't be trained, so
            nothing can be measured.
    """
    machine = Machine.here(gpus)
    if workers != "auto":
        return Layout.of(workers, machine)
    kept = Remembered()
    tried = candidates(machine)
    if len(tried) == 1:
        return replace(tried[0], why="there is core or memory for no other layout")
    name = key(read_source(job.path), job.train_samples, machine)
    known = kept.find(name)
    if known is not None and known.layout in tried:  # its memory may be gone by now
        layout = replace(known.layout, gpus=machine.gpus)
        _say(
            console,
            f"{layout}, which trained most when it was measured on {known.day}: "
            f"{rounded(known.rate)} epochs a second (to measure again, delete {kept.path})",
        )
        return layout
    _say(
        console,
        f"{job.path}: measuring which workers train most, "
        f"{format.amount(len(tried), 'layout')}, about {_SECONDS_EACH} s each",
    )
    measuring = Measuring(job, console)
    rates = measuring.rates(tried)
    best = fastest(rates)
    day = f"{datetime.now():%Y-%m-%d}"
    measured = Measured(best.workers, best.threads, rates[best], measuring.sizes, day)
    remembered = kept.keep(name, measured)
    _say(console, _sentence(best, rates, kept, remembered=remembered))
    return replace(measured.layout, gpus=machine.gpus)


def check_sizes(
    job: Job, sizes: Mapping[str, int | None] | None, console: Console, gpus: Gpus = None
) -> None:
    """Forget what was measured with other data than a run has met since."""
    kept = Remembered()
    name = key(read_source(job.path), job.train_samples, Machine.here(gpus))
    known = kept.find(name)
    if known is not None and known.sizes != sizes:
        kept.forget(name)
        _say(
            console,
            "Its data has other sizes than when its workers were measured: the next "
            "--workers auto measures again.",
        )


def _sentence(
    best: Layout, rates: Mapping[Layout, float], kept: Remembered, *, remembered: bool
) -> str:
    if rates[best] == max(rates.values()):
        what = f"{best} train most" if best.workers > 1 else f"{best} trains most"
    else:
        what = f"{best}: more workers gain less than 5 %, and searches learn most from few"
    return what + (f"; remembered in {kept.path}" if remembered else "")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)

"""The commands that ask: new, check, run, work."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optisearch.cli import options

if TYPE_CHECKING:
    from optisearch.address import Address
    from optisearch.events import Listener
    from optisearch.job import Job


def _job(file: Path, url: str | None, wishes: dict[str, Any]) -> "Job":
    from optisearch.job import Job
    from optisearch.pruners import check_pruner
    from optisearch.samplers import check_sampler
    from optisearch.stage import Wishes

    if wishes["sampler"] is not None:
        check_sampler(wishes["sampler"])
    if wishes["pruner"] is not None:
        check_pruner(wishes["pruner"])
    train_samples = wishes.pop("train_samples")
    return Job(file, options.address(url), Wishes(**wishes), train_samples)


def _lines(file: Path, address: "Address") -> "Listener":
    """Events as lines, for a worker that a person or an engine started."""
    from rich.console import Console

    from optisearch.pool.heading import Launch
    from optisearch.pool.layout import Layout, available_cores
    from optisearch.pool.screen import Lines

    layout = Layout(1, available_cores())
    lines = Lines(Console(highlight=False), Launch(file, address, layout), verbose=True)
    return lambda event: lines.event(os.getpid(), event)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Write a study FILE to start from."""
    from optisearch.template import write

    write(file)
    click.echo(f"{file} is written. Change it, then: optisearch check {file}")


@click.command(short_help="Check a study FILE and estimate its cost.")
@options.study_file
@options.search
@click.option("--workers", type=options.POSITIVE, help="For the estimate.")
def check(file: Path, workers: int | None, **wishes: Any) -> None:
    """Check a study FILE: its factors, baseline and cost; trains one batch."""
    from rich.console import Console

    from optisearch.checking import examine
    from optisearch.pool.layout import Layout

    layout = Layout.of(workers)
    os.environ.update(layout.environment())
    examine(_job(file, None, wishes), layout, Console(highlight=False))


@click.command()
@options.study_file
@options.search
@options.storage
@click.option("--workers", type=options.POSITIVE, help="Processes.  [default: one a core, to 4]")
@click.option("--timeout", type=options.Duration(), help="Wall-clock time: 90s, 30m, 1h30m.")
@click.option("-v", "--verbose", is_flag=True, help="Show each epoch and what the study prints.")
@click.option("-q", "--quiet", is_flag=True, help="Show the result only.")
def run(
    file: Path,
    url: str | None,
    workers: int | None,
    timeout: float | None,
    verbose: bool,
    quiet: bool,
    **wishes: Any,
) -> int:
    """Search a study's whole space. The same line again goes on where it ended."""
    from rich.console import Console

    from optisearch.pool.running import Manner, run_study

    return run_study(
        _job(file, url, wishes),
        workers=workers,
        timeout_seconds=timeout,
        manner=Manner(verbose=verbose, quiet=quiet),
        console=Console(highlight=False),
    )


@click.command()
@options.study_file
@options.search
@options.storage
@click.option("--stage", type=click.Choice(["search"]), default="search", show_default=True)
@click.option("--managed", type=click.Choice(["leader", "follower"]), hidden=True)
def work(
    file: Path,
    url: str | None,
    stage: str,
    managed: str | None,
    **wishes: Any,
) -> int:
    """One worker on a study's stage; the same line on any machine."""
    from optisearch.chatter import without_chatter
    from optisearch.events import PipeListener
    from optisearch.worker import Stop
    from optisearch.worker_process import Starter, run_worker

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    del stage  # the search is the only one so far
    job = _job(file, url, wishes)
    stop = Stop()
    stop.on_signals(ignore_interrupt=managed is not None)
    if managed is None:
        with without_chatter():
            return run_worker(job, _lines(file, job.address), stop)
    listener = PipeListener()
    starter = Starter(stop)
    return run_worker(job, listener, stop, starter=starter, checks=managed == "leader")

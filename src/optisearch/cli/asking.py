"""The commands that ask: new, check, run, compare, confirm, work."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optisearch.cli import options
from optisearch.cli.values import POSITIVE

if TYPE_CHECKING:
    from optisearch.address import Address
    from optisearch.events import Listener
    from optisearch.job import Job
    from optisearch.pool.choosing import Workers
    from optisearch.settings import Kind


def _job(
    file: Path,
    place: "Address",
    wishes: dict[str, Any],
    *,
    stage: "Kind" = "search",
    names: tuple[str, ...] = (),
    untuned: bool = False,
) -> "Job":
    from optisearch.job import Job
    from optisearch.plan import Wanted
    from optisearch.pruners import check_pruner
    from optisearch.samplers import check_sampler
    from optisearch.settings import Wishes
    from optisearch.tracking import check_tools

    if wishes.get("sampler") is not None:
        check_sampler(wishes["sampler"])
    if wishes.get("pruner") is not None:
        check_pruner(wishes["pruner"])
    if wishes.get("source") and stage != "search":
        raise click.UsageError("--from is for a search.", click.get_current_context())
    if wishes.get("best") and not wishes["source"]:
        raise click.UsageError("--from-best needs --from.", click.get_current_context())
    others = ("train_samples", "trial_timeout", "memory_limit", "allows_versions", "keep_models")
    told = {name: wishes.pop(name) for name in others if name in wishes}
    told["log"] = tuple(dict.fromkeys(wishes.pop("log", ())))
    check_tools(told["log"])
    wanted = Wanted(names, tuned=not untuned)
    return Job(file, place, Wishes(**wishes), stage=stage, wanted=wanted, **told)


def _lines(job: "Job") -> "Listener":
    """Events as lines, for a worker that a person or an engine started."""
    from rich.console import Console

    from optisearch.pool.heading import Launch
    from optisearch.pool.layout import Layout
    from optisearch.pool.screen import Lines
    from optisearch.resources import available_cores

    launch = Launch(job.path, job.address, Layout(1, available_cores()), log=job.log)
    lines = Lines(Console(highlight=False), launch, verbose=True)
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
@options.WORKERS
def check(file: Path, workers: "Workers", **wishes: Any) -> None:
    """Check a study FILE: its factors, baseline and cost; trains one batch."""
    from rich.console import Console

    from optisearch.checking import examine
    from optisearch.pool.choosing import choose

    job, console = _job(file, options.address(), wishes), Console(highlight=False)
    layout = choose(job, workers, console)
    os.environ.update(layout.environment())
    examine(job, layout, console)


@click.command()
@options.study_file
@options.search
@options.warm_start
@options.storage
@options.process
@options.KEEP_MODELS
@options.watched
def run(file: Path, place: "Address", manner: dict[str, Any], **wishes: Any) -> int:
    """Search a study's whole space. The same line again goes on where it ended."""
    return _watched(_job(file, place, wishes), manner)


@click.command(short_help="Measure each choice alone, over several seeds.")
@options.study_file
@click.argument("names", nargs=-1, metavar="[NAME]...")
@options.cells
@click.option("--untuned", is_flag=True, help="Leave out the halves that are tuned first.")
@options.storage
@options.process
@options.watched
def compare(
    file: Path,
    names: tuple[str, ...],
    place: "Address",
    untuned: bool,
    manner: dict[str, Any],
    **wishes: Any,
) -> int:
    """Measure each choice alone, over several seeds: all comparisons of a study, or those NAMEd
    (a factor means all comparisons of it). The same line again goes on where it ended; with more
    seeds it adds them."""
    job = _job(file, place, wishes, stage="compare", names=names, untuned=untuned)
    return _watched(job, manner)


@click.command(short_help="Winner against baseline, on the test split.")
@options.study_file
@options.cells
@options.storage
@options.process
@options.watched
def confirm(file: Path, place: "Address", manner: dict[str, Any], **wishes: Any) -> int:
    """Train the winner of the search and the baseline with fresh seeds on all data but the test
    split, and evaluate each once on that. Asked again, it shows the stored answer."""
    return _watched(_job(file, place, wishes, stage="confirm"), manner)


def _watched(job: "Job", manner: dict[str, Any]) -> int:
    """Train on this machine, with workers that are watched."""
    from rich.console import Console

    from optisearch.pool.running import Manner, run_study

    return run_study(
        job,
        workers=manner["workers"],
        gpus=manner["gpus"],
        manner=Manner(verbose=manner["verbose"], quiet=manner["quiet"]),
        console=Console(highlight=False),
    )


@click.command()
@options.study_file
@options.search
@options.warm_start
@options.storage
@options.process
@options.KEEP_MODELS
@click.option("--seeds", type=POSITIVE, help="Seeds of each row of a comparison.")
@click.option(
    "--stage",
    type=click.Choice(["search", "compare", "confirm"]),
    default="search",
    show_default=True,
)
@click.option("--only", "names", multiple=True, metavar="NAME", help="Of compare: only this one.")
@click.option("--untuned", is_flag=True, help="Of compare: without the tuned halves.")
@click.option("--managed", type=click.Choice(["leader", "follower", "meter"]), hidden=True)
def work(
    file: Path,
    place: "Address",
    stage: "Kind",
    names: tuple[str, ...],
    untuned: bool,
    managed: str | None,
    **wishes: Any,
) -> int:
    """One worker on a study's stage; the same line on any machine."""
    from optisearch.chatter import without_chatter
    from optisearch.events import PipeListener
    from optisearch.metering import run_meter
    from optisearch.worker import Stop
    from optisearch.worker_process import Starter, run_worker

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    job = _job(file, place, wishes, stage=stage, names=names, untuned=untuned)
    stop = Stop()
    stop.on_signals(ignore_interrupt=managed is not None)
    if managed is None:
        with without_chatter():
            return run_worker(job, _lines(job), stop)
    listener = PipeListener()
    starter = Starter(stop)
    if managed == "meter":
        return run_meter(job, listener, stop, starter)
    return run_worker(job, listener, stop, starter=starter, checks=managed == "leader")

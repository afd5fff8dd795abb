"""`optisearch run`: the session, and what is printed around it."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from optisearch import report as reports
from optisearch.job import Job
from optisearch.loading import read_source
from optisearch.pool.children import Children
from optisearch.pool.heading import Launch
from optisearch.pool.layout import Layout
from optisearch.pool.live import LiveScreen
from optisearch.pool.screen import Lines, NoScreen, Screen
from optisearch.pool.session import Session
from optisearch.report.render import terminal
from optisearch.results import StageResults


@dataclass(frozen=True)
class Manner:
    """How much is shown."""

    verbose: bool = False
    quiet: bool = False


def run_study(
    job: Job,
    *,
    workers: int | None,
    timeout_seconds: float | None,
    manner: Manner,
    console: Console,
) -> int:
    """Search a study on this machine, and print its result. Returns the exit code.

    Raises:
        OptisearchError: What keeps it from running.
    """
    read_source(job.path)  # a missing file or a syntax error needs no worker to be found
    layout = Layout.of(workers)
    launch = Launch(job.path, job.address, layout, timeout_seconds)
    session = Session(
        address=job.address,
        children=Children(job, layout.environment()),
        workers=layout.workers,
        screen=_screen(launch, manner, console),
        timeout_seconds=timeout_seconds,
    )
    code = session.run()
    results = session.results
    if results is not None:
        _print_result(results, job.path, session.ended, manner, console)
    return code


def _screen(launch: Launch, manner: Manner, console: Console) -> Screen:
    if manner.quiet:
        return NoScreen()
    kind = LiveScreen if console.is_terminal else Lines
    return kind(console, launch, manner.verbose)


def _print_result(
    results: StageResults, path: Path, ended: int, manner: Manner, console: Console
) -> None:
    report = reports.report(results)
    if manner.quiet:
        console.print(report.answer, soft_wrap=True, highlight=False)
        return
    console.print()
    terminal.render(report, console)
    console.print()
    console.print("\n".join(_next_commands(results, path, ended)), highlight=False, soft_wrap=True)


def _next_commands(results: StageResults, path: Path, ended: int) -> list[str]:
    """What one would do next."""
    info, tally = results.info, results.tally
    if info.trials and tally.trained < info.trials:
        lines = [f"{info.name} isn't finished: the same command goes on with it."]
    elif ended == 0:
        lines = [f"{info.name} was finished already: nothing was trained."]
    else:
        lines = [f"{info.name} is finished."]
    more = max(2 * (info.trials or 0), 1)
    return [
        *lines,
        f"  optisearch run {path} --trials {more}     search on",
        f"  optisearch report {info.name} --format markdown     the same tables for a document",
        f"  optisearch status {info.name}     what runs, what failed",
    ]

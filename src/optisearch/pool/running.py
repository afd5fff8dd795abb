"""`optisearch run`: the session, and what is printed around it."""

from dataclasses import dataclass

from rich.console import Console

from optisearch import report as reports
from optisearch.job import Job
from optisearch.loading import read_source
from optisearch.pool.children import Children
from optisearch.pool.choosing import Workers, check_sizes, choose
from optisearch.pool.gpus import Gpus
from optisearch.pool.heading import Launch
from optisearch.pool.live import LiveScreen
from optisearch.pool.screen import Lines, NoScreen, Screen
from optisearch.pool.session import Session
from optisearch.report.render import terminal
from optisearch.results import StageInfo, StageResults
from optisearch.storage import probe
from optisearch.warm_start import check_source


@dataclass(frozen=True)
class Manner:
    """How much is shown."""

    verbose: bool = False
    quiet: bool = False


def run_study(
    job: Job,
    *,
    workers: Workers,
    gpus: Gpus = None,
    manner: Manner,
    console: Console,
) -> int:
    """Search a study on this machine, and print its result. Returns the exit code.

    Args:
        job: What is trained.
        workers: How many; None: by a rule; `auto`: those that train most, as measured.
        gpus: The GPUs that they are dealt; None: all that there are.
        manner: How much is shown.
        console: Where.

    Raises:
        OptisearchError: What keeps it from running.
    """
    read_source(job.path)  # a missing file or a syntax error needs no worker to be found
    if job.wishes.source:
        check_source(job.address, job.wishes.source)  # nor an earlier study that isn't there
    if workers == "auto":
        probe(job.address)  # a database that can't be used needs no measuring to be found
    aside = Console(quiet=True) if manner.quiet else console
    layout = choose(job, workers, aside, gpus)
    timeout_seconds = job.wishes.timeout_seconds
    launch = Launch(job.path, job.address, layout, timeout_seconds, job.wanted, job.log)
    session = Session(
        address=job.address,
        children=Children(job, layout.environment),
        workers=layout.workers,
        screen=_screen(launch, manner, console),
        timeout_seconds=timeout_seconds,
        wanted=job.wanted,
    )
    code = session.run()
    results = session.results
    if results is not None:
        _print_result(results, job, session.ended, manner, console)
        if workers == "auto":
            check_sizes(job, results.info.data.get("sizes"), aside, gpus)
    return code


def _screen(launch: Launch, manner: Manner, console: Console) -> Screen:
    if manner.quiet:
        return NoScreen()
    kind = LiveScreen if console.is_terminal else Lines
    return kind(console, launch, manner.verbose)


def _print_result(
    results: StageResults, job: Job, ended: int, manner: Manner, console: Console
) -> None:
    report = reports.report(results.only(job.wanted))
    if manner.quiet:
        console.print(report.answer, soft_wrap=True, highlight=False)
        return
    console.print()
    terminal.render(report, console)
    console.print()
    console.print("\n".join(_next_commands(results, job, ended)), highlight=False, soft_wrap=True)


def _next_commands(results: StageResults, job: Job, ended: int) -> list[str]:
    """What one would do next."""
    info, progress = results.info, results.progress(job.wanted)
    if progress.left and not (info.patience and ended):
        lines = [f"{info.name} isn't finished: the same command goes on with it."]
    elif ended == 0:
        lines = [f"{info.name} was finished already: nothing was trained."]
    else:
        lines = [f"{info.name} is finished."]
    commands = {
        f"optisearch report {info.name} --format html --output report.html": "tables and pictures",
        f"optisearch status {info.name}": "what runs, what failed",
    }
    if not progress.left:
        commands = _further(info, job) | commands
    width = max(map(len, commands))
    return [*lines, *(f"  {command:<{width}}  {what}" for command, what in commands.items())]


def _further(info: StageInfo, job: Job) -> dict[str, str]:
    """What a finished stage leads to."""
    match job.stage:
        case "search":
            return {
                f"optisearch run {job.path} --trials {2 * (info.trials or 1)}": "search on",
                f"optisearch compare {job.path}": "each choice alone, over several seeds",
                f"optisearch confirm {job.path}": "the winner on the test split",
            }
        case "compare":
            more = 2 * (info.seeds or 1)
            return {f"optisearch compare {job.path} --seeds {more}": "narrower intervals"}
    return {}

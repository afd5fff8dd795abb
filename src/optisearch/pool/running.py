"""`optisearch run`: the session, and what is printed around it."""

from collections.abc import Callable
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
from optisearch.reading import StageInfo, StageResults
from optisearch.report.render import terminal
from optisearch.storage import probe
from optisearch.warm_start import check_source
from optisearch.worker import ExitCode


@dataclass(frozen=True)
class Manner:
    """How much is shown."""

    verbose: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Ran:
    """A run that is over.

    Attributes:
        code: How it ended.
        ended: How many trials ended in it.
        was_asked: Whether a signal asked it to stop.
        results: The stage as it stands; None where none was opened.
    """

    code: ExitCode
    ended: int
    was_asked: bool
    results: StageResults | None


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
    aside = Console(quiet=True) if manner.quiet else console
    ran = train(
        job,
        workers=workers,
        gpus=gpus,
        aside=aside,
        screen=lambda launch: screen_for(launch, manner, console),
    )
    if ran.results is not None:
        _print_result(ran.results, job, ran.ended, manner, console)
    return ran.code


def train(
    job: Job,
    *,
    workers: Workers,
    gpus: Gpus = None,
    aside: Console,
    screen: Callable[[Launch], Screen],
) -> Ran:
    """Do a job on this machine, with workers that are watched.

    Args:
        job: What is trained.
        workers: How many; see `run_study`.
        gpus: The GPUs that they are dealt.
        aside: Where to say what else is done, such as measuring.
        screen: Shows what happens.

    Raises:
        OptisearchError: What keeps it from running.
    """
    read_source(job.path)  # a missing file or a syntax error needs no worker to be found
    if job.wishes.source:
        check_source(job.address, job.wishes.source)  # nor an earlier study that isn't there
    if workers == "auto":
        probe(job.address)  # a database that can't be used needs no measuring to be found
    layout = choose(job, workers, aside, gpus)
    timeout_seconds = job.wishes.timeout_seconds
    session = Session(
        address=job.address,
        children=Children(job, layout.environment),
        workers=layout.workers,
        screen=screen(Launch(job.path, job.address, layout, timeout_seconds, job.wanted, job.log)),
        timeout_seconds=timeout_seconds,
        wanted=job.wanted,
    )
    ran = Ran(session.run(), session.ended, session.was_asked, session.results)
    if ran.results is not None and workers == "auto":
        check_sizes(job, ran.results.info.data.get("sizes"), aside, gpus)
    return ran


def screen_for(launch: Launch, manner: Manner, console: Console) -> Screen:
    """What shows a run there: live on a terminal, else lines."""
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
            front = {
                f"optisearch export {info.name} --trial N --output model.keras": (
                    "the model of a trial on the front"
                )
            }
            return (front if info.others else {}) | {
                f"optisearch run {job.path} --trials {2 * (info.trials or 1)}": "search on",
                f"optisearch compare {job.path}": "each choice alone, over several seeds",
                f"optisearch confirm {job.path}": "the winner on the test split",
            }
        case "compare":
            more = 2 * (info.seeds or 1)
            return {f"optisearch compare {job.path} --seeds {more}": "narrower intervals"}
    return {}

"""`status` and `report`: from the database to the terminal or a file."""

from datetime import datetime
from io import StringIO
from pathlib import Path

from rich.console import Console

from optisearch import report as reports
from optisearch import results
from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.lease import Owner
from optisearch.report import render
from optisearch.report.render import terminal
from optisearch.results import StageResults
from optisearch.storage import open_database


def show_status(address: Address, name: str | None, console: Console) -> None:
    """Print what is stored; of one study what runs and what is stuck.

    Raises:
        StorageError: The database can't be read, or there is no such study.
    """
    database = open_database(address, create=False)
    with database.errors():
        if name is None:
            stages, unreadable = results.load_stages(database.storage)
            section = reports.stored(stages, datetime.now(), unreadable)
            terminal.render_section(section, console)
            return
        for stage_name in results.find(database.storage, name):
            stage = results.load_stage(database.storage, stage_name)
            console.print(stage_name, style="bold", highlight=False)
            for section in reports.status(stage, datetime.now(), _orphans(stage)):
                terminal.render_section(section, console)


def show_report(address: Address, name: str, text_format: str, output: Path | None) -> None:
    """Print or write the report of a study, or of one of its stages.

    Raises:
        StorageError: The database can't be read, or there is no such study.
        OptisearchError: The name means several studies, or the file can't be written.
    """
    database = open_database(address, create=False)
    with database.errors():
        names = _of_one_study(results.find(database.storage, name))
        stages = [results.load_stage(database.storage, each) for each in names]
    report = reports.report(*stages)
    if text_format != "terminal":
        _write(render.to_text(report, text_format), output)
    elif output is None:
        terminal.render(report, Console(highlight=False))
    else:
        lines = StringIO()
        terminal.render(report, Console(file=lines, width=100, color_system=None))
        _write(lines.getvalue(), output)


def _of_one_study(names: tuple[str, ...]) -> tuple[str, ...]:
    studies = dict.fromkeys(name.rpartition("/")[0] or name for name in names)
    if len(studies) == 1:
        return names
    raise OptisearchError(
        "the name means several studies",
        where=names[0].partition("/")[0],
        remedy=f"Name one of {', '.join(studies)}",
    )


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptisearchError(
            f"the file can't be written ({error.strerror})",
            where=str(output),
            remedy="Name another file with --output",
        ) from None


def _orphans(stage: StageResults) -> list[int]:
    """The running trials whose worker is known to be gone."""
    return [
        trial.number
        for trial in stage.ended("running")
        if trial.owner and Owner(**trial.owner).is_dead()
    ]

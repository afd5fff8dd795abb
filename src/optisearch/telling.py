"""`status` and `report`: from the database to the terminal or a file."""

from datetime import datetime
from io import StringIO
from pathlib import Path

from rich.console import Console

from optisearch import report as reports
from optisearch import results
from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.report import render
from optisearch.report.render import terminal
from optisearch.results import Crew, StageResults
from optisearch.storage import Database, open_database


def show_status(address: Address, name: str | None, console: Console) -> None:
    """Print what is stored; of one study who is at work, what was lost, and what to do about it.

    Raises:
        StorageError: The database can't be read, or there is no such study.
    """
    database = open_database(address, create=False)
    with database.errors():
        database.read_clock()
        if name is None:
            stages, unreadable = results.load_stages(database.storage)
            crews = [(stage, _crew(database, stage)) for stage in stages]
            terminal.render_section(reports.stored(crews, _now(database), unreadable), console)
            return
        for stage_name in results.find(database.storage, name):
            stage = results.load_stage(database.storage, stage_name)
            console.print(stage_name, style="bold", highlight=False)
            for section in reports.status(stage, _now(database), _crew(database, stage)):
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


def _now(database: Database) -> datetime:
    """By the database's clock, in local time without a zone: as trials' times are read."""
    return database.now().astimezone().replace(tzinfo=None)


def _crew(database: Database, stage: StageResults) -> Crew:
    """Who is at work in a stage, by their heartbeats."""
    if database.backend is None or not stage.ended("running"):
        return Crew()
    from optisearch.storage.beats import pulses

    study_id = database.storage.get_study_id_from_name(stage.info.name)
    beats = {pulse.number: pulse.age_seconds for pulse in pulses(database.backend, study_id)}
    one_machine = database.is_of_one_machine
    return results.read_crew(stage, beats, _now(database), one_machine=one_machine)

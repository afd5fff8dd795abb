"""`status` and `report`: from the database to the terminal, a file or optuna-dashboard."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from optisearch import reading
from optisearch import report as reports
from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.report import format as fmt
from optisearch.report import render
from optisearch.report.render import terminal
from optisearch.storage import open_database


def show_status(address: Address, name: str | None, console: Console) -> None:
    """Print what is stored; of one study who is at work, what was lost, and what to do about it.

    Raises:
        StorageError: The database can't be read, or there is no such study.
    """
    database = open_database(address, create=False)
    with database.errors():
        database.read_clock()
        if name is None:
            stages, unreadable = reading.load_stages(database.storage)
            now = database.local_now()
            crews = [(stage, reading.load_crew(database, stage, now)) for stage in stages]
            terminal.render_section(reports.stored(crews, now, unreadable), console)
            return
        for stage_name in reading.find(database.storage, name):
            stage = reading.load_stage(database.storage, stage_name)
            console.print(stage_name, style="bold", highlight=False)
            now = database.local_now()
            for section in reports.status(stage, now, reading.load_crew(database, stage, now)):
                terminal.render_section(section, console)


def show_report(
    address: Address,
    name: str,
    text_format: str,
    output: Path | None,
    target: float | None = None,
) -> None:
    """Print or write the report of a study, or of one of its stages.

    Args:
        address: The database.
        name: The study, or a stage of it.
        text_format: See `report.render`.
        output: The file, or None to print it.
        target: What a search's time to accuracy waits for, in place of the study's own target.

    Raises:
        StorageError: The database can't be read, or there is no such study.
        OptisearchError: The name means several studies, or the file can't be written.
    """
    database = open_database(address, create=False)
    with database.errors():
        names = _of_one_study(reading.find(database.storage, name))
        stages = [reading.load_stage(database.storage, each) for each in names]
    if target is not None:
        stages = [replace(each, info=replace(each.info, target=target)) for each in stages]
    report = reports.report(*stages)
    if text_format != "terminal":
        _write(render.to_text(report, text_format), output)
    elif output is None:
        terminal.render(report, Console(highlight=False))
    else:
        lines = StringIO()
        terminal.render(report, Console(file=lines, width=100, color_system=None))
        _write(lines.getvalue(), output)


def publish_report(address: Address, name: str, console: Console) -> None:
    """Put the tables of a study, or of one of its stages, into optuna-dashboard at once.

    Raises:
        StorageError: The database can't be read or written, or there is no such study.
        OptisearchError: The name means several studies.
    """
    from optisearch import publishing

    database = open_database(address, create=False)
    with database.errors():
        database.read_clock()
        names = _of_one_study(reading.find(database.storage, name))
        for each in names:
            study_id = database.storage.get_study_id_from_name(each)
            stage = reading.load_stage(database.storage, each)
            publishing.store(database, study_id, publishing.prepare(stage, study_id), always=True)
    notes = "the note of the study" if len(names) == 1 else "the notes of their studies"
    console.print(
        f"Published {fmt.listing(names)}: optisearch dashboard shows the tables in {notes}, the "
        "figures beside its plots.",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


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

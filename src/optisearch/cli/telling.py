"""The commands that tell: status, report. They import no framework, and run no study file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optisearch.cli import options
from optisearch.cli.values import Figure

if TYPE_CHECKING:
    from optisearch.address import Address


@click.command(short_help="What is stored, what runs, what is stuck.")
@click.argument("name", required=False)
@options.storage
def status(name: str | None, place: "Address") -> None:
    """What is stored, what runs, what is stuck: of all studies, or of NAME."""
    from rich.console import Console

    from optisearch.telling import show_status

    show_status(place, name, Console(highlight=False))


@click.command()
@click.argument("name")
@options.storage
@click.option(
    "--format",
    "text_format",
    type=click.Choice(["terminal", "markdown", "html", "csv", "json"]),
    default="terminal",
    show_default=True,
    help="csv: a row per trial.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file to write to.")
@click.option(
    "--target",
    type=Figure(),
    help="How soon a search's trials reached this value of the metric.  [default: the study's]",
)
@click.option(
    "--publish",
    is_flag=True,
    help="Put them into the study's note in optuna-dashboard instead.",
)
def report(
    name: str,
    place: "Address",
    text_format: str,
    output: Path | None,
    target: float | None,
    publish: bool,
) -> None:
    """The tables of the study NAME, from the database alone."""
    from rich.console import Console

    from optisearch.telling import publish_report, show_report

    if not publish:
        show_report(place, name, text_format, output, target)
        return
    if output is not None or text_format != "terminal" or target is not None:
        raise click.UsageError(
            "--publish writes no file, and has a format and a target of its own.",
            click.get_current_context(),
        )
    publish_report(place, name, Console(highlight=False))

"""The commands that look after trained models: replay, export."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optisearch.cli import options
from optisearch.cli.values import TrialNumber

if TYPE_CHECKING:
    from optisearch.address import Address
    from optisearch.exporting.target import Format

_FILE = click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="The study file, where it isn't where it was.",
)


@click.command(short_help="Train a trial again: is it the same?")
@click.argument("name")
@click.option("--trial", "number", type=click.IntRange(min=0), required=True, help="Which one.")
@_FILE
@options.storage
def replay(name: str, number: int, file: Path | None, place: "Address") -> int:
    """Train a trial of the study NAME again, with its seed and settings. Say whether its metric is
    the same to the last digit, within the spread of seeds, or different; and what differs of code,
    data, versions and machine. Nothing is stored. Ends with 0 where it is the same, else with 1."""
    from rich.console import Console

    from optisearch.replaying import replay

    return replay(place, name, number, file, Console(highlight=False))


@click.command(short_help="A trial's model, as a file of Keras's.")
@click.argument("name")
@click.option(
    "--trial",
    "number",
    type=TrialNumber(),
    default="best",
    show_default=True,
    metavar="N|best",
    help="Which one.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The file to write."
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["keras", "saved_model", "onnx", "weights"]),
    help="By default what the file's name says.",
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@_FILE
@options.storage
def export(
    name: str,
    number: int | None,
    output: Path,
    file_format: "Format | None",
    force: bool,
    file: Path | None,
    place: "Address",
) -> int:
    """Write the model of a trial of the study NAME, from the weights that were kept or trained
    again, once it has measured what was recorded; and a model card beside it (model.md)."""
    from rich.console import Console

    from optisearch.exporting import export
    from optisearch.exporting.target import Target

    target = Target.of(output, file_format, force=force)
    return export(place, name, number, target, file=file, console=Console(highlight=False))

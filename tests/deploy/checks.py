"""What checks a deployment file: its schema, the command line itself, and changes to be found."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import click
import jsonschema

from optisearch.cli import commands

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
# What a worker takes to drain, and some; `kill -9` follows when the grace is over.
GRACE_SECONDS = 30 + 15


def violations(document: Any, schema: str, definition: str = "") -> list[str]:
    """How a document violates a schema, or a definition in it."""
    rules = _schema(schema)
    if definition:
        rules = {"$ref": f"#/$defs/{definition}", "$defs": rules["$defs"]}
    checker = jsonschema.Draft202012Validator(rules)
    return [f"{each.json_path}: {each.message}" for each in checker.iter_errors(document)]


@cache
def _schema(name: str) -> Any:
    return json.loads((Path(__file__).parent / "schemas" / f"{name}.json").read_text())


def refusal(arguments: list[str]) -> str:
    """Why the command line, or the image, doesn't take these arguments; empty where they do."""
    name, *rest = arguments
    command = commands.commands.get(name)
    if command is None:
        return f"no command {name}"
    try:
        context = command.make_context(name, rest)
    except click.ClickException as error:
        return error.format_message()
    file = context.params.get("file")
    if file is None:
        return ""
    is_there = (ROOT / file).is_file() and file.parts[0] == "studies"
    return "" if is_there else f"{file} isn't in the image"


def changed(document: Any, place: str, value: Any) -> Any:
    """A copy with another value at a place such as `spec/rules/0`; with None, without it."""
    document = copy.deepcopy(document)
    *way, last = [int(step) if step.isdecimal() else step for step in place.split("/")]
    part = document
    for step in way:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return document

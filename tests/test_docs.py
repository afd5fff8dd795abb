"""What the documentation says is run: its Python, its commands, its map."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from optisearch.cli import commands
from optisearch.study import Study

ROOT = Path(__file__).parents[1]


def python_blocks(page: str) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL))


@pytest.mark.keras
def test_the_studies_on_their_page_are_sound(tmp_path: Path) -> None:
    names = ("study", "costly", "stopped", "informed", "compared", "own", "fitted")
    file = tmp_path / "page.py"
    file.write_text(python_blocks("docs/study-files.md") + f"\nprint({', '.join(names)})")
    shown = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
    assert shown.stdout.count("Study(name=") == len(names)


def test_the_example_of_the_tables_prints_what_the_page_says(tmp_path: Path) -> None:
    page = "docs/tables.md"
    file = tmp_path / "page.py"
    file.write_text(python_blocks(page))
    shown = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
    said = re.findall(r"```text\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert said == [shown.stdout]


def test_a_page_lists_all_commands_and_options() -> None:
    page = ROOT / "docs/commands.md"
    parts = ["# Commands\n", "What `--help` says; a test keeps this page true.\n"]
    wide = {"terminal_width": 90}
    top = click.Context(commands, info_name="optisearch", **commands.context_settings | wide)
    parts.append(f"## optisearch\n\n```\n{commands.get_help(top)}\n```\n")
    for name, command in commands.commands.items():
        command._help_option = None  # click keeps the first one, of another context maybe
        context = click.Context(command, parent=top, info_name=name, **wide)
        parts.append(f"## optisearch {name}\n\n```\n{command.get_help(context)}\n```\n")
    text = "\n".join(parts)
    if os.environ.get("UPDATE_GOLDEN"):
        page.write_text(text)
    assert page.read_text() == text


def test_the_map_names_every_room() -> None:
    readme = (ROOT / "README.md").read_text()
    rooms = {path.name for path in (ROOT / "src/optisearch").iterdir()} - {"__pycache__"}
    missing = {room for room in rooms if room not in readme and not room.startswith(("__", "."))}
    assert missing <= {"errors.py", "tracebacks.py", "chatter.py", "storage_errors.py", "py.typed"}


def test_ci_runs_the_command_that_the_readme_prints() -> None:
    after = (ROOT / "README.md").read_text().partition("<!-- test command -->")[2]
    command = next(line for line in after.splitlines() if line.startswith("python"))
    assert "pytest" in command
    assert "<!-- test command -->" in (ROOT / ".ci/run").read_text()


def test_shipped_studies_are_named_like_their_files() -> None:
    for path in (ROOT / "studies").glob("*.py"):
        assert f'name="{path.stem}"' in path.read_text(), path
    assert Study.__doc__

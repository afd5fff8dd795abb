"""docs/many-machines.md: its links lead somewhere, its commands are ones, its sums are right."""

import re

import pytest

from .checks import ROOT, refusal

PAGE = (ROOT / "docs" / "many-machines.md").read_text()
BLOCKS = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = re.findall(r"\boptisearch ((?:run|work|dashboard)\b[^&#\n]*)", BLOCKS)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", PAGE))))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_there_are_commands() -> None:
    assert {command.split()[0] for command in COMMANDS} == {"run", "work", "dashboard"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one(command: str) -> None:
    assert refusal(command.split()) == ""


def test_the_connections_suffice() -> None:
    """Two a worker, three for superusers, and some for people."""
    rows = re.findall(r"^\| (?:up to )?(\d+) \| ([\d,]+)", PAGE, re.MULTILINE)
    assert len(rows) == 4
    for workers, connections in rows:
        free = int(connections.replace(",", "")) - 3 - 2 * int(workers)
        assert 5 <= free <= 20

"""What a run says first: what is searched, on what data, for how long, and where results land."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from optisearch.address import Address
from optisearch.events import Ready
from optisearch.objectives import read_objectives
from optisearch.plan import EVERYTHING, Wanted
from optisearch.pool.layout import Layout
from optisearch.reading import FactorInfo
from optisearch.report import format, ranges
from optisearch.settings import CONFIRM, SEARCH
from optisearch.tracking import looks

_INDENT = 11


@dataclass(frozen=True)
class Launch:
    """How a run was started."""

    path: Path
    address: Address
    layout: Layout
    timeout_seconds: float | None = None
    wanted: Wanted = EVERYTHING
    log: tuple[str, ...] = ()


def heading(ready: Ready, launch: Launch) -> Text:
    """The lines above a run's progress."""
    text = Text(ready.stage, style="bold")
    title = ready.manifest["title"]
    text.append(f" · {format.text(title)}\n" if title else "\n", style="not bold")
    for name, fact in _facts(ready, launch):
        text.append(f"{name:<{_INDENT}}", style="not bold dim")
        text.append(f"{fact}\n", style="not bold")
    return text


def _facts(ready: Ready, launch: Launch) -> list[tuple[str, str]]:
    manifest, settings, budget = ready.manifest, ready.settings, ready.budget
    aims = read_objectives(manifest)
    facts = [("metric", f"{aims[0].name}, {aims[0].direction}d")]
    if settings["stage"] == SEARCH:
        facts += [("", f"{each.name}, {each.direction}d") for each in aims[1:]]
    data = manifest["data"]
    if data:
        facts.append(("data", _data(data)))
        if data["note"]:
            facts.append(("", format.text(data["note"])))
    if ready.rows:
        facts += _cells(ready)
    else:
        for index, factor in enumerate(map(FactorInfo.from_manifest, manifest["space"]["factors"])):
            facts.append(("" if index else "space", _factor(factor)))
    limits = [format.amount(ready.total, "cell" if ready.rows else "trial")]
    if launch.timeout_seconds:
        limits.append(f"at most {format.seconds(launch.timeout_seconds)}")
    if budget.get("patience"):
        limits.append(f"ends after {budget['patience']} without improvement")
    layout = launch.layout
    limits.append(f"{layout} ({layout.why})" if layout.why else str(layout))
    facts.append(("budget", " · ".join(limits)))
    facts += [("" if at else "begins", line) for at, line in enumerate(ready.begins)]
    if not ready.rows:
        how = f"{settings['sampler']}, pruned by {settings['pruner']}, seed {settings['seed']}"
        facts.append(("search", how))
    if ready.versions:
        facts.append(("versions", f"{ready.versions} here, others where it was begun"))
    facts.append(("results", str(launch.address)))
    facts.append(("dashboard", _dashboard(launch.address)))
    tools = looks(launch.log, os.environ, launch.address)
    facts += [("" if at else "log", look) for at, look in enumerate(tools)]
    return facts


def _dashboard(address: Address) -> str:
    """The command that shows it. A password it finds where this run found it."""
    if address.is_default or address.has_password:
        return "optisearch dashboard"
    return f"optisearch dashboard --storage {shlex.quote(address.text)}"


def _cells(ready: Ready) -> list[tuple[str, str]]:
    """What is compared, over how many seeds, and what a changed definition had otherwise."""
    rows = [f"{name}: {what}" for name, what in ready.rows]
    verb = "confirms" if ready.settings["stage"] == CONFIRM else "compares"
    facts = [(verb if row is rows[0] else "", row) for row in rows]
    facts.append(("seeds", f"{ready.budget['seeds']} for each row"))
    if ready.changes:
        facts.append(("changed", f"{ready.trained} trained cells are still in it, and kept"))
        facts += [("", change) for change in ready.changes]
    return facts


def _data(data: dict[str, Any]) -> str:
    sizes = [f"{format.count(size)} {part}" for part, size in data["sizes"].items() if size]
    return f"{data['name']}: {', '.join(sizes)}"


def _factor(factor: FactorInfo) -> str:
    condition = ranges.conditions(factor)
    return f"{factor.name}: {ranges.span(factor)}" + (f" ({condition})" if condition else "")

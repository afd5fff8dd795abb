"""What is otherwise now than when a trial was recorded: code, data, versions, machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optisearch import machine
from optisearch import manifest as manifests
from optisearch.errors import Difference
from optisearch.reading import TrialResult
from optisearch.replaying.recorded import Recorded
from optisearch.worker_process import Prepared


@dataclass(frozen=True)
class Cause:
    """One thing that numbers depend on.

    Attributes:
        name: `code`, `data`, `versions` or `machine`.
        differences: Where it differs.
        note: What else is to be said of it; why nothing is known, where that is so.
        is_known: Whether it was recorded.
    """

    name: str
    differences: Sequence[Difference] = ()
    note: str = ""
    is_known: bool = True


def causes(recorded: Recorded, prepared: Prepared) -> tuple[Cause, ...]:
    """What numbers depend on, and where it differs."""
    found = manifests.differences(recorded.manifest, prepared.manifest)
    data = [each for each in found if each.field.startswith("data ")]
    code = [each for each in found if each not in data]
    return (
        Cause("code", code, _of_text(recorded, prepared, code)),
        Cause(
            "data", data, "" if recorded.manifest.get("data") else "the study has none of its own"
        ),
        Cause("versions", _of_versions(recorded, prepared.manifest)),
        _of_machine(recorded),
    )


def _of_text(recorded: Recorded, prepared: Prepared, code: Sequence[Difference]) -> str:
    if code or recorded.source == prepared.source:
        return ""
    if not recorded.source:
        return "the study file's text wasn't recorded"
    return "the study file's text has changed, but no definition that was recorded"


def versions_of(manifest: Mapping[str, Any], trial: TrialResult) -> dict[str, str]:
    """The versions of Python and the libraries that a trial was trained with."""
    stored = dict(manifest.get("versions") or {})
    for word in filter(None, trial.versions.split(", ")):
        package, _, version = word.partition(" ")
        stored[package] = version
    return stored


def _of_versions(recorded: Recorded, given: Mapping[str, Any]) -> list[Difference]:
    here = given["versions"]
    return [
        Difference(package, version, here.get(package, "nothing"))
        for package, version in versions_of(recorded.manifest, recorded.trial).items()
        if version != here.get(package)
    ]


def _of_machine(recorded: Recorded) -> Cause:
    stored = recorded.trial.machine
    if stored is None:
        return Cause("machine", note="an earlier OptiSearch didn't record it", is_known=False)
    found = machine.differences(stored, machine.describe())
    others = [a.number for a in recorded.attempts if a.machine not in (None, stored)]
    note = ""
    if others:
        note = f"its first epochs were trained elsewhere (trial {', '.join(map(str, others))})"
    return Cause("machine", found, note)

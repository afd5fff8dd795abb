"""Study → JSON, stored with each stage; and the differences of two.

The manifest is what readers and joining workers trust: readers never execute the study file, and a
worker whose file or data differs is refused.
"""

import ast
import math
import platform
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from optisearch import definitions
from optisearch import space as spaces
from optisearch.data import Split
from optisearch.errors import Difference
from optisearch.objectives import read_objectives, stored_objectives
from optisearch.study import Study

FORMAT = 1
_PACKAGES = ("optisearch", "optuna", "keras", "tensorflow", "numpy", "scikit-learn")
# The same code by another name of its distribution.
_ALIASES = {"tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos")}
# Of another release of these, the same definition may train to something else.
_DECISIVE = ("keras", "tensorflow", "optuna")
# What a search doesn't depend on: comparisons have levels.
_IRRELEVANT = frozenset({"levels"})
_ABSENT = "nothing"
# In the representation of a function or an object; another one in each process.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def describe(
    study: Study, data: Split | None, *, source: str = "", file: str = ""
) -> dict[str, Any]:
    """The manifest of a study.

    Args:
        study: The study.
        data: Its data, or None.
        source: The text of the study file, which was imported: its definitions are fingerprinted
            one by one, and those of its own modules.
        file: The study file's path, for people.
    """
    space = study.space
    return {
        "format": FORMAT,
        "name": data.stored_as(study.name) if data is not None else study.name,
        "study": study.name,
        "title": _title(source),
        "file": file,
        "metric": study.metric,
        "direction": study.direction,
        "objectives": stored_objectives(study.objectives),
        "trials": study.trials,
        "target": study.target,
        "space": {
            "name": space.__name__,
            "factors": [factor.as_dict() for factor in spaces.factors(space).values()],
            "fixed": {name: _plain(value) for name, value in spaces.fixed(space).items()},
            "baseline": spaces.baseline_point(space),
        },
        "data": None if data is None else _describe_data(data),
        "code": dict(definitions.fingerprints(source, space.__name__)),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """The versions of Python and of the packages a result depends on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        for name in _ALIASES.get(package, (package,)):
            try:
                found[package] = version(name)
                break
            except PackageNotFoundError:
                continue
    return found


def differences(stored: Mapping[str, Any], given: Mapping[str, Any]) -> list[Difference]:
    """Where two manifests differ in what a search's results depend on, field by field."""
    found = list(_objective_differences(stored, given))
    found += _factor_differences(stored["space"], given["space"])
    for part in ("fixed", "code"):
        before = stored["space"].get(part, {}) if part == "fixed" else stored.get(part, {})
        after = given["space"].get(part, {}) if part == "fixed" else given.get(part, {})
        found += _mapping_differences(part, before, after)
    before, after = stored.get("data") or {}, given.get("data") or {}
    for field in ("fingerprint", "sizes"):
        if before.get(field) != after.get(field):
            found.append(
                Difference(f"data {field}", _text(before.get(field)), _text(after.get(field)))
            )
    return found


def version_differences(stored: Mapping[str, Any], given: Mapping[str, Any]) -> list[Difference]:
    """Where two manifests differ in the releases (major.minor) of Keras, TensorFlow and Optuna."""
    before, after = stored.get("versions") or {}, given.get("versions") or {}
    return [
        Difference(f"{package} version", _text(before.get(package)), _text(after.get(package)))
        for package in _DECISIVE
        if _release(before.get(package)) != _release(after.get(package))
    ]


def other_versions(stored: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """What is given in another version than is stored, whatever package and however little, in
    words: `keras 3.12.1, numpy 2.3.0`."""
    before, after = stored.get("versions") or {}, given.get("versions") or {}
    return ", ".join(
        f"{package} {version}"
        for package, version in after.items()
        if before.get(package) != version
    )


def _release(version: str | None) -> list[str] | None:
    return version.split(".")[:2] if version else None


def _objective_differences(
    stored: Mapping[str, Any], given: Mapping[str, Any]
) -> Iterator[Difference]:
    for field in ("metric", "direction"):
        if stored.get(field) != given.get(field):
            yield Difference(field, str(stored.get(field)), str(given.get(field)))
    before, after = (
        ", ".join(map(str, read_objectives(manifest)[1:])) or _ABSENT
        for manifest in (stored, given)
    )
    if before != after:
        yield Difference("further objectives", before, after)


def _factor_differences(
    stored: Mapping[str, Any], given: Mapping[str, Any]
) -> Iterator[Difference]:
    before = {factor["name"]: factor for factor in stored["factors"]}
    after = {factor["name"]: factor for factor in given["factors"]}
    for name in {**before, **after}:
        if name not in before or name not in after:
            yield Difference(
                name,
                "a factor" if name in before else _ABSENT,
                "a factor" if name in after else _ABSENT,
            )
            continue
        keys = dict.fromkeys((*before[name], *after[name]))
        if before[name]["kind"] != after[name]["kind"]:
            keys = {"kind": None}  # the rest follows
        for key in keys:
            if key not in _IRRELEVANT and before[name].get(key) != after[name].get(key):
                yield Difference(
                    f"{name} {key}", _text(before[name].get(key)), _text(after[name].get(key))
                )


def _mapping_differences(
    part: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if part == "fixed":
            yield Difference(name, _text(old), _text(new))
        else:  # fingerprints say nothing to people
            yield Difference(
                f"code of {name}",
                "another version" if old else _ABSENT,
                "this version" if new else _ABSENT,
            )


def _text(value: object) -> str:
    if value is None:
        return _ABSENT
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _describe_data(data: Split) -> dict[str, Any]:
    return {
        "name": data.stored_as(data.name),
        "fingerprint": data.fingerprint,
        "sizes": data.sizes,
        "note": data.note,
    }


def _title(source: str) -> str:
    docstring = ast.get_docstring(ast.parse(source)) if source else None
    return docstring.partition("\n")[0] if docstring else ""


def _plain(value: object) -> Any:
    """A fixed field as a JSON value; what isn't one, by its representation."""
    if isinstance(value, bool | int | str | None):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return _ADDRESS.sub("", repr(value))

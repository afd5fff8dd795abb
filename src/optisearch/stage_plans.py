"""What a compare or confirm stage is to train: from the study's definition, and from its search."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from optisearch import manifest as manifests
from optisearch import plan as plans
from optisearch import reading, record
from optisearch.errors import Difference, MismatchError, NotStoredError, OptisearchError
from optisearch.plan import Contestant, Wanted
from optisearch.settings import SEARCH
from optisearch.space.stored import active_point
from optisearch.storage import Database, attributes
from optisearch.study import Study


def comparisons_for(
    study: Study, where: str, *, redefine: bool, changed: Callable[[list[Difference]], None]
) -> Callable[[int, Mapping[str, Any]], dict[str, Any]]:
    """What a compare stage stores of its plan; see `joining.open_stage`.

    Cells are known by their point and seed: those that a changed definition still has, are kept.

    Args:
        study: The study.
        where: Its file, for people.
        redefine: Whether a definition that differs from the stored one replaces it. A worker that
            joins follows the stored one, so that all train the same cells; it is refused instead.
        changed: Is told what a replaced definition had otherwise.
    """

    def planned(study_seed: int, stored: Mapping[str, Any]) -> dict[str, Any]:
        given = plans.describe(study, study_seed)
        before = stored.get(record.COMPARISONS, given)
        found = _differences(before, given)
        if found and not redefine:
            raise MismatchError(
                "the stored comparisons differ from this study's",
                found,
                where=where,
                remedy=f"optisearch compare {where} replaces them; cells in both are kept",
            )
        if found:
            changed(found)
        return {record.COMPARISONS: given}

    return planned


def check_wanted(wanted: Wanted, study: Study) -> None:
    """Raise an OptisearchError unless each name is that of a comparison or of its factor."""
    listed = plans.describe(study, 0) if wanted.names else []
    known = dict.fromkeys(name for each in listed for name in (each["name"], each["factor"]))
    for name in wanted.names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Use one of {', '.join(known)}"
            raise OptisearchError(
                f"{name!r} is compared nowhere in this study", where=study.name, remedy=hint
            )


def contestants_for(
    database: Database, manifest: Mapping[str, Any], *, redefine: bool
) -> Callable[[int, Mapping[str, Any]], dict[str, Any]]:
    """What a confirm stage stores of its plan: the search's winner, and the baseline."""

    def planned(_study_seed: int, stored: Mapping[str, Any]) -> dict[str, Any]:
        before = stored.get(record.CONTESTANTS)
        if before is not None and not redefine:
            return {record.CONTESTANTS: before}
        contestants = [each.as_dict() for each in _contestants(database, manifest)]
        earlier = list(before["earlier"]) if before else []
        known = [each["point"] for each in [*contestants, *earlier]]
        for each in before["contestants"] if before else ():
            if each["point"] not in known:
                earlier.append(each)
        points = [each["point"] for each in contestants]
        earlier = [each for each in earlier if each["point"] not in points]
        return {record.CONTESTANTS: {"contestants": contestants, "earlier": earlier}}

    return planned


def _contestants(database: Database, manifest: Mapping[str, Any]) -> list[Contestant]:
    name = f"{manifest['name']}/{SEARCH}"
    remedy = f"Search first: optisearch run {manifest['file']}"
    try:
        search = reading.load_stage(database.storage, name)
    except NotStoredError:
        raise OptisearchError(
            "there is nothing to confirm: the study wasn't searched", where=name, remedy=remedy
        ) from None
    if search.best is None:
        raise OptisearchError("no trial of the search has completed", where=name, remedy=remedy)
    study_id = database.storage.get_study_id_from_name(name)
    stored = attributes.named(database.storage, study_id, (record.MANIFEST,))
    found = manifests.differences(stored[record.MANIFEST], manifest)
    if found:
        raise MismatchError(
            "the study was changed since it was searched",
            found,
            where=name,
            remedy="Restore it, or search again under another name",
        )
    info = search.info
    winner = active_point(info.factors, search.best.params, info.fixed)
    baseline = info.baseline()
    first = search.baseline
    contestants = [Contestant("winner", winner, search.best.number, search.best.value)]
    if baseline != winner:
        number, value = (first.number, first.value) if first is not None else (None, None)
        contestants.append(Contestant("baseline", baseline, number, value))
    return contestants


def _differences(before: list[dict[str, Any]], given: list[dict[str, Any]]) -> list[Difference]:
    """What two definitions differ in, comparison by comparison."""
    old, new = ({each["name"]: each for each in listed} for listed in (before, given))
    found = []
    for name in {**old, **new}:
        if name not in old or name not in new:
            word = "a comparison"
            present = (word if name in listed else "nothing" for listed in (old, new))
            found.append(Difference(name, *present))
            continue
        found += [
            Difference(f"{name} {key}", str(old[name].get(key)), str(new[name].get(key)))
            for key in new[name]
            if old[name].get(key) != new[name].get(key)
        ]
    return found

"""The stages of a database by name."""

from collections.abc import Mapping
from difflib import get_close_matches

import optuna
from optuna.storages import BaseStorage

from optisearch.errors import NotStoredError, OptisearchError
from optisearch.reading.reader import read_stage
from optisearch.reading.stage import StageResults
from optisearch.record import MANIFEST
from optisearch.storage import attributes


def find(storage: BaseStorage, name: str) -> tuple[str, ...]:
    """The stages that a name means, in the order in which they were begun.

    `mnist/search` is one stage, `mnist` all stages of that study. Where there is none of exactly
    that name, the variants with data of another kind are meant: `mnist-digits/search`.

    Raises:
        NotStoredError: There is none. Names the nearest, and what there is.
    """
    studies = _studies(storage)
    if name in studies:
        return (name,)
    stages = [other for other in studies if other.startswith(f"{name}/")]
    if not stages:
        wanted, _, stage = name.partition("/")
        ending = f"/{stage}" if stage else ""
        stages = [
            other for other, study in studies.items() if study == wanted and other.endswith(ending)
        ]
    if not stages:
        raise _not_stored(name, studies)
    return tuple(stages)


def load_stage(storage: BaseStorage, name: str) -> StageResults:
    """Read the stage of exactly this name.

    Raises:
        NotStoredError: There is none.
        OptisearchError: It has several objectives, or a newer OptiSearch stored it.
    """
    try:
        study = optuna.load_study(study_name=name, storage=storage)
    except KeyError:
        raise _not_stored(name, _studies(storage)) from None
    return read_stage(study)


def load_stages(storage: BaseStorage) -> tuple[tuple[StageResults, ...], tuple[str, ...]]:
    """Read all there is.

    Returns:
        The stages, and a sentence for each study that can't be read.
    """
    stages: list[StageResults] = []
    unreadable: list[str] = []
    for name in _studies(storage):
        try:
            stages.append(load_stage(storage, name))
        except NotStoredError:
            continue  # deleted meanwhile
        except OptisearchError as error:
            unreadable.append(str(error))
    return tuple(stages), tuple(unreadable)


def _studies(storage: BaseStorage) -> dict[str, str | None]:
    """The name of each `optuna.Study`, with that of our study whose stage it is, if it is one."""
    found = attributes.of_all_studies(storage, MANIFEST)
    return {name: (manifest or {}).get("study") for name, manifest in found.items()}


def _not_stored(name: str, studies: Mapping[str, str | None]) -> NotStoredError:
    if not studies:
        return NotStoredError(
            "nothing is stored here yet", where=name, remedy="Begin with: optisearch run FILE"
        )
    heads = [other.partition("/")[0] for other in studies]
    known = dict.fromkeys(filter(None, [*studies, *heads, *studies.values()]))
    near = [
        match
        for wanted in (name, name.partition("/")[0])
        for match in get_close_matches(wanted, known, 1)
    ]
    remedy = f"Did you mean {near[0]}?" if near else "Use one of the names below"
    stored = "\n".join(f"  {other}" for other in studies)
    return NotStoredError("there is no such study here", where=name, remedy=remedy, detail=stored)

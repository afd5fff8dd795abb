"""The stages of a database by name."""

from collections.abc import Sequence
from difflib import get_close_matches

import optuna
from optuna.storages import BaseStorage
from optuna.study._frozen import FrozenStudy

from optisearch.errors import NotStoredError, OptisearchError
from optisearch.record import MANIFEST
from optisearch.results.reader import read_stage
from optisearch.results.stage import StageResults


def find(storage: BaseStorage, name: str) -> tuple[str, ...]:
    """The stages that a name means, in the order in which they were begun.

    `mnist/search` is one stage, `mnist` all stages of that study. Where there is none of exactly
    that name, the variants with data of another kind are meant: `mnist-digits/search`.

    Raises:
        NotStoredError: There is none. Names the nearest, and what there is.
    """
    studies = storage.get_all_studies()
    names = [study.study_name for study in studies]
    if name in names:
        return (name,)
    stages = [other for other in names if other.startswith(f"{name}/")]
    if not stages:
        wanted, _, stage = name.partition("/")
        for study in studies:
            manifest = study.system_attrs.get(MANIFEST) or {}
            same_study = manifest.get("study") == wanted
            if same_study and study.study_name.endswith(f"/{stage}" if stage else ""):
                stages.append(study.study_name)
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
        raise _not_stored(name, storage.get_all_studies()) from None
    return read_stage(study)


def load_stages(storage: BaseStorage) -> tuple[tuple[StageResults, ...], tuple[str, ...]]:
    """Read all there is.

    Returns:
        The stages, and a sentence for each study that can't be read.
    """
    stages: list[StageResults] = []
    unreadable: list[str] = []
    for study in storage.get_all_studies():
        try:
            stages.append(load_stage(storage, study.study_name))
        except NotStoredError:
            continue  # deleted meanwhile
        except OptisearchError as error:
            unreadable.append(str(error))
    return tuple(stages), tuple(unreadable)


def _not_stored(name: str, studies: Sequence[FrozenStudy]) -> NotStoredError:
    if not studies:
        return NotStoredError(
            "nothing is stored here yet", where=name, remedy="Begin with: optisearch run FILE"
        )
    names = [study.study_name for study in studies]
    own = [(study.system_attrs.get(MANIFEST) or {}).get("study", "") for study in studies]
    heads = [other.partition("/")[0] for other in names]
    known = dict.fromkeys(filter(None, [*names, *heads, *own]))
    near = [
        match
        for wanted in (name, name.partition("/")[0])
        for match in get_close_matches(wanted, known, 1)
    ]
    remedy = f"Did you mean {near[0]}?" if near else "Use one of the names below"
    stored = "\n".join(f"  {other}" for other in names)
    return NotStoredError("there is no such study here", where=name, remedy=remedy, detail=stored)

"""What is stored with a stage as a whole: system attributes of its `optuna.Study`.

The note and the figures that optuna-dashboard shows are such attributes too, hundreds of kilobytes
of them. Whoever wants to know a stage's settings reads these by name, and leaves those alone.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.trial import TrialState
    from sqlalchemy import Connection

    from optisearch.storage.worker_storage import WorkerStorage

T = TypeVar("T")


def named(storage: "BaseStorage", study_id: int, keys: Collection[str]) -> dict[str, Any]:
    """Those attributes of a study that have one of these names.

    Args:
        storage: Any of Optuna's; of ours nothing else is read.
        study_id: The study.
        keys: The names.

    Raises:
        KeyError: There is no such study.
    """
    backend = _backend(storage)
    if backend is None:
        stored = storage.get_study_system_attrs(study_id)
        return {key: stored[key] for key in keys if key in stored}
    from optisearch.storage import study_rows

    return _read(backend, lambda connection: study_rows.named(connection, study_id, keys))


def starting(storage: "BaseStorage", study_id: int, prefixes: Collection[str]) -> dict[str, Any]:
    """The attributes of a study whose names start with one of these words."""
    backend = _backend(storage)
    if backend is None:
        stored = storage.get_study_system_attrs(study_id)
        return {key: value for key, value in stored.items() if key.startswith(tuple(prefixes))}
    from optisearch.storage import study_rows

    return _read(backend, lambda connection: study_rows.starting(connection, study_id, prefixes))


def of_all_studies(storage: "BaseStorage", key: str) -> dict[str, Any]:
    """All studies by name, in the order of their creation, with what each has stored under this
    key; None: nothing."""
    backend = _backend(storage)
    if backend is None:
        return {each.study_name: each.system_attrs.get(key) for each in storage.get_all_studies()}
    from optisearch.storage import study_rows

    return _read(backend, lambda connection: study_rows.of_all(connection, key))


def replace(
    storage: "BaseStorage", study_id: int, changed: Mapping[str, Any], removed: Collection[str]
) -> None:
    """Write some attributes of a study, and remove others. Part of a transaction.

    Args:
        storage: Ours, or Optuna's in memory.
        study_id: The study.
        changed: Attributes that are new or have changed.
        removed: The names of those that shall be no more.

    Raises:
        KeyError: There is no such study.
    """
    backend = _backend(storage)
    if backend is not None:
        from optisearch.storage import study_rows

        with backend.connected() as connection:
            study_rows.replace(connection, study_id, changed, removed)
        return
    for key, value in changed.items():
        storage.set_study_system_attr(study_id, key, value)
    held = storage._studies[study_id].system_attrs  # type: ignore[attr-defined]
    for key in removed:
        held.pop(key, None)


def count_ended(
    storage: "BaseStorage", study_id: int, states: "Collection[TrialState]" = ()
) -> int:
    """How many trials of a study have ended in one of these states; without any: however."""
    backend = _backend(storage)
    if backend is None:
        ended = (t.state for t in storage.get_all_trials(study_id, deepcopy=False))
        return sum(state.is_finished() and state in (states or (state,)) for state in ended)
    from optisearch.storage import study_rows

    return _read(backend, lambda connection: study_rows.count_ended(connection, study_id, states))


def _read(backend: "WorkerStorage", read: "Callable[[Connection], T]") -> T:
    def once() -> T:
        with backend.connected() as connection:
            return read(connection)

    return backend.patiently(once)


def _backend(storage: "BaseStorage") -> "WorkerStorage | None":
    """What lies below our cache; None where the storage is another than ours."""
    from optisearch.storage.caching import TrialCache

    return storage._backend if isinstance(storage, TrialCache) else None

"""An open database: what its workers do one at a time, and together or not at all."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from optisearch.address import Address
from optisearch.storage.errors import storage_errors
from optisearch.storage.locks import transaction

if TYPE_CHECKING:
    import sqlalchemy
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

    from optisearch.storage.caching import TrialCache
    from optisearch.storage.worker_storage import WorkerStorage

T = TypeVar("T")


@dataclass(frozen=True)
class Database:
    """An open database.

    Attributes:
        storage: Optuna's storage, which caches finished trials.
        address: Where it is; None in memory.
        backend: The storage without its cache; None in memory.
    """

    storage: "BaseStorage"
    address: Address | None = None
    backend: "WorkerStorage | None" = None
    _thread_lock: threading.RLock = field(default_factory=threading.RLock)  # in memory

    @classmethod
    def in_memory(cls) -> "Database":
        """A database of this process alone, for tests and notebooks."""
        from optuna.storages import InMemoryStorage

        return cls(InMemoryStorage())

    @property
    def engine(self) -> "sqlalchemy.Engine | None":
        """SQLAlchemy's; None in memory."""
        return None if self.backend is None else self.backend.engine

    @property
    def is_of_one_machine(self) -> bool:
        """Whether all who use it are of this machine: a file must not lie on a network."""
        return self.address is None or self.address.path is not None

    def atomically(self, work: Callable[[], T], name: str | None = None) -> T:
        """Do something as one transaction, and anew while the database is away.

        Args:
            work: What is done. Its last try alone leaves something behind; but that try may be
                taken for failed, where the database went away after it and before it said so.
            name: A lock, held by one worker of the database at a time, wherever it runs. A worker
                that dies with it can't block the others.
        """
        if self.backend is None:
            with self._thread_lock:
                return work()
        if self.backend.connection is not None:  # part of a larger one
            with self.backend.connection.begin_nested():
                return work()

        def once() -> T:
            with self.exclusive(name):
                return work()

        return self.backend.patiently(once)

    @contextmanager
    def exclusive(self, name: str | None) -> Iterator[None]:
        """The one transaction, tried once: see `atomically`."""
        if self.backend is None:
            with self._thread_lock:
                yield
            return
        try:
            with (
                transaction(self.backend.engine, name) as connection,
                self.backend.together(connection),
            ):
                yield
        except BaseException:
            if self.backend.has_created:
                cast("TrialCache", self.storage).forget()
            raise

    def apart(self) -> "Database":
        """The same over the same connections, with a cache of its own.

        For a thread that reads much: none of the others waits for that.
        """
        if self.backend is None:
            return self
        from optisearch.storage.caching import TrialCache

        return replace(self, storage=TrialCache(self.backend))

    def glance(self, study_id: int) -> "list[FrozenTrial]":
        """All trials in the order of their numbers; those in training as they were first seen."""
        if self.backend is None:
            return self.storage.get_all_trials(study_id, deepcopy=False)
        return cast("TrialCache", self.storage).glance(study_id)

    def hold(self, trial_id: int) -> None:
        """Let nobody else change a trial until the transaction ends that this is called in.

        Raises:
            UpdateFinishedTrialError: It has ended.
        """
        if self.backend is not None:
            self.backend.hold(trial_id)
        else:
            state = self.storage.get_trial(trial_id).state
            self.storage.check_trial_is_updatable(trial_id, state)

    def set_attributes(
        self, trial_id: int, user: Mapping[str, Any], system: Mapping[str, Any]
    ) -> None:
        """Set many attributes of a trial. Part of a transaction."""
        if self.backend is not None:
            self.backend.set_trial_attrs(trial_id, user, system)
            return
        for key, value in user.items():
            self.storage.set_trial_user_attr(trial_id, key, value)
        for key, value in system.items():
            self.storage.set_trial_system_attr(trial_id, key, value)

    def gathering(self, trial_id: int) -> AbstractContextManager[None]:
        """The parameters that are suggested inside are written together, at the end."""
        return nullcontext() if self.backend is None else self.backend.gathering(trial_id)

    def impatiently(self) -> AbstractContextManager[None]:
        """Inside, this thread doesn't wait for a database that is away."""
        return nullcontext() if self.backend is None else self.backend.directly()

    def errors(self) -> AbstractContextManager[None]:
        """Turns database errors inside into `StorageError`s."""
        if self.address is None or self.backend is None:
            return nullcontext()
        return storage_errors(self.address, waited=self.backend.endurance.seconds > 0.0)

    def now(self) -> datetime:
        """The time in UTC by the database's clock, which is the same for all workers."""
        return datetime.now(UTC) + (timedelta() if self.backend is None else self.backend.offset)

    def local_now(self) -> datetime:
        """The same in local time without a zone: as Optuna tells when a trial began and ended."""
        return self.now().astimezone().replace(tzinfo=None)

    def read_clock(self) -> None:
        """See by how much the database's clock differs from this machine's."""
        if self.backend is not None:
            self.backend.read_clock()

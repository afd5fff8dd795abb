"""What a worker keeps of its trials, and how often."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optisearch.address import Address
from optisearch.artifacts.kept import Kept
from optisearch.artifacts.models import BestModels
from optisearch.artifacts.pictures import Pictures
from optisearch.artifacts.places import VARIABLE, place
from optisearch.artifacts.store import Store
from optisearch.errors import StorageError

if TYPE_CHECKING:
    import optuna

_SECONDS = "OPTISEARCH_CHECKPOINT_SECONDS"
_EVERY_SECONDS = 30.0


@dataclass
class Artifacts:
    """What a worker keeps of its trials.

    Attributes:
        store: Where; None where there is no place for it.
        every_seconds: The least time between two checkpoints of a trial; 0 saves each epoch.
        keep_models: How many of a search's best models are kept.
    """

    store: Store | None = None
    every_seconds: float = _EVERY_SECONDS
    keep_models: int = 0
    _models: BestModels | None = None
    _said: set[str] = field(default_factory=set)
    _pictures: Pictures = field(init=False)

    def __post_init__(self) -> None:
        self._pictures = Pictures(self.say)

    def of(self, trial: "optuna.Trial") -> Kept | None:
        """What a trial has, the checkpoint of the attempt before it included."""
        if self.store is None:
            return None
        if self.keep_models and self._models is None:
            self._models = BestModels(self.store, self.keep_models, self.say)
        kept = Kept(trial, self.store, self.every_seconds, self.say, self._pictures, self._models)
        kept.take_up()
        return kept

    def announce(self) -> None:
        """Say that nothing is kept, where that is so."""
        if self.store is None:
            self.say(
                "artifacts: none are kept, so a trial that is cut off begins anew: set "
                f"{VARIABLE} to a folder, s3://… or gs://… that all workers reach"
            )

    def say(self, line: str) -> None:
        """Tell the person at the terminal, once."""
        if line not in self._said:
            self._said.add(line)
            print(line, file=sys.stderr, flush=True)


def open_artifacts(environment: Mapping[str, str], address: Address) -> Artifacts:
    """What the environment asks for. Creates nothing yet, and reaches nobody.

    Raises:
        StorageError: A setting that can't be.
    """
    artifacts = Artifacts(every_seconds=_seconds(environment))
    found = place(environment, address)
    if found is not None:
        artifacts.store = Store(found, artifacts.say)
    return artifacts


def _seconds(environment: Mapping[str, str]) -> float:
    given = environment.get(_SECONDS, "").strip()
    try:
        seconds = float(given or _EVERY_SECONDS)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise StorageError(
            f"{given!r} is no number of seconds",
            where=_SECONDS,
            remedy="Give the least time between two checkpoints of a trial, 30 for example",
        )
    return seconds

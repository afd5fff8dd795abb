"""What one trial has in the store: its latest checkpoint, and at its end what shows its epochs.

A checkpoint is no artifact of Optuna's, since the dashboard would go on listing it when it is gone.
Its name stands in the trial's system attributes.
"""

import csv
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from optisearch import record
from optisearch.artifacts.models import BestModels
from optisearch.artifacts.pictures import Pictures
from optisearch.artifacts.store import Say, Store, why

if TYPE_CHECKING:
    import optuna

# Those ends after which a trial is trained again, from where it was.
_TAKEN_UP = ("interrupted", "lost")
_LINK = "artifacts:"


@dataclass
class Kept:
    """What a trial has in the store.

    Attributes:
        trial: The trial, in training.
        store: The store.
        every_seconds: The least time between two checkpoints.
        say: Tells a line.
        pictures: Draws the learning curve.
        models: The best models of the trial's stage; None where none are kept.
    """

    trial: "optuna.Trial"
    store: Store
    every_seconds: float
    say: Say
    pictures: Pictures
    models: BestModels | None = None
    # As in the attribute: `id`, its name in the store, and `epochs`, how many it has behind it.
    _latest: Mapping[str, Any] | None = None
    _saved: float = field(init=False)

    def __post_init__(self) -> None:
        self._saved = time.monotonic()

    def take_up(self) -> None:
        """Look for the checkpoint of the attempt before this one: it is this one's from now on."""
        from optuna.exceptions import UpdateFinishedTrialError

        self._latest = _checkpoint_of(self.trial)
        if self._latest is not None:
            try:
                self._note(self._latest)
            except UpdateFinishedTrialError:  # it is another's already
                self._latest = None

    def checkpoint(self) -> bytes | None:
        """The latest one, if there is one and it can be read."""
        from optuna.artifacts.exceptions import ArtifactNotFound

        if self._latest is None:
            return None
        try:
            return self.store.read(self._latest["id"])
        except ArtifactNotFound:
            self.begins_anew("its checkpoint is gone")
            return None
        except Exception as error:
            self.begins_anew(f"its checkpoint can't be read ({why(error)})")
            return None

    def begins_anew(self, reason: str) -> None:
        """Say that this trial, taken up again, has to begin at its beginning."""
        self.say(f"checkpoints: trial {self.trial.number} begins anew: {reason}")

    def is_due(self) -> bool:
        """Whether it is time for the next checkpoint."""
        return time.monotonic() - self._saved >= self.every_seconds

    def save(self, state: Callable[[], bytes | None], epochs: int) -> None:
        """Keep a checkpoint in place of the one before.

        Args:
            state: What it consists of; None where there is nothing that could be gone on from.
            epochs: How many epochs it has behind it.

        Raises:
            Exception: The database fails, or has the trial ended already.
        """
        from optuna.exceptions import UpdateFinishedTrialError

        content = state()
        new: dict[str, Any] = {"id": f"checkpoint-{uuid4()}", "epochs": epochs}
        if content is not None and self.store.write(new["id"], content):
            try:
                self._note(new)
            except UpdateFinishedTrialError:
                self.store.remove(new["id"])
                raise
            # Any other error leaves both: nobody knows yet which of them the database names.
            before, self._latest = self._latest, new
            if before is not None:
                self.store.remove(before["id"])
        self._saved = time.monotonic()

    def table(self, rows: Sequence[Mapping[str, Any]], reason: record.EndReason) -> dict[str, str]:
        """Keep a finished trial's epochs as a CSV file, and those of a long one as a picture.

        Returns:
            The system attributes that have optuna-dashboard list them; empty where nothing is kept.
        """
        if not rows or reason in _TAKEN_UP:
            return {}
        name = f"trial-{self.trial.number}"
        table = self._keep(f"{name}.csv", "text/csv", as_csv(rows))
        picture = self.pictures.of(self.trial, rows, reason) if table else None
        if picture is None:
            return table
        # The first one of each trial is what optuna-dashboard shows of many, side by side.
        return self._keep(f"{name}.png", "image/png", picture) | table

    def _keep(self, file: str, kind: str, content: bytes) -> dict[str, str]:
        """Keep a file, and link to it.

        The link is stored by whoever ends the trial. (Optuna's `upload_artifact` stores it before
        the file, so that a full disk would leave a link to nothing.)
        """
        from optuna.artifacts import ArtifactMeta

        name = str(uuid4())
        if not self.store.write(name, content):
            return {}
        return {f"{_LINK}{name}": json.dumps(asdict(ArtifactMeta(name, file, kind, None)))}

    def model(
        self, value: float | None, values: Callable[[], bytes | None], reason: record.EndReason
    ) -> dict[str, Any]:
        """Keep the model of a trial that has completed, if it is one of the best: see `BestModels`.

        Returns:
            The system attribute that says so; empty where it isn't kept.
        """
        if self.models is None or value is None or reason != "completed":
            return {}
        return self.models.keep(self.trial, value, values)

    def ended(self, reason: record.EndReason) -> None:
        """Remove the checkpoint of a trial that isn't taken up again, and models that were the best
        before this one."""
        if self.models is not None:
            self.models.ended(self.trial, is_told=reason != "lost")
        if self._latest is not None and reason not in _TAKEN_UP:
            self.store.remove(self._latest["id"])
            self._latest = None

    def _note(self, checkpoint: Mapping[str, Any]) -> None:
        storage, trial_id = self.trial.storage, self.trial._trial_id
        storage.set_trial_system_attr(trial_id, record.CHECKPOINT, dict(checkpoint))


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A trial's history, one row an epoch, epochs counted from 0 as in the database."""
    columns = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _checkpoint_of(trial: "optuna.Trial") -> Mapping[str, Any] | None:
    """The latest checkpoint of the attempts before this one.

    An attempt may have died before it noted what it was to go on from: then that of the one before.
    """
    attributes: Mapping[str, Any] = trial._cached_frozen_trial.system_attrs
    while record.CHECKPOINT not in attributes and record.RETRY_OF in attributes:
        before = _attempt(trial, attributes[record.RETRY_OF])
        if before.user_attrs.get(record.END_REASON) not in _TAKEN_UP:
            return None
        attributes = before.system_attrs
    found: Mapping[str, Any] | None = attributes.get(record.CHECKPOINT)
    return found


def _attempt(trial: "optuna.Trial", number: int) -> "optuna.trial.FrozenTrial":
    storage, study_id = trial.storage, trial.study._study_id
    return storage.get_trial(storage.get_trial_id_from_study_id_trial_number(study_id, number))

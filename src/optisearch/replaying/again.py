"""The study file and its data are loaded, and a recorded trial is trained once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna

from optisearch import space as spaces
from optisearch.address import Address
from optisearch.ending import jsonable
from optisearch.errors import Difference, MismatchError, OptisearchError, StudyFileError
from optisearch.events import Listener
from optisearch.job import Job
from optisearch.live_run import LiveRun
from optisearch.replaying.recorded import Recorded
from optisearch.settings import Kind, Wishes
from optisearch.tracebacks import headline, own_frames
from optisearch.training import Trainer
from optisearch.worker_process import Prepared, prepare, trainer_for


@dataclass(frozen=True)
class Repetition:
    """A trial, trained again.

    Attributes:
        history: One row for each epoch, as it would be stored.
        failure: The error that it ended with, in one line; empty where it didn't.
        traceback: The user's frames of that.
    """

    history: Sequence[Mapping[str, Any]]
    failure: str = ""
    traceback: str = ""


class Replayed(optuna.trial.FixedTrial):
    """Optuna's trial with given parameters, which ends where the recorded one did.

    Args:
        params: The parameters, by name.
        number: The trial's number.
        last: The last epoch that was recorded, counted from 0.
        completed: Whether the recorded one ended by itself: then this one may, too.
    """

    def __init__(
        self, params: Mapping[str, Any], number: int, last: int, *, completed: bool
    ) -> None:
        super().__init__(dict(params), number)
        self._enough = last + 1 if completed else last
        self._epoch = -1

    def report(self, value: float, step: int) -> None:  # noqa: ARG002
        self._epoch = step

    def should_prune(self) -> bool:
        return self._epoch >= self._enough


def prepare_again(
    recorded: Recorded, address: Address, file: Path | None, listener: Listener
) -> tuple[Prepared, Trainer]:
    """Load a trial's study file and data.

    Args:
        recorded: The trial.
        address: The database.
        file: The study file; None for the one that is recorded.
        listener: Is told what is loaded.

    Returns:
        Its study, with what of it is otherwise than recorded yet to be seen; and what trains it.

    Raises:
        OptisearchError: They can't be loaded, or aren't of this study.
    """
    path = file or Path(recorded.stage.info.file)
    if file is None and not path.is_file():
        raise StudyFileError(
            "the study file that it was trained from isn't there",
            where=str(path),
            remedy="Run the command in the folder that the study was run in, or name the file: "
            "--file FILE",
        )
    kind: Kind = recorded.stage.info.stage  # type: ignore[assignment]  # it is declared
    job = Job(path, address, Wishes(), train_samples=train_samples(recorded.manifest), stage=kind)
    prepared = prepare(job, listener)
    found = [
        Difference(name, str(recorded.manifest[name]), str(prepared.manifest[name]))
        for name in ("study", "metric", "direction")
        if recorded.manifest[name] != prepared.manifest[name]
    ]
    if found:
        raise MismatchError(
            f"the file doesn't define the study of {recorded}",
            found,
            where=str(path),
            remedy="Name the one that does: --file FILE",
        )
    return prepared, trainer_for(job, prepared)


def train_samples(manifest: Mapping[str, Any]) -> int | None:
    """The records that a study was told to train on, which its name ends with: `mnist-10000`."""
    sizes = (manifest.get("data") or {}).get("sizes") or {}
    number = sizes.get("train")
    is_part = manifest["name"] != manifest["study"] and manifest["name"].endswith(f"-{number}")
    return number if is_part else None


def train_again(
    recorded: Recorded, prepared: Prepared, trainer: Trainer, listener: Listener
) -> Repetition:
    """Train a trial again, with its seed, to the epoch where it ended.

    Raises:
        OptisearchError: The space has changed so that it no longer contains the trial.
    """
    trial = recorded.trial
    last = int(trial.history[-1]["epoch"])
    completed = trial.ending == "completed"
    replayed = Replayed(trial.params, trial.number, last, completed=completed)
    hp = point_of(recorded, prepared, replayed)
    run = LiveRun(
        replayed,
        prepared.study.metric,
        getattr(hp, "epochs", None),
        trial.seed or 0,
        lambda: False,
        listener,
        trainer,
        evaluated_at_end=recorded.is_confirmation,
    )
    failure: BaseException | None = None
    try:
        trainer.train(hp, run)
    except optuna.TrialPruned:
        pass
    except (Exception, SystemExit) as error:
        failure = error
    if run.fault is not None:
        raise run.fault
    rows = [jsonable(row) for row in run.history]
    if failure is None:
        return Repetition(rows)
    return Repetition(rows, headline(failure), own_frames(failure))


def point_of(
    recorded: Recorded, prepared: Prepared, trial: optuna.trial.FixedTrial | None = None
) -> Any:
    """The point of the space that a trial has trained.

    Raises:
        OptisearchError: The space has changed so that it no longer contains it.
    """
    space, params = prepared.study.space, recorded.trial.params
    try:
        if recorded.trial.cell is not None:
            return space(**params)
        return spaces.suggest(space, trial or optuna.trial.FixedTrial(dict(params)))
    except Exception as error:
        raise OptisearchError(
            f"the space has changed so that it no longer contains {recorded} ({headline(error)})",
            where=str(prepared.manifest["file"]),
            remedy="Restore the study file, or name the one that it was trained from: --file FILE",
        ) from None

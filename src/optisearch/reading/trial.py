"""One trial as a typed row."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from optuna.trial import FrozenTrial, TrialState

from optisearch.record import (
    BEST_EPOCH,
    BEST_PREFIX,
    CELL,
    DIVERGED,
    END_REASON,
    EPOCHS_TRAINED,
    ERROR,
    FIRST_ATTEMPT,
    GIVEN,
    HISTORY,
    MACHINE,
    MODEL,
    OWNER,
    PARAMETERS,
    RETRY_OF,
    SECONDS,
    SECONDS_PER_EPOCH,
    SEED,
    TRACEBACK,
    VERSIONS,
    WORKER,
)

Ending = Literal[
    "completed", "pruned", "diverged", "failed", "interrupted", "lost", "running", "waiting"
]

_OWN = frozenset(
    {
        SEED,
        EPOCHS_TRAINED,
        SECONDS,
        SECONDS_PER_EPOCH,
        PARAMETERS,
        DIVERGED,
        END_REASON,
        VERSIONS,
        WORKER,
        ERROR,
        BEST_EPOCH,
    }
)


@dataclass(frozen=True)
class TrialResult:
    """One trial. What the database doesn't say is None.

    Attributes:
        number: Its number in the stage.
        ending: How it ended, or `running`, or `waiting`.
        value: The monitored metric at the last epoch of a completed trial; of a diverged one the
            worst infinity.
        params: The active factors.
        metrics: Every metric of the last epoch.
        seed: What its randomness was seeded with.
        epochs_trained: How many epochs it was trained for.
        seconds: How long it took.
        seconds_per_epoch: How long one of its epochs took.
        parameters: The number of the model's trainable parameters.
        best_epoch: The epoch, counted from 0, at which the monitored metric was best.
        best_value: The monitored metric at that epoch.
        last_epoch: The last epoch that was reported, counted from 0; also while it runs.
        last_value: The monitored metric at that epoch.
        worker: Who trained it, as `host:pid`.
        owner: The same for `optisearch.lease.Owner`, which can tell whether they still live.
        error: Why it failed: `ValueError: …`.
        traceback: The user's frames of that error.
        started: When it began, in local time.
        finished: When it ended, in local time.
        retry_of: The number of the attempt directly before this one.
        first_attempt: The number of the first attempt, None for a first attempt.
        superseded: Whether it was handed out again, so that another trial stands for it.
        cell: The key of the comparison's cell that it was trained for.
        given: Where its settings are of, if no sampler proposed them: a `stage` and a `trial` of
            it, or, empty, the study file.
        versions: Of the libraries, those that differ from the stage's: `keras 3.12.1, numpy 2.3.0`.
        machine: What it was trained on: see `optisearch.machine`.
        model: The trained model's `id` in the artifact store, where it was kept.
        history: One row per epoch: `epoch`, `seconds` and every metric. Numbers that aren't finite
            are the words "nan", "inf" and "-inf".
        others: Beside `value`, what it has in further objectives, where there are some.
    """

    number: int
    ending: Ending
    value: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None
    epochs_trained: int | None = None
    seconds: float | None = None
    seconds_per_epoch: float | None = None
    parameters: int | None = None
    best_epoch: int | None = None
    best_value: float | None = None
    last_epoch: int | None = None
    last_value: float | None = None
    worker: str | None = None
    owner: Mapping[str, Any] | None = None
    error: str | None = None
    traceback: str | None = None
    started: datetime | None = None
    finished: datetime | None = None
    retry_of: int | None = None
    first_attempt: int | None = None
    superseded: bool = False
    cell: str | None = None
    given: Mapping[str, Any] | None = None
    versions: str = ""
    machine: Mapping[str, Any] | None = None
    model: Mapping[str, Any] | None = None
    history: Sequence[Mapping[str, Any]] = ()
    others: tuple[float, ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """A value for each objective; empty where it has none."""
        return () if self.value is None else (self.value, *self.others)


def read_trial(trial: FrozenTrial, *, metric: str, declared: bool, superseded: bool) -> TrialResult:
    """One of Optuna's trials as a typed row.

    Args:
        trial: The trial.
        metric: The name of the monitored metric.
        declared: Whether the stage is ours.
        superseded: Whether another trial is the retry of this one.
    """
    attributes, system = trial.user_attrs, trial.system_attrs
    ending = _ending(trial)
    best = BEST_PREFIX + metric
    values = tuple(trial.values or ()) if ending in {"completed", "diverged"} else ()
    last_epoch = max(trial.intermediate_values, default=None)
    seconds = _number(attributes.get(SECONDS))
    # A lost one ends when somebody notices, which may be days after its worker died.
    if seconds is None and ending != "lost" and trial.datetime_start and trial.datetime_complete:
        seconds = (trial.datetime_complete - trial.datetime_start).total_seconds()
    return TrialResult(
        number=trial.number,
        ending=ending,
        value=values[0] if values else None,
        others=values[1:],
        # The compare and confirm stages have the seed as a parameter too: it is no factor.
        params={
            key: value for key, value in trial.params.items() if not (declared and key == SEED)
        },
        metrics={
            key: float(value)
            for key, value in attributes.items()
            if key not in _OWN and key != best and _number(value) is not None
        },
        seed=_integer(attributes.get(SEED)),
        epochs_trained=_integer(attributes.get(EPOCHS_TRAINED)),
        seconds=seconds,
        seconds_per_epoch=_number(attributes.get(SECONDS_PER_EPOCH)),
        parameters=_integer(attributes.get(PARAMETERS)),
        best_epoch=_integer(attributes.get(BEST_EPOCH)),
        best_value=_number(attributes.get(best)),
        last_epoch=last_epoch,
        last_value=None if last_epoch is None else trial.intermediate_values[last_epoch],
        worker=_text(attributes.get(WORKER)),
        owner=system.get(OWNER),
        error=_text(attributes.get(ERROR)),
        traceback=_text(system.get(TRACEBACK)),
        started=trial.datetime_start,
        finished=trial.datetime_complete,
        retry_of=_integer(system.get(RETRY_OF)),
        first_attempt=_integer(system.get(FIRST_ATTEMPT)),
        superseded=superseded,
        cell=_text(system.get(CELL)),
        given=system.get(GIVEN),
        versions=_text(attributes.get(VERSIONS)) or "",
        machine=system.get(MACHINE),
        model=system.get(MODEL),
        history=system.get(HISTORY) or (),
    )


def _ending(trial: FrozenTrial) -> Ending:
    match trial.state:
        case TrialState.RUNNING:
            return "running"
        case TrialState.WAITING:
            return "waiting"
        case TrialState.PRUNED:
            return "pruned"
        case TrialState.COMPLETE:
            # A later objective may be infinite where a target was never reached.
            diverged = trial.user_attrs.get(DIVERGED) is True or not math.isfinite(trial.values[0])
            return "diverged" if diverged else "completed"
    reason = trial.user_attrs.get(END_REASON)
    if reason in {"failed", "interrupted", "lost"}:
        return reason  # type: ignore[no-any-return]  # one of the words just named
    # A worker of ours writes the reason before the state; only one that died leaves none.
    return "lost" if OWNER in trial.system_attrs and ERROR not in trial.user_attrs else "failed"


# A plain Optuna study may use our words for anything else: what isn't of the type isn't ours.
def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

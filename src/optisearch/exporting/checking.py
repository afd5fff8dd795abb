"""What can be exported; and that a model measures what was recorded of its trial."""

from collections.abc import Mapping
from dataclasses import dataclass

from optisearch.errors import OptisearchError
from optisearch.replaying import Recorded

_REFUSED = {
    "running": "is still in training",
    "waiting": "is still in training",
    "pruned": "was pruned: its model was never trained to the end",
    "diverged": "diverged: its model has numbers that aren't finite",
    "failed": "failed: it left no model",
    "lost": "was lost with its worker: it left no model",
    "interrupted": "was interrupted: it left no model",
}


@dataclass(frozen=True)
class Verified:
    """How a model was seen to be that of its trial.

    Attributes:
        measured: Its metrics on the validation part, now.
        metric: The one that was compared.
        epoch: The epoch, counted from 1, whose value it has.
        is_last: Whether that is the last one: a callback may go back to earlier weights.
    """

    measured: Mapping[str, float]
    metric: str
    epoch: int
    is_last: bool = True


def check_has_model(recorded: Recorded) -> None:
    """Raise an OptisearchError unless a trial was trained to its end."""
    why = _REFUSED.get(recorded.trial.ending)
    if why is None:
        return
    best = recorded.stage.best
    after = next((t for t in recorded.stage.trials if t.retry_of == recorded.trial.number), None)
    better = after or best
    raise OptisearchError(
        f"trial {recorded.trial.number} {why}",
        where=recorded.stage.info.name,
        remedy=f"Export another one: --trial {better.number}"
        if better is not None
        else "Export one that has completed",
    )


def verify(recorded: Recorded, measured: Mapping[str, float], *, was_trained: bool) -> Verified:
    """See that a model has the metric that was recorded, to the last digit.

    Args:
        recorded: Its trial.
        measured: What the model measures on the validation part.
        was_trained: Whether it was trained again just now, with the recorded metric in each epoch:
            that speaks for it where there is nothing that it could be evaluated on.

    Raises:
        OptisearchError: It doesn't. Shows both numbers.
    """
    rows = recorded.trial.history
    metric = recorded.metric
    if metric not in measured:
        metric = next((name for name in measured if name in rows[-1]), "")
    if not metric:
        if was_trained:
            return Verified({}, "", int(rows[-1]["epoch"]) + 1)
        raise OptisearchError(
            f"nothing says what the model of {recorded} could be evaluated on, so it can't be told "
            "to be that trial's",
            remedy="Give `run.fit` a validation part",
        )
    names = [name for name in measured if name in rows[-1]]
    for row in reversed(rows):
        is_last = row is rows[-1]
        # Of an earlier epoch all have to agree: one may be the same by chance.
        if all(row.get(name) == measured[name] for name in ([metric] if is_last else names)):
            return Verified(measured, metric, int(row["epoch"]) + 1, is_last)
    info = recorded.stage.info
    raise OptisearchError(
        f"{recorded} was recorded with {metric} {rows[-1].get(metric)!r}, and its model measures "
        f"{measured[metric]!r} now: nothing was written",
        remedy=f"See what differs: optisearch replay {info.name} --trial {recorded.trial.number}",
    )


def told(verified: Verified) -> str:
    """How it was seen, in a sentence."""
    if not verified.metric:
        return "Trained again, it reached what was recorded in each epoch."
    at = "" if verified.is_last else f" after epoch {verified.epoch}, whose weights it has"
    value = verified.measured[verified.metric]
    return (
        f"Measured again before it was written: {verified.metric} {value!r}, to the last digit "
        f"what was recorded{at}."
    )

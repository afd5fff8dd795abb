"""A replay's verdict, for people."""

from collections.abc import Iterator, Sequence

from optisearch.replaying.again import Repetition
from optisearch.replaying.causes import Cause
from optisearch.replaying.recorded import Recorded
from optisearch.replaying.spread import Spread
from optisearch.replaying.verdict import Verdict
from optisearch.report import format as fmt


def verdict_of(
    recorded: Recorded, found: Verdict, repeated: Repetition, spread: Spread | None
) -> str:
    """The verdict in a sentence or two."""
    metric, subject = recorded.metric, str(recorded)
    if found.is_same:
        return f"The same to the last digit: {subject}, {_same(metric, found)}."
    head = f"{subject}, {apart(metric, found, repeated)}"
    if found.gap is None or found.epochs != found.trained:
        return f"Different: {head}."
    if spread is None:
        return (
            f"Different: {head}. Nothing says how much another seed would change: "
            "`optisearch compare` measures that."
        )
    where = "at this point" if spread.points == 1 else f"at {fmt.amount(spread.points, 'point')}"
    measured = (
        f"two seeds differ by up to {fmt.spread(spread.most)} in 95 of 100 cases "
        f"({fmt.amount(spread.trainings, 'training')} {where})"
    )
    if found.gap <= spread.most:
        return f"Different, but within the spread of seeds: {head}; {measured}."
    return f"Different, and by more than a seed would change: {head}; {measured}."


def _same(metric: str, found: Verdict) -> str:
    epochs = fmt.amount(found.epochs, "epoch")
    if found.diverged:
        return f"which diverged in epoch {found.epochs} again"
    if found.recorded is None:
        return f"over {epochs}, in none of which {metric} was measured"
    each = ", and after each of them" if found.epochs > 1 else ""
    return f"{metric} {found.recorded!r} after {epochs}{each}"


def apart(metric: str, found: Verdict, repeated: Repetition) -> str:
    """In what two trainings differ, with both numbers where there are two."""
    if repeated.failure and found.trained < found.epochs:
        return f"which fails now in epoch {found.trained + 1} of {found.epochs}: {repeated.failure}"
    if found.epochs != found.trained:
        then, now = (fmt.amount(number, "epoch") for number in (found.epochs, found.trained))
        return f"which had {then} and has {now} now"
    since = f"from epoch {found.first} on" if found.epochs > 1 else "in its only epoch"
    return f"{metric} {found.replayed!r} instead of {found.recorded!r}, different {since}"


def others_of(found: Verdict) -> str:
    """What is to be said of the metrics that aren't monitored; empty where they are the same."""
    if not found.others or not found.is_same:
        return ""
    listed = [f"{name} from epoch {epoch} on" for name, epoch in found.others.items()]
    return f"Not monitored, and different: {fmt.listing(listed)}."


def lines_of(causes: Sequence[Cause]) -> Iterator[str]:
    """What numbers depend on, and whether it is the same: a line each, differences below."""
    width = max(len(cause.name) for cause in causes)
    for cause in causes:
        state = "unknown" if not cause.is_known else "differs" if cause.differences else "the same"
        yield f"  {cause.name:<{width}}  {state}" + (f": {cause.note}" if cause.note else "")
        for each in cause.differences:
            yield f"  {'':<{width}}    {each}"

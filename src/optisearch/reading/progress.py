"""How much is done, and how long the rest will take."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from optisearch.plan import Cell, Confirmation, Ledger, Plan, Wanted
from optisearch.reading.tally import Tally


@dataclass(frozen=True)
class Progress:
    """Trials of a search; cells of a comparison.

    Attributes:
        done: How many are trained.
        total: How many there are to be, as far as is known.
        left: How many are still to be trained.
        given_up: How many won't be tried again.
        seconds_left: How long one worker would train what is left, from what the same settings
            took before, else all others; None where nothing is known.
    """

    done: int
    total: int
    left: int
    given_up: int = 0
    seconds_left: float | None = None

    @classmethod
    def of_trials(cls, tally: Tally, budget: int | None) -> "Progress":
        """The progress of a search.

        Args:
            tally: How its trials ended.
            budget: How many are to be trained; None where nothing says.
        """
        total = budget or 0
        left = max(0, total - tally.trained)
        return cls(tally.trained, total, left, tally.failed + tally.lost)

    @classmethod
    def of_cells(
        cls,
        plan: Plan | Confirmation,
        ledger: Ledger,
        wanted: Wanted,
        seconds: Mapping[str, float],
    ) -> "Progress":
        """The progress of a plan.

        Args:
            plan: The plan.
            ledger: What is known of its cells.
            wanted: The part that is meant.
            seconds: Cell → how long it took.
        """
        due = plan.due(ledger, wanted)
        foreseen = plan.foreseen(ledger, wanted)
        rest = [cell for cell in due if ledger.is_open(cell)]
        return cls(
            done=sum(map(ledger.is_done, due)),
            total=len(due) + foreseen,
            left=len(rest) + foreseen,
            given_up=sum(map(ledger.is_given_up, due)),
            seconds_left=_seconds_left(due, rest, foreseen, seconds),
        )


def _seconds_left(
    due: list[Cell], rest: list[Cell], foreseen: int, seconds: Mapping[str, float]
) -> float | None:
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for cell in due:
        if cell.key in seconds:
            taken[cell.place].append(seconds[cell.key])
    if not taken:
        return None
    means = {place: fmean(times) for place, times in taken.items()}
    typical = fmean(means.values())
    return sum(means.get(cell.place, typical) for cell in rest) + foreseen * typical

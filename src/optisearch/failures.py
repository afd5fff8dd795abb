"""When failures in a row mean that something is wrong with more than a trial."""

from dataclasses import dataclass

from optisearch.errors import RepeatedFailure
from optisearch.events import Ended
from optisearch.settings import SEARCH, Kind

SAME_FAILURES = 3
ANY_FAILURES = 10
# All cells of a level may well fail, and others not: a tuned one has some twelve, tried twice each.
CELL_FAILURES = 30


@dataclass
class SameFailures:
    """Counts failures in a row, above all those that have the same cause."""

    same: int = SAME_FAILURES
    any: int = ANY_FAILURES
    cause: str = ""
    count: int = 0
    any_cause: int = 0

    @classmethod
    def of(cls, kind: Kind) -> "SameFailures":
        """Those of a kind of stage."""
        return cls() if kind == SEARCH else cls(CELL_FAILURES, CELL_FAILURES)

    def note(self, ended: Ended) -> None:
        """Take a trial's end into account.

        Raises:
            RepeatedFailure: It was the third failure in a row with the same cause, or the tenth
                whatever the causes.
        """
        if ended.reason in ("interrupted", "lost"):
            return
        if ended.reason != "failed":
            self.cause, self.count, self.any_cause = "", 0, 0
            return
        self.any_cause += 1
        self.count = self.count + 1 if ended.cause and ended.cause == self.cause else 1
        self.cause = ended.cause
        if self.count >= self.same:
            raise _stopped(f"{self.same} trials in a row failed with the same cause", ended)
        if self.any_cause >= self.any:
            raise _stopped(f"{self.any} trials in a row failed", ended)


def _stopped(what: str, ended: Ended) -> RepeatedFailure:
    return RepeatedFailure(
        f"{what}, so the run was stopped",
        where=f"trial {ended.number}",
        remedy="Correct the cause and run the same command again: what was trained is kept",
        detail=ended.error,
    )

"""How a stage is run: what is stored with it, and what a person asked for."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from optisearch import pruners, samplers
from optisearch.budget import Budget

Kind = Literal["search", "compare", "confirm"]

SEARCH: Kind = "search"
COMPARE: Kind = "compare"
CONFIRM: Kind = "confirm"
KINDS: tuple[Kind, ...] = (SEARCH, COMPARE, CONFIRM)


@dataclass(frozen=True)
class Settings:
    """How a stage proposes and judges trials. Stored with it: later workers use the same."""

    stage: Kind = SEARCH
    sampler: str = samplers.DEFAULT
    pruner: str = pruners.DEFAULT
    seed: int = 0

    @classmethod
    def of(cls, kind: Kind) -> "Settings":
        """The defaults. Cells are neither sampled nor pruned: Optuna is given what does nothing."""
        return cls() if kind == SEARCH else cls(kind, sampler="random", pruner="none")


@dataclass(frozen=True)
class Wishes:
    """What the person asked for; None where they left it to the stage or to the defaults.

    Attributes:
        trials: See `Budget`; so are `patience` and `seeds`.
        sampler: See `Settings`; so are `pruner` and `seed`.
        timeout_seconds: How long the stage's workers may train from now on, all of them.
        goes_on: Whether time that was up before is of no matter any more.
        source: The earlier study that a search begins with; empty: none.
        best: How many of its configurations.
    """

    trials: int | None = None
    patience: int | None = None
    sampler: str | None = None
    pruner: str | None = None
    seed: int | None = None
    seeds: int | None = None
    timeout_seconds: float | None = None
    goes_on: bool = False
    source: str = ""
    best: int | None = None

    def settings(self, default: Settings) -> Settings:
        given = {"sampler": self.sampler, "pruner": self.pruner, "seed": self.seed}
        chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        return replace(default, **chosen)

    def budget(self, default: Budget, now: datetime) -> Budget:
        """The budget wished for; what isn't wished is as in the stage, or as the study has it.

        Args:
            default: That.
            now: By the database's clock.
        """
        given = {"trials": self.trials, "patience": self.patience, "seeds": self.seeds}
        chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if self.timeout_seconds is not None:
            chosen["deadline"] = now.timestamp() + self.timeout_seconds
        elif self.goes_on and default.is_over(now):
            chosen["deadline"] = None
        return replace(default, **chosen)

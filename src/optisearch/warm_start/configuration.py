"""A configuration of an earlier study, and what it comes to in another space."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optisearch import space as spaces
from optisearch.reading import StageInfo
from optisearch.space import fitting


@dataclass(frozen=True)
class Configuration:
    """A configuration of an earlier study.

    Attributes:
        trial: The number of its best trial.
        values: All that it was trained with: active factors, searched or not, and fixed fields.
        fit: What these come to in the new space.
    """

    trial: int
    values: Mapping[str, Any]
    fit: fitting.Fit

    @property
    def has_anything(self) -> bool:
        """Whether a factor of the new space has its value of there."""
        return any(name in self.values for name in self.fit.factors if name not in self.fit.filled)


def other_kinds(there: StageInfo, space: type) -> dict[str, str]:
    """The factors of a space that were of another kind there, and of which."""
    here = spaces.factors(space)
    return {
        factor.name: factor.kind
        for factor in there.factors
        if factor.name in here and here[factor.name].kind != factor.kind
    }

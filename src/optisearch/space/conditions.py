"""When a factor has a meaning: the same for one that is declared and for one that is stored."""

from collections.abc import Mapping
from typing import Any, Protocol


class Conditional(Protocol):
    """A factor, as far as its conditions go."""

    @property
    def when(self) -> Mapping[str, tuple[Any, ...]]:
        """The fields that it depends on, with the values under which it has a meaning."""

    @property
    def baseline(self) -> Any:
        """The value that it keeps when it has none."""


def is_active(
    factor: Conditional, declared: Mapping[str, Conditional], point: Mapping[str, Any]
) -> bool:
    """Whether a factor's conditions hold in a point.

    A missing field has its baseline. A condition on a factor that is itself switched off doesn't
    hold, whatever value it keeps.
    """
    for name, accepted in factor.when.items():
        parent = declared.get(name)
        if parent is not None and not is_active(parent, declared, point):
            return False
        if point.get(name, parent.baseline if parent else None) not in accepted:
            return False
    return True

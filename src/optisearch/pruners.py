"""Named pruners, with their resource in epochs set by hand.

Epochs are themselves searched, so Optuna's `min_resource="auto"` (the length of the first trial
that completes) would depend on chance.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from optisearch.errors import OptisearchError

if TYPE_CHECKING:
    from optuna.pruners import BasePruner

DEFAULT = "median"
# Epochs that every trial gets before it can be judged.
_GRACE_EPOCHS = 1


def _median(_max_epochs: int) -> "BasePruner":
    from optuna.pruners import MedianPruner

    return MedianPruner(n_startup_trials=5, n_warmup_steps=_GRACE_EPOCHS, n_min_trials=5)


def _percentile(_max_epochs: int) -> "BasePruner":
    from optuna.pruners import PercentilePruner

    return PercentilePruner(25.0, n_startup_trials=5, n_warmup_steps=_GRACE_EPOCHS, n_min_trials=5)


def _asha(_max_epochs: int) -> "BasePruner":
    from optuna.pruners import SuccessiveHalvingPruner

    return SuccessiveHalvingPruner(min_resource=_GRACE_EPOCHS, reduction_factor=3)


def _hyperband(max_epochs: int) -> "BasePruner":
    from optisearch.monitored import Hyperband

    return Hyperband(min_resource=_GRACE_EPOCHS, max_resource=max_epochs, reduction_factor=3)


def _none(_max_epochs: int) -> "BasePruner":
    from optuna.pruners import NopPruner

    return NopPruner()


_PRUNERS: dict[str, Callable[[int], "BasePruner"]] = {
    "median": _median,
    "percentile": _percentile,
    "asha": _asha,
    "hyperband": _hyperband,
    "none": _none,
}
NAMES = tuple(_PRUNERS)


def make_pruner(name: str, max_epochs: int) -> "BasePruner":
    """The pruner of a stage.

    Args:
        name: One of `NAMES`.
        max_epochs: The largest number of epochs a trial may train.
    """
    check_pruner(name)
    return _PRUNERS[name](max_epochs)


def check_pruner(name: str) -> None:
    """Raise an OptisearchError unless the pruner exists."""
    if name not in _PRUNERS:
        near = get_close_matches(name, _PRUNERS, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Use one of {', '.join(NAMES)}"
        raise OptisearchError(f"there is no pruner {name!r}", where="--pruner", remedy=hint)

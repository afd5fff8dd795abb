"""Named samplers. Each trial gets one seeded by (study seed, trial number).

So no two workers propose the same points, a search that was interrupted proposes what it would
have proposed without the interruption, and with one worker a search is repeatable.

CMA-ES is left out: Optuna's keeps pickles in the database, and a worker that unpickles from a
shared database runs whatever anyone wrote there.
"""

import importlib.util
import warnings
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from optisearch.errors import OptisearchError
from optisearch.seeding import proposal_seed

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

DEFAULT = "tpe"


def _tpe(seed: int) -> "BaseSampler":
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import TPESampler

    from optisearch.parzen import quickened

    with warnings.catch_warnings():
        # group=True samples conditional factors jointly with those that switch them on.
        warnings.simplefilter("ignore", ExperimentalWarning)
        return quickened(TPESampler(seed=seed, multivariate=True, group=True))


def _random(seed: int) -> "BaseSampler":
    from optuna.samplers import RandomSampler

    return RandomSampler(seed=seed)


def _qmc(seed: int) -> "BaseSampler":
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import QMCSampler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return QMCSampler(
            seed=seed,
            scramble=True,
            warn_independent_sampling=False,
            warn_asynchronous_seeding=False,
        )


def _gp(seed: int) -> "BaseSampler":
    from optuna.samplers import GPSampler

    return GPSampler(seed=seed)


_SAMPLERS: dict[str, Callable[[int], "BaseSampler"]] = {
    "tpe": _tpe,
    "random": _random,
    "qmc": _qmc,
    "gp": _gp,
}
NAMES = tuple(_SAMPLERS)
# A quasi-random sequence is one sequence only as long as all of its points share the scrambling.
_ONE_SEQUENCE = frozenset({"qmc"})
# Those that look for what is in training among what they know to have ended.
_SEE_RUNNING = frozenset({"gp", "qmc"})
_NEEDS = {"gp": "torch"}


def make_sampler(name: str, study_seed: int, number: int) -> "BaseSampler":
    """The sampler for one trial.

    Raises:
        OptisearchError: There is no such sampler, or a package that it needs isn't installed.
    """
    check_sampler(name)
    seed = study_seed if name in _ONE_SEQUENCE else proposal_seed(study_seed, number)
    return _SAMPLERS[name](seed)


def sees_running(name: str) -> bool:
    """Whether a sampler takes what is in training from the same list as what has ended."""
    return name in _SEE_RUNNING


def check_sampler(name: str) -> None:
    """Raise an OptisearchError unless the sampler exists and can be used here."""
    if name not in _SAMPLERS:
        near = get_close_matches(name, _SAMPLERS, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Use one of {', '.join(NAMES)}"
        raise OptisearchError(f"there is no sampler {name!r}", where="--sampler", remedy=hint)
    package = _NEEDS.get(name)
    if package and importlib.util.find_spec(package) is None:
        raise OptisearchError(
            f"the sampler {name!r} needs {package}, which isn't installed",
            where="--sampler",
            remedy=f"pip install 'optisearch[{name}]'",
        )

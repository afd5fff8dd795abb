"""TPE in less time proposes what it would have proposed."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import optuna
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.samplers._tpe import _truncnorm
from optuna.search_space.group_decomposed import _SearchSpaceGroup

from optisearch import parzen
from optisearch import space as spaces
from optisearch.events import silence
from optisearch.samplers import make_sampler
from optisearch.seeding import proposal_seed
from optisearch.stage import Stage
from optisearch.study import Study
from optisearch.training import make_trainer
from optisearch.worker import Stop, work


@pytest.fixture(scope="module")
def original() -> ModuleType:
    """Optuna's truncated normal distributions as they come."""
    path = Path(optuna.__file__).parent / "samplers/_tpe/_truncnorm.py"
    spec = importlib.util.spec_from_file_location("original_truncnorm", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.lists(st.floats(-1e6, 40.0), min_size=1))
def test_the_quick_logarithm_is_that_of_optuna(original: ModuleType, numbers: list[float]) -> None:
    make_sampler("tpe", 0, 0)
    quick, slow = _truncnorm._log_ndtr(np.array(numbers)), original._log_ndtr(np.array(numbers))
    assert _truncnorm._log_ndtr is scipy.special.log_ndtr
    assert np.all(np.abs(quick - slow) <= 2e-15 * np.maximum(1.0, np.abs(slow)))


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_proposals_are_those_of_optuna(
    original: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    parabola: Study,
    open_parabola: Callable[..., Stage],
) -> None:
    stage = open_parabola(sampler="random", trials=60)
    work(stage, parabola, make_trainer(parabola, None), stop=Stop(), listener=silence)

    def proposals(sampler: Callable[[int], BaseSampler]) -> list[dict[str, float]]:
        found = []
        for number in range(20):
            study = optuna.create_study(sampler=sampler(number))
            study.add_trials(stage.trials())
            trial = study.ask()
            spaces.suggest(parabola.space, trial)
            of_space = trial.distributions
            internal = {k: of_space[k].to_internal_repr(v) for k, v in trial.params.items()}
            found.append(internal)
        return found

    def plain(number: int) -> BaseSampler:
        return TPESampler(seed=proposal_seed(0, number), multivariate=True, group=True)

    quick = proposals(lambda number: make_sampler("tpe", 0, number))
    monkeypatch.setattr(_truncnorm, "_log_ndtr", original._log_ndtr)
    for ours, theirs in zip(quick, proposals(plain), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9)


@given(st.lists(st.permutations("abcde").flatmap(lambda p: st.integers(0, 5).map(lambda n: p[:n]))))
def test_groups_are_those_of_optuna_in_the_same_order(sets: list[list[str]]) -> None:
    ours, theirs = parzen._Groups(), _SearchSpaceGroup()
    for names in sets:
        distributions: dict[str, BaseDistribution] = {n: FloatDistribution(0, 1) for n in names}
        ours.add_distributions(distributions)
        theirs.add_distributions(distributions)
    assert ours.search_spaces == theirs.search_spaces

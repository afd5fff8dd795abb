"""Proposals follow from (study seed, trial number) and the trials before."""

import importlib.util
import threading
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch import samplers
from optisearch import space as spaces
from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.events import silence
from optisearch.samplers import make_sampler
from optisearch.seeding import proposal_seed, training_seed
from optisearch.stage import Stage
from optisearch.storage import open_database
from optisearch.study import Study
from optisearch.training import make_trainer
from optisearch.worker import Stop, work

seeds, numbers = st.integers(0, 2**63), st.integers(0, 10**6)
WITHOUT_TORCH = [name for name in samplers.NAMES if name != "gp"]


def proposed(name: str, seed: int, number: int) -> tuple[float, str]:
    trial = optuna.create_study(sampler=make_sampler(name, seed, number)).ask()
    return trial.suggest_float("x", 0.0, 1.0), trial.suggest_categorical("c", ("a", "b"))


@pytest.mark.parametrize("name", WITHOUT_TORCH)
def test_the_same_seed_and_number_propose_the_same(name: str) -> None:
    assert proposed(name, 3, 7) == proposed(name, 3, 7)


@pytest.mark.parametrize("name", ["tpe", "random"])
def test_other_trials_and_other_seeds_propose_something_else(name: str) -> None:
    points = {proposed(name, seed, number) for seed in range(3) for number in range(5)}
    assert len(points) == 15


def test_a_quasi_random_sequence_shares_its_scrambling() -> None:
    study = optuna.create_study()
    xs = []
    for number in range(9):
        study.sampler = make_sampler("qmc", 0, number)
        trial = study.ask()
        xs.append(trial.suggest_float("x", 0.0, 1.0))
        study.tell(trial, 0.0)
    # After the first, which only tells the space: one point in each eighth.
    assert sorted(int(8 * x) for x in xs[1:]) == list(range(8))


@given(seeds, numbers)
def test_seeds_fit_into_31_bits_and_have_one_purpose(seed: int, number: int) -> None:
    assert 0 <= proposal_seed(seed, number) < 2**31
    assert 0 <= training_seed(seed, number) < 2**31
    assert proposal_seed(seed, number) != training_seed(seed, number)


def test_seeds_stay_what_they_are() -> None:
    """A stage that is continued by a later version goes on with the same seeds."""
    assert proposal_seed(0, 0) == 2044266242
    assert training_seed(0, 0) == 1790637272
    assert training_seed(7, 12) == 1209680519


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_each_point_is_proposed_from_all_trials_that_had_ended(
    backend: str, parabola: Study, open_parabola: Callable[..., Stage], sqlite: Address
) -> None:
    database = open_database(sqlite, create=True) if backend == "sqlite" else None
    stage = open_parabola(database, sampler="tpe", trials=30)
    work(stage, parabola, make_trainer(parabola, None), stop=Stop(), listener=silence)
    trials = stage.trials()
    for number in (12, 20, 29):  # the first ten are random ones
        study = optuna.create_study(direction="maximize", sampler=make_sampler("tpe", 0, number))
        study.add_trials(trials[:number])
        trial = study.ask()
        spaces.suggest(parabola.space, trial)
        assert trials[number].params == trial.params


class AfterTrials:
    """Asks a worker to stop once so many trials have ended."""

    def __init__(self, stop: Stop, trials: int) -> None:
        self.stop, self.left = stop, trials

    def __call__(self, event: Any) -> None:
        if type(event).__name__ == "Ended":
            self.left -= 1
            if not self.left:
                self.stop.asked.set()


@pytest.mark.parametrize("name", ["random", "tpe"])
def test_a_search_that_was_interrupted_proposes_what_it_would_have_without(
    name: str, parabola: Study, open_parabola: Callable[..., Stage]
) -> None:
    def points(stage: Stage) -> list[tuple[dict[str, Any], int]]:
        return [(trial.params, trial.user_attrs["seed"]) for trial in stage.trials()]

    trainer = make_trainer(parabola, None)
    whole = open_parabola(sampler=name, trials=16)
    work(whole, parabola, trainer, stop=Stop(), listener=silence)

    first = open_parabola(sampler=name, trials=16)
    stop = Stop(threading.Event())
    work(first, parabola, trainer, stop=stop, listener=AfterTrials(stop, 6))
    assert len(first.trials()) == 6
    second = open_parabola(first.database, sampler=name, trials=16)
    work(second, parabola, trainer, stop=Stop(), listener=silence)

    assert points(second) == points(whole)
    other = open_parabola(sampler=name, trials=16, seed=1)
    work(other, parabola, trainer, stop=Stop(), listener=silence)
    assert points(other)[1:] != points(whole)[1:]


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(OptisearchError) as caught:
        samplers.check_sampler("radom")
    assert str(caught.value) == ("--sampler: there is no sampler 'radom'. Did you mean random?")
    with pytest.raises(OptisearchError, match="Use one of tpe, random, qmc, gp"):
        make_sampler("cma-es", 0, 0)


def test_a_missing_package_is_told_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(OptisearchError, match=r"needs torch.*pip install 'optisearch\[gp\]'"):
        samplers.check_sampler("gp")

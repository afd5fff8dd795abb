"""Declaring a space, sampling it, and its conditions."""

import dataclasses
import json
from typing import Any

import optuna
from hypothesis import given
from hypothesis import strategies as st

from optisearch import choice, integer, real
from optisearch import space as spaces

from .spaces import declared_spaces, space


def ask(space: type, **values: Any) -> Any:
    """The point that a trial with these values gets."""
    return spaces.suggest(space, optuna.trial.FixedTrial(values))


NESTED = space(
    # The condition is declared before what it depends on.
    momentum=real(0.0, 0.99, baseline=0.9, when={"nesterov": True}),
    optimizer=choice("sgd", "adam", baseline="adam"),
    nesterov=choice(True, False, baseline=True, when={"optimizer": "sgd"}),
    units=64,
)


def test_the_fields_read_as_their_baselines() -> None:
    @dataclasses.dataclass(frozen=True)
    class Digits:
        optimizer: str = choice("sgd", "adam", baseline="adam")
        learning_rate: float = real(1e-4, 1.0, log=True, baseline=1e-3)
        epochs: int = integer(5, 20, baseline=10)
        units: int = 64

    assert Digits() == Digits("adam", 1e-3, 10, 64)
    assert list(spaces.factors(Digits)) == ["optimizer", "learning_rate", "epochs"]
    assert spaces.fixed(Digits) == {"units": 64}


def test_sampled_values_keep_their_types() -> None:
    point = ask(
        space(
            a=integer(1, 9, baseline=1), b=real(0, 1, baseline=0.5), c=choice(None, 2, baseline=2)
        ),
        a=4,
        b=1.0,
        c=None,
    )
    assert (point.a, point.b, point.c) == (4, 1.0, None)
    assert isinstance(point.a, int)


def test_a_factor_whose_condition_fails_is_not_sampled_and_keeps_its_baseline() -> None:
    trial = optuna.trial.FixedTrial({"optimizer": "adam", "nesterov": False, "momentum": 0.1})
    assert spaces.suggest(NESTED, trial) == NESTED(optimizer="adam")
    assert trial.params == {"optimizer": "adam"}


def test_conditions_reach_through_several_factors() -> None:
    assert ask(NESTED, optimizer="sgd", nesterov=True, momentum=0.1).momentum == 0.1
    assert ask(NESTED, optimizer="sgd", nesterov=False, momentum=0.1).momentum == 0.9


def test_a_condition_may_name_a_fixed_field() -> None:
    fields = {"depth": 2, "width": integer(1, 9, baseline=5, when={"depth": (2, 3)})}
    assert ask(space(**fields), width=7).width == 7
    assert ask(space(**fields | {"depth": 1}), width=7).width == 5


def test_a_factor_that_is_not_searched_keeps_its_baseline() -> None:
    unsearched = space(
        loss=choice("a", "b", baseline="a", searched=False), x=real(0, 1, baseline=0)
    )
    assert ask(unsearched, loss="b", x=1.0) == unsearched(x=1.0)


def test_the_baseline_point_has_the_searched_and_active_factors() -> None:
    assert spaces.baseline_point(NESTED) == {"optimizer": "adam"}
    assert ask(NESTED, **spaces.baseline_point(NESTED)) == NESTED()


def test_a_space_may_sample_itself() -> None:
    @dataclasses.dataclass(frozen=True)
    class Own:
        x: float = 0.0

        @classmethod
        def suggest(cls, trial: Any) -> "Own":
            return cls(trial.suggest_float("x", 1.0, 2.0))

    assert ask(Own, x=1.5) == Own(1.5)
    assert spaces.problems(Own) == []
    assert spaces.baseline_point(Own) == {}


def test_a_factor_is_stored_without_its_defaults() -> None:
    field = real(0.1, 0.6, baseline=0.3, when={"regularization": "dropout"}, searched=False)
    assert spaces.factors(space(dropout=field))["dropout"].as_dict() == {
        "name": "dropout",
        "kind": "real",
        "baseline": 0.3,
        "when": {"regularization": ["dropout"]},
        "searched": False,
        "low": 0.1,
        "high": 0.6,
    }


@given(declared=declared_spaces(), seed=st.integers(0, 2**31))
def test_any_space_samples_points_inside_its_ranges(declared: type, seed: int) -> None:
    assert spaces.problems(declared) == []
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    trial = study.ask()
    point = spaces.suggest(declared, trial)
    values = dataclasses.asdict(point)
    factors = spaces.factors(declared)
    active = {
        name
        for name, factor in factors.items()
        if factor.searched and spaces.is_active(factor, factors, values)
    }
    assert set(trial.params) == active
    for name, factor in factors.items():
        if name not in active:
            assert values[name] is factor.baseline
        elif isinstance(factor, spaces.Number):
            assert factor.low <= values[name] <= factor.high
            assert isinstance(values[name], factor.type)
        elif isinstance(factor, spaces.Choice):
            assert values[name] in factor.options


@given(declared=declared_spaces())
def test_any_space_is_json(declared: type) -> None:
    stored = [factor.as_dict() for factor in spaces.factors(declared).values()]
    assert json.loads(json.dumps(stored, allow_nan=False)) == stored


@given(declared=declared_spaces())
def test_the_baseline_point_is_the_baseline(declared: type) -> None:
    assert ask(declared, **spaces.baseline_point(declared)) == declared()

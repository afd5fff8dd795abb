"""Given values, and the points that they make."""

import math
from dataclasses import dataclass
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch import choice, integer, real
from optisearch import space as spaces
from optisearch.space.fitting import Fit, fit, misfit, typed

from .spaces import declared_spaces, space

SPACE = space(
    optimizer=choice("sgd", "adam", baseline="adam"),
    rate=real(1e-3, 1.0, log=True, baseline=0.1),
    momentum=real(0.0, 1.0, baseline=0.9, when={"optimizer": "sgd"}),
    units=integer(16, 64, step=16, baseline=32),
    loss=choice("a", "b", baseline="a", searched=False),
    depth=2,
)


def outcome(**values: Any) -> tuple[dict[str, Any], dict[str, str]]:
    found = fit(SPACE, values)
    return dict(found.point), dict(found.misfits)


def test_what_is_missing_has_its_baseline() -> None:
    found = fit(SPACE, {"rate": 1})
    assert found.point == {"optimizer": "adam", "rate": 1.0, "units": 32}
    assert isinstance(found.point["rate"], float)
    assert found.filled == ["optimizer", "units"]
    assert not found.misfits


def test_what_has_no_meaning_there_is_left_out() -> None:
    given = {"momentum": 0.5, "loss": "b", "depth": 3, "other": 1}
    assert outcome(**given) == (dict(spaces.baseline_point(SPACE)), {})
    assert outcome(optimizer="sgd", momentum=0.5)[0]["momentum"] == 0.5
    assert fit(SPACE, {"optimizer": "sgd"}).filled == ["rate", "momentum", "units"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("optimizer", "adm", "'adm' is no option of sgd | adam"),
        ("optimizer", ["sgd"], "['sgd'] is no option of sgd | adam"),
        ("rate", 2.0, "2 lies outside 0.001 … 1"),
        ("rate", math.nan, "nan is no real"),
        ("rate", True, "True is no real"),
        ("units", 32.0, "32.0 is no integer"),
        ("units", 40, "steps of 16 from 16 don't lead to 40"),
        ("units", 80, "80 lies outside 16 … 64"),
    ],
)
def test_what_no_sampler_could_propose_does_not_fit(name: str, value: Any, said: str) -> None:
    assert outcome(**{name: value})[1] == {name: said}


def test_all_that_does_not_fit_is_told() -> None:
    assert list(outcome(rate=2.0, units=0)[1]) == ["rate", "units"]


def test_a_space_may_refuse_a_point() -> None:
    @dataclass(frozen=True)
    class Picky:
        x: float = real(0.0, 1.0, baseline=0.5)
        y: float = real(0.0, 1.0, baseline=0.5)

        def __post_init__(self) -> None:
            if self.x + self.y > 1.5:
                raise ValueError("too much")

    assert not fit(Picky, {"x": 1.0}).misfits
    assert fit(Picky, {"x": 1.0, "y": 1.0}).misfits == {"Picky": "raises ValueError: too much"}


@dataclass(frozen=True)
class Own:
    units: tuple[int, ...] = (8,)

    @classmethod
    def suggest(cls, trial: Any) -> "Own":
        if trial.suggest_categorical("kind", ["flat", "deep", "odd"]) == "odd":
            raise KeyError("odd")
        depth = trial.suggest_int("depth", 1, 3)
        rate = trial.suggest_float("rate", 0.1, 1.0)
        return cls(
            tuple(int(rate * trial.suggest_int(f"u{i}", 2, 8, step=2)) for i in range(depth))
        )


def test_a_space_that_samples_itself_is_asked() -> None:
    given = {"kind": "deep", "depth": 2, "rate": 1, "u0": 2, "u1": 4, "u2": 9, "more": 1}
    found = fit(Own, given)
    assert found.point == {"kind": "deep", "depth": 2, "rate": 1.0, "u0": 2, "u1": 4}
    assert (found.misfits, found.filled) == ({}, ())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "flat"}, {"depth": "it isn't given, and has no baseline"}),
        ({"kind": "round"}, {"kind": "'round' is no option of flat | deep | odd"}),
        ({"kind": "odd"}, {"Own": "suggest raises KeyError: 'odd'"}),
        (
            {"kind": "flat", "depth": 1, "rate": 0.5, "u0": 3},
            {"u0": "steps of 2 from 2 don't lead to 3"},
        ),
    ],
)
def test_what_such_a_space_does_not_get(values: dict[str, Any], said: dict[str, str]) -> None:
    assert fit(Own, values).misfits == said


@given(declared=declared_spaces(), data=st.data())
def test_what_fits_is_what_optuna_would_propose(declared: type, data: Any) -> None:
    """Whatever is given: values of the ranges, values beyond, values of another type."""
    odd = st.none() | st.booleans() | st.integers(-99, 99) | st.floats() | st.text(max_size=3)
    values = {
        name: data.draw(odd | st.sampled_from((factor.baseline, *factor.levels)))
        for name, factor in spaces.factors(declared).items()
        if data.draw(st.booleans())
    }
    found = fit(declared, values)
    check_proposable(declared, found)
    for name, factor in found.factors.items():
        distribution = distributions(declared, found.point)[name]
        if name in found.misfits:
            assert not is_contained(distribution, values[name])
        elif name not in found.filled:
            assert misfit(factor, values[name]) == ""
            assert found.point[name] == typed(factor, values[name])
            assert is_contained(distribution, values[name])


def check_proposable(declared: type, found: Fit) -> None:
    """A trial that is given the point trains exactly that."""
    study = optuna.create_study()
    study.enqueue_trial(dict(found.point))
    trial = study.ask()
    point = spaces.suggest(declared, trial)
    assert trial.params == found.point
    assert all(getattr(point, name) == value for name, value in found.point.items())
    for name, distribution in trial.distributions.items():
        assert is_contained(distribution, found.point[name])


def distributions(declared: type, point: Any) -> dict[str, Any]:
    trial = optuna.trial.FixedTrial(dict(point))
    spaces.suggest(declared, trial)
    return trial.distributions


def is_contained(distribution: Any, value: object) -> bool:
    """By Optuna's own judgement, and of the right type."""
    if isinstance(distribution, optuna.distributions.CategoricalDistribution):
        return value in distribution.choices
    whole = isinstance(distribution, optuna.distributions.IntDistribution)
    kinds = int if whole else int | float
    return (
        isinstance(value, kinds)
        and not isinstance(value, bool)
        and distribution._contains(float(value))
    )

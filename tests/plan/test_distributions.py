"""Cells as Optuna's trials: in distributions that hold them."""

import warnings
from collections.abc import Callable

import optuna
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import create_trial

from optisearch import Comparison
from optisearch.plan import Cell, Ledger, Plan, distributions, parameters
from optisearch.space.stored import FactorInfo

FACTORS = (
    FactorInfo("rate", "real", 1e-3, low=1e-4, high=1e-1, log=True),
    FactorInfo("offset", "real", 0.0, low=-1.0, high=1.0),
    FactorInfo("units", "integer", 8, low=8, high=64, step=8),
    FactorInfo("width", "integer", 8, low=1, high=64, log=True),
    FactorInfo("kind", "choice", "a", options=("a", None, True)),
)
points = st.fixed_dictionaries(
    {
        "rate": st.floats(-10, 10),
        "offset": st.floats(-10, 10),
        "units": st.integers(-100, 100),
        "width": st.integers(-100, 100),
        "kind": st.sampled_from(["a", None, True]),
    }
)


@given(points, st.integers(0, 2**31 - 1))
def test_the_distributions_hold_the_values(point: dict[str, object], seed: int) -> None:
    cell = Cell(point, seed)
    found, values = distributions(cell, FACTORS), parameters(cell)
    assert list(found) == list(values) == [*point, "seed"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trial = create_trial(value=0.0, params=values, distributions=found)
    assert trial.params == values
    for name, distribution in found.items():
        assert distribution._contains(distribution.to_internal_repr(values[name]))


@given(points, points)
def test_optuna_takes_them_into_one_study(one: dict[str, object], other: dict[str, object]) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    for cell in (Cell(one, 1), Cell(other, 2)):
        given = {"params": parameters(cell), "distributions": distributions(cell, FACTORS)}
        study.add_trial(create_trial(value=0.0, **given))
    assert study.best_trial.number == 0


def test_those_of_a_whole_plan(planned: Callable[..., Plan], ledger: Callable[..., Ledger]) -> None:
    plan = planned(
        Comparison("optimizer", tune=["rate", "width"]),
        Comparison("nesterov", base={"optimizer": "sgd", "momentum": 0.5}),
    )
    for cell in plan.due(ledger()):
        assert set(distributions(cell, plan.factors)) == {*cell.point, "seed"}

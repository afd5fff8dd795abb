"""What is wrong with a study's comparisons is told all at once, with nearest names."""

import math
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch import Comparison, choice, integer, real
from optisearch.comparison import problems
from optisearch.errors import DefinitionError
from optisearch.study import Study


@dataclass(frozen=True)
class Space:
    """A space with a condition, and a factor that isn't searched."""

    optimizer: str = choice("sgd", "adam", "rmsprop", baseline="adam")
    learning_rate: float = real(1e-4, 1e-1, log=True, baseline=1e-3)
    momentum: float = real(0.0, 0.9, baseline=0.0, levels=(0.0, 0.9), when={"optimizer": "sgd"})
    epochs: int = integer(1, 20, baseline=10, searched=False)
    units: int = 64


def told(*comparisons: Comparison) -> list[str]:
    return [str(problem) for problem in problems(comparisons, Space)]


@pytest.mark.parametrize(
    "comparison",
    [
        Comparison("optimizer"),
        Comparison("optimizer", levels=["sgd", "adam"], tune=["learning_rate", "momentum"]),
        Comparison("learning_rate", levels=[1, 1e-9], base={"optimizer": "sgd"}, seeds=1),
        Comparison("momentum", base={"optimizer": "sgd"}),
        Comparison("optimizer", base={"momentum": 0.9}),  # it has a meaning at one of the levels
        Comparison("epochs", levels=[100, 1], published={100: 0.9}, tolerance=0.1),
        Comparison("momentum", base={"optimizer": "sgd"}, published={0.9: 1}),
    ],
)
def test_what_is_sound(comparison: Comparison) -> None:
    assert told(comparison) == []


PROBLEMS = {
    "unknown factor": (
        Comparison("optimiser"),
        "comparison 'optimiser': 'optimiser' is no factor of Space; did you mean 'optimizer'?",
    ),
    "unknown, like nothing": (
        Comparison("xyz"),
        (
            "comparison 'xyz': 'xyz' is no factor of Space; "
            "use one of optimizer, learning_rate, momentum, epochs"
        ),
    ),
    "unknown tuned": (
        Comparison("optimizer", tune=["learning_rat"]),
        (
            "comparison 'optimizer': 'learning_rat' is no factor of Space; "
            "did you mean 'learning_rate'?"
        ),
    ),
    "unknown base": (
        Comparison("optimizer", base={"epoch": 3}),
        "comparison 'optimizer': 'epoch' is no factor of Space; did you mean 'epochs'?",
    ),
    "fixed": (
        Comparison("units"),
        (
            "comparison 'units': 'units' is fixed; "
            "give it a range, with searched=False to keep it unsearched"
        ),
    ),
    "no option": (
        Comparison("optimizer", levels=["sgd", "adan"]),
        "comparison 'optimizer': level 'adan' is no option of optimizer; did you mean 'adam'?",
    ),
    "no option, like nothing": (
        Comparison("optimizer", levels=["sgd", "xyz"]),
        (
            "comparison 'optimizer': level 'xyz' is no option of optimizer; "
            "use one of sgd | adam | rmsprop"
        ),
    ),
    "no number": (
        Comparison("learning_rate", levels=[0.1, math.inf]),
        "comparison 'learning_rate': level inf is no real for learning_rate; correct it",
    ),
    "no integer": (
        Comparison("epochs", levels=[1, 2.5]),
        "comparison 'epochs': level 2.5 is no integer for epochs; correct it",
    ),
    "one level": (
        Comparison("optimizer", levels=["sgd"]),
        "comparison 'optimizer': there is one level; a comparison needs two",
    ),
    "twice": (
        Comparison("learning_rate", levels=[1, 1.0]),
        "comparison 'learning_rate': level 1.0 is there twice; remove one",
    ),
    "published for no level": (
        Comparison("optimizer", levels=["sgd", "adam"], published={"rmsprop": 0.9}),
        (
            "comparison 'optimizer': a figure is published for 'rmsprop', which is no level; "
            "correct either"
        ),
    ),
    "published nonsense": (
        Comparison("optimizer", published={"sgd": math.nan}),
        "comparison 'optimizer': the figure nan published for 'sgd' is no number; correct it",
    ),
    "tunes itself": (
        Comparison("optimizer", tune=["optimizer"]),
        (
            "comparison 'optimizer': `tune` names 'optimizer', the factor that is compared; "
            "leave it out of `tune`"
        ),
    ),
    "tunes twice": (
        Comparison("optimizer", tune=["epochs", "epochs"]),
        "comparison 'optimizer': `tune` names a factor twice; remove one",
    ),
    "tuned and given": (
        Comparison("optimizer", tune=["epochs"], base={"epochs": 3}),
        "comparison 'optimizer': 'epochs' is in `tune` and in `base`; keep it in one of them",
    ),
    "base of itself": (
        Comparison("optimizer", base={"optimizer": "sgd"}),
        (
            "comparison 'optimizer': `base` sets 'optimizer', the factor that is compared; "
            "leave it out of `base`"
        ),
    ),
    "base no value": (
        Comparison("optimizer", base={"epochs": "ten"}),
        "comparison 'optimizer': base epochs= 'ten' is no integer for epochs; correct it",
    ),
    "switched off": (
        Comparison("momentum"),
        (
            "comparison 'momentum': momentum has no meaning at the baseline; "
            "switch it on with base={…}: it needs optimizer='sgd'"
        ),
    ),
    "base switched off": (
        Comparison("epochs", base={"momentum": 0.5}),
        "comparison 'epochs': `base` sets 'momentum', which has no meaning there; leave it out",
    ),
    "no seeds": (
        Comparison("optimizer", seeds=0),
        "comparison 'optimizer': seeds=0 is no number of seeds; give 1 or more",
    ),
    "half a seed": (
        Comparison("optimizer", seeds=2.5),  # type: ignore[arg-type]
        "comparison 'optimizer': seeds=2.5 is no number of seeds; give 1 or more",
    ),
    "negative tolerance": (
        Comparison("optimizer", tolerance=-0.1),
        "comparison 'optimizer': tolerance=-0.1 is no width; give 0 or more",
    ),
}


@pytest.mark.parametrize(("comparison", "problem"), PROBLEMS.values(), ids=PROBLEMS)
def test_each_problem_is_told_with_its_remedy(comparison: Comparison, problem: str) -> None:
    assert told(comparison) == [problem]


def test_two_comparisons_of_one_factor_need_names() -> None:
    both = [Comparison("optimizer"), Comparison("optimizer", base={"epochs": 3})]
    assert told(*both) == ["comparison 'optimizer': there are 2 of that name; give each a name=…"]
    assert told(both[0], replace(both[1], name="shorter")) == []


def test_a_name_may_not_be_that_of_another_comparisons_factor() -> None:
    assert len(told(Comparison("optimizer"), Comparison("epochs", name="optimizer"))) == 1


def test_all_problems_are_told_at_once() -> None:
    found = told(
        Comparison("optimiser", tune=["epoch"]),
        Comparison("momentum", levels=[0.1], seeds=0, tolerance=-1.0, tune=["momentum"]),
    )
    assert [text.partition(":")[0] for text in found] == [
        *["comparison 'optimiser'"] * 2,
        *["comparison 'momentum'"] * 5,
    ]


def test_a_study_refuses_them_as_it_is_defined() -> None:
    with pytest.raises(DefinitionError, match="did you mean 'optimizer'"):
        Study(
            name="s",
            space=Space,
            train=print,  # type: ignore[arg-type]
            maximize="a",
            comparisons=[Comparison("optimiser")],
        )


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))


@given(
    factor=st.sampled_from(["optimizer", "learning_rate", "momentum", "epochs", "units", "xyz"]),
    levels=st.lists(values, max_size=3),
    tune=st.lists(st.sampled_from(["epochs", "momentum", "xyz"]), max_size=2),
    base=st.dictionaries(st.sampled_from(["optimizer", "epochs", "units", "xyz"]), values),
    published=st.dictionaries(values, values, max_size=2),
    seeds=values,
)
def test_whatever_is_given_is_judged_and_not_crashed_on(**given: Any) -> None:
    for problem in problems([Comparison(**given)], Space):
        assert problem.what
        assert problem.remedy

"""A definition is valid, or not there at all: then every problem is named, with its remedy."""

import dataclasses
from dataclasses import dataclass, make_dataclass
from typing import Any

import pytest

from optisearch import Comparison, Study, choice, integer, real
from optisearch.errors import DefinitionError, Problem
from optisearch.objectives import Objective


@dataclass(frozen=True)
class Sound:
    optimizer: str = choice("sgd", "adam", baseline="adam")
    learning_rate: float = real(1e-4, 1.0, log=True, baseline=1e-3)
    units: int = 64


def build(_hp: Sound) -> None: ...


SOUND: dict[str, Any] = {
    "name": "mine",
    "space": Sound,
    "build": build,
    "data": object(),
    "maximize": "val_accuracy",
}


def with_fields(**fields: Any) -> dict[str, Any]:
    """A study's arguments whose space has an `optimizer` and these fields."""
    named = {"optimizer": choice("sgd", "adam", baseline="adam")} | fields
    declared = [(name, Any, value) for name, value in named.items()]
    return {"space": make_dataclass("Space", declared, frozen=True)}


def problems(changes: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(DefinitionError) as caught:
        Study(**SOUND | changes)
    return caught.value.problems


@dataclass
class Thawed:
    x: float = real(0.0, 1.0, baseline=0.5)


def hp(when: dict[str, Any]) -> Any:
    return real(0.0, 1.0, baseline=0.5, when=when)


@dataclass(frozen=True)
class Picky:
    x: float = real(0.0, 1.0, baseline=0.5)

    def __post_init__(self) -> None:
        raise ValueError("too small")


# What is given → the field and the beginning of what is said about it.
PROBLEMS: dict[str, tuple[dict[str, Any], str, str]] = {
    "baseline outside": (
        with_fields(rate=real(0.0, 1.0, baseline=2.0)),
        "rate",
        "baseline 2 lies outside the range 0 … 1",
    ),
    "baseline no option": (
        with_fields(loss=choice("a", "b", baseline="c")),
        "loss",
        "baseline 'c' is not among the options a | b",
    ),
    "baseline of another type": (
        with_fields(epochs=integer(1, 9, baseline=2.5)),
        "epochs",
        "baseline 2.5 is no integer",
    ),
    "baseline not a number": (
        with_fields(rate=real(0.0, 1.0, baseline=float("nan"))),
        "rate",
        "baseline nan is no real",
    ),
    "level of another type": (
        with_fields(epochs=integer(1, 9, baseline=2, levels=(1, 2.5))),
        "epochs",
        "level 2.5 is no integer",
    ),
    "level outside": (
        with_fields(epochs=integer(1, 9, baseline=2, levels=(1, 12))),
        "epochs",
        "level 12 lies outside the range 1 … 9",
    ),
    "level twice": (
        with_fields(rate=real(0, 1, baseline=0.5, levels=(1, 1.0))),
        "rate",
        "level 1.0 is there twice",
    ),
    "bounds swapped": (
        with_fields(epochs=integer(9, 9, baseline=9), rate=real(2.0, -2.0, baseline=-2.0)),
        "rate",
        "low 2 is above high -2",
    ),
    "bound infinite": (
        with_fields(rate=real(0.0, float("inf"), baseline=1.0)),
        "rate",
        "high is inf",
    ),
    "log of zero": (
        with_fields(rate=real(0.0, 1.0, log=True, baseline=0.5)),
        "rate",
        "a log range can't begin at 0",
    ),
    "log with a step": (
        with_fields(rate=real(1.0, 9.0, log=True, step=2.0, baseline=3.0)),
        "rate",
        "log and step exclude one another",
    ),
    "log with a step of one": (
        with_fields(rate=real(1.0, 9.0, log=True, step=1.0, baseline=3.0)),
        "rate",
        "log and step exclude one another",
    ),
    "step of zero": (with_fields(epochs=integer(1, 9, step=0, baseline=1)), "epochs", "step is 0"),
    "no trials": ({"trials": 0}, "trials", "0 is no number of trials"),
    "step past the end": (
        with_fields(epochs=integer(1, 9, step=3, baseline=4)),
        "epochs",
        "steps of 3 from 1 don't lead to high 9",
    ),
    "baseline between steps": (
        with_fields(rate=real(0.0, 1.0, step=0.25, baseline=0.3)),
        "rate",
        "steps of 0.25 from 0 don't lead to baseline 0.3",
    ),
    "unknown field in when": (
        with_fields(rate=hp({"optimiser": "sgd"})),
        "rate",
        "`when` names 'optimiser', which is no field of Space",
    ),
    "unknown option in when": (
        with_fields(rate=hp({"optimizer": ("sgd", "adm")})),
        "rate",
        "`when` accepts optimizer='adm', which is no option of it",
    ),
    "no value in when": (
        with_fields(rate=hp({"optimizer": ()})),
        "rate",
        "`when` accepts no value of optimizer",
    ),
    "conditions in a circle": (
        with_fields(a=hp({"b": 0.5}), b=hp({"c": 0.5}), c=hp({"a": 0.5})),
        "a",
        "the conditions go round in a circle: a → b → c → a",
    ),
    "condition on itself": (
        with_fields(a=hp({"a": 0.5})),
        "a",
        "the conditions go round in a circle: a → a",
    ),
    "empty choice": (with_fields(loss=choice(baseline="a")), "loss", "the choice is empty"),
    "option twice": (
        with_fields(loss=choice("a", "b", "a", baseline="a")),
        "loss",
        "option 'a' is there twice",
    ),
    "options that Optuna can't tell apart": (
        with_fields(loss=choice(1, True, baseline=1)),
        "loss",
        "option True is there twice",
    ),
    "option no scalar": (
        with_fields(loss=choice("a", (1, 2), baseline="a")),
        "loss",
        "option (1, 2) is a tuple",
    ),
    "option infinite": (
        with_fields(loss=choice(1.0, float("inf"), baseline=1.0)),
        "loss",
        "option inf isn't finite",
    ),
    "name too long for Optuna": (
        with_fields(**{"x" * 513: real(0, 1, baseline=0)}),
        "x" * 513,
        "the name has 513 characters",
    ),
    "name reserved": (
        with_fields(seed=integer(0, 9, baseline=0)),
        "seed",
        "the name is OptiSearch's own",
    ),
    "field without a value": (
        {"space": make_dataclass("Space", [("units", int), ("x", Any, hp({}))], frozen=True)},
        "units",
        "it has no value",
    ),
    "space not frozen": ({"space": Thawed}, "Thawed", "the dataclass isn't frozen"),
    "space that refuses its baseline": (
        {"space": Picky},
        "Picky",
        "Picky() raises ValueError: too small",
    ),
    "space no dataclass": ({"space": dict}, "space", "<class 'dict'> is no dataclass"),
    "nothing searched": (
        {"space": make_dataclass("Space", [("units", int, 64)], frozen=True)},
        "Space",
        "nothing is searched",
    ),
    "target no number": ({"target": "high"}, "target", "'high' is no value of a metric"),
    "target infinite": ({"target": float("inf")}, "target", "inf is no value of a metric"),
    "no metric": ({"maximize": ""}, "maximize", "neither `maximize` nor `minimize` is given"),
    "metric no name": ({"maximize": 3}, "maximize", "3 is no name"),
    "one of several no name": ({"minimize": ("val_loss", None)}, "minimize", "None is no name"),
    "a metric twice": ({"minimize": "val_accuracy"}, "minimize", "'val_accuracy' is named 2 times"),
    "a cost to be raised": (
        {"maximize": ("val_accuracy", "parameters")},
        "maximize",
        "'parameters' is a cost",
    ),
    "nothing of an epoch": (
        {"maximize": "", "minimize": ("seconds", "parameters")},
        "maximize",
        "'seconds' and 'parameters' alone: no epoch reports anything",
    ),
    "no target to wait for": (
        {"minimize": "seconds_to_target"},
        "target",
        "'seconds_to_target' needs one",
    ),
    "too many objectives": (
        {"minimize": ("a", "b", "c", "d")},
        "minimize",
        "5 objectives are named",
    ),
    "no training": ({"build": None}, "build", "neither `build` nor `train` is given"),
    "two trainings": ({"train": build}, "build", "`train` is given too"),
    "build no function": ({"build": "build"}, "build", "'build' is no function"),
    "callbacks no function": ({"callbacks": ["stop"]}, "callbacks", "['stop'] is no function"),
    "callbacks of a loop of one's own": (
        {"build": None, "train": build, "callbacks": build},
        "callbacks",
        "they are for `build`",
    ),
    "build without data": ({"data": None}, "data", "`build` needs data to train on"),
    "unknown factor compared": (
        {"comparisons": [Comparison("learning_rat")]},
        "comparison 'learning_rat'",
        "'learning_rat' is no factor of Sound",
    ),
    "unknown factor tuned": (
        {"comparisons": [Comparison("optimizer", tune=["units"])]},
        "comparison 'optimizer'",
        "'units' is fixed",
    ),
}
for odd_name in ("", "a/b", "-a", ".hidden", "a.", "ä", "a b", "x" * 101, "NUL", "com1.txt", None):
    PROBLEMS[f"name {str(odd_name)[:9]!r}"] = (
        {"name": odd_name},
        "name",
        f"{odd_name!r} can't name studies and files",
    )


@pytest.mark.parametrize(("changes", "field", "what"), PROBLEMS.values(), ids=PROBLEMS)
def test_each_problem_is_named_with_its_field_and_remedy(
    changes: dict[str, Any], field: str, what: str
) -> None:
    (problem,) = problems(changes)
    assert problem.field == field
    assert problem.what.startswith(what)
    assert problem.remedy


def test_all_problems_are_told_together() -> None:
    found = problems(
        with_fields(
            rate=real(0.0, 1.0, baseline=2.0, levels=("fast",), when={"optimiser": "sgd"}),
            loss=choice("a", "a", baseline="b"),
        )
        | {"name": "a/b", "build": None, "maximize": ""}
    )
    assert [problem.field for problem in found] == [
        "name",
        *("rate", "rate", "rate"),
        *("loss", "loss"),
        "build",
        "maximize",
    ]


def test_the_error_is_one_paragraph_with_a_line_for_each_problem() -> None:
    with pytest.raises(DefinitionError) as caught:
        Study(**SOUND | {"name": "a/b", "maximize": ""})
    head, *lines = str(caught.value).splitlines()
    assert head == "study 'a/b': the definition has 2 problems."
    assert [line.partition(":")[0].strip() for line in lines] == ["name", "maximize"]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["m", "mnist", "mnist-digits", "a.b_c", "2x", "x" * 100])
def test_names(name: str) -> None:
    assert Study(**SOUND | {"name": name}).name == name


def test_the_metric_and_its_direction() -> None:
    up = Study(**SOUND)
    down = Study(**SOUND | {"maximize": "", "minimize": "val_loss"})
    assert (up.metric, up.direction) == ("val_accuracy", "maximize")
    assert (down.metric, down.direction) == ("val_loss", "minimize")


def test_the_monitored_objective_is_the_first_that_epochs_report() -> None:
    given = {"maximize": "", "minimize": ("parameters", "val_loss", "seconds_to_target")}
    study = Study(**SOUND | given | {"target": 0.1})
    assert (study.metric, study.direction) == ("val_loss", "minimize")
    assert study.metrics == ("val_loss",)
    assert study.objectives == (
        Objective("val_loss"),
        Objective("parameters"),
        Objective("seconds_to_target", target=0.1),
    )


def test_of_metrics_those_that_are_maximized_come_first() -> None:
    study = Study(**SOUND | {"minimize": "val_loss"})
    assert study.objectives == (
        Objective("val_accuracy", "maximize"),
        Objective("val_loss", "minimize"),
    )
    assert study.metrics == ("val_accuracy", "val_loss")


def test_a_loop_of_ones_own_needs_no_data() -> None:
    study = Study(name="own", space=Sound, train=lambda _hp, _data, _run: None, minimize="loss")
    assert study.data is None


def test_a_study_is_frozen_down_to_its_comparisons() -> None:
    study = Study(**SOUND | {"comparisons": [Comparison("optimizer", tune=["learning_rate"])]})
    assert isinstance(study.comparisons, tuple)
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.name = "other"

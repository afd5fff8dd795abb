"""`Study(known=…)`: points, or problems of the study."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from optisearch import Study, choice, integer, real
from optisearch.errors import DefinitionError
from optisearch.known import points


@dataclass(frozen=True)
class Space:
    optimizer: str = choice("sgd", "adam", baseline="adam")
    rate: float = real(1e-3, 1.0, log=True, baseline=1e-2)
    momentum: float = real(0.0, 1.0, baseline=0.9, when={"optimizer": "sgd"})
    layers: int = integer(2, 10, step=2, baseline=4)
    loss: str = choice("a", "b", baseline="a", searched=False)
    units: tuple[int, ...] = (64,)


@dataclass(frozen=True)
class Own:
    units: tuple[int, ...] = (8,)

    @classmethod
    def suggest(cls, trial: Any) -> "Own":
        depth = trial.suggest_int("depth", 1, 3)
        return cls(tuple(trial.suggest_int(f"u{i}", 1, 9) for i in range(depth)))


def study(*known: Any, space: type = Space) -> Study:
    return Study(
        name="mine",
        space=space,
        train=lambda _hp, _data, _run: None,
        maximize="gain",
        known=list(known),
    )


def known(*given: Any, space: type = Space) -> list[dict[str, Any]]:
    return points(study(*given, space=space).known, space)


def test_instances_and_mappings_say_the_same() -> None:
    point = {"optimizer": "sgd", "rate": 1.0, "momentum": 0.5, "layers": 4}
    assert known(Space(optimizer="sgd", rate=1, momentum=0.5)) == [point]
    assert known({"optimizer": "sgd", "rate": 1, "momentum": 0.5}) == [point]


def test_their_order_is_kept() -> None:
    given = [Space(rate=rate) for rate in (0.5, 0.1, 0.9)]
    assert [each["rate"] for each in known(*given)] == [0.5, 0.1, 0.9]
    assert study().known == ()


def test_what_is_as_it_is_in_any_case_may_be_said() -> None:
    assert known({"loss": "a", "units": (64,), "momentum": 0.9}) == known(Space())


def test_a_space_that_samples_itself_takes_mappings() -> None:
    point = {"depth": 2, "u0": 3, "u1": 4}
    assert known(point, space=Own) == [point]


# What is given → the problem, without its place.
PROBLEMS: dict[str, tuple[Any, str]] = {
    "outside": ({"rate": 2.0}, "rate: 2 lies outside 0.001 … 1; correct it"),
    "no option": (
        Space(optimizer="adm"),
        "optimizer: 'adm' is no option of sgd | adam; correct it",
    ),
    "between steps": ({"layers": 3}, "layers: steps of 2 from 2 don't lead to 3; correct it"),
    "of another type": ({"layers": "4"}, "layers: '4' is no integer; correct it"),
    "unknown": ({"rat": 0.5}, "'rat' is no field of Space; did you mean 'rate'?"),
    "unknown by far": (
        {"x": 0.5},
        "'x' is no field of Space; use one of optimizer, rate, momentum, layers, loss",
    ),
    "fixed": (Space(units=(32,)), "units is fixed at (64,); give it a range, or leave it out"),
    "not searched": ({"loss": "b"}, "loss isn't searched; leave it at its baseline, 'a'"),
    "switched off": (
        Space(momentum=0.5),
        "momentum has no meaning there; leave it at its baseline, 0.9",
    ),
    "something else": (
        0.5,
        "0.5 is neither a point of Space nor a mapping; give Space(…), or a mapping of what",
    ),
}


@pytest.mark.parametrize(("given", "said"), PROBLEMS.values(), ids=PROBLEMS)
def test_each_problem_is_named_with_its_place(given: Any, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        study(Space(rate=0.5), given)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"known[1]: {said}")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Own(), "Own(units=(8,)) is no mapping; give the values that `suggest` asks for by their"),
        ({"depth": 2, "u0": 3}, "u1: it isn't given, and has no baseline; correct it"),
        ({"depth": 1, "u0": 3, "u1": 3}, "`suggest` doesn't ask for 'u1' there; leave it out"),
    ],
)
def test_a_space_that_samples_itself_has_problems_too(given: Any, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        study(given, space=Own)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"known[0]: {said}")


@pytest.mark.parametrize("given", [{"rate": 0.5}, "rate", 7])
def test_it_is_a_list(given: Any) -> None:
    with pytest.raises(DefinitionError, match="is no list; give a list of configurations"):
        replace(study(), known=given)


def test_they_are_told_with_all_other_problems_of_a_study() -> None:
    with pytest.raises(DefinitionError) as caught:
        replace(study(), known=[{"rate": 2.0}, {"layers": 3}], name="a/b", trials=0)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["name", "known[0]", "known[1]", "trials"]


def test_a_space_with_problems_is_told_alone() -> None:
    @dataclass(frozen=True)
    class Odd:
        rate: float = real(1.0, 0.0, baseline=0.5)

    with pytest.raises(DefinitionError) as caught:
        study({"rate": 2.0}, space=Odd)
    assert {problem.field for problem in caught.value.problems} == {"rate"}

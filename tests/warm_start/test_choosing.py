"""What is carried over from one space to another, and what is said of the rest."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import optuna
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from tests.spaces import declared_spaces, space

from optisearch import choice, integer, real
from optisearch import space as spaces
from optisearch.errors import OptisearchError
from optisearch.reading import StageResults
from optisearch.space.fitting import fit
from optisearch.warm_start import Carried, carry

Searched = Callable[..., StageResults]

OLD = space(
    optimizer=choice("sgd", "adam", "lion", baseline="adam"),
    rate=real(1e-4, 10.0, log=True, baseline=1e-2),
    momentum=real(0.0, 1.0, baseline=0.9, when={"optimizer": "sgd"}),
    epochs=integer(1, 20, baseline=10),
    width=32,
)


def point(rate: float, **values: Any) -> dict[str, Any]:
    return {"optimizer": "adam", "rate": rate, "epochs": 10} | values


def carried(
    searched: Searched, tried: list[Any], new: type, most: int = 5, old: type = OLD, **fields: Any
) -> Carried:
    return carry(searched(old, tried, **fields), new, most, [spaces.baseline_point(new)])


def trials(found: Carried) -> list[int | None]:
    return [each.trial for each in found.points]


def test_the_best_come_first(searched: Searched) -> None:
    tried = [(point(rate), value) for rate, value in ((1e-4, 0.1), (1e-1, 0.9), (1.0, 0.5))]
    found = carried(searched, [*tried, (point(10.0), None)], OLD)
    assert trials(found) == [1, 2, 0]
    assert found.points[0].point == point(1e-1)
    assert {each.stage for each in found.points} == {"old/search"}
    assert found.told == ()


def test_less_is_better_where_the_study_says_so(searched: Searched) -> None:
    tried = [(point(rate), value) for rate, value in ((1e-4, 0.1), (1e-1, 0.9), (1.0, 0.5))]
    assert trials(carried(searched, tried, OLD, maximize="", minimize="loss")) == [0, 2, 1]


def test_so_many_as_wanted(searched: Searched) -> None:
    tried = [(point(rate), rate) for rate in (1e-4, 1e-3, 1e-1, 1.0, 10.0)]
    assert trials(carried(searched, tried, OLD, most=2)) == [4, 3]


def test_of_many_the_best_quarter(searched: Searched) -> None:
    """Six of 24 are good enough, and all of them are near one another."""
    tried = [(point(1.0 + n / 100, epochs=10), 1.0 - n / 100) for n in range(6)]
    tried += [(point(10.0 ** -(n / 5), optimizer="lion"), 0.1 + n / 100) for n in range(18)]
    found = carried(searched, tried, OLD)
    assert trials(found) == [0]
    assert found.told == ("left out trials 1-5: near to a better one",)


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (point(1.1), True),
        (point(1.0, epochs=11), True),
        (point(1.0, epochs=12), False),
        (point(4.0), False),  # an eighth of five decades
        (point(1.0, optimizer="lion"), False),
        ({"optimizer": "sgd", "rate": 1.0, "epochs": 10, "momentum": 0.5}, False),
    ],
)
def test_what_is_near(searched: Searched, other: dict[str, Any], alike: bool) -> None:
    found = carried(searched, [(point(1.0), 0.9), (other, 0.8)], OLD)
    assert trials(found) == ([0] if alike else [0, 1])


def test_one_point_with_several_seeds_counts_by_its_mean(searched: Searched) -> None:
    tried = [(point(1.0), 0.1), (point(1e-4), 0.5), (point(1.0), 0.8), (point(10.0), 0.6)]
    assert trials(carried(searched, tried, OLD, most=3)) == [3, 1, 2]


def test_one_that_diverged_with_another_seed_is_none(searched: Searched) -> None:
    tried = [(point(1.0), 0.9), (point(1e-4), 0.5), (point(1.0), float("-inf"))]
    assert trials(carried(searched, tried, OLD)) == [1]


def test_the_baseline_and_what_is_known_take_no_place(searched: Searched) -> None:
    tried = [(point(1e-2), 0.9), (point(1.0), 0.8), (point(1e-4), 0.7)]
    stage = searched(OLD, tried)
    found = carry(stage, OLD, 1, [spaces.baseline_point(OLD), point(1.0)])
    assert trials(found) == [2]
    nothing = carry(stage, OLD, 5, [each for each, _ in tried])
    assert nothing == Carried((), ("nothing to carry over: all is tried in any case",))


def test_a_value_that_cannot_be_had_leaves_its_configuration_out(searched: Searched) -> None:
    new = space(
        optimizer=choice("sgd", "adam", baseline="adam"),
        rate=real(1e-3, 1.0, log=True, baseline=1e-2),
        epochs=integer(10, 20, baseline=10),
    )
    tried = [
        (point(10.0), 0.9),
        (point(1.0), 0.8),
        (point(5.0, optimizer="lion"), 0.7),
        (point(0.1), 0.6),
        (point(1e-4), 0.5),
    ]
    found = carried(searched, tried, new)
    assert [each.point for each in found.points] == [point(1.0), point(0.1)]
    assert found.told == (
        "left out trials 0, 2: rate, as in trial 0: 10 lies outside 0.001 … 1",
        "left out trial 2: optimizer: 'lion' is no option of sgd | adam",
    )


def test_new_factors_have_their_baseline(searched: Searched) -> None:
    new = space(
        rate=real(1e-4, 10.0, log=True, baseline=1e-3),
        depth=integer(1, 5, baseline=2),
        shape=choice("a", "b", baseline="b"),
    )
    found = carried(searched, [(point(1.0), 0.9)], new)
    assert [each.point for each in found.points] == [{"rate": 1.0, "depth": 2, "shape": "b"}]
    assert found.told == (
        "at the baseline, being new: depth 2, shape b",
        "no factors here: optimizer, epochs",
    )


def test_conditions_are_those_of_the_new_space(searched: Searched) -> None:
    """What is switched off there has its baseline here, and what is switched off here no value."""
    new = space(
        optimizer=choice("sgd", "adam", baseline="adam"),
        rate=real(1e-4, 10.0, log=True, baseline=1e-3, when={"optimizer": "sgd"}),
        momentum=real(0.0, 1.0, baseline=0.5),
    )
    sgd = {"optimizer": "sgd", "rate": 1.0, "epochs": 10, "momentum": 0.1}
    found = carried(searched, [(point(1.0), 0.9), (sgd, 0.8)], new)
    assert [each.point for each in found.points] == [
        {"optimizer": "sgd", "rate": 1.0, "momentum": 0.1},
    ]  # the other one is the baseline here
    older = space(
        optimizer=choice("sgd", "adam", baseline="sgd"), momentum=real(0.0, 1.0, baseline=0.5)
    )
    found = carried(searched, [(point(1.0), 0.9), (sgd, 0.8)], older)
    assert [each.point for each in found.points] == [
        {"optimizer": "adam", "momentum": 0.5},
        {"optimizer": "sgd", "momentum": 0.1},
    ]
    assert found.told[0] == "at the baseline, having no value there in trial 0: momentum 0.5"


def test_another_kind_is_another_factor(searched: Searched) -> None:
    new = space(
        rate=real(1e-4, 10.0, log=True, baseline=1e-3), epochs=real(1.0, 20.0, baseline=5.0)
    )
    found = carried(searched, [(point(1.0), 0.9)], new)
    assert [each.point for each in found.points] == [{"rate": 1.0, "epochs": 5.0}]
    said = "at the baseline, being of another kind there (integer): epochs 5"
    assert found.told == (said, "no factor here: optimizer")


def test_what_was_fixed_there_is_carried_over_too(searched: Searched) -> None:
    new = space(rate=real(1e-4, 10.0, log=True, baseline=1e-3), width=integer(8, 64, baseline=16))
    found = carried(searched, [(point(1.0), 0.9)], new)
    assert [each.point for each in found.points] == [{"rate": 1.0, "width": 32}]


def test_what_was_compared_only_is_carried_over_too(searched: Searched) -> None:
    old = space(
        rate=real(0.0, 1.0, baseline=0.1),
        loss=choice("a", "b", baseline="b", searched=False),
    )
    new = space(rate=real(0.0, 1.0, baseline=0.1), loss=choice("a", "b", baseline="a"))
    found = carried(searched, [({"rate": 0.1}, 0.9)], new, old=old)
    assert [each.point for each in found.points] == [{"rate": 0.1, "loss": "b"}]


def test_what_is_held_here_at_another_value_is_said(searched: Searched) -> None:
    new = space(
        rate=real(1e-4, 10.0, log=True, baseline=1e-3),
        optimizer="lion",
        epochs=integer(1, 20, baseline=10, searched=False),
    )
    found = carried(searched, [(point(1.0), 0.9)], new)
    assert found.told == ("not searched here, another value there in trial 0: optimizer lion",)


def refusal(searched: Searched, tried: list[Any], new: type) -> str:
    with pytest.raises(OptisearchError) as caught:
        carried(searched, tried, new)
    return str(caught.value)


def test_without_a_completed_trial_there_is_nothing(searched: Searched) -> None:
    said = refusal(searched, [(point(1.0), None), (point(1.0), float("-inf"))], OLD)
    assert said.startswith("old/search: no trial of it has completed.")


def test_without_a_factor_in_common_there_is_nothing(searched: Searched) -> None:
    new = space(depth=integer(1, 5, baseline=2), rate=choice("low", "high", baseline="low"))
    said = refusal(searched, [(point(1.0), 0.9)], new)
    assert said == (
        "old/search: nothing of it has a place in this study, by name and kind. Its factors are "
        "optimizer, rate, momentum, epochs; this study's are depth, rate. Leave --from out."
    )


def test_where_nothing_fits_it_is_said_why(searched: Searched) -> None:
    new = space(rate=real(20.0, 30.0, baseline=25.0))
    said = refusal(searched, [(point(1.0), 0.9), (point(2.0), 0.8)], new)
    paragraph, reason = said.splitlines()
    assert paragraph == (
        "old/search: none of its 2 configurations can be had in this study. Change the ranges of "
        "Space, or leave --from out."
    )
    assert reason == "  left out trials 0-1: rate, as in trial 0: 1 lies outside 20 … 30"


@st.composite
def overlapping(draw: Any) -> tuple[type, type]:
    """Two spaces, of which the second has some of its fields of the first."""
    old, other = draw(declared_spaces()), draw(declared_spaces())
    fields = {
        item.name: dataclasses.field(default=item.default, metadata=item.metadata)
        for which in (old, other)
        for item in dataclasses.fields(which)
        if which is old or draw(st.integers(0, 3)) == 0
    }
    new = space(**{name: fields[name] for name in fields if draw(st.integers(0, 3))})
    assume(not spaces.problems(new))
    return old, new


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(two=overlapping(), count=st.integers(1, 8), data=st.data())
def test_from_any_space_to_any_other_every_point_is_valid(
    searched: Searched, two: tuple[type, type], count: int, data: Any
) -> None:
    old, new = two
    tried = []
    for _ in range(count):
        sampler = optuna.samplers.RandomSampler(seed=data.draw(st.integers(0, 99)))
        trial = optuna.create_study(sampler=sampler).ask()
        spaces.suggest(old, trial)
        tried.append((trial.params, data.draw(st.none() | st.floats(1, 9))))
    most = data.draw(st.integers(1, 5))
    stage = searched(old, tried)
    known = [spaces.baseline_point(new)]
    here, there = spaces.factors(new), spaces.factors(old)
    shared = {name for name in here if name in there and there[name].kind == here[name].kind}
    values = [trained_with(old, each) for each, value in tried if value is not None]
    fits = [fit(new, {k: v for k, v in each.items() if k in shared}) for each in values]
    has_place = any(len(each.filled) < len(each.point) for each in fits)
    if not has_place or all(each.misfits for each in fits):
        with pytest.raises(OptisearchError, match="old/search: no"):
            carry(stage, new, most, known)
        return
    found = carry(stage, new, most, known)
    event(f"{len(found.points)} points")
    points = [dict(each.point) for each in found.points]
    assert len(points) <= most
    for each in points:
        study = optuna.create_study()
        study.enqueue_trial(each)
        trial = study.ask()
        spaces.suggest(new, trial)
        assert trial.params == each
        for name, distribution in trial.distributions.items():
            assert distribution._contains(distribution.to_internal_repr(each[name]))
        assert each not in known
        known.append(each)
    for source in found.points:
        assert source.trial is not None
        had = trained_with(old, stage.trials[source.trial].params)
        for name, value in source.point.items():
            kept = name in shared and name in had
            assert value == (had[name] if kept else here[name].baseline)


def trained_with(space: type, params: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's parameters, with the factors that have a meaning there and aren't searched."""
    declared = spaces.factors(space)
    unsearched = [each for each in declared.values() if not each.searched]
    held = {f.name: f.baseline for f in unsearched if spaces.is_active(f, declared, params)}
    return held | dict(params)

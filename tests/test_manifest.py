"""A study as JSON, and where two differ."""

import copy
import json
import math
from dataclasses import dataclass, make_dataclass, replace
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from optisearch import Study, choice, integer, real
from optisearch.data import Split
from optisearch.manifest import describe, differences, other_versions, version_differences
from optisearch.objectives import read_objectives

SOURCE = '''
"""Digits: which optimizer?

More of the same.
"""
from dataclasses import dataclass

WIDTH = 64

@dataclass(frozen=True)
class Space:
    """What may vary."""
    x: float = real(0.0, 1.0, baseline=0.5)

    def doubled(self):
        return 2 * self.x

def build(hp):
    """A model."""
    return hp.x + WIDTH  # the sum

study = Study(name="mine", space=Space, build=build, minimize="loss")
'''


@dataclass(frozen=True)
class Space:
    optimizer: str = choice("sgd", "adam", baseline="adam")
    rate: float = real(1e-4, 1.0, log=True, baseline=1e-3, levels=(1e-3, 1e-2))
    momentum: float = real(0.0, 1.0, baseline=0.5, when={"optimizer": "sgd"})
    epochs: int = integer(1, 9, baseline=3)
    units: int = 64


STUDY = Study(name="mine", space=Space, train=lambda _hp, _data, _run: None, maximize="accuracy")
X = np.arange(24.0).reshape(12, 2)
DATA = Split.cut(X, np.arange(12) % 2, name="mine", validation=2, test=2)


def described(study: Study = STUDY, data: Split | None = DATA, source: str = SOURCE) -> Any:
    return describe(study, data, source=source, file="studies/mine.py")


def changed(**fields: Any) -> Study:
    """The study with some of its space's fields changed, added, or removed (None)."""
    named = {"optimizer": None, "rate": None, "momentum": None, "epochs": None, "units": 64}
    metadata: dict[str, Any] = {f.name: f for f in Space.__dataclass_fields__.values()}
    kept = {name: metadata[name] if value is None else value for name, value in named.items()}
    every = {k: v for k, v in (kept | fields).items() if v is not None}
    plain = {k: replace_field(v) for k, v in every.items()}
    space = make_dataclass("Space", [(k, Any, v) for k, v in plain.items()], frozen=True)
    return replace(STUDY, space=space)


def replace_field(value: Any) -> Any:
    """A dataclass's own field, to be declared again in another one."""
    import dataclasses

    if isinstance(value, dataclasses.Field):
        return dataclasses.field(default=value.default, metadata=value.metadata)
    return value


def test_what_is_described() -> None:
    found = described()
    assert (found["name"], found["study"], found["title"]) == (
        "mine",
        "mine",
        "Digits: which optimizer?",
    )
    assert (found["metric"], found["direction"]) == ("accuracy", "maximize")
    assert [factor["name"] for factor in found["space"]["factors"]] == [
        *("optimizer", "rate", "momentum", "epochs")
    ]
    assert found["space"]["fixed"] == {"units": 64}
    assert found["space"]["baseline"] == {"optimizer": "adam", "rate": 1e-3, "epochs": 3}
    assert found["data"]["sizes"] == {"train": 8, "validation": 2, "test": 2}
    assert found["data"]["fingerprint"] == DATA.fingerprint
    assert {"python", "optuna", "keras", "tensorflow", "numpy"} <= set(found["versions"])


def test_data_options_become_part_of_the_name() -> None:
    assert described(data=DATA.take(6))["name"] == "mine-6"
    assert described(data=None)["name"] == "mine"


fixed_values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.floats())
)


@example(value=math.nan, low=0.0, high=1.0)
@example(value=math.inf, low=0.0, high=1.0)
@given(value=fixed_values, low=st.floats(-1e9, 0), high=st.floats(0, 1e9))
def test_a_manifest_is_strict_json_and_stable(value: Any, low: float, high: float) -> None:
    study = changed(
        units=tuple(value) if isinstance(value, list) else value, x=real(low, high, baseline=0.0)
    )
    first, again = described(study), described(study)
    stored = json.loads(json.dumps(first, allow_nan=False))
    assert stored == first == again
    assert differences(stored, again) == []


def test_fixed_values_that_are_no_json_are_stable_too() -> None:
    study = changed(units=math.nan, activation=math.sqrt, loss=described, other=object())
    stored = json.loads(json.dumps(described(study)))["space"]["fixed"]
    assert "described" in stored["loss"]
    assert not any(" at 0x" in str(value) for value in stored.values())


# What changes → the field that is named, and what the two are.
CHANGES: dict[str, tuple[Any, str, str, str]] = {
    "metric": (
        described(replace(STUDY, maximize="recall")),
        "metric",
        "accuracy",
        "recall",
    ),
    "direction": (
        described(replace(STUDY, maximize="", minimize="accuracy")),
        "direction",
        "maximize",
        "minimize",
    ),
    "range": (described(changed(epochs=integer(1, 12, baseline=3))), "epochs high", "9", "12"),
    "baseline": (described(changed(epochs=integer(1, 9, baseline=4))), "epochs baseline", "3", "4"),
    "scale": (
        described(changed(rate=real(1e-4, 1.0, baseline=1e-3))),
        "rate log",
        "True",
        "nothing",
    ),
    "options": (
        described(changed(optimizer=choice("sgd", "adam", "lion", baseline="adam"))),
        "optimizer options",
        "['sgd', 'adam']",
        "['sgd', 'adam', 'lion']",
    ),
    "condition": (
        described(changed(momentum=real(0.0, 1.0, baseline=0.5))),
        "momentum when",
        "{'optimizer': ['sgd']}",
        "nothing",
    ),
    "kind": (
        described(changed(epochs=real(1, 9, baseline=3))),
        "epochs kind",
        "integer",
        "real",
    ),
    "new factor": (
        described(changed(depth=integer(1, 3, baseline=1))),
        "depth",
        "nothing",
        "a factor",
    ),
    "no longer searched": (
        described(changed(epochs=integer(1, 9, baseline=3, searched=False))),
        "epochs searched",
        "nothing",
        "False",
    ),
    "fixed value": (described(changed(units=32)), "units", "64", "32"),
    "new fixed field": (described(changed(depth=2)), "depth", "nothing", "2"),
    "data": (
        described(data=Split.cut(X + 1, np.arange(12) % 2, name="mine", validation=2, test=2)),
        "data fingerprint",
        f"{DATA.fingerprint[:57]}…",
        "",
    ),
    "code": (
        described(source=SOURCE.replace("hp.x + WIDTH", "hp.x - WIDTH")),
        "code of build",
        "another version",
        "this version",
    ),
    "constant": (
        described(source=SOURCE.replace("WIDTH = 64", "WIDTH = 65")),
        "code of WIDTH",
        "another version",
        "this version",
    ),
    "method of the space": (
        described(source=SOURCE.replace("2 * self.x", "3 * self.x")),
        "code of Space.doubled",
        "another version",
        "this version",
    ),
    "new function": (
        described(source=SOURCE + "def other(): pass\n"),
        "code of other",
        "nothing",
        "this version",
    ),
}


@pytest.mark.parametrize(("given", "field", "before", "after"), CHANGES.values(), ids=CHANGES)
def test_each_change_is_one_difference(given: Any, field: str, before: str, after: str) -> None:
    (found,) = differences(described(), given)
    assert found.field == field
    assert found.stored == before
    assert found.given == after or (field == "data fingerprint" and found.given != before)
    (back,) = differences(given, described())
    assert back.field == field


COSTLY = {"minimize": ("parameters", "seconds_to_target"), "target": 0.9}


def test_further_objectives_are_a_difference_and_so_is_what_they_wait_for() -> None:
    both = "minimize parameters, minimize seconds_to_target (target 0.9)"
    (found,) = differences(described(), described(replace(STUDY, **COSTLY)))
    assert (found.field, found.stored, found.given) == ("further objectives", "nothing", both)
    other = described(replace(STUDY, **COSTLY | {"target": 0.95}))
    (found,) = differences(described(replace(STUDY, **COSTLY)), other)
    assert found.given.endswith("(target 0.95)")


def test_a_manifest_of_an_older_version_has_one_objective() -> None:
    older = described()
    del older["objectives"]
    assert read_objectives(older) == STUDY.objectives
    assert differences(older, described()) == []
    costly = replace(STUDY, **COSTLY)
    assert read_objectives(json.loads(json.dumps(described(costly)))) == costly.objectives


def test_differences_are_told_together() -> None:
    other = described(changed(units=32, epochs=integer(2, 8, baseline=3)), data=None)
    assert [found.field for found in differences(described(), other)] == [
        *("epochs low", "epochs high", "units", "data fingerprint", "data sizes")
    ]


@pytest.mark.parametrize(
    "source",
    [
        SOURCE.replace("  # the sum", ""),
        SOURCE.replace('"""A model."""', '"""Another sentence."""'),
        SOURCE.replace('    """A model."""\n', ""),
        SOURCE.replace("hp.x + WIDTH", "(hp.x\n            + WIDTH)"),
        SOURCE.replace("\n\n", "\n\n\n\n"),
        SOURCE.replace("Digits:", "Numbers:"),
        SOURCE.replace("baseline=0.5", "baseline=0.50"),
    ],
)
def test_comments_docstrings_and_layout_are_no_difference(source: str) -> None:
    assert source != SOURCE
    assert differences(described(), described(source=source)) == []


def test_neither_levels_nor_versions_nor_the_place_of_the_file_are_differences() -> None:
    other = copy.deepcopy(described(changed(rate=real(1e-4, 1.0, log=True, baseline=1e-3))))
    other["versions"]["python"] = "2.7"
    other["file"] = "elsewhere.py"
    assert other != described()
    assert differences(described(), other) == []


def test_a_source_without_anything_is_described() -> None:
    assert described(source="")["code"] == {}
    assert described(source=dedent("# nothing"))["title"] == ""


def with_versions(**versions: str | None) -> dict[str, Any]:
    stored = {"python": "3.12.1", "keras": "3.11.2", "tensorflow": "2.20.0", "optuna": "5.0.0"}
    kept = {name: version for name, version in (stored | versions).items() if version is not None}
    return {"versions": kept}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"keras": "3.11.9", "tensorflow": "2.20.1rc0", "optuna": "5.0"}, []),
        ({"python": "3.13.0", "numpy": "2.4.0"}, []),
        ({"keras": "3.12.2"}, [("keras version", "3.11.2", "3.12.2")]),
        ({"keras": "3.1.2"}, [("keras version", "3.11.2", "3.1.2")]),
        ({"optuna": "6.0.0"}, [("optuna version", "5.0.0", "6.0.0")]),
        ({"tensorflow": "2.21.0-dev2025"}, [("tensorflow version", "2.20.0", "2.21.0-dev2025")]),
        ({"tensorflow": None}, [("tensorflow version", "2.20.0", "nothing")]),
        (
            {"optuna": "4.9", "keras": "4.0"},
            [("keras version", "3.11.2", "4.0"), ("optuna version", "5.0.0", "4.9")],
        ),
    ],
)
def test_releases_of_keras_tensorflow_and_optuna_are_compared(
    changed: dict[str, str | None], expected: list[tuple[str, str, str]]
) -> None:
    found = version_differences(with_versions(), with_versions(**changed))
    assert [(each.field, each.stored, each.given) for each in found] == expected
    back = version_differences(with_versions(**changed), with_versions())
    assert [(each.field, each.given, each.stored) for each in back] == expected


def test_versions_that_differ_at_all_are_named() -> None:
    assert other_versions(with_versions(), with_versions()) == ""
    other = with_versions(python="3.12.2", keras="3.11.3", numpy="2.4.0")
    assert other_versions(with_versions(), other) == "python 3.12.2, keras 3.11.3, numpy 2.4.0"
    assert other_versions({}, with_versions(keras=None, optuna=None, tensorflow=None)) == (
        "python 3.12.1"
    )

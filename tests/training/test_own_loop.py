"""The trainer for a loop of one's own, which needs no framework."""

from dataclasses import replace
from typing import Any

import pytest

from optisearch import Outcome, Study
from optisearch.training import OwnLoop, make_trainer


def test_the_function_gets_the_point_the_data_and_the_run(parabola: Study) -> None:
    seen: list[Any] = []

    def train(*arguments: Any) -> Outcome:
        seen.extend(arguments)
        return Outcome(parameters=7)

    point, data, run = parabola.space(), object(), object()
    trainer = make_trainer(replace(parabola, train=train), data)  # type: ignore[arg-type]
    assert trainer.train(point, run) == Outcome(parameters=7)  # type: ignore[arg-type]
    assert seen == [point, data, run]


@pytest.mark.parametrize("returned", [None, 0.9, {"loss": 1.0}])
def test_whatever_else_it_returns_is_no_outcome(parabola: Study, returned: Any) -> None:
    study = replace(parabola, train=lambda *_: returned)
    assert make_trainer(study, None).train(None, None) == Outcome()  # type: ignore[arg-type]


def test_nothing_can_be_known_before_the_first_report(parabola: Study) -> None:
    assert make_trainer(parabola, None).check() is None


def test_it_needs_a_function(parabola: Study) -> None:
    with pytest.raises(ValueError, match="no `train`"):
        OwnLoop(replace(parabola, train=None, build=lambda _hp: None, data=1), None)

"""The contract: whatever the model, a trial's numbers are those of `keras.Model.fit`, bit by bit."""

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("keras")

from keras import layers

from optisearch.training import arrays, fitter, loop
from optisearch.training.pace import Pace

from .likeness import Worker, assert_alike, by_fit
from .zoo import KINDS, WEIGHTS, Kind, Point, X, Y, dense, of, split

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_trial_is_trained_as_by_fit(kind: Kind, capsys: Any) -> None:
    """The first trial traces its graphs; another, of its own seed and rate, uses them again."""
    worker = Worker(kind.data)
    point = Point(**kind.options)
    other = replace(point, learning_rate=0.05)
    first = worker.train(kind.build, point, seed=1)
    second = worker.train(kind.build, other, seed=2)
    assert (first.by, second.by) == ways(kind)
    said = capsys.readouterr().err
    assert kind.by_fit in said if kind.by_fit else not said
    assert_alike(second, by_fit(kind.build, kind.data, other, seed=2))


def ways(kind: Kind) -> tuple[str, str]:
    if kind.by_fit:
        return "fit", "fit"
    return "graphs", "graphs" if kind.alone else "graphs used again"


MIXED = Kind(
    of(dense, layers.BatchNormalization, lambda: layers.Dropout(0.2)),
    data=split((X[:30], Y[:30], WEIGHTS[:30]), (X[30:], Y[30:], WEIGHTS[30:])),
    options={"batch_size": 4, "validation_batch_size": 5},
)


def test_an_epoch_in_many_calls_has_the_same_numbers(monkeypatch: Any) -> None:
    calls: list[tuple[int, int]] = []

    def hurried(self: Pace, steps: int) -> Any:
        for each in Pace.calls(self, steps):
            calls.append(each)
            yield each

    hurry = type("Hurry", (Pace,), {"calls": hurried})
    point = Point(**MIXED.options)
    whole = Worker(MIXED.data).train(MIXED.build, point)
    monkeypatch.setattr(loop, "Pace", lambda: hurry(0))
    cut = Worker(MIXED.data).train(MIXED.build, point)
    assert cut.by == "graphs"
    assert len(calls) == 2 * (8 + 3)  # every step of two epochs and their evaluations
    assert_alike(whole, cut)
    assert_alike(whole, by_fit(MIXED.build, MIXED.data, point))


@pytest.mark.parametrize("room", [True, False], ids=["from tensors", "from arrays"])
def test_what_falls_back_to_fit_has_the_same_numbers(monkeypatch: Any, room: bool) -> None:
    """Whether the data lies on the device, or is too large for it."""
    point = Point(**MIXED.options)
    in_graphs = Worker(MIXED.data).train(MIXED.build, point)
    monkeypatch.setattr(fitter, "why_fit", lambda *_: "told to")
    monkeypatch.setattr(arrays.Tensors, "have_room_for", lambda *_: room)
    fallen_back = Worker(MIXED.data).train(MIXED.build, point)
    assert (in_graphs.by, fallen_back.by) == ("graphs", "fit")
    assert_alike(in_graphs, fallen_back)

"""A learning curve as a picture."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import pytest
from PIL import Image

from optisearch.artifacts.curve import Canvas, Row, Subject, panels

SUBJECT = Subject(7, "completed", "val_accuracy", maximize=True)
RED, BLUE, GREY = (0xB3, 0x38, 0x0A), (0x0B, 0x6A, 0x8F), (0x8D, 0x95, 0x9C)


def history(epochs: int) -> list[dict[str, Any]]:
    return [
        {
            "epoch": epoch,
            "seconds": 1.0,
            "loss": 2.0 / (epoch + 1),
            "accuracy": 1.0 - 0.5 / (epoch + 1),
            "val_loss": 2.2 / (epoch + 1),
            "val_accuracy": 0.9 - 0.5 / (epoch + 1),
        }
        for epoch in range(epochs)
    ]


@pytest.fixture(scope="module")
def canvases() -> dict[int, Canvas]:
    return {1: Canvas(1), 2: Canvas(2)}


@pytest.fixture
def drawn(canvases: dict[int, Canvas]) -> Any:
    def draw(rows: Sequence[Row], subject: Subject = SUBJECT) -> bytes:
        names = panels(rows, subject.metric)
        return canvases[len(names)].png(rows, names, subject)

    return draw


def near(png: bytes, colour: tuple[int, int, int]) -> int:
    """How many pixels have about this colour."""
    with Image.open(io.BytesIO(png)) as image:
        pixels = image.convert("RGB").tobytes()
    return sum(
        all(abs(pixels[at + part] - colour[part]) < 12 for part in range(3))
        for at in range(0, len(pixels), 3)
    )


def texts(canvas: Canvas) -> list[str]:
    from matplotlib.text import Text

    found = canvas._agg.figure.findobj(Text)
    return [text.get_text() for text in found if text.get_visible()]


@pytest.mark.parametrize(
    ("metric", "columns", "expected"),
    [
        ("val_accuracy", ("loss", "accuracy", "val_loss", "val_accuracy"), ("accuracy", "loss")),
        ("val_loss", ("loss", "accuracy", "val_loss"), ("loss",)),
        ("height", ("height", "depth"), ("height",)),
        ("val_r2", ("val_r2", "loss"), ("r2", "loss")),
        ("val_r2", ("depth",), ()),
    ],
)
def test_what_is_drawn(metric: str, columns: Sequence[str], expected: Sequence[str]) -> None:
    rows = [{"epoch": epoch, "seconds": 1.0} | dict.fromkeys(columns, 0.5) for epoch in range(2)]
    assert panels(rows, metric) == expected


def test_a_metric_that_never_was_a_number_is_not_drawn() -> None:
    rows = [{"epoch": epoch, "seconds": 1.0, "loss": "nan", "mae": 1.0} for epoch in range(2)]
    assert panels(rows, "mae") == ("mae",)


@pytest.mark.parametrize("epochs", [2, 12, 300])
def test_a_small_picture(drawn: Any, epochs: int) -> None:
    png = drawn(history(epochs))
    assert len(png) < 40_000
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.size) == ("PNG", (640, 400))
    assert near(png, BLUE) > 500  # validation
    assert near(png, GREY) > 200  # training
    assert near(png, RED) == 0


def test_what_it_says(canvases: dict[int, Canvas], drawn: Any) -> None:
    rows = history(9)
    rows[5]["val_accuracy"] = 0.95
    drawn(rows, replace(SUBJECT, reason="pruned"))
    said = texts(canvases[2])
    assert "Trial 7: pruned, 9 epochs" in said
    assert "val_accuracy: 0.84444 at the end, 0.95 at best, in epoch 5" in said
    assert {"accuracy", "loss", "training", "validation", "best epoch"} <= set(said)
    first = canvases[2]._panels[0]
    assert (list(first.best.get_xdata()), list(first.best.get_ydata())) == ([5], [0.95])
    assert not list(canvases[2]._panels[1].best.get_xdata())


def test_the_first_of_equally_good_epochs_of_what_is_minimized(
    canvases: dict[int, Canvas], drawn: Any
) -> None:
    rows = history(5)
    rows[2]["val_loss"] = rows[3]["val_loss"] = 0.01
    drawn(rows, Subject(0, "completed", "val_loss", maximize=False))
    assert list(canvases[1]._panels[0].best.get_xdata()) == [2]


def test_one_that_diverged_and_the_next_that_did_not(
    canvases: dict[int, Canvas], drawn: Any
) -> None:
    rows = history(4)
    rows[2] |= {"loss": 1e22, "val_loss": 1e25}
    rows[3] |= {"loss": "nan", "val_loss": "inf", "val_accuracy": "nan"}
    diverged = drawn(rows, replace(SUBJECT, reason="diverged"))
    assert near(diverged, RED) > 50
    said = texts(canvases[2])
    assert "Trial 7: diverged in epoch 3" in said
    assert "val_accuracy: 0.73333 at best, in epoch 2" in said
    assert "1e+18" in said  # and not a line along the axis
    assert near(drawn(history(4)), RED) == 0
    assert "1e+18" not in texts(canvases[2])


def test_one_whose_metric_never_was_a_number(canvases: dict[int, Canvas], drawn: Any) -> None:
    rows = [row | {"val_accuracy": "nan", "accuracy": "nan"} for row in history(3)]
    drawn(rows, replace(SUBJECT, reason="diverged"))
    assert "val_accuracy: never a number" in texts(canvases[1])


def test_a_loop_of_ones_own_has_no_parts(canvases: dict[int, Canvas], drawn: Any) -> None:
    rows = [{"epoch": epoch, "seconds": 1.0, "height": -1.0 / (epoch + 1)} for epoch in range(4)]
    assert near(drawn(rows, replace(SUBJECT, metric="height")), BLUE) > 500
    assert not list(canvases[1]._panels[0].training.get_xdata())
    assert not canvases[1]._legend.get_visible()


@pytest.mark.filterwarnings("error")
def test_a_metric_of_any_name(drawn: Any) -> None:
    name = "数 $x^2$ \\frac{"
    rows = [{"epoch": epoch, "seconds": 1.0, name: epoch} for epoch in range(2)]
    assert drawn(rows, replace(SUBJECT, metric=name))


def test_the_same_history_is_the_same_picture(drawn: Any) -> None:
    before = drawn(history(12))
    drawn(history(50))
    assert drawn(history(12)) == before


@contextmanager
def others() -> Iterator[None]:
    """Settings that a study, or its user, made for pictures of their own."""
    theirs = {"text.usetex": True, "font.size": 30.0, "axes.facecolor": "black"}
    with mpl.rc_context(theirs):
        yield


def test_settings_for_other_pictures_are_no_matter_and_stay(drawn: Any) -> None:
    expected = drawn(history(12))
    with others():
        before = dict(mpl.rcParams)
        assert Canvas(2).png(history(12), ("accuracy", "loss"), SUBJECT) == expected
        assert drawn(history(12)) == expected
        assert dict(mpl.rcParams) == before

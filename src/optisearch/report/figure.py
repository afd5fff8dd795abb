"""What a figure is made of: numbers, computed and not yet drawn.

    Curves(
        title="Loss of trial 7",
        summary="The loss falls for 12 epochs, the validation loss for 5.",
        x=Axis("epoch"),
        y=Axis("loss", "metric"),
        curves=(Curve("train", (1, 2), (0.9, 0.5)), Curve("validation", (1, 2), (0.9, 0.7))),
    )

A renderer draws these; it computes nothing but positions on paper. A renderer that can't draw
(terminal, Markdown) leaves figures out; JSON holds their numbers as they are here. All words are
plain text: a renderer escapes them. No number in a figure may be infinite or "not a number": such
a value is None.
"""

from dataclasses import dataclass
from typing import Literal

from optisearch.report.table import Kind

# What a curve, a bar or a group of points stands for; a renderer gives each its look, the same in
# all figures. `plain`: one of several equals, told apart by colour. `context`: the rest, faint.
Role = Literal["plain", "best", "baseline", "context", "pruned", "diverged"]


@dataclass(frozen=True)
class Axis:
    """What is shown along one direction.

    Attributes:
        label: Its name, with the unit if there is one: `epoch`, `val_accuracy`.
        kind: Of what kind its numbers are, as in a table's column (see `format.cell`).
        log: Whether it is even in its logarithm. Values that aren't positive are then left out.
        levels: The words along it, in their order; empty for an axis of numbers.
        better: Which end is better: `higher`, `lower`, or empty where neither is.
        span: The part that is shown; trials beyond it are marked at its edge, curves and intervals
            run out of it. None: all of it.
    """

    label: str
    kind: Kind = "setting"
    log: bool = False
    levels: tuple[str, ...] = ()
    better: Literal["higher", "lower", ""] = ""
    span: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What all figures have.

    Attributes:
        title: What it is about.
        summary: Its text alternative: what it shows, in a sentence or two with the main numbers.
        notes: Sentences below it: how to read it, what was left out.
        small: One of several alike, to be set side by side; a note of several is shown once.
    """

    title: str
    summary: str
    notes: tuple[str, ...] = ()
    small: bool = False


@dataclass(frozen=True)
class Curve:
    """One line through points, with or without a band around it.

    Attributes:
        name: What the legend calls it; empty: it is not named there.
        x: The points' positions, ascending.
        y: As many values; None interrupts the line.
        low: The band's lower end at each point, None where there is none; empty without a band.
        high: The band's upper end, likewise.
        role: What it stands for.
        steps: Whether a value holds until the next point (the best so far), in place of a line.
        dashed: Whether it is dashed: the second of two that belong together.
        trials: The numbers of the trials it was computed from.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    role: Role = "plain"
    steps: bool = False
    dashed: bool = False
    trials: tuple[int, ...] = ()


@dataclass(frozen=True)
class Points:
    """A group of points, each of which is one trial.

    Attributes:
        name: What the legend calls the group.
        x: A number, or one of the axis's `levels`, for each point.
        y: As many values; None: it has none (it diverged), and is marked at the worse end.
        trials: The trial of each point.
        labels: What is said of each point when it is pointed at; empty: only its trial and value.
        role: What the group stands for.
    """

    name: str
    x: tuple[float | str, ...]
    y: tuple[float | None, ...]
    trials: tuple[int, ...]
    labels: tuple[str, ...] = ()
    role: Role = "plain"


@dataclass(frozen=True, kw_only=True)
class Curves(Figure):
    """Values over epochs, trials or seconds: one or more lines, with or without bands.

    Attributes:
        x: The horizontal axis.
        y: The vertical axis.
        curves: The lines, the most important first.
        points: Groups of points besides them, drawn below the lines.
    """

    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    points: tuple[Points, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One value with its interval.

    Attributes:
        label: What it belongs to: a level, a factor.
        value: The value; None: there is none, and the label alone is shown.
        low: The interval's lower end; None without an interval.
        high: The interval's upper end; None without an interval.
        mark: A second number to be compared with it, such as a published one; None without.
        role: What it stands for.
        trials: The numbers of the trials it was computed from.
        note: What is said of it when it is pointed at, besides its numbers.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    mark: float | None = None
    role: Role = "plain"
    trials: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Bars(Figure):
    """One value for each of a few labels, from top to bottom, with intervals where there are.

    Attributes:
        value: The axis of the values.
        bars: The labels with their values, in reading order.
        interval: What an interval is, for the legend: `95 % interval of the mean`.
        mark: What a mark is, for the legend: `published`.
        from_zero: Whether a bar's length means something (a share, a time), so that bars begin
            at 0. Otherwise dots with intervals are drawn over the range of the values.
    """

    value: Axis
    bars: tuple[Bar, ...]
    interval: str = ""
    mark: str = ""
    from_zero: bool = False


@dataclass(frozen=True, kw_only=True)
class Scatter(Figure):
    """Trials as points.

    Attributes:
        x: The horizontal axis; with `levels`, points of one level are spread out sideways.
        y: The vertical axis.
        groups: The points, the most important group first: it is drawn on top.
    """

    x: Axis
    y: Axis
    groups: tuple[Points, ...]


@dataclass(frozen=True)
class Dimension:
    """One of the parallel axes.

    Attributes:
        axis: What it shows; a `span` here is its whole extent.
        values: Each trial's number, or one of the axis's `levels`; None: the trial has none.
    """

    axis: Axis
    values: tuple[float | str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Parallel(Figure):
    """Trials as lines across parallel axes, one for each setting and the last for the value.

    Attributes:
        dimensions: The axes from left to right. Numbers along the last one colour the lines.
        trials: The trial of each line, the best first.
        roles: What each line stands for: `best`, `baseline` or `plain`.
    """

    dimensions: tuple[Dimension, ...]
    trials: tuple[int, ...]
    roles: tuple[Role, ...] = ()

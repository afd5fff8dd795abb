"""A trial's learning curve as a picture: the monitored metric, and the loss, by epoch."""

import io
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optisearch import record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Row = Mapping[str, Any]

_VALIDATION = "val_"
# The HTML report's colours, on its light paper: the dashboard shows pictures as they are, in its
# dark mode too.
_INK, _MUTED, _RULE, _GRID, _PAPER = "#1d2125", "#5c646c", "#dcdfdd", "#e8eae8", "#fdfdfc"
_TRAINING, _MEASURED, _DIVERGED = "#8d959c", "#0b6a8f", "#b3380a"
# Of the picture; 640 × 400 pixels, and as many colours as smooth edges need.
_INCHES, _DOTS_PER_INCH, _COLOURS = (6.4, 4.0), 100, 64
_LABELS_AT = -0.095
# Values further apart than so many times the smallest would all lie on the axis, but for one.
_FAR = 300.0
_MOST_DOTS = 30
# What a study, or its user's settings, want of their own pictures is of no matter here.
_LOOKS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 9.0,
    "text.usetex": False,
    "text.parse_math": False,
    "text.color": _INK,
    "figure.facecolor": _PAPER,
    "axes.facecolor": _PAPER,
    "axes.edgecolor": _RULE,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": _GRID,
    "xtick.labelcolor": _MUTED,
    "ytick.labelcolor": _MUTED,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "ytick.minor.size": 0.0,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Subject:
    """Whose curve it is.

    Attributes:
        number: The trial's.
        reason: How the trial ended.
        metric: The monitored metric.
        maximize: Whether the most of it is best.
    """

    number: int
    reason: record.EndReason
    metric: str
    maximize: bool

    @property
    def base(self) -> str:
        """The monitored metric, on whatever part."""
        return self.metric.removeprefix(_VALIDATION)


def panels(rows: Sequence[Row], metric: str) -> tuple[str, ...]:
    """What of a history is drawn: the monitored metric, and the loss, both without `val_`."""
    names = dict.fromkeys((metric.removeprefix(_VALIDATION), "loss"))
    return tuple(name for name in names if _any(_on_both(rows, name)))


class Canvas:
    """What curves are drawn on, one after the other: setting it up takes as long as drawing.

    Args:
        count: How many panels it has, one below the other.
    """

    def __init__(self, count: int) -> None:
        import matplotlib as mpl

        with mpl.rc_context(_LOOKS):
            self._set_up(count)

    def _set_up(self, count: int) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator

        figure = Figure(_INCHES, _DOTS_PER_INCH)
        self._agg: Any = FigureCanvasAgg(figure)  # has methods without types
        figure.subplots_adjust(left=0.115, bottom=0.115, right=0.98, top=0.855, hspace=0.14)
        grid = figure.subplots(count, sharex=True, squeeze=False)
        self._panels = [_Panel(axes) for axes in grid[:, 0]]
        lowest = self._panels[-1].axes
        lowest.set_xlabel("epoch, counted from 0")
        lowest.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
        self._title = figure.text(0.02, 0.935, "", size=11, weight="bold")
        self._words = figure.text(0.02, 0.885, "", color=_MUTED)
        first = self._panels[0]
        lines = [first.training, first.measured, first.best]
        words = ["training", "validation", "best epoch"]
        self._legend = figure.legend(
            lines, words, loc="upper right", ncols=3, handlelength=1.6, columnspacing=1.2
        )

    def png(self, rows: Sequence[Row], names: Sequence[str], subject: Subject) -> bytes:
        """The picture.

        Args:
            rows: A history of at least two epochs; numbers that aren't finite are text there.
            names: What each panel shows.
            subject: Whose it is.
        """
        import matplotlib as mpl
        from PIL import Image

        with mpl.rc_context(_LOOKS), warnings.catch_warnings():
            # A metric's name may have letters that the font hasn't.
            warnings.simplefilter("ignore")
            for panel, name in zip(self._panels, names, strict=True):
                panel.show(rows, name, subject)
            self._legend.set_visible(any(panel.has_both for panel in self._panels))
            self._title.set_text(_title(rows, subject))
            self._words.set_text(_words(rows, subject))
            self._agg.draw()
        width, height = self._agg.get_width_height()
        drawn = Image.frombuffer("RGBA", (width, height), self._agg.buffer_rgba())
        # A third of the bytes, in less time than writing all of them takes.
        few = drawn.convert("RGB").quantize(
            _COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        content = io.BytesIO()
        few.save(content, "png")
        return content.getvalue()


class _Panel:
    """One metric by epoch."""

    def __init__(self, axes: "Axes") -> None:
        self.axes = axes
        axes.yaxis.set_label_coords(_LABELS_AT, 0.5)  # else it depends on all that is drawn beside
        self.has_both = False
        self.training: Line2D = axes.plot([], [], "--", color=_TRAINING, ms=2.5)[0]
        self.measured: Line2D = axes.plot([], [], color=_MEASURED, lw=1.8, ms=3.5)[0]
        self.best: Line2D = axes.plot([], [], "o", ms=9, mfc="none", mec=_INK, mew=1.3)[0]
        self._end = axes.axvline(0, color=_DIVERGED, ls=":", lw=1.8)

    def show(self, rows: Sequence[Row], name: str, subject: Subject) -> None:
        epochs = [row["epoch"] for row in rows]
        training, validation = _values(rows, name), _values(rows, _VALIDATION + name)
        is_trained, is_validated = _any(training), _any(validation)
        self.has_both = is_trained and is_validated
        self.axes.set_ylabel(name if is_trained else _VALIDATION + name)
        self.training.set_data(epochs if self.has_both else [], training if self.has_both else [])
        self.measured.set_data(epochs, validation if is_validated else training)
        for line in (self.training, self.measured):
            line.set_marker("o" if len(rows) <= _MOST_DOTS else "")
        best = _best(rows, subject) if name == subject.base else None
        self.best.set_data([[each] for each in best] if best is not None else [[], []])
        self._end.set_xdata([epochs[-1], epochs[-1]])
        self._end.set_visible(subject.reason == "diverged")
        self._scale(epochs, _on_both(rows, name))

    def _scale(self, epochs: Sequence[int], values: Sequence[float]) -> None:
        finite = [value for value in values if math.isfinite(value)]
        scale = "log" if 0 < _FAR * min(finite) < max(finite) else "linear"
        if self.axes.get_yscale() != scale:
            self.axes.set_yscale(scale)
            if scale == "log":
                self.axes.yaxis.set_major_formatter(lambda value, _position: f"{value:g}")
        self.axes.relim(visible_only=True)
        self.axes.autoscale_view(scalex=False)
        margin = 0.02 * (epochs[-1] - epochs[0])
        self.axes.set_xlim(epochs[0] - margin, epochs[-1] + margin)


def _values(rows: Sequence[Row], name: str) -> list[float]:
    """A metric at each epoch; NaN where it wasn't measured, or isn't finite."""
    found = [row.get(name) for row in rows]
    return [math.nan if value is None or isinstance(value, str) else value for value in found]


def _on_both(rows: Sequence[Row], name: str) -> list[float]:
    return _values(rows, name) + _values(rows, _VALIDATION + name)


def _any(values: Sequence[float]) -> bool:
    return any(map(math.isfinite, values))


def _best(rows: Sequence[Row], subject: Subject) -> tuple[int, float] | None:
    """The best epoch of the monitored metric, the first of equals, and its value there."""
    values = zip(rows, _values(rows, subject.metric), strict=True)
    known = [(row["epoch"], value) for row, value in values if math.isfinite(value)]
    choose = max if subject.maximize else min
    return choose(known, key=lambda each: each[1]) if known else None


def _title(rows: Sequence[Row], subject: Subject) -> str:
    if subject.reason == "diverged":
        return f"Trial {subject.number}: diverged in epoch {rows[-1]['epoch']}"
    return f"Trial {subject.number}: {subject.reason}, {len(rows)} epochs"


def _words(rows: Sequence[Row], subject: Subject) -> str:
    best = _best(rows, subject)
    if best is None:
        return f"{subject.metric}: never a number"
    last = _values(rows, subject.metric)[-1]
    at_end = f"{last:.5g} at the end, " if math.isfinite(last) else ""
    return f"{subject.metric}: {at_end}{best[1]:.5g} at best, in epoch {best[0]}"

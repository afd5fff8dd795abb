"""Numbers and words as people read them. The only place that rounds."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from optisearch.report.table import Kind, Typed

MISSING = "—"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# An exception's message may carry a terminal's control sequences; C0, DEL and C1 besides.
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def cell(value: Any, kind: Kind) -> str:
    """A table's value as text."""
    if isinstance(value, Typed):
        return cell(value.value, value.kind)
    return MISSING if value is None else _FORMATS[kind](value)


def text(value: object) -> str:
    """Text on one line, without control characters."""
    return _CONTROL.sub(" ", _SEQUENCE.sub("", str(value))).strip()


def count(value: int) -> str:
    """1234 → `1,234`."""
    return f"{value:,}"


def metric(value: float) -> str:
    """A measured number with four digits: `0.9789`, `12.35`, `1.234e-5`."""
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: "-∞"}.get(value, "not a number")
    if value == 0:
        return "0"
    decimals = _decimals(value)
    return f"{value:,.{decimals}f}" if decimals else _short_exponent(f"{value:.3e}")


def figure(value: float) -> str:
    """A number as others print it, up to four digits: `0.92`, `12.5`, `1.118`."""
    return _significant(value, 4)


def spread(value: float) -> str:
    """A standard deviation, with up to three digits."""
    return _significant(value, 3)


def interval(ends: tuple[float, float]) -> str:
    """The interval of a measured number: `0.9721 … 0.9744`, and `0.97213 … 0.97217`."""
    low, high = ends
    decimals = _decimals(max(abs(low), abs(high)))
    if 0 < high - low < math.inf:  # two digits of its width
        decimals = decimals and max(decimals, 1 - math.floor(math.log10(high - low)))
    if not decimals:
        return " … ".join(map(metric, ends))
    return " … ".join(f"{end:,.{decimals}f}" for end in ends)


def difference(value: float) -> str:
    """A difference with its sign, with up to three digits: `+0.0123`, `-1.2e-5`."""
    return f"{'+' if value > 0 else ''}{_significant(value, 3)}"


def differences(ends: tuple[float, float]) -> str:
    """The interval of a difference: `-0.0151 … +0.0023`."""
    return " … ".join(map(difference, ends))


def p_value(value: float) -> str:
    """A p-value with three decimals: `0.012`, `< 0.001`."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def gap(one: float, other: float) -> str:
    """How far two measured numbers lie apart, with as many decimals as they are written with."""
    decimals = _decimals(max(abs(one), abs(other)))
    apart = abs(one - other)
    written = f"{apart:,.{decimals}f}"
    return written if decimals and float(written.replace(",", "")) else metric(apart)


def setting(value: Any) -> str:
    """A hyperparameter's value, a number with three digits: `0.00123`, `1.2e-5`, `relu`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text(value)
    if isinstance(value, int):
        return str(value)
    if value != 0 and (abs(value) < 1e-3 or abs(value) >= 1e6):
        return _short_exponent(f"{value:.2e}", strip=True)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def seconds(value: float) -> str:  # noqa: PLR0911  # one line for each unit
    """A duration: `85 ms`, `3.4 s`, `2 m 10 s`, `1 h 05 m`, `3 d 4 h`."""
    if not math.isfinite(value):
        return metric(value)
    if value < 0.0995:
        return f"{value * 1000:.0f} ms"
    if value < 9.95:
        return f"{value:.2f} s" if value < 0.995 else f"{value:.1f} s"
    whole = round(value)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} m {whole % _MINUTE:02d} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} m"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def ago(span: timedelta) -> str:
    """How long ago something was."""
    whole = round(span.total_seconds())
    if whole < 1:
        return "just now"
    return f"{whole} s ago" if whole < _MINUTE else f"{seconds(whole)} ago"


def share(value: float) -> str:
    """0.375 → `38 %`."""
    return f"{value * 100:.0f} %"


def settings(values: Iterable[tuple[str, Any]]) -> str:
    """`optimizer adam, learning_rate 0.0012`."""
    return ", ".join(f"{text(name)} {setting(value)}" for name, value in values)


def amount(number: int, word: str, words: str = "") -> str:
    """1 → `1 trial`, 2 → `2 trials`."""
    return f"{count(number)} {word if number == 1 else words or f'{word}s'}"


def listing(parts: Sequence[str], last: str = " and ") -> str:
    """`a, b and c`."""
    return last.join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def numbers(values: Iterable[int], most: int = 8) -> str:
    """Trial numbers, runs joined: `3, 17, 40-43 and 12 more`."""
    runs: list[list[int]] = []
    for value in sorted(values):
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    shown = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[:most]]
    more = sum(len(run) for run in runs[most:])
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _decimals(value: float) -> int:
    """How many decimals show four digits or more; 0: it is better written with an exponent."""
    bounds = ((1e-3, 0), (1e-2, 6), (10, 4), (1e3, 2), (1e6, 1))
    return next((decimals for bound, decimals in bounds if abs(value) < bound), 0)


def _significant(value: float, digits: int) -> str:
    if value == 0 or not math.isfinite(value):
        return metric(value)
    exponent = math.floor(math.log10(abs(value)))
    if not -4 <= exponent < 6:
        return _short_exponent(f"{value:.{digits - 1}e}", strip=True)
    written = f"{value:,.{max(0, digits - 1 - exponent)}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _short_exponent(written: str, *, strip: bool = False) -> str:
    mantissa, _, exponent = written.partition("e")
    if strip and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


_FORMATS: dict[Kind, Callable[[Any], str]] = {
    "text": text,
    "count": count,
    "metric": metric,
    "setting": setting,
    "seconds": seconds,
    "share": share,
    "figure": figure,
    "spread": spread,
    "interval": interval,
    "difference": difference,
    "differences": differences,
    "p": p_value,
}

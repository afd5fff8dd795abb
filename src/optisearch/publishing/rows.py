"""A note and figures as optuna-dashboard stores them: attributes of the study, in pieces.

Its own functions write one piece after the other (`_note.py`, `_custom_plot_data.py` of 0.21);
these are what we write at once. A contract test reads them with those functions.
"""

import math
from collections.abc import Iterable, Mapping

NOTE_VERSION = "dashboard:note_ver"
NOTE = "dashboard:note_str:"
FIGURES = "dashboard:plot_data:"

# Of characters; a column of MySQL's holds 2048 where it is indexed.
_LENGTH = 2045


def of_note(text: str) -> dict[str, str]:
    """A study's note, but for its version: that counts what people have saved."""
    return _pieces(NOTE, text)


def of_figures(figures: Mapping[str, str]) -> dict[str, str]:
    """Figures, as JSON by their ids."""
    found: dict[str, str] = {}
    for name, text in figures.items():
        found |= _pieces(f"{FIGURES}{name}:", text)
    return found


def note(stored: Mapping[str, str]) -> str:
    """The note that stands in these attributes, among others."""
    return _joined((key.removeprefix(NOTE), text) for key, text in stored.items() if _is_note(key))


def _is_note(key: str) -> bool:
    return key.startswith(NOTE)


def _pieces(prefix: str, text: str) -> dict[str, str]:
    return {
        f"{prefix}{at}": text[_LENGTH * at : _LENGTH * (at + 1)]
        for at in range(math.ceil(len(text) / _LENGTH))
    }


def _joined(pieces: Iterable[tuple[str, str]]) -> str:
    return "".join(text for _, text in sorted(pieces, key=lambda piece: int(piece[0])))

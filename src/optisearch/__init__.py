"""OptiSearch: which optimizer, learning rate, batch size, activation, regularization and epochs?

The public names. Importing them imports neither Keras nor TensorFlow nor Optuna.
"""

import importlib
import typing
import warnings

from optisearch.comparison import Comparison
from optisearch.errors import OptisearchError
from optisearch.space import choice, integer, real
from optisearch.study import Outcome, Run, Study

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "OptisearchError",
    "Outcome",
    "Results",
    "Run",
    "Study",
    "choice",
    "compare",
    "confirm",
    "integer",
    "load_study_file",
    "real",
    "results",
    "search",
]

_OF_THE_API = frozenset({"Results", "compare", "confirm", "load_study_file", "results", "search"})

if typing.TYPE_CHECKING:
    from optisearch.api import Results, compare, confirm, load_study_file, results, search
else:

    def __getattr__(name: str) -> object:
        """Import what needs Optuna and a database, now that it is asked for."""
        if name not in _OF_THE_API:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        with warnings.catch_warnings():
            # In a notebook Optuna's progress bar, which isn't used, asks for widgets.
            warnings.filterwarnings("ignore", "IProgress not found")
            return getattr(importlib.import_module("optisearch.api"), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})

"""OptiSearch: which optimizer, learning rate, batch size, activation, regularization and epochs?

The public names. Importing them imports neither Keras nor TensorFlow nor Optuna.
"""

from optisearch.comparison import Comparison
from optisearch.errors import OptisearchError
from optisearch.space import choice, integer, real
from optisearch.study import Outcome, Run, Study

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "OptisearchError",
    "Outcome",
    "Run",
    "Study",
    "choice",
    "integer",
    "real",
]

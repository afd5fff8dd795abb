"""`run --from OTHER`, and `Study(known=…)`: what a search begins with.

Carrying over is decided once, by the worker that is asked to: it reads the other study (`reading`),
chooses (`choosing`), and stores the points with the stage (`planned`), where all workers find them.
"""

from optisearch.warm_start.choosing import Carried, carry
from optisearch.warm_start.planned import begins, first_points_for
from optisearch.warm_start.reading import DEFAULT_BEST, carried_over, check_source

__all__ = [
    "DEFAULT_BEST",
    "Carried",
    "begins",
    "carried_over",
    "carry",
    "check_source",
    "first_points_for",
]

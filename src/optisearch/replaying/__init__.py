"""A trial is trained again, and compared with what was recorded of it.

Nothing is written to the database. What it needs of the study file is executed here, in a process
that may import a framework: this room belongs to the half that asks.
"""

from optisearch.replaying.again import Repetition, prepare_again, train_again
from optisearch.replaying.recorded import Recorded, find_trial
from optisearch.replaying.replay import replay

__all__ = ["Recorded", "Repetition", "find_trial", "prepare_again", "replay", "train_again"]

"""What is in the database, as typed rows. The only reader of Optuna's trials.

    for name in find(storage, "mnist"):
        stage = load_stage(storage, name)
        print(stage.best, stage.tally)

A `StageReader` reads one stage again and again, at the cost of what is new.
An `optuna.Study` that isn't ours is read too: what it doesn't say stays empty.
"""

from optisearch.reading.comparing import ComparisonResults, LevelResults, comparisons
from optisearch.reading.confirming import ContestantResults, confirmation
from optisearch.reading.crew import Crew, Life, Member, load_crew, read_crew
from optisearch.reading.find import find, load_stage, load_stages
from optisearch.reading.info import StageInfo
from optisearch.reading.lost import Fate, Unfinished, unfinished
from optisearch.reading.progress import Progress
from optisearch.reading.reader import StageReader, Standing, read_stage
from optisearch.reading.stage import StageResults
from optisearch.reading.tally import Tally
from optisearch.reading.trial import Ending, TrialResult
from optisearch.space.stored import FactorInfo

__all__ = [
    "ComparisonResults",
    "ContestantResults",
    "Crew",
    "Ending",
    "FactorInfo",
    "Fate",
    "LevelResults",
    "Life",
    "Member",
    "Progress",
    "StageInfo",
    "StageReader",
    "StageResults",
    "Standing",
    "Tally",
    "TrialResult",
    "Unfinished",
    "comparisons",
    "confirmation",
    "find",
    "load_crew",
    "load_stage",
    "load_stages",
    "read_crew",
    "read_stage",
    "unfinished",
]

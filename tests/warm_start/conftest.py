"""Earlier studies: a space, and what was tried in it."""

from collections.abc import Callable, Sequence
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optisearch import Study, reading, record
from optisearch import space as spaces
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.manifest import describe
from optisearch.reading import StageResults
from optisearch.settings import Wishes
from optisearch.storage import Database

# A point's values, and what was reached there.
Tried = tuple[dict[str, Any], float | None]


def study_of(space: type, name: str = "old", **fields: Any) -> Study:
    given: dict[str, Any] = {"maximize": "gain"} | fields
    return Study(name=name, space=space, train=lambda _hp, _data, _run: None, **given)


@pytest.fixture
def searched(owner: Owner) -> Callable[..., StageResults]:
    """Makes the search of a study, in which these points were tried in turn.

    What reached None was pruned. The first point is the baseline's, whatever is said of it.
    """

    def of(
        space: type, tried: Sequence[Tried], database: Database | None = None, **fields: Any
    ) -> StageResults:
        study, kept = study_of(space, **fields), database or Database.in_memory()
        wishes = Wishes(trials=99, sampler="random", pruner="none")
        stage = open_stage(kept, describe(study, None), wishes)
        for point, value in tried:
            trial = stage.take(owner)
            assert isinstance(trial, optuna.Trial)
            trial._fixed_params = point
            spaces.suggest(space, trial)
            trial.set_user_attr(record.END_REASON, "pruned" if value is None else "completed")
            state = TrialState.PRUNED if value is None else TrialState.COMPLETE
            stage.study.tell(trial, value, state=state)
        return reading.load_stage(kept.storage, stage.name)

    return of

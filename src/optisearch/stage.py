"""Stage = sampler + pruner + seed + budget over one study, stored as one `optuna.Study`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optisearch import pruners, record, samplers
from optisearch.budget import (
    Budget,
    Done,
    New,
    Retry,
    Step,
    Wait,
    first_attempt,
    next_step,
    trained,
)
from optisearch.lease import Owner, reap
from optisearch.storage import Database

if TYPE_CHECKING:
    import optuna

    from optisearch.study import Direction

SEARCH = "search"


@dataclass(frozen=True)
class Settings:
    """How a stage proposes and judges trials. Stored with it: later workers use the same."""

    stage: str = SEARCH
    sampler: str = samplers.DEFAULT
    pruner: str = pruners.DEFAULT
    seed: int = 0


@dataclass(frozen=True)
class Wishes:
    """What the person asked for; None where they left it to the stage or to the defaults."""

    trials: int | None = None
    patience: int | None = None
    sampler: str | None = None
    pruner: str | None = None
    seed: int | None = None

    def settings(self, stored: Settings | None = None) -> Settings:
        given = {"sampler": self.sampler, "pruner": self.pruner, "seed": self.seed}
        chosen = {key: value for key, value in given.items() if value is not None}
        return Settings(**asdict(stored or Settings()) | chosen)

    def budget(self, default: Budget) -> Budget:
        """The budget wished for; what isn't wished is as in the stage, or as the study has it."""
        return Budget(self.trials or default.trials, self.patience or default.patience)


@dataclass(frozen=True)
class Stage:
    """One pass over a study, open in a database.

    Attributes:
        name: Its `optuna.Study`'s name: `mnist/search`.
        database: Where it is.
        study: The `optuna.Study`.
        settings: Its sampler, pruner and seed.
        baseline: The first trial's point: every search has something to be compared with.
    """

    name: str
    database: Database
    study: "optuna.Study"
    settings: Settings
    baseline: Mapping[str, Any] = field(default_factory=dict)

    @property
    def budget(self) -> Budget:
        """As stored now: another `run` may have raised it."""
        attributes = self.database.storage.get_study_system_attrs(self.study._study_id)
        return Budget(**attributes[record.BUDGET])

    @cached_property
    def maximize(self) -> bool:
        return self.study.direction.name == "MAXIMIZE"

    def trials(self) -> "list[optuna.trial.FrozenTrial]":
        """All trials in the order of their numbers; not to be changed."""
        return self.database.storage.get_all_trials(self.study._study_id, deepcopy=False)

    def trained(self) -> int:
        """How many trials count towards the budget so far."""
        return trained(self.trials())

    def take(self, owner: Owner) -> "optuna.Trial | Wait | Done":
        """A trial to train, for this worker alone; or why there is none.

        Looking and taking happen under the stage's lock, so that the budget is exact and an attempt
        that was interrupted or lost is taken up once.
        """
        with self.database.exclusive(self.name):
            reap(self.database.storage, self.trials())
            step = self.what_next()
            if isinstance(step, Wait | Done):
                return step
            trial_id = self._create(step, owner)
        return self._open(trial_id)

    def reap(self) -> list[int]:
        """Record trials whose worker is dead as lost. Returns their numbers."""
        with self.database.exclusive(self.name):
            return reap(self.database.storage, self.trials())

    def what_next(self) -> Step:
        """What a free worker would do next."""
        return next_step(self.trials(), self.budget, maximize=self.maximize)

    def _create(self, step: New | Retry, owner: Owner) -> int:
        """Create the trial, running and owned, in one transaction: nobody can die in between."""
        from optuna.trial import TrialState, create_trial

        user: dict[str, Any] = {record.WORKER: str(owner)}
        system: dict[str, Any] = {record.OWNER: owner.as_dict()}
        storage = self.database.storage
        # Numbers are dense and this is the stage's lock: the next one is known.
        first = len(self.trials())
        if isinstance(step, Retry):
            first = first_attempt(step.attempt)
            # It may have been lost before it asked for what it was given.
            given = step.attempt.system_attrs.get(record.FIXED_PARAMS, {})
            system |= {
                record.FIRST_ATTEMPT: first,
                record.RETRY_OF: step.attempt.number,
                record.FIXED_PARAMS: given | step.attempt.params,
            }
        elif first == 0:
            system[record.FIXED_PARAMS] = dict(self.baseline)
        user[record.SEED] = samplers.training_seed(self.settings.seed, first)
        template = create_trial(state=TrialState.RUNNING, user_attrs=user, system_attrs=system)
        return storage.create_new_trial(self.study._study_id, template)

    def _open(self, trial_id: int) -> "optuna.Trial":
        import optuna

        number = self.database.storage.get_trial_number_from_id(trial_id)
        self.study.sampler = samplers.make_sampler(
            self.settings.sampler, self.settings.seed, number
        )
        return optuna.trial.Trial(self.study, trial_id)


def open_study(
    database: Database,
    name: str,
    settings: Settings,
    *,
    direction: "Direction",
    baseline: Mapping[str, Any],
    max_epochs: int,
) -> Stage:
    """The stage of that name, created empty where it is missing."""
    import optuna

    study = optuna.create_study(
        study_name=name,
        storage=database.storage,
        direction=direction,
        load_if_exists=True,
        pruner=pruners.make_pruner(settings.pruner, max_epochs),
    )
    return Stage(name, database, study, settings, baseline)


def existing_stage(database: Database, name: str) -> Stage:
    """The stage of that name, to look after it.

    Raises:
        KeyError: There is none.
    """
    import optuna

    study = optuna.load_study(study_name=name, storage=database.storage)
    stored = database.storage.get_study_system_attrs(study._study_id)
    return Stage(name, database, study, Settings(**stored.get(record.SETTINGS, {})))

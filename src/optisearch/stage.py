"""Stage = settings and a budget over one study, stored as one `optuna.Study`: hands out trials."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optisearch import machine, pruners, record, samplers, seeding
from optisearch.agenda import next_cell, progress
from optisearch.budget import Account, Budget, Done, New, Retry, Step, Wait, first_attempt
from optisearch.first_points import FirstPoints
from optisearch.lease import Owner, reap
from optisearch.objectives import Objective
from optisearch.plan import EVERYTHING, Cell, Wanted, distributions, parameters, read_plan
from optisearch.settings import Settings
from optisearch.space.stored import FactorInfo
from optisearch.storage import Database, attributes

if TYPE_CHECKING:
    import optuna

    from optisearch.monitored import MonitoredStudy


@dataclass
class _Known:
    """What was last read of what may change."""

    budget: Budget = field(default_factory=Budget)
    first_points: FirstPoints = field(default_factory=FirstPoints)


@dataclass(frozen=True)
class Stage:
    """One pass over a study, open in a database.

    Attributes:
        name: Its `optuna.Study`'s name: `mnist/search`.
        database: Where it is.
        study: The `optuna.Study`.
        settings: Its sampler, pruner and seed.
        baseline: The first point of a search: every search has something to be compared with.
        wanted: The part of a comparison that this worker is after.
        objectives: What its trials are judged by, the monitored one first.
        versions: What this worker trains with, where it differs from the manifest, in words.
    """

    name: str
    database: Database
    study: "MonitoredStudy"
    settings: Settings
    baseline: Mapping[str, Any] = field(default_factory=dict)
    wanted: Wanted = EVERYTHING
    objectives: tuple[Objective, ...] = ()
    versions: str = ""
    _known: _Known = field(default_factory=_Known, repr=False)

    def stored(self) -> dict[str, Any]:
        """What is stored with the stage now: another command may have changed it."""
        return attributes.named(self.database.storage, self.study._study_id, record.OF_A_STAGE)

    @property
    def budget(self) -> Budget:
        """As stored now: another `run` may have raised it."""
        return Budget(**self.stored()[record.BUDGET])

    def trials(self) -> "list[optuna.trial.FrozenTrial]":
        """All trials in the order of their numbers; not to be changed."""
        return self.database.storage.get_all_trials(self.study._study_id, deepcopy=False)

    def trained(self) -> int:
        """How many trials count towards the budget so far."""
        return self._account.up_to(self.trials()).trained

    @cached_property
    def _account(self) -> Account:
        return Account(tuple(each.name == "MAXIMIZE" for each in self.study.directions))

    def is_over(self) -> bool:
        """Whether the time is up that the stage had when a trial was last taken."""
        return self._known.budget.is_over(self.database.now())

    def progress(self) -> tuple[int, int]:
        """How much of what this worker is after is trained, and how much there is of it."""
        stored = self.stored()
        plan = read_plan(stored)
        if plan is not None:
            return progress(plan, self.trials(), self.wanted)
        return self.trained(), Budget(**stored[record.BUDGET]).trials or 0

    def take(self, owner: Owner) -> "optuna.Trial | Wait | Done":
        """A trial to train, for this worker alone; or why there is none.

        Looking and taking are one transaction under the stage's lock, so that the budget is exact
        and an attempt that was interrupted or lost is taken up once.
        """
        tries = 0
        trials: list[optuna.trial.FrozenTrial] = []

        def taken() -> tuple[int, int] | Wait | Done:
            nonlocal tries, trials
            tries += 1
            self.database.read_clock()
            trials = self._glance()
            if tries > 1 and (mine := self._running_of(owner, trials)):
                return mine  # taken before the database went away, which it couldn't say any more
            if self._reap(trials):
                trials = self._glance()
            step = self._next(trials)
            if isinstance(step, Wait | Done):
                return step
            number = len(trials)  # numbers are dense, and this is the stage's lock
            return self._create(step, owner, number), number

        found = self.database.atomically(taken, self.name)
        return found if isinstance(found, Wait | Done) else self._open(*found, trials)

    def reap(self) -> list[int]:
        """Record trials whose worker is dead as lost. Returns their numbers."""
        return self._reap(self.trials())

    def _reap(self, trials: "list[optuna.trial.FrozenTrial]") -> list[int]:
        return reap(self.database, self._account.up_to(trials).running.values())

    def _running_of(
        self, owner: Owner, trials: "list[optuna.trial.FrozenTrial]"
    ) -> tuple[int, int] | None:
        """The id and number of this worker's trial."""
        for trial in self._account.up_to(trials).running.values():
            if Owner.from_attributes(trial.system_attrs) == owner:
                return trial._trial_id, trial.number
        return None

    def _glance(self) -> "list[optuna.trial.FrozenTrial]":
        return self.database.glance(self.study._study_id)

    def what_next(self) -> Step:
        """What a free worker would do next."""
        return self._next(self._glance())

    def _next(self, trials: "list[optuna.trial.FrozenTrial]") -> Step:
        stored = self.stored()
        budget = self._known.budget = Budget(**stored[record.BUDGET])
        if budget.is_over(self.database.now()):
            return Done("time")
        self._known.first_points = FirstPoints.from_stored(stored.get(record.FIRST_POINTS))
        plan = read_plan(stored)
        if plan is not None:
            return next_cell(plan, trials, self.wanted)
        return self._account.up_to(trials).next_step(budget)

    def _create(self, step: New | Retry, owner: Owner, number: int) -> int:
        """Create the trial, running and owned, in one transaction: nobody can die in between."""
        from optuna.trial import TrialState, create_trial

        system: dict[str, Any] = {
            record.OWNER: owner.as_dict(),
            record.MACHINE: machine.describe(),
        }
        first = number
        if isinstance(step, Retry):
            first = first_attempt(step.attempt)
            system |= {record.FIRST_ATTEMPT: first, record.RETRY_OF: step.attempt.number}
            kept = (record.CHECKPOINT, record.GIVEN)
            system |= {k: v for k, v in step.attempt.system_attrs.items() if k in kept}
        given: dict[str, Any] = {}
        if step.cell is not None:
            system[record.CELL] = step.cell.key
            given = self._cell(step.cell)
        elif isinstance(step, Retry):
            # It may have been lost before it asked for what it was given.
            fixed = step.attempt.system_attrs.get(record.FIXED_PARAMS, {})
            system[record.FIXED_PARAMS] = fixed | step.attempt.params
        else:
            system |= self._first_point(number)
        seed = step.cell.seed if step.cell else seeding.training_seed(self.settings.seed, first)
        template = create_trial(
            state=TrialState.RUNNING,
            user_attrs={
                record.WORKER: str(owner),
                record.SEED: seed,
                **({record.VERSIONS: self.versions} if self.versions else {}),
            },
            system_attrs=system,
            **given,
        )
        template.datetime_start = self.database.now().astimezone().replace(tzinfo=None)
        return self.database.storage.create_new_trial(self.study._study_id, template)

    def _first_point(self, number: int) -> dict[str, Any]:
        """What a new trial is given: nothing, once all that the search begins with is."""
        if number == 0 and self.baseline:  # a space that samples itself has none
            return {record.FIXED_PARAMS: dict(self.baseline)}
        point = self._known.first_points.next(self.baseline, self._account.given.values())
        if point is None:
            return {}
        return {record.FIXED_PARAMS: dict(point.point), record.GIVEN: point.origin}

    def _cell(self, cell: Cell) -> dict[str, Any]:
        factors = self.stored()[record.MANIFEST]["space"]["factors"]
        declared = tuple(map(FactorInfo.from_manifest, factors))
        return {
            "params": parameters(cell),
            "distributions": distributions(cell, declared),
        }

    def _open(
        self, trial_id: int, number: int, before: "list[optuna.trial.FrozenTrial]"
    ) -> "optuna.Trial":
        from optisearch.monitored import MonitoredTrial

        name, study = self.settings.sampler, self.study
        study.sampler = samplers.make_sampler(name, self.settings.seed, number)
        # What samplers know of trials that have ended: `Study.ask` and `Study.tell` reset it, which
        # aren't used here. Those in training are in it as they began: who looks at them in it gets
        # nothing, and reads. (TPE reads them by itself.)
        study._thread_local.cached_all_trials = None if samplers.sees_running(name) else before
        return MonitoredTrial(self.study, trial_id)


def open_study(
    database: Database,
    name: str,
    settings: Settings,
    *,
    objectives: Sequence[Objective],
    baseline: Mapping[str, Any],
    max_epochs: int,
    wanted: Wanted = EVERYTHING,
) -> Stage:
    """The stage of that name, created empty where it is missing."""
    from optuna.exceptions import DuplicatedStudyError
    from optuna.study import StudyDirection

    from optisearch.monitored import MonitoredStudy

    directions = [StudyDirection[each.direction.upper()] for each in objectives]
    with suppress(DuplicatedStudyError):
        database.storage.create_new_study(directions, name)
    pruner = pruners.make_pruner(settings.pruner, max_epochs)
    study = MonitoredStudy(name, database.storage, pruner=pruner)
    return Stage(name, database, study, settings, baseline, wanted, objectives=tuple(objectives))


def existing_stage(database: Database, name: str) -> Stage:
    """The stage of that name, to look after it.

    Raises:
        KeyError: There is none.
    """
    from optisearch.monitored import MonitoredStudy

    study = MonitoredStudy(name, database.storage)
    stored = attributes.named(database.storage, study._study_id, (record.SETTINGS,))
    return Stage(name, database, study, Settings(**stored.get(record.SETTINGS, {})))

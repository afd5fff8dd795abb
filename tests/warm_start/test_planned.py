"""A search that begins with given points: each is trained once, whoever works, joins or dies."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from optuna import Trial
from optuna.trial import FrozenTrial, TrialState

from optisearch import record
from optisearch import space as spaces
from optisearch.budget import Done, first_attempt
from optisearch.errors import MismatchError
from optisearch.first_points import FirstPoint
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.settings import Wishes
from optisearch.stage import Stage
from optisearch.storage import Database
from optisearch.warm_start import Carried, begins, first_points_for

PARABOLA = load_study(Path(__file__).parents[1] / "studies" / "parabola.py")
POINT = PARABOLA.space
KNOWN = [POINT(x=1.0), {"shape": "steep", "slope": 9.0}, POINT(), POINT(x=1.0), POINT(epochs=1)]
OLD = Carried(
    tuple(
        FirstPoint({"x": x, "shape": "flat", "epochs": 2}, "old/search", number)
        for number, x in ((7, 3.0), (2, 4.0))
    )
)
# The baseline, and each of these points once, in order.
EXPECTED = [
    POINT(),
    POINT(x=1.0),
    POINT(shape="steep", slope=9.0),
    POINT(epochs=1),
    POINT(x=3.0, epochs=2),
    POINT(x=4.0, epochs=2),
]
LIVING = Owner.current()
DEAD = replace(LIVING, boot="another")


def opened(
    database: Database,
    known: Any = KNOWN,
    carried: Carried = OLD,
    *,
    leads: bool = False,
    **wishes: Any,
) -> Stage:
    study = replace(PARABOLA, known=known)
    return open_stage(
        database,
        describe(study, None),
        Wishes(**{"sampler": "random", "pruner": "none"} | wishes),
        planned=first_points_for(study, "x.py", carried, redefine=leads),
        max_epochs=4,
    )


def trained(stage: Stage, trials: int) -> list[Any]:
    """The points of so many more trials."""
    found = []
    for _ in range(trials):
        trial = stage.take(LIVING)
        assert isinstance(trial, Trial)
        found.append(spaces.suggest(POINT, trial))
        stage.study.tell(trial, 0.5)
    return found


@pytest.fixture
def database() -> Database:
    return Database.in_memory()


def test_the_first_trials_are_given_then_the_sampler_proposes(database: Database) -> None:
    points = trained(opened(database), 9)
    assert points[:6] == EXPECTED
    assert len({*points[5:]}) == 4


def test_each_trial_says_where_its_point_is_of(database: Database) -> None:
    stage = opened(database)
    trained(stage, 7)
    said = [trial.system_attrs.get(record.GIVEN) for trial in stage.trials()]
    old = [{"stage": "old/search", "trial": number} for number in (7, 2)]
    assert said == [None, {}, {}, {}, *old, None]


def test_workers_share_them(database: Database) -> None:
    stages = [opened(database) for _ in range(3)]
    points = [point for _ in range(2) for stage in stages for point in trained(stage, 1)]
    assert points == EXPECTED


def test_a_retry_keeps_its_point_and_takes_no_other(database: Database) -> None:
    stage = opened(database)
    trained(stage, 1)
    trial = stage.take(DEAD)  # dies before it asked for anything
    assert isinstance(trial, Trial)
    assert trained(stage, 5) == EXPECTED[1:]
    again = stage.trials()[2]
    assert again.system_attrs[record.RETRY_OF] == 1
    assert again.system_attrs[record.GIVEN] == {}


def test_what_failed_is_not_given_again(database: Database) -> None:
    stage = opened(database)
    trained(stage, 1)
    trial = stage.take(LIVING)
    trial.set_user_attr(record.END_REASON, "failed")
    stage.study.tell(trial, state=TrialState.FAIL)
    assert trained(stage, 1) == [EXPECTED[2]]


def test_the_same_again_changes_nothing(database: Database) -> None:
    stage = opened(database, leads=True)
    before = stage.stored()
    trained(stage, 3)
    assert opened(database, leads=True).stored() == before
    assert trained(stage, 3) == EXPECTED[3:]


def test_other_ones_are_tried_next(database: Database) -> None:
    stage = opened(database, known=(), carried=Carried())
    assert record.FIRST_POINTS not in stage.stored()
    trained(stage, 4)
    opened(database, known=(), carried=OLD)
    assert trained(stage, 2) == EXPECTED[4:]
    more = Carried((*OLD.points, FirstPoint({"x": 9.0, "shape": "flat", "epochs": 1})))
    opened(database, known=(), carried=more)
    assert trained(stage, 1) == [POINT(x=9.0, epochs=1)]


def test_who_leads_replaces_what_the_file_knows(database: Database) -> None:
    stage = opened(database)
    trained(stage, 2)
    opened(database, known=[POINT(x=-1.0), POINT(x=1.0)], leads=True)
    assert trained(stage, 3) == [POINT(x=-1.0), *EXPECTED[4:]]


def test_who_joins_with_another_file_is_refused(database: Database) -> None:
    stage = opened(database)
    before = stage.stored()
    with pytest.raises(MismatchError) as caught:
        opened(database, known=[POINT(x=1.0), POINT(x=2.0)])
    assert str(caught.value).startswith(
        "x.py: the study file knows other configurations than are stored. "
        "optisearch run x.py replaces them"
    )
    assert [(each.field, each.stored, each.given) for each in caught.value.differences] == [
        (
            "known[1]",
            "x 5, shape steep, slope 9, epochs 3",
            "x 2, shape flat, epochs 3",
        ),
        ("known[2]", "x 5, shape flat, epochs 3", "nothing"),
        ("known[3]", "x 1, shape flat, epochs 3", "nothing"),
        ("known[4]", "x 5, shape flat, epochs 1", "nothing"),
    ]
    assert stage.stored() == before
    nothing = Database.in_memory()
    opened(nothing, known=(), carried=Carried())
    with pytest.raises(MismatchError, match="stored nothing"):
        opened(nothing)


def test_a_stage_that_gives_way_forgets_them(database: Database) -> None:
    opened(database)
    study = replace(PARABOLA, maximize="depth")
    planned = first_points_for(study, "x.py", Carried(), redefine=False)
    stage = open_stage(database, describe(study, None), Wishes(), planned=planned)
    assert record.FIRST_POINTS not in stage.stored()


def test_what_is_said_of_them(database: Database) -> None:
    assert begins(opened(Database.in_memory(), known=(), carried=Carried())) == []
    stage = opened(database, trials=9)
    whole = "the baseline, 3 of the study file, 2 of old/search (trials 2, 7)"
    assert begins(stage) == [whole]
    assert begins(stage, ["no factor here: y"]) == [whole, "no factor here: y"]
    trained(stage, 3)
    assert begins(stage) == [whole, "3 of these 5 still to be tried"]
    assert begins(opened(database, trials=4)) == [
        whole,
        "3 of these 5 still to be tried",
        "the budget leaves room for 1 of them",
    ]
    trained(opened(database, trials=9), 4)
    assert begins(stage) == [whole, "none of these 5 still to be tried"]


def test_a_space_that_samples_itself_begins_with_what_it_knows(database: Database) -> None:
    @dataclass(frozen=True)
    class Own:
        x: float = 0.0

        @classmethod
        def suggest(cls, trial: Any) -> "Own":
            return cls(trial.suggest_float("x", 0.0, 1.0))

    study = replace(PARABOLA, space=Own, known=[{"x": 0.5}, {"x": 0.25}])
    planned = first_points_for(study, "x.py", Carried(), redefine=False)
    wishes = Wishes(trials=1, sampler="random")
    stage = open_stage(database, describe(study, None), wishes, planned=planned)
    assert begins(stage) == ["2 of the study file", "the budget leaves room for 1 of them"]
    trial = stage.take(LIVING)
    assert isinstance(trial, Trial)
    assert spaces.suggest(Own, trial) == Own(0.5)


def test_one_is_said_in_the_singular(database: Database) -> None:
    stage = opened(database, known=(), carried=Carried(OLD.points[:1]), trials=1)
    assert begins(stage) == [
        "the baseline, 1 of old/search (trial 7)",
        "the budget leaves room for none of them",
    ]


TRIALS = 8
in_training = precondition(lambda machine: machine.running)


class Workers(RuleBasedStateMachine):
    """Workers join, take trials, and finish, fail, are interrupted or die, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.database = Database.in_memory()
        self.stages = [opened(self.database, trials=TRIALS)]
        self.running: list[Trial] = []

    @rule()
    def join(self) -> None:
        self.stages.append(opened(self.database))

    @rule(data=st.data(), silent=st.booleans())
    def take(self, data: Any, silent: bool) -> None:
        taken = data.draw(st.sampled_from(self.stages)).take(LIVING)
        if isinstance(taken, Trial):
            if not silent:  # it may die before it asks for its point
                spaces.suggest(POINT, taken)
            self.running.append(taken)

    @in_training
    @rule(data=st.data(), reason=st.sampled_from(["completed", "failed", "interrupted"]))
    def end(self, data: Any, reason: str) -> None:
        trial = self._one(data)
        trial.set_user_attr(record.END_REASON, reason)
        done = reason == "completed"
        state = TrialState.COMPLETE if done else TrialState.FAIL
        self.stages[0].study.tell(trial, 0.5 if done else None, state=state)

    @in_training
    @rule(data=st.data())
    def die(self, data: Any) -> None:
        storage, trial_id = self.database.storage, self._one(data)._trial_id
        storage.set_trial_system_attr(trial_id, record.OWNER, DEAD.as_dict())

    def _one(self, data: Any) -> Trial:
        return self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))

    def _firsts(self) -> list[FrozenTrial]:
        return [t for t in self.stages[0].trials() if first_attempt(t) == t.number]

    @invariant()
    def the_first_attempts_have_the_points_in_order(self) -> None:
        firsts = self._firsts()
        given = [POINT(**trial.system_attrs[record.FIXED_PARAMS]) for trial in firsts[:6]]
        assert given == EXPECTED[: len(firsts)]
        assert not any(record.FIXED_PARAMS in trial.system_attrs for trial in firsts[6:])

    @invariant()
    def a_retry_keeps_its_point(self) -> None:
        trials = self.stages[0].trials()
        for trial in trials:
            first = trials[first_attempt(trial)]
            assert trial.system_attrs.get(record.GIVEN) == first.system_attrs.get(record.GIVEN)
            for name, value in first.system_attrs.get(record.FIXED_PARAMS, {}).items():
                assert trial.params.get(name, value) == value

    @invariant()
    def the_budget_holds(self) -> None:
        states = Counter(trial.state for trial in self.stages[0].trials())
        assert states[TrialState.COMPLETE] + states[TrialState.RUNNING] <= TRIALS

    def teardown(self) -> None:
        """Those that are left do the rest."""
        stage = self.stages[-1]
        for trial in self.running:
            stage.study.tell(trial, 0.5)
        while isinstance(taken := stage.take(LIVING), Trial):
            spaces.suggest(POINT, taken)
            stage.study.tell(taken, 0.5)
        assert taken == Done("trials")
        points = [t.system_attrs[record.FIXED_PARAMS] for t in self._firsts()[:6]]
        assert [POINT(**point) for point in points] == EXPECTED


Workers.TestCase.settings = settings(max_examples=30, stateful_step_count=25)
TestWorkers = Workers.TestCase

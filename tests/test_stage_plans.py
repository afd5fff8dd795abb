"""What a compare or confirm stage is to train; what a changed definition keeps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from optuna.trial import Trial

from optisearch import Comparison, Study, record
from optisearch.errors import Difference, MismatchError, OptisearchError
from optisearch.events import silence
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.manifest import describe
from optisearch.plan import Confirmation, Wanted, read_plan
from optisearch.reading import comparisons, read_stage
from optisearch.settings import Wishes
from optisearch.stage import Stage
from optisearch.stage_plans import check_wanted, contestants_for
from optisearch.storage import Database
from optisearch.training import make_trainer
from optisearch.worker import ExitCode, Stop, work

Open = Callable[..., Stage]
SHAPE = Comparison("shape")


def train(stage: Stage, study: Study) -> None:
    trainer = make_trainer(study, None)
    assert work(stage, study, trainer, stop=Stop(), listener=silence) == ExitCode.DONE


class TestComparisons:
    def test_they_are_stored_with_the_seeds(self, open_compare: Open) -> None:
        stage = open_compare(SHAPE)
        assert stage.name == "parabola/compare"
        assert [each["name"] for each in stage.stored()[record.COMPARISONS]] == ["shape"]
        assert stage.stored()[record.BUDGET] == {"seeds": 5}

    def test_who_joins_with_the_same_changes_nothing(
        self, open_compare: Open, parabola: Study
    ) -> None:
        told: list[Difference] = []
        stage = open_compare(SHAPE, seeds=2, seed=3)
        train(stage, parabola)
        before = stage.stored()
        joined = open_compare(SHAPE, database=stage.database, changed=told.extend, redefine=False)
        assert stage.stored() == before
        assert joined.settings.seed == 3
        assert not told

    def test_what_changed_is_told_and_what_both_have_is_kept(
        self, open_compare: Open, parabola: Study
    ) -> None:
        told: list[Difference] = []
        stage = open_compare(SHAPE, Comparison("epochs", levels=[1, 4]), seeds=2)
        train(stage, parabola)
        assert len(stage.trials()) == 6
        changed = open_compare(
            replace(SHAPE, title="T"),
            Comparison("epochs", levels=[1, 3]),
            Comparison("x", levels=[1.0, 5.0]),
            database=stage.database,
            changed=told.extend,
        )
        assert [(each.field, each.stored, each.given) for each in told] == [
            ("shape title", "", "T"),
            ("epochs levels", "[1, 4]", "[1, 3]"),
            ("x", "nothing", "a comparison"),
        ]
        # Three epochs are the baseline's, which the shape had already; x=1 is new.
        assert changed.progress() == (4, 6)
        train(changed, parabola)
        assert len(stage.trials()) == 6 + 2
        tables = comparisons(read_stage(stage.study))
        assert [table.planned.name for table in tables] == ["shape", "epochs", "x"]
        assert all(len(row.trials) == 2 for table in tables for row in table.levels)

    def test_a_comparison_that_is_gone_is_told(self, open_compare: Open) -> None:
        told: list[Difference] = []
        stage = open_compare(SHAPE, Comparison("x"))
        open_compare(SHAPE, database=stage.database, changed=told.extend)
        assert [(each.field, each.given) for each in told] == [("x", "nothing")]

    def test_a_worker_with_another_definition_is_refused(
        self, open_compare: Open, parabola: Study
    ) -> None:
        stage = open_compare(SHAPE, seeds=1)
        train(stage, parabola)
        before = stage.stored()
        with pytest.raises(
            MismatchError, match=r"optisearch compare x\.py replaces them"
        ) as caught:
            open_compare(replace(SHAPE, seeds=3), database=stage.database, redefine=False)
        assert [each.field for each in caught.value.differences] == ["shape seeds"]
        assert stage.stored() == before

    def test_another_space_is_refused_as_in_a_search(
        self, open_compare: Open, parabola: Study
    ) -> None:
        stage = open_compare(SHAPE, seeds=1)
        train(stage, parabola)
        other = replace(parabola, maximize="depth", comparisons=[SHAPE])
        with pytest.raises(MismatchError, match="metric"):
            open_compare(study=other, database=stage.database)

    def test_another_seed_would_be_other_cells(self, open_compare: Open, parabola: Study) -> None:
        stage = open_compare(SHAPE, seeds=1)
        train(stage, parabola)
        with pytest.raises(MismatchError, match="--seed"):
            open_compare(SHAPE, database=stage.database, seed=1)

    def test_a_search_beside_it_is_another_stage(
        self, open_compare: Open, open_parabola: Open, parabola: Study
    ) -> None:
        stage = open_compare(SHAPE, seeds=1)
        train(stage, parabola)
        search = open_parabola(stage.database, trials=2)
        assert search.trials() == []
        assert search.name == "parabola/search"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("shap", "Did you mean 'shape'?"), ("curve", "Use one of fast, shape"), ("", "Use one of")],
)
def test_a_name_that_is_nowhere(parabola: Study, name: str, hint: str) -> None:
    study = replace(parabola, comparisons=[Comparison("shape", name="fast")])
    with pytest.raises(OptisearchError) as caught:
        check_wanted(Wanted(("fast", name)), study)
    assert repr(name) in str(caught.value)
    assert hint in str(caught.value)


def test_names_of_comparisons_and_of_factors_are_known(parabola: Study) -> None:
    check_wanted(Wanted(), parabola)
    check_wanted(Wanted(("x", "epochs")), parabola)
    check_wanted(
        Wanted(("fast", "shape")), replace(parabola, comparisons=[replace(SHAPE, name="fast")])
    )


class TestContestants:
    @pytest.fixture
    def database(self) -> Database:
        return Database.in_memory()

    @pytest.fixture
    def confirmed(self, parabola: Study) -> Callable[..., Stage]:
        def opened(database: Database, *, redefine: bool = True, **wishes: Any) -> Stage:
            manifest = describe(parabola, None, file="x.py")
            return open_stage(
                database,
                manifest,
                Wishes(**wishes),
                kind="confirm",
                planned=contestants_for(database, manifest, redefine=redefine),
            )

        return opened

    @pytest.fixture
    def searched(self, open_parabola: Open, owner: Owner) -> Callable[..., Stage]:
        """Searches so many points; told are these values, the baseline's first."""

        def search(database: Database, *values: float) -> Stage:
            stage = open_parabola(database, trials=len(values) + 1)
            for value in values[len(stage.trials()) :]:
                trial = stage.take(owner)
                assert isinstance(trial, Trial)
                trial.suggest_float("x", -10.0, 10.0)
                trial.suggest_categorical("shape", ["flat", "steep"])
                if trial.params["shape"] == "steep":
                    trial.suggest_float("slope", 1.0, 100.0, log=True)
                trial.suggest_int("epochs", 1, 4)
                stage.study.tell(trial, value)
            return stage

        return search

    def plan(self, stage: Stage) -> Confirmation:
        found = read_plan(stage.stored())
        assert isinstance(found, Confirmation)
        return found

    def test_winner_and_baseline(
        self, database: Database, searched: Any, confirmed: Any, parabola: Study
    ) -> None:
        search = searched(database, 0.1, 0.9, 0.5)
        winner, baseline = self.plan(confirmed(database, seeds=3)).contestants
        trial = search.trials()[1]
        assert (winner.name, winner.trial, winner.value) == ("winner", 1, 0.9)
        assert winner.point == trial.params
        assert (baseline.name, baseline.trial, baseline.value) == ("baseline", 0, 0.1)
        assert baseline.point == {"x": 5.0, "shape": "flat", "epochs": 3}

    def test_each_is_trained_over_the_seeds(
        self, database: Database, searched: Any, confirmed: Any, parabola: Study
    ) -> None:
        searched(database, 0.1, 0.9)
        stage = confirmed(database, seeds=3)
        train(stage, parabola)
        assert len(stage.trials()) == 6
        train(confirmed(database), parabola)
        assert len(stage.trials()) == 6

    def test_a_baseline_that_won_stands_alone(
        self, database: Database, searched: Any, confirmed: Any
    ) -> None:
        searched(database, 0.9, 0.1)
        (only,) = self.plan(confirmed(database)).contestants
        assert (only.name, only.trial) == ("winner", 0)

    def test_a_new_winner_is_confirmed_anew_and_earlier_ones_stay_known(
        self, database: Database, searched: Any, confirmed: Any, parabola: Study
    ) -> None:
        searched(database, 0.1, 0.5)
        stage = confirmed(database, seeds=2)
        train(stage, parabola)
        searched(database, 0.1, 0.5, 0.9)
        assert self.plan(confirmed(database, redefine=False)).contestants[0].trial == 1
        plan = self.plan(confirmed(database))
        assert [each.trial for each in plan.contestants] == [2, 0]
        assert [each.trial for each in plan.earlier] == [1]
        train(stage, parabola)
        assert len(stage.trials()) == 4 + 2  # the baseline's are kept
        searched(database, 0.1, 0.5, 0.9, 0.95)
        plan = self.plan(confirmed(database))
        assert [each.trial for each in plan.earlier] == [1, 2]

    def test_asked_again_nothing_changes(
        self, database: Database, searched: Any, confirmed: Any
    ) -> None:
        searched(database, 0.1, 0.5)
        stage = confirmed(database)
        before = stage.stored()
        confirmed(database)
        assert stage.stored() == before

    def test_without_a_search(self, database: Database, confirmed: Any) -> None:
        with pytest.raises(OptisearchError, match=r"Search first: optisearch run x\.py"):
            confirmed(database)
        assert database.storage.get_all_studies() == []

    def test_without_a_completed_trial(
        self, database: Database, searched: Any, confirmed: Any
    ) -> None:
        searched(database)
        with pytest.raises(OptisearchError, match="no trial of the search has completed"):
            confirmed(database)

    def test_a_study_that_was_changed_since(
        self, database: Database, searched: Any, parabola: Study
    ) -> None:
        searched(database, 0.1)
        manifest = describe(replace(parabola, maximize="depth"), None)
        planned = contestants_for(database, manifest, redefine=True)
        with pytest.raises(MismatchError, match="changed since it was searched"):
            planned(0, {})

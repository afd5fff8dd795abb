"""What the benchmarks of the service count: what is stored, asked, waited and ended."""

import sys
import threading
import time
from pathlib import Path

import optuna
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.fleet.noted import Log, Pace
from benchmarks.fleet.observing import Counts, Seen, sights
from benchmarks.fleet.throughput import Rate
from benchmarks.overhead.contenders import BARE, CONTENDERS, OURS, PLAIN, Measure, Periods
from benchmarks.statements import kind
from benchmarks.stored_trials import filled
from benchmarks.waiting import EPOCHS, Point, Waits, study, suggest

from optisearch import space


@pytest.fixture
def waiting():
    return study(Waits(lambda _number: 0.0))


def test_both_search_the_same_space() -> None:
    trials = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    asked = [trials.ask() for _ in range(20)]
    for trial in asked:
        suggest(trial)
    ours = [trials.ask() for _ in range(20)]
    for trial in ours:
        space.suggest(Point, trial)
    found, wanted = ({}, {})
    for each in asked:
        found |= each.distributions
    for each in ours:
        wanted |= each.distributions
    assert found == wanted


class Three(Measure):
    """Counts to three trials."""

    def _note(self) -> bool:
        self.found.append(1.0)
        return len(self.found) == 3


@pytest.mark.parametrize("contender", CONTENDERS)
def test_contenders_end_and_store_what_they_say(contender: str, tmp_path: Path, waiting) -> None:
    url = f"sqlite:///{tmp_path / 'results.db'}"
    name = filled(url, waiting, 12, more=100)
    measure = Three()
    measure.start(0, threading.Barrier(1))
    CONTENDERS[contender](url, name, 0, measure)
    new = optuna.load_study(study_name=name, storage=url).get_trials()[12:]
    assert len(new) == 4
    assert {trial.state for trial in new} == {optuna.trial.TrialState.COMPLETE}
    assert {len(trial.intermediate_values) for trial in new} == {EPOCHS}
    stored = {OURS: (14, "optisearch:owner"), PLAIN: (15, None), BARE: (0, None)}
    attributes, owner = stored[contender]
    for trial in new:
        assert len(trial.user_attrs) == attributes
        assert owner is None or owner in trial.system_attrs


def test_those_in_training_are_left_alone(tmp_path: Path, waiting) -> None:
    url = f"sqlite:///{tmp_path / 'results.db'}"
    name = filled(url, waiting, 12, more=100, running=5)
    measure = Three()
    measure.start(0, threading.Barrier(1))
    CONTENDERS[OURS](url, name, 0, measure)
    states = [trial.state.name for trial in optuna.load_study(study_name=name, storage=url).trials]
    assert states[12:] == ["RUNNING"] * 5 + ["COMPLETE"] * 4


def test_a_period_is_what_is_left_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    periods = Periods(2)
    periods.start(0, threading.Barrier(1))
    assert not periods.ended()  # it isn't measured
    for passed, waited, is_enough in ((3.0, 2.5, False), (1.0, 0.75, True)):
        clock[0] += passed
        periods.waits.waited += waited
        assert periods.ended() is is_enough
    assert periods.found == pytest.approx([500, 250])


def test_the_first_trial_does_not_wait_and_the_others_spread_evenly() -> None:
    periods = Periods(2, workers=2, seconds=0.01)
    periods.start(1, threading.Barrier(1))
    assert periods.waits.seconds(3) == 0.0
    periods.ended()
    lengths = [periods.waits.seconds(number) for number in range(1009)]
    assert min(lengths) == pytest.approx(0.008)
    assert max(lengths) == pytest.approx(0.012, rel=1e-3)
    assert sum(lengths) / 1009 == pytest.approx(0.01, rel=1e-3)


def test_a_rate_is_of_all_trials_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    rate = Rate(2.0)
    rate.start(0, threading.Barrier(1))
    ended = []
    for _ in range(5):
        ended.append(rate.ended())
        clock[0] += 0.75
    assert ended == [False, False, False, True, True]
    assert rate.found[0] == pytest.approx(3 / 2.25)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT trials.trial_id \nFROM trials \nWHERE 1", "SELECT trials"),
        ('INSERT INTO "trial_params" (x) VALUES (1)', "INSERT trial_params"),
        ("UPDATE trials SET state = 1", "UPDATE trials"),
        ("SAVEPOINT sa_savepoint_1", "SAVEPOINT"),
        ("SELECT pg_advisory_xact_lock(1)", "SELECT"),
    ],
)
def test_statements_are_counted_by_what_they_do(text: str, said: str) -> None:
    assert kind(text) == said


def test_waiting_can_be_ended_and_epochs_left_out() -> None:
    waits = Waits(lambda _number: 3600.0, skipped=0.75)
    waits.stopping.set()
    assert list(waits.epochs(0)) == [7, 8, 9]
    assert waits.waited < 60


def seen(trials: int) -> Seen:
    log = Log([1.0], [(5.0, 0.01)], [(5.0, 0.1), (7.0, 0.3)] * (trials // 2), [(6.0, 0.004)])
    return Seen(Pace(100, 6.0), 20.0, log, Counts(1.0, 2.0, 3.0, 4.0, 5e6, 0.25, 0.5), 200)


def test_a_fleet_keeps_pace_when_it_ends_what_its_training_alone_would() -> None:
    assert Pace(100, 6.0).trials_per_second == 10.0
    assert seen(190).keeps_pace
    assert seen(190).rate == 9.5
    assert not seen(188).keeps_pace


def test_a_fleets_figures_are_in_a_column() -> None:
    rows = dict(line.strip("| ").split(" | ") for line in sights([seen(180)]).splitlines())
    assert rows["workers"] == "100"
    assert rows["keeps pace"] == "**no**"
    assert rows["`take`, ms"] == "10.0"
    assert rows["the rest beside training, ms"] == "200"
    assert rows["server's cores"] == "0.250"
    assert rows["connections"] == "200"


def test_what_is_used_is_told_per_second() -> None:
    before = Counts(10.0, 100.0, 0.0, 5.0, 0.0, 1.0, 2.0)
    after = Counts(14.0, 300.0, 8.0, 5.0, 4.0, 2.0, 8.0)
    assert before.per_second(after) == Counts(1.0, 50.0, 2.0, 0.0, 1.0, 0.25, 1.5)


def test_only_what_ended_meanwhile_counts() -> None:
    log = Log(trials=[(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], beats=[(2.5, 0.0)])
    assert [moment for moment, *_ in log.within(2.0, 3.0).trials] == [2.0]
    assert len((log + log).beats) == 2

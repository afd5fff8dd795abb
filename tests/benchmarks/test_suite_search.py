"""The race of the searches: who had reached what, and when; and that all race in the same space."""

import ast
import math
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.search import FULL, HYPERBAND, OURS, command, stored
from benchmarks.search.tables import beside, own, shares
from benchmarks.search.track import Track

from benchmarks import ROOT

FAST = Track(first=10, reached=[(12, 0.90), (20, 0.95), (16, 0.93)], began=5, ended=30)
SLOW = Track(first=110, reached=[(130, 0.91), (150, 0.93), (190, 0.92)], began=100, ended=200)


def test_a_value_is_reached_by_the_first_that_is_as_good() -> None:
    assert FAST.best == 0.95
    assert FAST.seconds == 25
    assert FAST.seconds_to(0.90) == 7
    assert FAST.seconds_to(0.91) == 11  # by the one that is written down last
    assert FAST.seconds_to(0.93, since_first=True) == 6
    assert FAST.seconds_to(0.96) == math.inf


def test_a_track_is_read_as_it_was_written(tmp_path: Path) -> None:
    FAST.write(tmp_path / "track.json")
    read = Track.read(tmp_path / "track.json", began=1, ended=2)
    assert (read.first, read.reached) == (10, FAST.reached)
    assert (read.began, read.ended) == (1, 2)


def test_our_share_is_of_the_peers_own_time_to_its_best() -> None:
    rounds = [{OURS: FAST, HYPERBAND: SLOW}]
    assert shares(rounds, HYPERBAND) == [11 / 50]
    assert shares(rounds, HYPERBAND, since_first=True) == [6 / 40]


def test_what_we_never_reached_took_for_ever() -> None:
    rounds = [{OURS: SLOW, HYPERBAND: FAST}, {OURS: FAST, HYPERBAND: SLOW}]
    assert shares(rounds, HYPERBAND) == [math.inf, 11 / 50]
    assert "**not met**" in beside(rounds, [HYPERBAND])


def test_the_tables_have_the_medians_of_the_rounds() -> None:
    rounds = [{OURS: FAST, HYPERBAND: SLOW}] * 3
    assert "| ours | 0.9500 (0.9500 – 0.9500) | 25.0 (25.0 – 25.0) | 15.0 (15.0 – 15.0) |" in own(
        rounds, [OURS, HYPERBAND]
    )
    told = beside(rounds, [HYPERBAND])
    assert "| Hyperband | 50.0 (50.0 – 50.0) | 11.0 (11.0 – 11.0) | 0.220" in told
    assert "| met |" in told


def test_ours_counts_what_was_trained_to_its_end(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'race.db'}"
    study = optuna.create_study(study_name="race/search", storage=url, direction="maximize")
    pruned, complete = study.ask(), study.ask()
    pruned.report(0.99, 0)
    study.tell(pruned, state=optuna.trial.TrialState.PRUNED)
    study.tell(complete, 0.9)
    track = stored(url)
    ended = study.trials[1].datetime_complete
    begun = study.trials[0].datetime_start
    assert ended is not None
    assert begun is not None
    assert track.reached == [(ended.timestamp(), 0.9)]
    assert track.first == begun.timestamp()


def test_all_get_the_same_records_and_seed() -> None:
    for name in (OURS, HYPERBAND, *FULL.others):
        given = command(name, FULL, 3, Path("track.json"), "sqlite:///race.db")
        assert "10000" in given, name
        assert "3" in given, name


def options(file: str) -> dict[str, Any]:
    """What a peer's program asks for: name → options, or (low, high, step)."""
    found: dict[str, Any] = {}
    for node in ast.walk(ast.parse((ROOT / "benchmarks/search" / file).read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in ("suggest_categorical", "suggest_float", "Choice", "Float"):
            continue
        name, *given = (ast.literal_eval(each) for each in node.args)
        named = {each.arg: ast.literal_eval(each.value) for each in node.keywords}
        if len(given) == 1:
            found[name] = tuple(given[0])
        else:
            low, high = given or (named["min_value"], named["max_value"])
            found[name] = (low, high, named.get("step"))
            log = named.get("log", named.get("sampling") == "log")
            assert log is (name == "learning_rate")
    return found


@pytest.mark.keras
@pytest.mark.parametrize("file", ["optuna_example.py", "keras_tuner_examples.py"])
def test_the_peers_race_in_our_space(file: str) -> None:
    from optisearch import space
    from optisearch.loading import load_study

    race = load_study(ROOT / "benchmarks/studies/race.py").space
    ours = {
        name: factor.options
        if isinstance(factor, space.Choice)
        else (factor.low, factor.high, factor.step)
        for name, factor in space.factors(race).items()
    }
    assert options(file) == ours

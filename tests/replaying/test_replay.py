"""The command: what it says, what it refuses, how it ends."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from optisearch.errors import OptisearchError
from optisearch.machine import DETERMINISTIC
from optisearch.reading import Ending
from optisearch.replaying.replay import check_can_be_trained

from .conftest import Hill


def test_the_same(trained: Hill) -> None:
    value = trained.recorded(1).trial.value
    code, said = trained.replay(1)
    assert code == 0
    verdict, *below = said.splitlines()
    assert verdict == (
        "The same to the last digit: trial 1 of hill/search, "
        f"height {value!r} after 3 epochs, and after each of them."
    )
    assert below == [
        "  code      the same",
        "  data      the same: the study has none of its own",
        "  versions  the same",
        "  machine   the same",
    ]


def test_different_and_why(trained: Hill) -> None:
    trained.change("/ 100", "/ 10")
    code, said = trained.replay(1)
    assert code == 1
    assert said.startswith("Different: trial 1 of hill/search, height ")
    assert "different from epoch 1 on" in said
    assert "Nothing says how much another seed would change" in said
    assert "  code      differs\n" in said
    assert "code of train: stored another version, given this version" in said


def test_within_the_spread_of_seeds(trained: Hill) -> None:
    trained.train("compare")
    trained.change("random.Random(run.seed)", "random.Random(run.seed + 1)")
    code, said = trained.replay(0)
    assert code == 1
    assert said.startswith("Different, but within the spread of seeds: trial 0 of hill/search")
    assert "(4 trainings at this point)" in said


def test_beyond_the_spread_of_seeds(trained: Hill) -> None:
    trained.train("compare")
    trained.change("-hp.x**2 +", "7.0 +")
    code, said = trained.replay(0)
    assert code == 1
    assert said.startswith("Different, and by more than a seed would change:")


def test_a_metric_that_nobody_monitors(trained: Hill) -> None:
    trained.change("EXTRA = 0.0", "EXTRA = 1e-9")
    code, said = trained.replay(0)
    assert code == 0
    assert "Not monitored, and different: depth from epoch 1 on." in said


def test_a_training_that_fails_now(trained: Hill) -> None:
    trained.change("    for epoch", "    raise ValueError('no hill')\n    for epoch")
    code, said = trained.replay(0)
    assert code == 1
    assert "which fails now in epoch 1 of 3: ValueError: no hill" in said
    assert said.count("Traceback") == 1


def test_a_trial_without_an_epoch(hill: Hill) -> None:
    hill.change(
        "    for epoch",
        "    if run.number == 0:\n        raise ValueError('no hill')\n    for epoch",
    )
    hill.train()
    with pytest.raises(OptisearchError, match="trial 0 failed before an epoch was recorded: Value"):
        hill.replay(0)


@pytest.mark.parametrize(
    ("ending", "said"),
    [("running", "is still in training"), ("lost", "was lost before an epoch was recorded")],
)
def test_trials_that_cant_be(trained: Hill, ending: Ending, said: str) -> None:
    recorded = trained.recorded(0)
    trial = replace(recorded.trial, ending=ending, history=())
    with pytest.raises(OptisearchError, match=said):
        check_can_be_trained(replace(recorded, trial=trial))


def test_one_that_was_taken_up_names_the_other(trained: Hill) -> None:
    recorded = trained.recorded(0)
    first, second = recorded.stage.trials
    lost = replace(first, ending="lost", history=())
    stage = replace(recorded.stage, trials=(lost, replace(second, retry_of=0)))
    with pytest.raises(OptisearchError, match="Trial 1 took it up: --trial 1"):
        check_can_be_trained(replace(recorded, stage=stage, trial=lost))


def test_it_computes_as_the_trial_did(hill: Hill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    monkeypatch.setenv(DETERMINISTIC, "1")
    hill.train()
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    monkeypatch.delenv(DETERMINISTIC)
    code, said = hill.replay(0)
    assert code == 0
    assert "  machine   the same" in said
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == os.environ["OMP_NUM_THREADS"] == "3"
    assert os.environ[DETERMINISTIC] == "1"


def test_the_database_isnt_touched(trained: Hill, sqlite_dump: Callable[[], list[str]]) -> None:
    before = sqlite_dump()
    trained.replay(1)
    assert sqlite_dump() == before

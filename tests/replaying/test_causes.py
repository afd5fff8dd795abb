"""What is otherwise now than when a trial was recorded."""

from dataclasses import replace
from typing import Any

from optisearch.errors import Difference
from optisearch.events import silence
from optisearch.replaying import Recorded, prepare_again
from optisearch.replaying.causes import Cause, causes, versions_of

from .conftest import Hill


def found(hill: Hill, **changes: Any) -> dict[str, Cause]:
    recorded = hill.recorded(0)
    recorded = replace(recorded, trial=replace(recorded.trial, **changes))
    prepared, _ = prepare_again(recorded, hill.address, None, silence)
    return {cause.name: cause for cause in causes(recorded, prepared)}


def test_nothing(trained: Hill) -> None:
    assert list(found(trained)) == ["code", "data", "versions", "machine"]
    assert not any(cause.differences or not cause.is_known for cause in found(trained).values())


def test_a_function(trained: Hill) -> None:
    trained.change("/ 100", "/ 200")
    (difference,) = found(trained)["code"].differences
    assert difference.field == "code of train"


def test_a_range(trained: Hill) -> None:
    trained.change("real(-1.0", "real(-2.0")
    assert found(trained)["code"].differences == [Difference("x low", "-1.0", "-2.0")]


def test_a_comment(trained: Hill) -> None:
    trained.change("EXTRA = 0.0", "EXTRA = 0.0  # nothing")
    code = found(trained)["code"]
    assert not code.differences
    assert "text has changed" in code.note


def test_versions_of_the_trial_and_not_of_the_stage(trained: Hill) -> None:
    versions = found(trained, versions="keras 2.0, python 3.1")["versions"]
    assert [(each.field, each.stored) for each in versions.differences] == [
        ("python", "3.1"),
        ("keras", "2.0"),
    ]


def test_versions_of_a_trial(trained: Hill) -> None:
    recorded: Recorded = trained.recorded(0)
    trial = replace(recorded.trial, versions="numpy 9.9")
    assert versions_of(recorded.manifest, trial)["numpy"] == "9.9"
    assert versions_of(recorded.manifest, recorded.trial) == recorded.manifest["versions"]


def test_the_machine(trained: Hill) -> None:
    assert trained.recorded(0).trial.machine
    other = {**(trained.recorded(0).trial.machine or {}), "processor": "abacus"}
    (difference,) = found(trained, machine=other)["machine"].differences
    assert (difference.field, difference.stored) == ("processor", "abacus")


def test_a_machine_that_nobody_recorded(trained: Hill) -> None:
    assert not found(trained, machine=None)["machine"].is_known


def test_epochs_from_elsewhere(trained: Hill) -> None:
    recorded = trained.recorded(1)
    first, second = recorded.stage.trials
    first = replace(first, machine={"processor": "abacus"})
    again = replace(second, retry_of=0)
    recorded = replace(recorded, trial=again, stage=replace(recorded.stage, trials=(first, again)))
    prepared, _ = prepare_again(recorded, trained.address, None, silence)
    assert (
        causes(recorded, prepared)[-1].note == "its first epochs were trained elsewhere (trial 0)"
    )

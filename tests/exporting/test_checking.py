"""Whose model is exported, and whether it is that trial's."""

from dataclasses import replace

import pytest

from optisearch.errors import OptisearchError
from optisearch.exporting.checking import check_has_model, told, verify
from optisearch.reading import Ending
from optisearch.replaying import Recorded


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("pruned", "trial 0 was pruned"),
        ("diverged", "trial 0 diverged"),
        ("failed", "trial 0 failed"),
        ("running", "trial 0 is still in training"),
        ("lost", "trial 0 was lost"),
    ],
)
def test_trials_without_a_model(recorded: Recorded, ending: Ending, said: str) -> None:
    trial = replace(recorded.stage.trials[0], ending=ending)
    with pytest.raises(OptisearchError, match=rf"toy/search: {said}.*--trial 1\."):
        check_has_model(replace(recorded, trial=trial))


def test_one_that_was_taken_up_names_the_other(recorded: Recorded) -> None:
    lost = replace(recorded.stage.trials[0], ending="lost")
    again = replace(recorded.trial, number=9, retry_of=0, value=0.1)
    stage = replace(recorded.stage, trials=(lost, recorded.trial, again))
    with pytest.raises(OptisearchError, match=r"--trial 9\."):
        check_has_model(replace(recorded, stage=stage, trial=lost))


def test_the_same_to_the_last_digit(recorded: Recorded) -> None:
    check_has_model(recorded)
    measured = {"val_accuracy": 0.75, "val_loss": 0.6000001}  # only the monitored one counts
    found = verify(recorded, measured, was_trained=False)
    assert (found.metric, found.epoch, found.is_last) == ("val_accuracy", 2, True)
    assert "val_accuracy 0.75, to the last digit what was recorded." in told(found)


def test_a_difference_shows_both_numbers(recorded: Recorded) -> None:
    with pytest.raises(OptisearchError) as raised:
        verify(recorded, {"val_accuracy": 0.7500001, "val_loss": 0.6}, was_trained=True)
    assert "val_accuracy 0.75, and its model measures 0.7500001 now" in str(raised.value)
    assert "optisearch replay toy/search --trial 1" in str(raised.value)


def test_weights_of_an_earlier_epoch(recorded: Recorded) -> None:
    """As `EarlyStopping(restore_best_weights=True)` leaves them."""
    found = verify(recorded, {"val_accuracy": 0.5, "val_loss": 0.8}, was_trained=True)
    assert (found.epoch, found.is_last) == (1, False)
    assert "after epoch 1, whose weights it has" in told(found)
    with pytest.raises(OptisearchError):
        verify(recorded, {"val_accuracy": 0.5, "val_loss": 0.7}, was_trained=True)


def test_a_metric_that_evaluation_doesnt_measure(recorded: Recorded) -> None:
    """The monitored one is that of the training part: another one speaks for the model."""
    info = replace(recorded.stage.info, metric="accuracy")
    trained = replace(recorded, stage=replace(recorded.stage, info=info))
    assert verify(trained, {"val_loss": 0.6}, was_trained=False).metric == "val_loss"


def test_nothing_to_evaluate_on(recorded: Recorded) -> None:
    found = verify(recorded, {}, was_trained=True)
    assert found.metric == ""
    assert "Trained again" in told(found)
    with pytest.raises(OptisearchError, match="nothing says what the model"):
        verify(recorded, {}, was_trained=False)

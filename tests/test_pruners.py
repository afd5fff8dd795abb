"""Pruners judge in epochs, and let every trial have its first."""

import optuna
import pytest

from optisearch import pruners
from optisearch.errors import OptisearchError
from optisearch.pruners import make_pruner

EPOCHS = 9


def pruned_at(name: str, *, max_epochs: int = EPOCHS) -> int | None:
    """The epoch at which a hopeless trial among nine good ones is pruned."""
    study = optuna.create_study(
        study_name="fixed, as Hyperband goes by it",
        direction="maximize",
        pruner=make_pruner(name, max_epochs),
    )
    for _ in range(9):
        trial = study.ask()
        for epoch in range(max_epochs):
            trial.report(1.0, epoch)
            trial.should_prune()  # successive halving keeps its books here
        study.tell(trial, 1.0)
    trial = study.ask()
    for epoch in range(max_epochs):
        trial.report(0.0, epoch)
        if trial.should_prune():
            return epoch
    return None


@pytest.mark.parametrize("name", ["median", "percentile", "asha", "hyperband"])
def test_a_hopeless_trial_is_pruned_but_not_at_its_first_epoch(name: str) -> None:
    assert pruned_at(name) in range(1, EPOCHS)


def test_without_a_pruner_nothing_is_pruned() -> None:
    assert pruned_at("none") is None


@pytest.mark.parametrize("name", pruners.NAMES)
def test_studies_of_one_epoch_are_never_pruned(name: str) -> None:
    assert pruned_at(name, max_epochs=1) is None


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(OptisearchError, match=r"no pruner 'mediam'.*mean median"):
        make_pruner("mediam", 1)
    with pytest.raises(OptisearchError, match="Use one of median, percentile, asha"):
        pruners.check_pruner("?")


def test_the_default_is_one_of_them() -> None:
    assert pruners.DEFAULT in pruners.NAMES

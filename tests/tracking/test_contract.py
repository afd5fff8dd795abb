"""What holds for each tool: a trial is told to the real one, and read back from it."""

import math
from dataclasses import replace
from pathlib import Path

from optisearch.events import Ended
from optisearch.record import EndReason
from optisearch.tracking.interface import Row, Subject

from .conftest import Told


def test_a_trial_is_a_run(told: Told, subject: Subject, rows: list[Row]) -> None:
    run = told.tool.begin(subject)
    run.add(rows[:2])
    run.add(rows[2:])
    run.end(Ended(7, "completed", 0.5, 1.5))
    (name, found), *others = told.read().items()
    assert (name, others) == ("mnist/search/7", [])
    assert found.metrics == {
        "loss": {0: 1.0, 1: 0.5, 2: 0.25},
        "val_accuracy": {0: 0.0, 1: 0.25, 2: 0.5},
    }
    params = {name: float(v) if v[0].isdigit() else v for name, v in found.params.items()}
    given = {"rate": 0.25, "optimizer": "adam", "units": 64.0, "bias": "True", "nothing": "None"}
    assert params == given | {"seed": 2**31 - 1}
    for fact in ("stage", "trial", "seed", "storage", "worker"):
        assert found.facts[fact] == subject.facts()[fact]
    assert (found.reason, found.succeeded) == ("completed", True)


def test_how_trials_ended(told: Told, subject: Subject, rows: list[Row]) -> None:
    reasons: tuple[EndReason, ...] = ("pruned", "diverged", "failed", "interrupted", "lost")
    for number, reason in enumerate(reasons):
        run = told.tool.begin(replace(subject, number=number, key=f"{number:016}"))
        run.add(rows[:1])
        run.end(Ended(number, reason, None, 0.5))
    ended = {found.reason: found.succeeded for found in told.read().values()}
    assert ended == {
        "pruned": True,
        "diverged": True,
        "failed": False,
        "interrupted": False,
        "lost": False,
    }


def test_one_that_failed_before_its_first_epoch_is_a_run_too(told: Told, subject: Subject) -> None:
    told.tool.begin(subject).end(Ended(7, "failed", None, 0.5))
    (found,) = told.read().values()
    assert (found.metrics, found.reason) == ({}, "failed")


def test_a_trial_taken_up_again_replaces_its_run(
    told: Told, subject: Subject, rows: list[Row]
) -> None:
    cut_off = told.tool.begin(subject)
    cut_off.add(rows[:1])
    cut_off.end(Ended(7, "interrupted", None, 0.5))
    other = told.tool.begin(replace(subject, number=8, key="fedcba9876543210"))
    other.end(Ended(8, "pruned", None, 0.5))
    again = told.tool.begin(replace(subject, number=9, earlier=(7,)))
    again.add(rows)
    again.end(Ended(9, "completed", 0.5, 1.5))
    found = told.read()
    assert found.keys() == {"mnist/search/8", "mnist/search/9"}
    assert found["mnist/search/9"].facts["replaces"] == "trial 7"
    assert found["mnist/search/9"].metrics["loss"].keys() == {0, 1, 2}


def test_a_loss_that_is_no_number_is_shown_as_such(told: Told, subject: Subject) -> None:
    run = told.tool.begin(subject)
    run.add([{"epoch": 0, "seconds": 0.1, "loss": math.nan, "bound": math.inf}])
    run.end(Ended(7, "diverged", None, 0.1))
    (found,) = told.read().values()
    assert math.isnan(found.metrics["loss"][0])
    assert found.metrics["bound"][0] > 1e300


def test_nothing_lies_elsewhere(
    told: Told, subject: Subject, rows: list[Row], in_folder: Path
) -> None:
    run = told.tool.begin(subject)
    run.add(rows)
    run.end(Ended(7, "completed", 0.5, 1.5))
    ours = {
        "tensorboard": {"r.tensorboard"},
        "mlflow": {"r.mlflow.db", "r.mlflow.db.lock"},
        "wandb": {"r.wandb"},
    }
    assert {path.name for path in in_folder.iterdir()} == ours[told.name]

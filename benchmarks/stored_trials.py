"""A stage with thousands of trials, as a search leaves them, in seconds."""

import random
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from json import dumps
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState, create_trial

from benchmarks import ROOT
from optisearch import manifest, record, space
from optisearch.address import parse
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.settings import Wishes
from optisearch.storage import open_database
from optisearch.study import Study
from optisearch.worker_process import max_epochs

STUDY = ROOT / "tests" / "studies" / "parabola.py"
# Of histories as long as those of a real study, whatever `epochs` says.
_EPOCHS = (5, 15)


def fill(file: Path, trials: int) -> str:
    """A search of the parabola with so many trials and a budget of 1,000 more.

    Returns:
        The stage's name.
    """
    return filled(f"sqlite:///{file}", load_study(STUDY), trials, more=1000)


def filled(url: str, study: Study, trials: int, more: int, running: int = 0) -> str:
    """A search in a database that is empty.

    Args:
        url: The database.
        study: What is searched.
        trials: How many trials have ended.
        more: The budget is so many more.
        running: How many are in training, in the middle, on another machine.

    Returns:
        The stage's name.
    """
    database = open_database(parse(url), create=True)
    wishes = Wishes(trials=trials + more)
    described = manifest.describe(study, None)
    stage = open_stage(database, described, wishes, max_epochs=max_epochs(study))
    assert database.engine is not None
    stored = chain(_ended(study, trials), _running(study, running))
    _insert(database.engine, stage.study._study_id, stored)
    database.engine.dispose()
    return stage.name


def copied(file: Path, to: Path) -> Path:
    """A copy of a database that nobody has open."""
    for suffix in ("", "-wal"):
        if Path(f"{file}{suffix}").exists():
            shutil.copy(f"{file}{suffix}", f"{to}{suffix}")
    return to


def _points(space_: type) -> Iterator[tuple[dict[str, Any], dict[str, BaseDistribution]]]:
    """Random points of a space, as parameters with their distributions."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    while True:
        trial = study.ask()
        space.suggest(space_, trial)
        yield trial.params, trial.distributions


def _ended(study: Study, trials: int) -> Iterator[FrozenTrial]:
    draw = random.Random(0)
    owner, metric = Owner.current(), study.metric
    for number, (params, distributions) in zip(range(trials), _points(study.space), strict=False):
        values = [draw.uniform(-100, 1) for _ in range(draw.randint(*_EPOCHS))]
        losses = {name: draw.random() for name in ("loss", "accuracy", "val_loss")}
        pruned = number % 3 == 0
        rows = [
            {"epoch": epoch, "seconds": 0.3, metric: value} | losses
            for epoch, value in enumerate(values)
        ]
        yield create_trial(
            state=TrialState.PRUNED if pruned else TrialState.COMPLETE,
            value=values[-1],
            params=params,
            distributions=distributions,
            intermediate_values=dict(enumerate(values)),
            user_attrs={
                record.SEED: number,
                record.WORKER: str(owner),
                record.SECONDS: 3.0,
                record.SECONDS_PER_EPOCH: 0.3,
                record.EPOCHS_TRAINED: len(values),
                record.DIVERGED: False,
                record.END_REASON: "pruned" if pruned else "completed",
                record.PARAMETERS: 50890,
                record.BEST_EPOCH: values.index(max(values)),
                f"{record.BEST_PREFIX}{metric}": max(values),
                metric: values[-1],
                **losses,
            },
            system_attrs={record.OWNER: owner.as_dict(), record.HISTORY: rows},
        )


def _running(study: Study, trials: int) -> Iterator[FrozenTrial]:
    # Nobody shall take them for lost while something is measured.
    owner = replace(Owner.current(), host="elsewhere", heartbeat_seconds=86_400.0)
    for number, (params, distributions) in zip(range(trials), _points(study.space), strict=False):
        trial = create_trial(
            state=TrialState.RUNNING,
            params=params,
            distributions=distributions,
            intermediate_values={epoch: -epoch / 10 for epoch in range(_EPOCHS[0])},
            user_attrs={record.SEED: number, record.WORKER: str(owner)},
            system_attrs={record.OWNER: owner.as_dict()},
        )
        yield trial


def _insert(engine: sqlalchemy.Engine, study_id: int, trials: Iterable[FrozenTrial]) -> None:
    """Write trials as Optuna would, but all at once: one by one it takes minutes."""
    finite = models.TrialValueModel.TrialValueType.FINITE
    also_finite = models.TrialIntermediateValueModel.TrialIntermediateValueType.FINITE
    began = datetime.now(UTC).replace(tzinfo=None)
    rows: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for number, trial in enumerate(trials):
        of = {"trial_id": number + 1}
        rows[models.TrialModel].append(
            of
            | {
                "number": number,
                "study_id": study_id,
                "state": trial.state,
                "datetime_start": began + timedelta(seconds=number),
                "datetime_complete": None,
            }
        )
        if trial.state.is_finished():
            rows[models.TrialModel][-1]["datetime_complete"] = began + timedelta(seconds=number + 3)
            rows[models.TrialValueModel].append(
                of | {"objective": 0, "value": trial.value, "value_type": finite}
            )
        rows[models.TrialParamModel] += [
            of
            | {
                "param_name": name,
                "param_value": trial.distributions[name].to_internal_repr(value),
                "distribution_json": distribution_to_json(trial.distributions[name]),
            }
            for name, value in trial.params.items()
        ]
        rows[models.TrialIntermediateValueModel] += [
            of
            | {
                "step": step,
                "intermediate_value": value,
                "intermediate_value_type": also_finite,
            }
            for step, value in trial.intermediate_values.items()
        ]
        for model, attributes in (
            (models.TrialUserAttributeModel, trial.user_attrs),
            (models.TrialSystemAttributeModel, trial.system_attrs),
        ):
            rows[model] += [
                of | {"key": key, "value_json": dumps(value)} for key, value in attributes.items()
            ]
    with engine.begin() as connection:
        for model, values in rows.items():
            connection.execute(model.__table__.insert(), values)
        if engine.dialect.name == "postgresql":
            # The ids that it gives next, and what its planner knows of the tables.
            following = "setval(pg_get_serial_sequence('trials', 'trial_id'), max(trial_id))"
            connection.execute(sqlalchemy.text(f"SELECT {following} FROM trials"))
            connection.execute(sqlalchemy.text("ANALYZE"))

"""MLflow: an experiment for each stage, with a run for each trial."""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from optisearch.address import Address
from optisearch.events import Ended
from optisearch.tracking.beside import beside
from optisearch.tracking.interface import Place, Row, Subject, metrics
from optisearch.tracking.masking import masked

if TYPE_CHECKING:
    from mlflow import MlflowClient

_URI, _EXPERIMENT = "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"
_SQLITE = "sqlite:///"
_STATUS = {"failed": "FAILED", "interrupted": "KILLED", "lost": "KILLED"}
_KEY = "optisearch.key"
# What MLflow has no name for, and how it may be called in its place.
_NO_NAME = re.compile(r"[^\w./ -]")
# A server that doesn't answer is given up soon; and its maker isn't told what is done with it.
_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


def place(environment: Mapping[str, str], address: Address) -> Place:
    """The server or store that the environment names, else a SQLite file beside the database."""
    given = environment.get(_URI)
    if given:
        return Place(given, masked(given))
    uri = f"{_SQLITE}{beside(address, 'mlflow.db')}"
    return Place(uri, f"mlflow ui --backend-store-uri {shlex.quote(uri)}")


class MLflow:
    """See `Tool`."""

    def __init__(self, place: Place) -> None:
        import logging

        for name, value in _SETTINGS.items():
            os.environ.setdefault(name, value)
        from filelock import FileLock
        from mlflow import MlflowClient

        for name in ("mlflow", "alembic"):  # how they create a store's tables
            logging.getLogger(name).setLevel(logging.WARNING)
        file = _file(place)
        # Two that create its tables at once stumble over each other (MLflow 3.17).
        with FileLock(f"{file}.lock") if file else nullcontext():
            self._client = MlflowClient(tracking_uri=place.where)
        self._artifacts = file.with_suffix(".artifacts").as_uri() if file else None
        self._experiments: dict[str, str] = {}

    def begin(self, subject: Subject) -> "MLflowRun":
        from mlflow.entities import Param

        experiment = self._experiment(os.environ.get(_EXPERIMENT) or subject.stage)
        client = self._client
        for run in client.search_runs([experiment], f"tags.`{_KEY}` = '{subject.key}'"):
            client.delete_run(run.info.run_id)
        began = round(subject.started.timestamp() * 1000)
        tags = {f"optisearch.{name}": value for name, value in subject.facts().items()}
        run = client.create_run(
            experiment, began, tags | {_KEY: subject.key}, run_name=subject.name
        )
        given = dict(subject.params) | {"seed": subject.seed}
        params = [Param(_name(name), str(value)) for name, value in given.items()]
        client.log_batch(run.info.run_id, params=params)
        return MLflowRun(client, run.info.run_id, began)

    def _experiment(self, name: str) -> str:
        """The id of the experiment of that name, created where it is missing."""
        from mlflow.exceptions import MlflowException

        if name not in self._experiments:
            found = self._client.get_experiment_by_name(name)
            try:
                made = found or self._client.create_experiment(name, self._artifacts)
            except MlflowException:
                made = self._client.get_experiment_by_name(name)  # another worker's, just now
                if made is None:
                    raise
            self._experiments[name] = made if isinstance(made, str) else made.experiment_id
        return self._experiments[name]


class MLflowRun:
    """See `Run`."""

    def __init__(self, client: "MlflowClient", run_id: str, began: int) -> None:
        self._client = client
        self._id = run_id
        self._milliseconds = float(began)

    def add(self, rows: Sequence[Row]) -> None:
        from mlflow.entities import Metric

        found, now = [], self._milliseconds
        for row in rows:
            now += 1000 * row["seconds"]
            values = metrics(row).items()
            found += [Metric(_name(key), value, round(now), row["epoch"]) for key, value in values]
        for first in range(0, len(found), 1000):  # what one request may hold
            self._client.log_batch(self._id, metrics=found[first : first + 1000])
        self._milliseconds = now

    def end(self, ended: Ended) -> None:
        self._client.set_tag(self._id, "optisearch.end_reason", ended.reason)
        now = round(self._milliseconds)
        self._client.set_terminated(self._id, _STATUS.get(ended.reason, "FINISHED"), now)


def _file(place: Place) -> Path | None:
    """The file of a SQLite store."""
    if not place.where.startswith(_SQLITE):
        return None
    return Path(place.where.removeprefix(_SQLITE)).absolute()


def _name(name: str) -> str:
    return _NO_NAME.sub("_", name)

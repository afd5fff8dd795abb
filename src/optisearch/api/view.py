"""One stage of a study as it is stored, for people who compute with it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optisearch import reading as stored
from optisearch import report as reports
from optisearch.address import Address
from optisearch.api import checking, models
from optisearch.api.figures import Figures
from optisearch.api.frames import Columns, by_column, frame, write_parquet
from optisearch.api.tables import Tables
from optisearch.errors import OptisearchError
from optisearch.reading import StageResults, TrialResult
from optisearch.replaying.recorded import best_of, the_stage
from optisearch.report import Report, trial_rows
from optisearch.report import format as fmt
from optisearch.report.render.html import fragments
from optisearch.storage import open_database

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from optisearch.exporting.target import Format

_OF_EPOCHS: Mapping[str, type | None] = {"trial": int, "epoch": int, "seconds": float}


def results(
    name: str,
    *,
    storage: str | None = None,
    storage_file: str | os.PathLike[str] | None = None,
) -> "Results":
    """Read a stage from the database alone, also while it is trained.

    Args:
        name: The stage: `mnist/compare`; or a study, for its search: `mnist`.
        storage: The URL of the database; by default as in `search`.
        storage_file: A file that holds the URL.

    Raises:
        StorageError: The database can't be read, or there is no such study.
        OptisearchError: The name means several stages.
    """
    address = checking.place(storage, storage_file)
    database = open_database(address, create=False)
    with database.errors():
        chosen = the_stage(name, stored.find(database.storage, name))
        return Results(stored.load_stage(database.storage, chosen), address)


@dataclass(frozen=True)
class Best:
    """The best trial of a search.

    Attributes:
        number: Its number.
        value: The monitored metric at its last epoch.
        params: Its active factors; `Space(**params)` is its point.
    """

    number: int
    value: float
    params: Mapping[str, Any]


@dataclass(frozen=True, repr=False)
class Results:
    """One stage of a study, as it stood when it was read.

    Attributes:
        stage: What was asked and the trials, as reports are computed from them.
        address: The database.
    """

    stage: StageResults
    address: Address = field(compare=False)

    @property
    def name(self) -> str:
        """The stage's name: `mnist/search`."""
        return self.stage.info.name

    @property
    def metric(self) -> str:
        """The monitored metric."""
        return self.stage.info.metric

    @property
    def trials(self) -> tuple[TrialResult, ...]:
        """All trials by number, whatever became of them."""
        return self.stage.trials

    @property
    def best(self) -> Best:
        """The completed trial with the best value, the first of equal ones.

        Raises:
            OptisearchError: No trial has completed, or trials of this stage aren't ranked.
        """
        trial = best_of(self.stage)
        assert trial.value is not None
        return Best(trial.number, trial.value, dict(self.stage.info.ordered(trial.params)))

    @property
    def answer(self) -> str:
        """What the stage says, in a sentence."""
        return self._report.answer

    @property
    def evidence(self) -> tuple[str, ...]:
        """What the answer rests on, and what speaks against it: a sentence each."""
        return self._report.evidence

    @cached_property
    def tables(self) -> Tables:
        """The tables of `report` by their titles."""
        return Tables(self._report)

    @cached_property
    def figures(self) -> Figures:
        """The figures of the HTML report by their titles, each a `plotly.graph_objects.Figure`."""
        return Figures(self._report)

    def figure(self, title: str) -> "go.Figure":
        """The figure of that title.

        Raises:
            OptisearchError: There is none. Names those that there are.
        """
        return self.figures[title]

    def to_dataframe(self) -> "pd.DataFrame":
        """The trials, one row each: `number`, `ending`, `value`, …, `metrics_…`, `params_…`.

        Raises:
            OptisearchError: pandas isn't installed.
        """
        return frame(self._trials())

    def history_dataframe(self) -> "pd.DataFrame":
        """The epochs of all trials, one row each: `trial`, `epoch` from 0, `seconds`, metrics.

        Raises:
            OptisearchError: pandas isn't installed.
        """
        rows = [
            {"trial": trial.number} | {name: _number(value) for name, value in row.items()}
            for trial in self.trials
            for row in trial.history
        ]
        metrics = {name: float for row in rows for name in row if name not in _OF_EPOCHS}
        return frame(by_column({**_OF_EPOCHS, **metrics}, rows))

    def to_parquet(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write what `to_dataframe` holds as a Parquet file, whole or not at all.

        Args:
            path: The file.
            force: Whether what is there already is replaced.

        Raises:
            OptisearchError: pyarrow isn't installed, the file is there, or can't be written.
        """
        write_parquet(self._trials(), Path(path), force=force)

    def export(
        self,
        output: str | os.PathLike[str],
        *,
        trial: int | None = None,
        format: "Format | None" = None,  # noqa: A002  # as the command's option
        force: bool = False,
        file: str | os.PathLike[str] | None = None,
    ) -> Path:
        """Write the model of a trial and its card, once it has measured what was recorded.

        Args:
            output: The model's file, or folder.
            trial: The trial's number; by default the best one.
            format: By default what the file's name says.
            force: Whether what is there already is replaced.
            file: The study file, where it isn't where it was.

        Returns:
            The output.

        Raises:
            OptisearchError: There is no such trial, it has no model, or it can't be written.
        """
        number = ["--trial", "best" if trial is None else str(trial)]
        options = [*(["--format", format] if format else []), *(["--force"] if force else [])]
        words = [self.name, *number, "--output", os.fspath(output), *options, *_file(file)]
        models.export(self.address, *words)
        return Path(output)

    def replay(self, trial: int, *, file: str | os.PathLike[str] | None = None) -> models.Replayed:
        """Train a trial again with its seed and settings: is it the same?

        Args:
            trial: The trial's number.
            file: The study file, where it isn't where it was.

        Raises:
            OptisearchError: There is no such trial, or it can't be trained again.
        """
        return models.replay(self.address, self.name, "--trial", str(trial), *_file(file))

    @cached_property
    def _report(self) -> Report:
        return reports.report(self.stage)

    def _trials(self) -> Columns:
        stages = (self.stage,)
        return by_column(trial_rows.columns(stages), trial_rows.rows(stages))

    def __repr__(self) -> str:
        told = f"{self.name}: {fmt.amount(len(self.trials), 'trial')}"
        try:
            best = self.best
        except OptisearchError:
            return f"Results({told})"
        return (
            f"Results({told}, best {self.metric} {fmt.metric(best.value)} in trial {best.number})"
        )

    def __str__(self) -> str:
        return "\n".join([self.answer, *self.evidence])

    def _repr_html_(self) -> str:
        return fragments.summary(self._report)


def _file(file: str | os.PathLike[str] | None) -> list[str]:
    return [] if file is None else ["--file", os.fspath(file)]


def _number(value: Any) -> Any:
    """A history's number; what isn't finite is stored as a word."""
    return float(value) if isinstance(value, str) else value

"""One stage, as a notebook sees it."""

import math
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from optisearch.address import Address
from optisearch.api import Best, Results, results
from optisearch.errors import NotStoredError, OptisearchError
from optisearch.reading import StageResults
from optisearch.report import report
from optisearch.storage import open_database

NewStage = Any  # the class `Stage` of ../report/conftest.py
Read = Any  # the fixture `read`


def test_the_best_trial(read: Read, stage: StageResults) -> None:
    point = {"optimizer": "sgd", "learning_rate": 0.1, "regularization": "none", "epochs": 4}
    assert read(stage).best == Best(number=1, value=0.95, params=point)
    assert list(read(stage).best.params) == list(point)  # as declared


def test_without_a_best_trial(read: Read, new_stage: NewStage) -> None:
    with pytest.raises(OptisearchError, match="no trial has completed yet"):
        _ = read(new_stage().add("failed").read()).best


def test_a_stage_of_cells_has_no_best_trial(open_compare: Any, read: Read) -> None:
    from optisearch.reading import read_stage

    compared = read(read_stage(open_compare().study))
    with pytest.raises(OptisearchError, match="its trials aren't ranked"):
        _ = compared.best
    assert repr(compared) == "Results(parabola/compare: 0 trials)"


def test_a_stage_of_plain_optuna_has_one(read: Read, new_stage: NewStage) -> None:
    assert read(new_stage(declared=False).add("completed", 0.5).read()).best.value == 0.5


def test_in_short(read: Read, stage: StageResults) -> None:
    shown = repr(read(stage))
    assert shown == "Results(toy/search: 8 trials, best val_accuracy 0.9500 in trial 1)"
    assert str(read(stage)).startswith(read(stage).answer)


def test_it_is_frozen(read: Read, stage: StageResults) -> None:
    with pytest.raises(FrozenInstanceError):
        read(stage).stage = None


def test_trials_as_a_data_frame(read: Read, stage: StageResults) -> None:
    frame = read(stage).to_dataframe()
    assert list(frame["number"]) == list(range(8))
    assert frame["ending"].value_counts()["completed"] == 3
    assert frame["value"][1] == 0.95
    assert frame["value"][3] == -math.inf
    assert math.isnan(frame["value"][2])
    assert frame["params_optimizer"][1] == "sgd"
    assert frame["retry_of"].dtype == "Int64"
    assert frame["retry_of"][6] == 5


def test_columns_have_their_types_without_a_trial(read: Read, new_stage: NewStage) -> None:
    frame = read(new_stage().read()).to_dataframe()
    assert len(frame) == 0
    assert frame["params_learning_rate"].dtype == "float64"
    assert frame["params_epochs"].dtype == "Int64"


def test_epochs_as_a_data_frame(read: Read, new_stage: NewStage) -> None:
    rows = [{"epoch": 0, "seconds": 0.5, "loss": 2.0}, {"epoch": 1, "seconds": 0.4, "loss": "nan"}]
    told = new_stage().add("failed").add("diverged", system={"optisearch:history": rows})
    frame = read(told.read()).history_dataframe()
    assert list(frame.columns) == ["trial", "epoch", "seconds", "loss"]
    assert list(frame["trial"]) == [1, 1]
    assert frame["loss"][0] == 2.0
    assert math.isnan(frame["loss"][1])


def test_its_html_is_the_report_and_escaped(read: Read, new_stage: NewStage) -> None:
    evil = new_stage().add("completed", 0.9, params={"optimizer": "adam"})
    evil.study._storage.set_study_system_attr(
        evil.study._study_id,
        "optisearch:manifest",
        evil.study._storage.get_study_system_attrs(evil.study._study_id)["optisearch:manifest"]
        | {"metric": "<script>alert(1)</script>"},
    )
    shown = read(evil.read())._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "<table" in shown


def test_its_figures_are_plotlys(read: Read, recorded: StageResults) -> None:
    import plotly.graph_objects as go

    told = [each for part in report(recorded).sections for each in part.figures]
    found = read(recorded)
    assert list(found.figures) == [each.title for each in told]
    figure = found.figure("Learning curves")
    assert isinstance(figure, go.Figure)
    assert "Learning curves" in figure.layout.title.text
    with pytest.raises(OptisearchError, match="Did you mean 'Learning curves'"):
        found.figure("Learning curve")


def test_read_from_a_database(sqlite: Address, open_parabola: Any, open_compare: Any) -> None:
    database = open_database(sqlite, create=True)
    open_parabola(database)
    open_compare(database=database)
    by_study, by_stage = (results(n, storage=sqlite.text) for n in ("parabola", "parabola/compare"))
    assert (by_study.name, by_stage.name) == ("parabola/search", "parabola/compare")
    with pytest.raises(NotStoredError, match="Did you mean parabola"):
        results("parabole", storage=sqlite.text)


def test_models_are_asked_for_by_the_stages_name(
    read: Read, stage: StageResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    found: Results = read(stage)
    monkeypatch.setattr("optisearch.api.models.export", lambda _, *words: asked.append(words))
    monkeypatch.setattr("optisearch.api.models.replay", lambda _, *words: asked.append(words))
    found.export("m.keras")
    found.export("m", trial=3, format="saved_model", force=True, file="x.py")
    found.replay(4)
    best, other, again = (" ".join(words) for words in asked)
    assert best == "toy/search --trial best --output m.keras"
    wanted = "toy/search --trial 3 --output m --format saved_model --force --file x.py"
    assert other == wanted
    assert again == "toy/search --trial 4"

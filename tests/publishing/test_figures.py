"""The figures beside the dashboard's plots: few, small, and each understood by itself."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from optuna_dashboard._custom_plot_data import is_valid_graph_object_id
from tests.report.comparisons.conftest import compared, planned

from optisearch.publishing import figures
from optisearch.reading import StageResults
from optisearch.report import report

__all__ = ["compared", "planned"]

NewStage = Any  # the class `Stage` of tests/report/conftest.py
SMALL = 15_000


def drawn(stage: StageResults, ended: int = 12) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in figures.draw_all(report(stage), ended).items()}


def titles(stage: StageResults) -> dict[str, str]:
    return {name: plot["layout"]["title"]["text"] for name, plot in drawn(stage).items()}


def test_of_a_search(recorded: StageResults) -> None:
    assert titles(recorded) == {
        "optisearch-learning": titles(recorded)["optisearch-learning"],
        "optisearch-losses-1": "<b>loss of trial 9, the best</b>",
        "optisearch-losses-2": "<b>accuracy of trial 9, the best</b>",
        "optisearch-time": titles(recorded)["optisearch-time"],
        "optisearch-bars-1": titles(recorded)["optisearch-bars-1"],
        "optisearch-bars-2": titles(recorded)["optisearch-bars-2"],
    }
    assert "Learning curves" in titles(recorded)["optisearch-learning"]
    assert "val_accuracy against training time" in titles(recorded)["optisearch-time"]
    # A factor's bars are observations, which has to be said where they are seen alone.
    assert "not controlled comparisons" in " ".join(
        titles(recorded)["optisearch-bars-1"].split("<br>")
    )


def test_of_a_comparison(compared: Any, planned: Callable[..., Any]) -> None:
    built = compared(planned(), planned(factor="learning_rate", levels=(0.001, 0.01)))
    built.train(lambda point, at: [0.5, 0.6, 0.7, 0.8 + at / 100])
    shown = titles(built.read())
    assert list(shown) == [
        "optisearch-bars-1",
        "optisearch-bars-2",
        "optisearch-learning-1",
        "optisearch-learning-2",
        "optisearch-time",
    ]
    assert shown["optisearch-bars-1"].startswith("<b>optimizer: val_accuracy")


def test_ids_are_the_dashboard_s(recorded: StageResults) -> None:
    for name in drawn(recorded):
        assert is_valid_graph_object_id(name)
        assert name.startswith(figures.PREFIX)


def test_each_fits_its_place_and_is_read_on_any_paper(recorded: StageResults) -> None:
    for plot in drawn(recorded).values():
        layout = plot["layout"]
        assert "height" not in layout
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "#fdfdfc"
        assert layout["font"]["color"] != layout["paper_bgcolor"]
        assert layout["meta"] == {"stage": "toy/search", "trials": 12}


def test_each_is_small_however_much_there_is_to_draw(new_stage: NewStage) -> None:
    rows = [
        {"epoch": e, "val_accuracy": e / 1000, "loss": 1 / (e + 1), "val_loss": 1 / (e + 1)}
        for e in range(1000)
    ]
    built = new_stage()
    for number in range(300):
        built.add(
            "completed",
            0.5 + (number * 37) % 300 / 1000,
            params=new_stage.point(["sgd", "adam"][number % 2], 0.001 + number / 1000),
            seconds=1.0 + (number * 7) % 300,
            system={"optisearch:history": rows} if (number * 37) % 300 > 290 else {},
        )
    found = figures.draw_all(report(built.read()), 300)
    assert {name: len(text) for name, text in found.items() if len(text) > SMALL} == {}
    line = json.loads(found["optisearch-losses-1"])["data"][-1]
    assert len(line["x"]) == 60
    assert (line["x"][0], line["x"][-1]) == (1, 1000)


def test_words_are_no_markup(recorded: StageResults) -> None:
    info = replace(recorded.info, metric="<b>x</b>&")
    shown = replace(recorded, info=info)
    assert "&lt;b&gt;x&lt;/b&gt;&amp; against training time" in str(titles(shown))


def test_there_are_none_without_results(new_stage: NewStage) -> None:
    assert drawn(new_stage().read()) == {}

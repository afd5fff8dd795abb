"""What a run says first."""

from collections.abc import Callable
from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest

from optisearch.address import parse
from optisearch.events import Ready
from optisearch.pool.heading import Launch, heading
from optisearch.stage import Stage


def test_everything_that_was_decided(
    open_parabola: Callable[..., Stage], ready: Callable[..., Ready], launch: Launch
) -> None:
    stage = open_parabola(trials=20, patience=5, seed=3)
    assert heading(ready(stage), launch).plain == dedent("""\
        parabola/search · Parabola: a study without Keras that trains in a millisecond.
        metric     height, maximized
        space      x: -10 … 10
                   shape: flat | steep
                   slope: 1 … 100, log (when shape is steep)
                   epochs: 1 … 4
        budget     20 trials · at most 1 m 30 s · ends after 5 without improvement · 2 workers of 1 thread
        search     random, pruned by none, seed 3
        results    postgresql://ann:***@db/results
        dashboard  optisearch dashboard
    """)


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("sqlite:///storage/optisearch.db", "optisearch dashboard"),
        ("sqlite:///my results.db", "optisearch dashboard --storage 'sqlite:///my results.db'"),
        (
            "postgresql://ann@db/results?sslmode=verify-full",
            "optisearch dashboard --storage 'postgresql://ann@db/results?sslmode=verify-full'",
        ),
        ("postgresql://ann:s3cret@db/results", "optisearch dashboard"),
        ("postgresql://ann@db/results?password=s3cret", "optisearch dashboard"),
    ],
)
def test_the_dashboard_s_command_can_be_pasted(
    open_parabola: Callable[..., Stage],
    ready: Callable[..., Ready],
    launch: Launch,
    url: str,
    command: str,
) -> None:
    text = heading(ready(open_parabola()), replace(launch, address=parse(url))).plain
    assert text.endswith(f"\ndashboard  {command}\n")
    assert "s3cret" not in text


def test_why_so_many_workers(
    open_parabola: Callable[..., Stage], ready: Callable[..., Ready], launch: Launch
) -> None:
    chosen = replace(launch, layout=replace(launch.layout, why="memory for no more"))
    text = heading(ready(open_parabola()), chosen).plain
    assert " · 2 workers of 1 thread (memory for no more)\n" in text


def test_other_libraries_than_it_was_begun_with(
    open_parabola: Callable[..., Stage], ready: Callable[..., Ready], launch: Launch
) -> None:
    found = replace(ready(open_parabola()), versions="keras 9.9.1, numpy 9.0.0")
    text = heading(found, launch).plain
    assert "versions   keras 9.9.1, numpy 9.0.0 here, others where it was begun\n" in text


def test_the_data_with_its_note(
    open_parabola: Callable[..., Stage], ready: Callable[..., Ready], launch: Launch
) -> None:
    data: dict[str, Any] = {
        "name": "mnist-digits",
        "sizes": {"train": 50_000, "validation": 10_000, "test": None},
        "note": "digits,\x1b[31m enlarged",
    }
    found = ready(open_parabola())
    text = heading(replace(found, manifest={**found.manifest, "data": data}), launch).plain
    assert "data       mnist-digits: 50,000 train, 10,000 validation\n" in text
    assert "           digits, enlarged\n" in text


def test_what_a_search_begins_with(
    open_parabola: Callable[..., Stage], ready: Callable[..., Ready], launch: Launch
) -> None:
    said = ["the baseline, 1 of old/search (trial 7)", "no factor here: y"]
    text = heading(replace(ready(open_parabola()), begins=said), launch).plain
    assert "begins     the baseline, 1 of old/search (trial 7)\n" in text
    assert "\n           no factor here: y\nsearch     " in text


def test_where_else_trials_are_runs(
    open_parabola: Callable[..., Stage], ready: Callable[..., Ready], launch: Launch
) -> None:
    logged = replace(launch, log=("tensorboard", "mlflow"), address=parse("sqlite:///r.db"))
    text = heading(ready(open_parabola()), logged).plain
    assert text.endswith(
        "log        tensorboard: tensorboard --logdir r.tensorboard\n"
        "           mlflow: mlflow ui --backend-store-uri sqlite:///r.mlflow.db\n"
    )

"""`--log`: trials as runs in tools that are really there, or really away."""

import json

import psutil
import pytest
from tests.tracking import reading

from optisearch import record

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db", "--pruner", "none")
# The fourth epoch waits for the test.
HELD = """while epoch == 3 and __import__("pathlib").Path("hold").exists():
            time.sleep(0.01)"""
EPOCHS = 8


def test_a_killed_worker_leaves_no_half_runs(home):
    text = (home.folder / home.study("slow")).read_text()
    file = home.write("slow.py", text.replace("time.sleep(0.05)", HELD))
    home.write("hold", "")
    words = ("--workers", "2", "--log", "tensorboard", "--log", "mlflow")
    run = home.start("run", file, *STORAGE, "--trials", "3", *words)
    number, worker = run.until(lambda: known_and_in_training(home), "a trial's epochs are told")
    psutil.Process(worker).kill()
    (home.folder / "hold").unlink()
    result = run.wait()
    assert result.code == 0
    assert "log        tensorboard: tensorboard --logdir r.tensorboard\n" in result.out
    assert "           mlflow: mlflow ui --backend-store-uri sqlite:///r.mlflow.db\n" in result.out
    trials = home.stored().load("slow/search").trials
    lost = [each.number for each in trials if each.user_attrs[record.END_REASON] == "lost"]
    assert lost == [number]
    told = {
        "tensorboard": reading.tensorboard(str(home.folder / "r.tensorboard")),
        "mlflow": reading.mlflow(f"sqlite:///{home.folder}/r.mlflow.db"),
    }
    for runs in told.values():
        assert runs.keys() == {
            f"slow/search/{each.number}" for each in trials if each.number != number
        }
        assert [run.facts.get("replaces") for run in runs.values()].count(f"trial {number}") == 1
        for run in runs.values():
            assert run.metrics["loss"].keys() == set(range(EPOCHS))
            assert run.reason == "completed"


def known_and_in_training(home) -> tuple[int, int] | None:
    """A trial that trains, and of which MLflow has epochs: its number and its worker's process."""
    words = (
        "SELECT number, value_json FROM trials JOIN trial_user_attributes USING (trial_id) "
        "WHERE state = 'RUNNING' AND key = 'worker'"
    )
    told = "SELECT name FROM runs JOIN metrics USING (run_uuid)"
    known = {name for (name,) in home.stored("r.mlflow.db").rows(told)}
    for number, worker in home.stored().rows(words):
        if f"trial {number}" in known:
            return number, int(json.loads(worker).rpartition(":")[2])
    return None


def test_a_server_that_is_away_costs_nothing_but_a_line(home, closed_port, no_secrets):
    server = f"http://ann:alpha7@127.0.0.1:{closed_port}"
    environment = {"MLFLOW_TRACKING_URI": server, "MLFLOW_TRACKING_TOKEN": "bravo7"}
    words = ("--workers", "1", "--log", "mlflow")
    result = home.run("run", home.study("slow"), *STORAGE, "--trials", "4", *words, env=environment)
    assert result.code == 0
    assert home.stored().trained == 4
    assert f"log        mlflow: http://***@127.0.0.1:{closed_port}\n" in result.out
    assert result.out.count("mlflow can't be told") == 1
    assert "mlflow doesn't have the whole of 4 trials" in result.out
    no_secrets(result)
    assert result.seconds < 60


def test_a_tool_that_is_not_installed_is_said_before_any_work(home, refused):
    home.write("sitecustomize.py", "import sys\nsys.modules['wandb'] = None\n")
    words = (home.study("slow"), *STORAGE, "--log", "wandb")
    result = home.run("run", *words, env={"PYTHONPATH": str(home.folder)})
    refused(result, "--log wandb", "isn't installed", "pip install optisearch[wandb]")
    assert not (home.folder / "r.db").exists()

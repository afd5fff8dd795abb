"""What the guides say to those who come from other tools is run: their code before, and after."""

import contextlib
import importlib
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FixedTrial, FrozenTrial, TrialState

from optisearch import data
from optisearch.address import parse
from optisearch.events import silence
from optisearch.joining import open_stage
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.settings import Wishes
from optisearch.storage import Database
from optisearch.training import make_trainer
from optisearch.warm_start import Carried, carried_over, first_points_for
from optisearch.worker import ExitCode, Stop, work

DOCS = Path(__file__).parents[1] / "docs"


def written(page: str, folder: Path) -> Path:
    """The files of a page's code, by the names in their first lines."""
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    for name, code in blocks:
        (folder / name).write_text(code)
    return folder


@contextlib.contextmanager
def at(folder: Path) -> Iterator[None]:
    """In a folder, whose files are modules."""
    names = {path.stem for path in folder.glob("*.py")}
    path = list(sys.path)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    with contextlib.chdir(folder):
        yield
    sys.path[:] = path
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def optuna_s(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = written("from-optuna.md", tmp_path_factory.mktemp("optuna"))
    with at(folder):
        runpy.run_path("objective.py", run_name="__main__")
    return folder


@pytest.fixture
def from_optuna(optuna_s: Path) -> Iterator[None]:
    with at(optuna_s):
        yield


@pytest.fixture
def from_keras_tuner(tmp_path: Path) -> Iterator[None]:
    with at(written("from-keras-tuner.md", tmp_path)):
        yield


def searched(name: str, trials: int, carried: Carried | None = None) -> list[FrozenTrial]:
    """The trials of a search of a file's study, which may begin with what was carried over."""
    study = load_study(Path(f"{name}.py"))
    split = data.load(study.data, None) if study.data is not None else None
    stage = open_stage(
        Database.in_memory(),
        describe(study, split),
        Wishes(trials=trials),
        planned=first_points_for(study, f"{name}.py", carried or Carried(), redefine=True),
        max_epochs=20,
    )
    trainer = make_trainer(study, split.for_training() if split is not None else None)
    trainer.check()
    assert work(stage, study, trainer, stop=Stop(), listener=silence) == ExitCode.DONE
    return stage.trials()


@pytest.mark.parametrize("name", ["declared", "unchanged"])
@pytest.mark.usefixtures("from_optuna")
def test_an_optuna_objective_gives_the_same_values(name: str) -> None:
    objective = importlib.import_module("objective").objective
    trials = searched(name, 30)
    assert len({trial.params["method"] for trial in trials}) == 2
    assert {trial.state for trial in trials} == {TrialState.COMPLETE, TrialState.PRUNED}
    for trial in trials:
        if trial.state is TrialState.COMPLETE:
            assert trial.value == objective(FixedTrial(trial.params))


@pytest.mark.usefixtures("from_optuna")
def test_a_search_begins_with_what_optuna_found() -> None:
    url = "sqlite:///before.db"
    best = optuna.load_study(study_name="before", storage=url).best_params
    study = load_study(Path("declared.py"))
    carried = carried_over(parse(url), "before", study, stage="declared/search")
    assert searched("declared", 2, carried)[1].params == best


@pytest.mark.keras
@pytest.mark.parametrize("name", ["declared", "unchanged"])
@pytest.mark.usefixtures("from_keras_tuner")
def test_a_hypermodel_gives_the_same_models(name: str) -> None:
    trials = searched(name, 3)
    assert len({trial.params["learning_rate"] for trial in trials}) == 3
    for trial in trials:
        theirs = built(trial.params)
        assert trial.user_attrs["parameters"] == theirs.count_params()
        assert trial.user_attrs["val_accuracy"] > 0
        assert trial.params.keys() >= {"layers", "units_0", "activation", "batch_size"}


@pytest.mark.keras
@pytest.mark.usefixtures("from_keras_tuner")
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"layers": 2, "units_0": 48, "units_1": 64, "activation": "tanh", "learning_rate": 0.01},
        {"layers": 1, "units_0": 32, "regularization": "dropout", "rate": 0.25},
    ],
)
def test_a_hypermodel_asks_for_the_same(params: dict[str, Any]) -> None:
    before, after = map(importlib.import_module, ("hypermodel", "unchanged"))
    theirs = built(params)
    asked = after.Hyperparameters(FixedTrial(DEFAULTS | params) if params else None)
    ours = before.Digits().build(asked)
    assert described(ours) == described(theirs)


DEFAULTS = {
    "layers": 1,
    "units_0": 16,
    "activation": "relu",
    "regularization": "none",
    "learning_rate": 1e-3,
}


def built(params: dict[str, Any]) -> Any:
    """The model that KerasTuner builds."""
    import keras_tuner

    given = keras_tuner.HyperParameters()
    given.values = dict(params)
    return importlib.import_module("hypermodel").Digits().build(given)


def described(model: Any) -> list[Any]:
    layers = [
        {key: layer.get_config().get(key) for key in ("units", "activation", "rate")}
        for layer in model.layers
    ]
    return [*layers, float(model.optimizer.learning_rate)]

"""The best model of a search becomes a file that a fresh Python reads with Keras alone."""

import subprocess
import sys

import numpy as np
import pytest

pytestmark = [pytest.mark.keras, pytest.mark.processes]

STORAGE = ("--storage", "sqlite:///r.db")

READ = """
import sys
import keras, numpy

data = numpy.load("validation.npz")
model = keras.saving.load_model(sys.argv[1])
found = model.evaluate(data["x"], data["y"], batch_size=1024, return_dict=True, verbose=0)
assert not any(name.partition(".")[0] in ("optisearch", "optuna") for name in sys.modules)
print(repr(found["accuracy"]))
"""


@pytest.fixture
def searched(home):
    """After a search of four trials by two workers."""
    file = home.study("tiny_digits")
    words = ("run", file, *STORAGE, "--trials", "4", "--workers", "2", "--pruner", "none")
    assert home.run(*words).code == 0
    return home.stored().load("tiny/search")


def accuracy(home, name: str) -> float:
    """As a Python finds it that can't even import what isn't installed beside Keras."""
    from optisearch.data import digits

    x, y = digits().validation
    np.savez(home.folder / "validation.npz", x=x, y=y)
    program = [sys.executable, "-c", READ, name]
    done = subprocess.run(
        program, cwd=home.folder, env=home.environment(), capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


def names(home) -> set[str]:
    return {path.name for path in home.folder.iterdir()}


def test_kept_and_trained_again(home, searched, refused):
    best = searched.best_trial
    (kept,) = [t for t in searched.trials if (model_file(home, t)) is not None]
    assert kept.number == best.number
    before = home.stored().dump()

    result = home.run("export", "tiny", "--output", "best.keras", *STORAGE)
    assert result.code == 0
    assert not result.err
    assert f"val_accuracy {best.value!r}, to the last digit what was recorded." in result.out
    assert accuracy(home, "best.keras") == best.value
    card = (home.folder / "best.md").read_text()
    assert f"# tiny: the model of trial {best.number}\n" in card
    assert "from the weights that were kept" in card
    assert f"| val_accuracy | {best.value!r} |" in card
    assert f"| learning_rate | {best.params['learning_rate']!r} |" in card
    assert f"| seed | {best.user_attrs['seed']} |" in card

    other = next(t for t in searched.trials if t.number != best.number)
    words = ("export", "tiny/search", "--trial", str(other.number), *STORAGE)
    assert home.run(*words, "-o", "other.keras").code == 0
    assert accuracy(home, "other.keras") == other.value
    assert "trained again from its recorded seed" in (home.folder / "other.md").read_text()
    assert home.stored().dump() == before

    left = names(home)
    refused(home.run(*words, "-o", "best.keras"), "best.keras: it is there already", "--force")
    assert accuracy(home, "best.keras") == best.value
    assert home.run(*words, "-o", "best.keras", "--force").code == 0
    assert accuracy(home, "best.keras") == other.value
    assert names(home) == left


def model_file(home, trial):
    """The trial's model in the store, if it is there."""
    name = trial.system_attrs.get("optisearch:model", {}).get("id", "none")
    path = home.folder / "r.artifacts" / name
    return path if path.exists() else None


def test_a_difference_writes_nothing(home, searched, refused):
    file = home.folder / "tiny_digits.py"
    file.write_text(
        file.read_text().replace("layers.Flatten(),", "layers.Flatten(), layers.Dropout(0.9),")
    )
    left = names(home)
    other = next(t for t in searched.trials if model_file(home, t) is None)
    result = home.run("export", "tiny", "--trial", str(other.number), "-o", "m.keras", *STORAGE)
    refused(result, f"instead of {other.value!r}", "nothing was written", "code of build")
    assert names(home) == left


def test_a_full_disk_leaves_nothing(home, namespace, searched, refused):
    namespace.do("mount", "-t", "tmpfs", "-o", "size=8k", "small", str(namespace.disk))
    path = str(namespace.disk / "m.keras")
    result = home.run("export", "tiny", "--output", path, *STORAGE)
    refused(result, "the model can't be written", "nothing was")
    assert list(namespace.seen(namespace.disk).iterdir()) == []


def test_a_study_without_a_model(home, refused):
    file = home.study("parabola")
    assert home.run("run", file, *STORAGE, "--trials", "2", "--workers", "1").code == 0
    result = home.run("export", "parabola", "-o", "m.keras", *STORAGE)
    refused(result, "the study's own loop trains no model", "run.fit")
    refused(home.run("export", "parabola", "-o", "m.pdf", *STORAGE), "Use m.keras")
    refused(home.run("export", "parabola", "-o", "no/m.keras", *STORAGE), "there is no folder no")
    assert not list(home.folder.glob("m.*"))

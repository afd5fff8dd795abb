"""Bad input, third part: `build` functions that can't be trained. One batch tells, before a stage is
created."""

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.keras]

STORAGE = ("--storage", "sqlite:///r.db")
COMPILE = """    model.compile(
        optimizer=keras.optimizers.Adam(hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
"""
CASES = {
    "raises": (
        ("    model = keras", "    layers.Dens(3)\n    model = keras"),
        ("`build` raises at the baseline", "Correct it", "AttributeError", "layers.Dens(3)"),
    ),
    "no model": (("return model", "return [model]"), ("returns a list, no Keras model", "Return")),
    "not compiled": (
        (COMPILE, "    return model\n"),
        ("the model that `build` returns isn't compiled", "model.compile("),
    ),
    "input shape": (
        ("layers.Input((8, 8))", "layers.Input((28, 28))"),
        ("the model doesn't fit the data", "(8, 8) float32", "(None, 28, 28)"),
    ),
    "output shape": (
        ('layers.Dense(10, "softmax")', 'layers.Dense(7, "softmax")'),
        (
            "doesn't fit the data",
            "label value of 9 which is outside",
            "(8, 8) float32",
            "(None, 7)",
        ),
    ),
    "metric": (
        ('maximize="val_accuracy"', 'maximize="val_acuracy"'),
        ("there is no metric 'val_acuracy'", "accuracy, loss, val_accuracy, val_loss", "Name"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_is_refused_before_anything_is_stored(home, refused, case):
    (old, new), said = CASES[case]
    text = (home.folder / home.study("tiny_digits")).read_text()
    assert old in text
    file = home.write("tiny_digits.py", text.replace(old, new))
    before = home.files()
    result = home.run("run", file, *STORAGE, "--workers", "1")
    refused(result, *said, frames=case == "raises")
    assert home.files() == before


def test_by_a_worker_of_its_own(home, refused):
    (old, new), said = CASES["metric"]
    text = (home.folder / home.study("tiny_digits")).read_text()
    file = home.write("tiny_digits.py", text.replace(old, new))
    before = home.files()
    refused(home.run("work", file, *STORAGE), *said)
    assert home.files() == before

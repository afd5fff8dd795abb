"""The model card."""

from dataclasses import replace
from pathlib import Path

import pytest

from optisearch.exporting.card import Exported, card
from optisearch.exporting.checking import Verified
from optisearch.exporting.target import Target
from optisearch.objectives import Objective
from optisearch.plan import Confirmation, Contestant
from optisearch.reading import StageResults, TrialResult
from optisearch.replaying import Recorded
from optisearch.training import Needs

VERIFIED = Verified({"val_accuracy": 0.75}, "val_accuracy", 2)


def exported(recorded: Recorded, name: str = "m.keras", **changes: object) -> Exported:
    target = Target.of(Path(name), None, force=False)
    made = Exported(recorded, VERIFIED, target, was_trained=False, versions={"keras": "3.15.1"})
    return replace(made, **changes)  # type: ignore[arg-type]


def test_what_it_says(recorded: Recorded) -> None:
    text = card(exported(recorded))
    for line in (
        "# toy: the model of trial 1",
        "`m.keras` is the model of trial 1 of toy/search, from the weights that were kept at its end.",
        "| val_accuracy | 0.75 |  | validation part | this model |",
        "| loss | 0.7 |  | training part, during its last epoch | this model |",
        "| rate | 0.30000000000000004 | 0.001 … 1, log | 0.5 |",
        "| kind | a\\|b | a\\|b \\| b | b |",
        "Fixed: units 8.",
        "digits: 1,000 train, 100 validation. Fingerprint `sha256:abc`.",
        "| seed | 7 |",
        "| epochs | 2 |",
        "| parameters | 1,234 |",
        "| versions | keras 3.15.1 |",
        "| machine | Abacus; 2 threads |",
        'model = keras.saving.load_model("m.keras")',
        "It was chosen as the best of 2 trials by its val_accuracy",
        "`optisearch confirm` measures that of",
    ):
        assert line in text


def test_trained_again(recorded: Recorded) -> None:
    assert "trained again from its recorded seed" in card(exported(recorded, was_trained=True))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("m.weights.h5", 'model.load_weights("m.weights.h5")'),
        ("m.onnx", 'onnxruntime.InferenceSession("m.onnx")'),
        ("served", 'tf.saved_model.load("served")'),
    ],
)
def test_how_each_format_is_read(recorded: Recorded, name: str, line: str) -> None:
    assert line in card(exported(recorded, name))


def test_code_of_the_studys(recorded: Recorded) -> None:
    text = card(exported(recorded, needs=Needs(("Attention", "scale"), ("focal",))))
    assert 'load_model("m.keras", custom_objects={…})' in text
    assert "`Attention` and `scale`" in text
    assert "compiled without what is the study's own: `focal`" in text


def test_other_seeds_and_the_test_part(recorded: Recorded) -> None:
    info = recorded.stage.info
    cells = tuple(
        TrialResult(n, "completed", value, recorded.trial.params, seed=n)
        for n, value in enumerate((0.70, 0.72, 0.74))
    )
    compare = StageResults(replace(info, name="toy/compare", stage="compare"), cells)
    plan = Confirmation((Contestant("winner", recorded.point),), seeds=2)
    confirmed = tuple(
        TrialResult(n, "completed", value, seed=cell.seed, cell=cell.key)
        for n, (cell, value) in enumerate(
            zip(plan.cells(plan.contestants[0]), (0.6, 0.7), strict=True)
        )
    )
    confirm = StageResults(replace(info, name="toy/confirm", stage="confirm"), confirmed, plan)
    stages = {"search": recorded.stage, "compare": compare, "confirm": confirm}
    text = card(exported(replace(recorded, stages=stages)))
    # Each with Student's interval; the trial itself was chosen, and isn't among the seeds.
    assert (
        "| val_accuracy | 0.7200 | 0.6703 … 0.7697 | validation part | the mean of 3 seeds" in text
    )
    assert "| accuracy | 0.6500 | 0.0147 … 1.2853 | test part | the mean of 2 seeds |" in text
    assert "nothing was chosen by it" in text
    assert "`optisearch confirm` measures that of" not in text


def test_one_of_several_objectives(recorded: Recorded) -> None:
    info = replace(recorded.stage.info, others=(Objective("parameters"),))
    trials = tuple(replace(each, others=(9.0,)) for each in recorded.stage.trials)
    stage = replace(recorded.stage, info=info, trials=trials)
    several = replace(
        recorded, stage=stage, trial=trials[recorded.stage.trials.index(recorded.trial)]
    )
    said = "completed trials are on the Pareto front of val_accuracy and parameters. This is one"
    assert said.replace("trials are", "trials is") in card(exported(several))
    assert "Pareto front" not in card(exported(recorded))

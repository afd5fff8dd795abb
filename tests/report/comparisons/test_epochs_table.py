"""Means after some epochs: the first, a quarter, half and all of them."""

from typing import Any

from optisearch.plan import Planned
from optisearch.report.comparisons.epochs_table import epochs_table
from optisearch.report.comparisons.finding import findings

OPTIMIZER = Planned(
    name="optimizer", factor="optimizer", levels=("sgd", "adam"), measure="val_accuracy"
)


def test_each_level_is_followed_over_the_epochs(compared: Any) -> None:
    slope = {"sgd": 0.1, "adam": 0.2}
    stage = compared(OPTIMIZER, seeds=2).train(
        lambda point, at: [slope[point["optimizer"]] * e + 0.01 * at for e in (1, 2, 3, 4)]
    )
    (finding,) = findings(stage.read())
    table = epochs_table(finding)
    assert table is not None
    assert [column.name for column in table.columns][:3] == ["optimizer", "epoch", "val_accuracy"]
    found = {(row[0].value, row[1]): round(row[2], 9) for row in table.rows}
    # 0.005: half of what the second of two seeds adds.
    assert found == {
        (level, epoch): round(step * epoch + 0.005, 9)
        for level, step in slope.items()
        for epoch in (1, 2, 4)
    }
    assert table.trials[0] == finding.rows[0].numbers


def test_other_measures_and_single_epochs_have_none(compared: Any) -> None:
    timed = Planned(name="time", factor="optimizer", levels=("sgd", "adam"), measure="seconds")
    for planned, course in ((timed, [0.1, 0.2, 0.3, 0.4]), (OPTIMIZER, [0.1])):
        stage = compared(planned, seeds=1).train(lambda _point, _at, course=course: course)
        (finding,) = findings(stage.read())
        assert epochs_table(finding) is None

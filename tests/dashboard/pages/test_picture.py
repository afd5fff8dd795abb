"""The picture of how a search went."""

import re
from collections.abc import Callable

import optuna
import pytest

from optisearch.dashboard.pages.picture import HEIGHT, WIDTH, Picture, picture
from optisearch.reading import read_stage
from optisearch.report import report


@pytest.fixture
def drawn(plain: Callable[..., optuna.Study]) -> Callable[..., Picture | None]:
    def draw(*values: float, direction: str = "maximize") -> Picture | None:
        return picture(report(read_stage(plain("mine", *values, direction=direction))))

    return draw


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M(\S+) (\S+)h0", path)]


def test_the_line_rises_with_the_best_and_ends_with_the_last(
    drawn: Callable[..., Picture | None],
) -> None:
    found = drawn(0.1, 0.5, 0.3, 0.9, 0.2)
    assert found is not None
    assert found.line == "M5 103H82.5V54H237.5V5H315V5"
    assert "5 trained trials" in found.summary
    dots = dict(found.dots)
    assert places(dots["best"]) == [(237.5, 5.0)]
    assert len(places(dots["plain"])) == 4


def test_pruned_trials_lie_behind(plain: Callable[..., optuna.Study]) -> None:
    study = plain("mine", 0.1, 0.5, 0.9, direction="maximize")
    for value in (-50.0, 0.5):
        trial = study.ask()
        trial.report(value, 0)
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    found = picture(report(read_stage(study)))
    assert found is not None
    assert [role for role, _ in found.dots] == ["pruned", "plain", "best"]
    # That far off shall not flatten the others.
    assert places(dict(found.dots)["pruned"]) == [(315.0, 54.0)]


def test_smaller_is_lower(drawn: Callable[..., Picture | None]) -> None:
    found = drawn(3.0, 2.0, 1.0, direction="minimize")
    assert found is not None
    assert found.line == "M5 5H160V54H315V103"


def test_all_of_it_is_inside(drawn: Callable[..., Picture | None]) -> None:
    found = drawn(-1e9, *(number / 1000 for number in range(600)))
    assert found is not None
    points = [place for _, path in found.dots for place in places(path)]
    assert 100 < len(points) < 300
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_too_little_is_not_drawn(drawn: Callable[..., Picture | None]) -> None:
    assert drawn(0.5) is None


def test_equal_values_are_a_line(drawn: Callable[..., Picture | None]) -> None:
    found = drawn(0.5, 0.5, 0.5)
    assert found is not None
    assert found.line == "M5 54H315V54"

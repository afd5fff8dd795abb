"""Many searches: their times, how methods are compared, chosen and told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.curves.choice import by_repeats, by_study
from benchmarks.curves.experiment import Searches
from benchmarks.curves.replay import Outcome, Setting
from benchmarks.curves.report import told
from benchmarks.curves.table import Table

from benchmarks import curves
from benchmarks.curves import methods
from optisearch.statistics import Estimate

MakeTable = Callable[..., Table]
INFINITY = float("inf")


@pytest.fixture
def make_searches(make_table: MakeTable, tmp_path: Path) -> Callable[..., Searches]:
    """Searches whose times are given, as shares of their budget."""

    def make(study: str = "made", **shares: list[float]) -> Searches:
        path = tmp_path / f"{study}.npz"
        make_table(study=study).save(path)
        setting = Setting()
        budget = setting.budget(make_table())
        return Searches(
            path,
            setting,
            {
                name: [Outcome(reached=budget * each) for each in row]
                for name, row in shares.items()
            },
        )

    return make


def test_a_search_that_missed_counts_with_its_budget(
    make_searches: Callable[..., Searches],
) -> None:
    searches = make_searches(random=[0.5, INFINITY], tpe=[0.25, 0.5])
    assert searches.mean("random").mean == pytest.approx(0.75 * searches.budget)
    assert searches.reached("random") == 0.5
    assert searches.reached("tpe") == 1.0
    difference = searches.against("tpe", "random").estimate
    assert difference.mean == pytest.approx(-0.375 * searches.budget)


def test_what_chooses_and_what_confirms_are_apart(make_searches: Callable[..., Searches]) -> None:
    lucky = [0.1, 0.9, 0.1, 0.9]
    searches = make_searches(lucky=lucky, steady=[0.4, 0.4, 0.41, 0.41])
    choice = by_repeats([searches], ["lucky", "steady"])
    assert choice.method == "lucky"
    assert choice.against["steady"].estimate.mean == pytest.approx(0.9 - 0.405)


def test_one_study_chooses_for_another(make_searches: Callable[..., Searches]) -> None:
    here = make_searches("here", a=[0.1, 0.2], b=[0.5, 0.6])
    there = make_searches("there", a=[0.8, 0.7], b=[0.3, 0.3])
    choice = by_study([here, there], ["a", "b"], confirmed_on="there")
    assert choice.method == "a"
    assert choice.against["b"].estimate.mean == pytest.approx(0.45)


def test_the_report_has_a_table_for_each_setting(make_table: MakeTable, tmp_path: Path) -> None:
    make_table().save(tmp_path / "made.npz")
    compared = (methods.RANDOM, methods.ASHA, methods.DEFAULT)
    page = curves.compare(2, compared, workers=(1, 2), folder=tmp_path, processes=1)
    for heading in ("1 worker, epochs searched", "2 workers, all trials of full length"):
        assert f"### made, {heading}" in page
    assert "**The known ordering**" in page
    assert "* by the even repeats, confirmed by the odd ones: **" in page
    assert page.count("\n| random + asha |") == 1 + 4  # the mean of all, and each setting
    assert page.count(f"\n| {methods.DEFAULT.name} |") == 1 + 2  # not among what was published


def test_a_method_whose_package_is_missing_is_left_out(
    make_table: MakeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_table().save(tmp_path / "made.npz")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    gp = methods.Method.of("gp")
    compared = (methods.RANDOM, methods.ASHA, gp)
    page = curves.compare(2, compared, workers=(1,), folder=tmp_path, processes=1)
    assert "| gp |" not in page


@pytest.mark.parametrize(
    ("estimate", "how", "words"),
    [
        (Estimate(3, 1.25, 0.1, 1.0, 1.5), {}, "1.2 (1.0 to 1.5)"),
        (
            Estimate(3, -0.25, 0.1, -0.5, 0.01),
            {"signed": True, "percent": True},
            "-25.0 (-50.0 to +1.0)",
        ),
        (Estimate(1, 7.0), {}, "7.0"),
        (Estimate(0), {}, ""),
    ],
)
def test_estimates_in_words(estimate: Estimate, how: dict[str, bool], words: str) -> None:
    assert told(estimate, **how) == words

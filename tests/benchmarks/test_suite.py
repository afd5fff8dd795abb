"""The benchmarks' command, their tables, and the arithmetic of medians and spreads."""

import math
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.markdown import Goal, goals, marked, replaced, table
from benchmarks.measuring import Spread, collected, digits, interleaved, ratios
from benchmarks.processes import apart, seconds

from benchmarks import ROOT, machine, trials, workers, workloads
from benchmarks import __main__ as command


def test_a_spread_is_the_median_with_the_least_and_the_greatest() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert Spread.of([1.0, 2.0, 3.0, 10.0]).median == 2.5
    assert str(Spread.of([0.5, 12.0, 1234.5])) == "12.0 (0.500 – 1,234)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.12345, "0.123"), (1.2345, "1.23"), (12.345, "12.3"), (1234.5, "1,234"), (math.inf, "∞")],
)
def test_figures_have_three_digits_that_mean_something(value: float, shown: str) -> None:
    assert digits(value) == shown


def test_a_ratio_is_taken_within_a_round() -> None:
    assert ratios([2.0, 4.0, 60.0], [1.0, 2.0, 30.0]) == [2.0, 2.0, 2.0]
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0, 2.0], [1.0])


def test_each_round_runs_all_contenders_another_one_first() -> None:
    ran: list[str] = []

    def contender(name: str) -> float:
        ran.append(name)
        return len(ran)

    contenders = {name: lambda name=name: contender(name) for name in "abc"}
    times = collected(interleaved(contenders, 3))
    assert ran == list("abcbcacab")
    assert times == {"a": [1, 6, 8], "b": [2, 4, 9], "c": [3, 5, 7]}


def test_a_table_has_its_figures_on_the_right() -> None:
    assert table(["", "seconds"], [["ours", 1]]) == "|  | seconds |\n| --- | ---: |\n| ours | 1 |"


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("faster", 7, [6.0, 8.0, 9.0]), True),
        (Goal("faster", 7, [6.0, 6.9, 90.0]), False),
        (Goal("share", 1 / 3, [0.2, 0.3, math.inf], most=True), True),
        (Goal("share", 1 / 3, [0.2, math.inf, math.inf], most=True), False),
    ],
)
def test_a_goal_is_met_by_the_median(goal: Goal, met: bool) -> None:
    assert goal.is_met is met
    assert ("not met" not in goals([goal])) is met


def test_a_section_replaces_its_older_self_and_nothing_else() -> None:
    page = f"# Page\n\nprose\n\n{marked('one', 'old')}\n\nmore prose\n\n{marked('two', 'kept')}\n"
    new = replaced(page, "one", "new")
    assert new == page.replace("old", "new")
    assert replaced(new, "one", "new") == new


def test_a_section_that_is_not_there_yet_comes_last() -> None:
    assert replaced("# Page\n", "one", "body") == f"# Page\n\n{marked('one', 'body')}\n"
    assert replaced("", "one", "body") == f"{marked('one', 'body')}\n"


def test_a_section_without_an_end_is_left_alone() -> None:
    with pytest.raises(ValueError, match="'one'"):
        replaced("<!-- benchmark: one -->\nhalf of it", "one", "body")


def test_a_section_says_what_is_compared_and_how_to_repeat_it() -> None:
    module = ModuleType("benchmarks.given", "A title\n\nWhat is compared.")
    module.run = lambda quick: f"tables, quick={quick}"
    section = command.section("given", module, "0.0", quick=True)
    assert section.startswith(
        "## A title\n\nWhat is compared.\n\n`python -m benchmarks given --quick`"
    )
    assert section.endswith("tables, quick=True")
    assert machine.versions() in section


def test_the_page_names_the_machine_and_the_versions() -> None:
    assert "cores of" in machine.machine()
    assert "Optuna 5" in machine.versions()
    assert str(ROOT) not in machine.machine() + machine.versions()


def test_all_benchmarks_are_there_and_load_no_framework() -> None:
    code = (
        "import sys; from importlib import import_module; from benchmarks.__main__ import NAMES\n"
        "for name in NAMES:\n"
        "    module = import_module(f'benchmarks.{name}')\n"
        "    assert module.__doc__ and callable(module.run), name\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_missing_benchmark_shows_before_any_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "NAMES", ("trials", "gone"))
    monkeypatch.setattr(trials, "run", lambda quick: pytest.fail("it ran"))
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    with pytest.raises(ModuleNotFoundError, match="gone"):
        command.main()


@pytest.mark.parametrize("page", sorted({command.PAGE, *command.PAGES.values()}))
def test_its_page_has_a_place_for_each_benchmark(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    names = [name for name in command.NAMES if command.PAGES.get(name, command.PAGE) == page]
    marks = [f"<!-- {mark}: {name} -->" for name in names for mark in ("benchmark", "end")]
    assert re.findall("<!-- (?:benchmark|end): .* -->", text) == marks


def test_a_section_goes_into_a_page_or_into_its_own_in_a_folder(tmp_path: Path) -> None:
    command.write("new", "trials", tmp_path / "any.md")
    command.write("new", "curves", tmp_path)
    command.write("new", "trials", tmp_path)
    assert {page.name for page in tmp_path.iterdir()} == {"any.md", "search.md", "performance.md"}


def test_a_name_that_is_unknown_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "trails"])
    with pytest.raises(SystemExit):
        command.main()
    assert "there is no trails" in capsys.readouterr().err


def test_goals_are_of_workloads_that_there_are() -> None:
    named = {name for name, *_ in (*trials.GOALS, *workers.GOALS)}
    assert named | set(trials.EPOCHS) | set(workers.SECONDS) == set(workloads.WORKLOADS)


def test_a_process_that_fails_says_what_it_printed() -> None:
    assert seconds(["-c", "pass"]) > 0
    with pytest.raises(RuntimeError, match="ended with 3:\nthe reason"):
        seconds(["-c", "import sys; print('the reason'); sys.exit(3)"])


def test_what_is_computed_apart_comes_back() -> None:
    assert apart(sorted, [2, 1]) == [1, 2]

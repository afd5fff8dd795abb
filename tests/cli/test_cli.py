"""The command line: what it translates, what it refuses, and how it ends."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from optisearch import cli
from optisearch.cli.options import Duration


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """What a mistake ends in: one paragraph, and no traceback."""
        assert self.code == 2
        assert self.err.startswith("error: ")
        assert "Traceback" not in self.err + self.out
        return self.err.removeprefix("error: ").rstrip()


Command = Callable[..., Ended]


@pytest.fixture
def optisearch(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, in_folder: Path
) -> Command:
    """Runs a command in an empty folder, in this process."""
    monkeypatch.delenv("OPTISEARCH_STORAGE", raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["optisearch", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert isinstance(code, int)
        return Ended(code, *capfd.readouterr())

    return run


COMMANDS = ["new", "check", "run", "compare", "confirm", "work", "status", "report"]


@pytest.mark.parametrize("words", [["--help"], ["-h"]])
def test_help_names_every_command(optisearch: Command, words: list[str]) -> None:
    ended = optisearch(*words)
    assert ended.code == 0
    assert all(f"\n  {command} " in ended.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(optisearch: Command, command: str) -> None:
    ended = optisearch(command, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: optisearch {command} ")


def test_without_a_command_help_is_shown(optisearch: Command) -> None:
    ended = optisearch()
    assert ended.code == 2
    assert "Commands:" in ended.out


def test_the_version(optisearch: Command) -> None:
    from optisearch import __version__

    assert __version__ in optisearch("--version").out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("run x.py --trials 0", "Invalid value for '--trials': 0 is not in the range x>=1."),
        ("run x.py --trials many", "Invalid value for '--trials'"),
        ("run x.py --workers -1", "Invalid value for '--workers': -1 is not in the range x>=1."),
        ("run x.py --workers many", "'many' is neither a number nor `auto`."),
        ("check x.py --workers 0", "Invalid value for '--workers': 0 is not in the range x>=1."),
        ("run x.py --timeout soon", "'soon' is no length of time. Write 90s, 30m or 1h30m."),
        ("run x.py --timeout 0s", "'0s' is no length of time."),
        ("run x.py --seed -1", "Invalid value for '--seed'"),
        ("run x.py --patience 0", "Invalid value for '--patience'"),
        ("run x.py --train-samples 0", "Invalid value for '--train-samples'"),
        ("run x.py --trails 3", "No such option"),
        ("run", "Missing argument 'FILE'."),
        ("walk x.py", "No such command 'walk'."),
        ("report x --format pdf", "Invalid value for '--format'"),
    ],
)
def test_wrong_usage_is_one_paragraph(optisearch: Command, line: str, said: str) -> None:
    ended = optisearch(*line.split())
    assert said in ended.refusal
    assert ended.refusal.endswith(" --help`.")
    assert "\n" not in ended.refusal
    assert ended.out == ""


@pytest.mark.parametrize("command", ["check", "run", "work"])
def test_a_missing_study_file(optisearch: Command, in_folder: Path, command: str) -> None:
    (in_folder / "mnist.py").touch()
    assert optisearch(command, "mnits.py").refusal == (
        "mnits.py: there is no such file. Did you mean mnist.py?"
    )


@pytest.mark.parametrize("command", ["run", "work"])
@pytest.mark.parametrize("url", ["postgres://ann:s3cret@db/x", "results.db", "sqlite:///"])
def test_a_malformed_storage_url(
    optisearch: Command, in_folder: Path, command: str, url: str
) -> None:
    (in_folder / "x.py").touch()
    assert "s3cret" not in optisearch(command, "x.py", "--storage", url).refusal


@pytest.mark.parametrize("line", ["status", "report mnist"])
def test_nothing_is_stored_yet(optisearch: Command, in_folder: Path, line: str) -> None:
    assert "there is no database yet" in optisearch(*line.split()).refusal
    assert list(in_folder.iterdir()) == []


def test_the_environment_names_the_database(
    optisearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTISEARCH_STORAGE", "sqlite:///there.db")
    assert "sqlite:///there.db" in optisearch("status").refusal
    assert "sqlite:///here.db" in optisearch("status", "--storage", "sqlite:///here.db").refusal


def test_new_writes_a_study_file(optisearch: Command, in_folder: Path) -> None:
    ended = optisearch("new", "mine.py")
    assert (ended.code, ended.err) == (0, "")
    assert "optisearch check mine.py" in ended.out
    assert (in_folder / "mine.py").exists()
    assert "the file is there already" in optisearch("new", "mine.py").refusal


def test_a_worker_status_and_reports(
    optisearch: Command, parabola_file: Path, in_folder: Path
) -> None:
    storage = ("--storage", "sqlite:///results.db")
    worked = optisearch("work", str(parabola_file), "--trials", "3", *storage)
    assert worked.code == 0
    assert "trial 2 completed height" in worked.out
    assert "parabola" in optisearch("status", *storage).out
    assert optisearch("report", "parabola", *storage).code == 0
    assert optisearch("report", "parabola", "--format", "csv", *storage).out.count("\n") == 4
    written = optisearch("report", "parabola", "--format", "json", "-o", "report.json", *storage)
    assert (written.code, written.out) == (0, "")
    assert (in_folder / "report.json").read_text().startswith("{")
    assert "parabola" in optisearch("report", "parabole", *storage).refusal


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("30m", 1800.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        (" 1H30M ", 5400.0),
        ("0.5s", 0.5),
        ("1h1m1s", 3661.0),
    ],
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0", "-5m", "5 minutes", "m", "30m1h", "inf", "1e3"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(click.UsageError, match="is no length of time"):
        Duration().convert(text, None, None)


@pytest.mark.processes
def test_the_module_is_the_script() -> None:
    command = [sys.executable, "-m", "optisearch", "run", "x.py", "--trials", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: optisearch run: Invalid value for '--trials'")

"""The command line: what it translates, what it refuses, and how it ends."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from optisearch import cli


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
    for name in ("OPTISEARCH_STORAGE", "OPTISEARCH_STORAGE_FILE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["optisearch", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert isinstance(code, int)
        return Ended(code, *capfd.readouterr())

    return run


COMMANDS = [
    *("new", "check", "run", "compare", "confirm", "work", "status", "report"),
    *("replay", "export"),
]


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
        ("run x.py --memory-limit 4", "'4' is no amount of memory. Write 4GiB or 500MB."),
        ("work x.py --memory-limit lots", "'lots' is no amount of memory."),
        ("run x.py --gpus 0,-1", "'0,-1' names no GPUs. Write 0, or 0,1, or all."),
        ("work x.py --gpus 0", "No such option"),
        ("run x.py --keep-models -1", "Invalid value for '--keep-models'"),
        ("confirm x.py --keep-models 1", "No such option"),
        ("replay x", "Missing option '--trial'."),
        ("replay x --trial best", "Invalid value for '--trial'"),
        ("export x", "Missing option '-o' / '--output'."),
        ("export x -o m.keras --trial worst", "'worst' is neither a trial's number nor `best`."),
        ("export x -o m.keras --format pdf", "Invalid value for '--format'"),
        (
            "status --storage sqlite:///a.db --storage-file b",
            "--storage and --storage-file name the database twice.",
        ),
        ("run", "Missing argument 'FILE'."),
        ("walk x.py", "No such command 'walk'."),
        ("report x --format pdf", "Invalid value for '--format'"),
        ("report x --publish -o x.html", "--publish writes no file"),
        ("report x --publish --format html", "--publish writes no file"),
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


@pytest.mark.parametrize("command", ["run", "compare", "confirm", "work"])
def test_deterministic_is_told_to_tensorflow(
    optisearch: Command, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("TF_DETERMINISTIC_OPS", "0")
    assert "there is no such file" in optisearch(command, "x.py").refusal
    assert os.environ["TF_DETERMINISTIC_OPS"] == "0"
    assert "there is no such file" in optisearch(command, "x.py", "--deterministic").refusal
    assert os.environ["TF_DETERMINISTIC_OPS"] == "1"


def test_a_file_names_the_database(
    optisearch: Command, monkeypatch: pytest.MonkeyPatch, in_folder: Path
) -> None:
    for name in ("given", "held"):
        (in_folder / name).write_text(f"sqlite:///{name}.db\n")
    monkeypatch.setenv("OPTISEARCH_STORAGE_FILE", "held")
    assert "sqlite:///held.db" in optisearch("status").refusal
    assert "sqlite:///given.db" in optisearch("status", "--storage-file", "given").refusal
    assert "sqlite:///here.db" in optisearch("status", "--storage", "sqlite:///here.db").refusal
    monkeypatch.setenv("OPTISEARCH_STORAGE", "sqlite:///there.db")
    assert "sqlite:///there.db" in optisearch("status").refusal
    assert "sqlite:///given.db" in optisearch("status", "--storage-file", "given").refusal
    monkeypatch.setenv("OPTISEARCH_STORAGE", "")
    assert "sqlite:///held.db" in optisearch("status").refusal
    assert "missing: the file" in optisearch("status", "--storage-file", "missing").refusal


@pytest.mark.parametrize("command", ["run", "compare", "confirm", "work", "status"])
def test_a_password_on_the_command_line_is_refused(
    optisearch: Command, in_folder: Path, command: str
) -> None:
    (in_folder / "x.py").touch()
    ended = optisearch(command, "x.py", "--storage", "postgresql://ann:s3cret@db/x")
    assert ended.refusal == (
        "--storage: there is a password in the URL postgresql://ann:***@db/x, and everybody on this "
        "machine can read command lines. Put the URL into the environment (OPTISEARCH_STORAGE) or "
        "into a file of your own (--storage-file), or leave the password out and put it into "
        "~/.pgpass."
    )


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
    said = optisearch("report", "parabola", "--publish", *storage).out
    assert said.startswith("Published parabola/search: optisearch dashboard shows ")
    assert "parabola" in optisearch("report", "parabole", *storage).refusal


@pytest.mark.processes
def test_the_module_is_the_script() -> None:
    command = [sys.executable, "-m", "optisearch", "run", "x.py", "--trials", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: optisearch run: Invalid value for '--trials'")

"""Where the tools' runs go, in words, and what is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from optisearch.address import parse
from optisearch.errors import OptisearchError
from optisearch.tracking import TOOLS, check_tools, looks, tools
from optisearch.tracking.masking import masked

FILE = parse("sqlite:///storage/mine.db")
SERVER = parse("postgresql://ann:s3cret@db/results")
NAMES = tuple(TOOLS)


def test_runs_lie_beside_the_database() -> None:
    assert looks(NAMES, {"NETRC": "nowhere"}, FILE) == (
        "tensorboard: tensorboard --logdir storage/mine.tensorboard",
        "mlflow: mlflow ui --backend-store-uri sqlite:///storage/mine.mlflow.db",
        "wandb: offline; for the server: wandb sync storage/mine.wandb/wandb/offline-run-*",
    )


def test_or_in_the_working_folder_where_that_is_a_server() -> None:
    assert looks(NAMES, {"NETRC": "nowhere"}, SERVER) == (
        "tensorboard: tensorboard --logdir tensorboard",
        "mlflow: mlflow ui --backend-store-uri sqlite:///mlflow.db",
        "wandb: offline; for the server: wandb sync wandb/wandb/offline-run-*",
    )


def test_the_environment_sends_them_elsewhere_and_its_secrets_are_not_shown() -> None:
    environment = {
        "OPTISEARCH_TENSORBOARD": "/all of them",
        "MLFLOW_TRACKING_URI": "https://ann:s3cret@flow/x",
        "WANDB_DIR": "here",
        "WANDB_API_KEY": "s3cret",
        "WANDB_BASE_URL": "https://ann:s3cret@bias",
    }
    assert looks(NAMES, environment, FILE) == (
        "tensorboard: tensorboard --logdir '/all of them'",
        "mlflow: https://***@flow/x",
        "wandb: https://***@bias (online), and here",
    )


@pytest.mark.parametrize(
    ("machine", "mode"), [("api.wandb.ai", "online"), ("elsewhere", "offline")]
)
def test_whoever_is_logged_in_is_online(tmp_path: Path, machine: str, mode: str) -> None:
    logins = tmp_path / "netrc"
    logins.write_text(f"machine {machine} login user password s3cret\n")
    logins.chmod(0o600)
    (look,) = looks(["wandb"], {"NETRC": str(logins)}, FILE)
    assert mode in look
    (look,) = looks(["wandb"], {"NETRC": str(logins), "WANDB_MODE": "offline"}, FILE)
    assert "offline" in look


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_is_not_installed_is_a_mistake(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_tools([name])
    monkeypatch.setattr(tools, "find_spec", lambda package: None)
    with pytest.raises(
        OptisearchError, match=rf"--log {name}: .* pip install optisearch\[{name}\]"
    ):
        check_tools([name])


def test_what_tools_say_is_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "k3y")
    text = "API request to https://ann:s3cret@flow/api failed; key k3y; see https://docs/@here"
    assert (
        masked(text)
        == "API request to https://***@flow/api failed; key ***; see https://docs/@here"
    )


def test_none_is_imported_before_it_is_asked_for() -> None:
    script = (
        "import sys; import optisearch.worker_process, optisearch.cli.options;"
        "print([name for name in ('tensorboard', 'mlflow', 'wandb') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert shown.stdout.decode().strip() == "[]"


def test_a_tool_that_is_not_known_is_refused() -> None:
    with pytest.raises(OptisearchError, match=r"no tool 'tensorbord'. Use tensorboard or"):
        check_tools(["tensorbord"])

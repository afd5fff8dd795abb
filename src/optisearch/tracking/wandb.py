"""Weights & Biases: a project for each study, a group for each stage, a run for each trial."""

import netrc
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from optisearch.address import Address
from optisearch.events import Ended
from optisearch.tracking.beside import beside
from optisearch.tracking.interface import Place, Row, Subject, metrics
from optisearch.tracking.masking import masked

if TYPE_CHECKING:
    import wandb

_MODE, _FOLDER, _SERVER = "WANDB_MODE", "WANDB_DIR", "WANDB_BASE_URL"
_LOGINS = ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE")
_INIT_SECONDS, _FINISH_SECONDS = 30.0, 10.0
_SUCCESSES = ("completed", "pruned", "diverged")


def place(environment: Mapping[str, str], address: Address) -> Place:
    """The folder that the environment names, else one beside the database. What is there goes to
    the server as well, where somebody is logged in and it isn't told otherwise."""
    folder = environment.get(_FOLDER) or str(beside(address, "wandb"))
    mode = environment.get(_MODE) or _mode(environment)
    if mode != "offline":
        server = masked(environment.get(_SERVER) or "https://wandb.ai")
        return Place(folder, f"{server} ({mode}), and {folder}")
    runs = f"{shlex.quote(str(Path(folder) / 'wandb'))}/offline-run-*"
    return Place(folder, f"offline; for the server: wandb sync {runs}")


def _mode(environment: Mapping[str, str]) -> Literal["online", "offline"]:
    """What it is where nobody says: online with a login where `wandb` looks for one, and else not.

    It would ask for one.
    """
    return "online" if _is_logged_in(environment) else "offline"


def _is_logged_in(environment: Mapping[str, str]) -> bool:
    if any(environment.get(name) for name in _LOGINS):
        return True
    server = environment.get(_SERVER) or "https://api.wandb.ai"
    files = [environment["NETRC"]] if environment.get("NETRC") else ["~/.netrc", "~/_netrc"]
    for file in files:
        try:
            logins = netrc.netrc(Path(file).expanduser())
        except (OSError, netrc.NetrcParseError):
            continue
        return logins.authenticators(urlsplit(server).netloc) is not None
    return False


class WeightsAndBiases:
    """See `Tool`."""

    def __init__(self, place: Place) -> None:
        import wandb

        self._wandb = wandb
        self._folder = Path(place.where)
        self._mode = None if os.environ.get(_MODE) else _mode(os.environ)

    def begin(self, subject: Subject) -> "WandbRun":
        self._folder.mkdir(parents=True, exist_ok=True)
        for before in self._folder.glob(f"wandb/*run-*-{subject.key}*"):
            shutil.rmtree(before, ignore_errors=True)
        run = self._wandb.init(
            project=os.environ.get("WANDB_PROJECT") or subject.study,
            group=subject.stage,
            name=subject.name,
            id=subject.key,  # the server replaces a run of that id
            config=dict(subject.params) | {"optisearch": subject.facts(), "seed": subject.seed},
            dir=self._folder,
            mode=self._mode,
            reinit="create_new",
            settings=self._wandb.Settings(
                silent=True,
                console="off",
                init_timeout=_INIT_SECONDS,
                finish_timeout=_FINISH_SECONDS,
                disable_code=True,
                disable_git=True,
                x_disable_stats=True,
                x_disable_meta=True,
                x_save_requirements=False,
            ),
        )
        return WandbRun(run)


class WandbRun:
    """See `Run`."""

    def __init__(self, run: "wandb.Run") -> None:
        self._run = run

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._run.log(metrics(row), step=row["epoch"])

    def end(self, ended: Ended) -> None:
        self._run.summary["end_reason"] = ended.reason
        self._run.finish(exit_code=0 if ended.reason in _SUCCESSES else 1)

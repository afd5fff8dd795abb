"""What a worker is started with, and how it is handed to another process."""

from dataclasses import dataclass, replace
from pathlib import Path

from optisearch.address import Address
from optisearch.machine import DETERMINISTIC
from optisearch.plan import EVERYTHING, Wanted
from optisearch.settings import SEARCH, Kind, Wishes

KEPT_MODELS = 1


@dataclass(frozen=True)
class Job:
    """A study file, a database, and wishes.

    Attributes:
        path: The study file.
        address: The database.
        wishes: What the person asked for.
        train_samples: Train on so many records only.
        stage: Which stage.
        wanted: Which comparisons.
        trial_timeout: The seconds after which a trial is ended.
        memory_limit: The bytes beyond which a worker's process is replaced between trials.
        allows_versions: Whether the libraries may differ from those the stage was begun with.
        keep_models: How many of a search's best models are kept in the artifact store.
        is_deterministic: Whether TensorFlow's deterministic operations alone are used.
        log: The tools that are told of its trials: see `optisearch.tracking`.
    """

    path: Path
    address: Address
    wishes: Wishes
    train_samples: int | None = None
    stage: Kind = SEARCH
    wanted: Wanted = EVERYTHING
    trial_timeout: float | None = None
    memory_limit: int | None = None
    allows_versions: bool = False
    keep_models: int = KEPT_MODELS
    is_deterministic: bool = False
    log: tuple[str, ...] = ()

    def joining(self) -> "Job":
        """The job of a worker that joins later: it takes the stage as it finds it.

        Its wishes might undo those of another `run` that came in between.
        """
        return replace(self, wishes=Wishes())

    def arguments(self) -> list[str]:
        """The command line of `optisearch work`, without the database: its URL may hold a password,
        and everybody on the machine can read command lines."""
        given = {
            "--trials": self.wishes.trials,
            "--patience": self.wishes.patience,
            "--sampler": self.wishes.sampler,
            "--pruner": self.wishes.pruner,
            "--seed": self.wishes.seed,
            "--seeds": self.wishes.seeds,
            "--from": self.wishes.source or None,
            "--from-best": self.wishes.best,
            "--timeout": self.wishes.timeout_seconds,
            "--train-samples": self.train_samples,
            "--trial-timeout": self.trial_timeout,
            "--memory-limit": None if self.memory_limit is None else f"{self.memory_limit}B",
        }
        options = [
            word
            for name, value in given.items()
            if value is not None
            for word in (name, str(value))
        ]
        options += ["--allow-versions"] if self.allows_versions else []
        if self.keep_models != KEPT_MODELS:
            options += ["--keep-models", str(self.keep_models)]
        options += [word for tool in self.log for word in ("--log", tool)]
        options += ["--stage", self.stage]
        options += [word for name in self.wanted.names for word in ("--only", name)]
        options += [] if self.wanted.tuned else ["--untuned"]
        return [*options, "--", str(self.path)]

    def environment(self) -> dict[str, str]:
        """What the worker's environment has to hold."""
        asked = {DETERMINISTIC: "1"} if self.is_deterministic else {}
        return {"OPTISEARCH_STORAGE": self.address.text, **asked}

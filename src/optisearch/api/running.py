"""A stage trained by worker processes of this machine, seen from a notebook or a script."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NoReturn, TypedDict

from optisearch.api import checking
from optisearch.api.checking import Duration
from optisearch.api.progress import console, screen
from optisearch.api.study_files import StudyOrFile, file_of
from optisearch.api.view import Results
from optisearch.errors import OptisearchError
from optisearch.job import KEPT_MODELS, Job
from optisearch.plan import EVERYTHING, Wanted
from optisearch.pool.running import Manner, Ran
from optisearch.pool.running import train as train_here
from optisearch.settings import Kind, Wishes
from optisearch.tracking import check_tools
from optisearch.worker import ExitCode


class Process(TypedDict, total=False):
    """How a stage is trained on this machine, and where results land.

    Attributes:
        workers: How many processes, which share the cores; `auto`: as many as train most. By
            default one for each GPU, else one for each core to four, as memory allows.
        gpus: The numbers of the GPUs that they are dealt, or `all`. By default all.
        timeout: How long all workers may train, in seconds or as `90s`, `30m`, `1h30m`.
        trial_timeout: A trial that takes longer is ended, and counts as failed.
        memory_limit: A worker that holds more bytes (or `4GiB`) is replaced after its trial.
        allow_versions: Whether the libraries may differ from those the stage was begun with.
        deterministic: Use TensorFlow's deterministic operations alone.
        log: Make each trial a run there as well: `tensorboard`, `mlflow`, `wandb`.
        storage: The URL of the database. By default $OPTISEARCH_STORAGE, else what
            $OPTISEARCH_STORAGE_FILE holds, else `sqlite:///storage/optisearch.db`.
        storage_file: A file that holds the URL.
        verbose: Show each epoch and what is printed.
        quiet: Show nothing.
    """

    workers: int | Literal["auto"] | None
    gpus: Sequence[int] | Literal["all"] | None
    timeout: Duration | None
    trial_timeout: Duration | None
    memory_limit: int | str | None
    allow_versions: bool
    deterministic: bool
    log: Sequence[str]
    storage: str | None
    storage_file: str | os.PathLike[str] | None
    verbose: bool
    quiet: bool


def train(
    stage: Kind,
    study: StudyOrFile,
    wishes: Wishes,
    *,
    wanted: Wanted = EVERYTHING,
    train_samples: int | None = None,
    keep_models: int = KEPT_MODELS,
    workers: int | Literal["auto"] | None = None,
    gpus: Sequence[int] | Literal["all"] | None = None,
    timeout: Duration | None = None,
    trial_timeout: Duration | None = None,
    memory_limit: int | str | None = None,
    allow_versions: bool = False,
    deterministic: bool = False,
    log: Sequence[str] = (),
    storage: str | None = None,
    storage_file: str | os.PathLike[str] | None = None,
    verbose: bool = False,
    quiet: bool = False,
) -> Results:
    """Train a stage as far as it is asked to, and read it.

    Args:
        stage: Which one.
        study: The study, or its file.
        wishes: What is asked of it, but for the time it may take.
        wanted: Which comparisons.
        train_samples: Train on so many records only.
        keep_models: How many of a search's best models are kept.
        workers: See `Process`; so are the others.

    Raises:
        OptisearchError: What keeps it from running.
        KeyboardInterrupt: SIGINT came, and there is work left.
        SystemExit: TERM, USR1 or USR2 came, and there is work left: with the code of the command.
    """
    tools = (log,) if isinstance(log, str) else tuple(dict.fromkeys(log))
    check_tools(tools)
    job = Job(
        file_of(study),
        checking.place(storage, storage_file),
        replace(wishes, timeout_seconds=checking.seconds("timeout", timeout)),
        train_samples=train_samples,
        stage=stage,
        wanted=wanted,
        trial_timeout=checking.seconds("trial_timeout", trial_timeout),
        memory_limit=checking.size("memory_limit", memory_limit),
        allows_versions=allow_versions,
        keep_models=keep_models,
        is_deterministic=deterministic,
        log=tools,
    )
    manner = Manner(verbose=verbose, quiet=quiet)
    ran = train_here(
        job,
        workers=checking.workers(workers),
        gpus=checking.gpus(gpus),
        aside=console(quiet=quiet),
        screen=lambda launch: screen(launch, manner),
    )
    if ran.was_asked and ran.code in (ExitCode.INTERRUPTED, ExitCode.WORK_LEFT):
        _leave(ran, wanted)
    if ran.results is None:
        raise OptisearchError(
            "the time was up before a worker could begin",
            where="timeout",
            remedy="Give it more: starting takes some seconds",
        )
    return Results(ran.results.only(wanted), job.address)


def _leave(ran: Ran, wanted: Wanted) -> NoReturn:
    """End as whoever sent the signal expects; what was trained is stored."""
    if ran.code != ExitCode.INTERRUPTED:
        raise SystemExit(ran.code)
    if ran.results is None:
        raise KeyboardInterrupt
    name, progress = ran.results.info.name, ran.results.progress(wanted)
    raise KeyboardInterrupt(
        f"{name} has {progress.done} of {progress.total} trained: the same call goes on with it, "
        f'results("{name}") reads it'
    )

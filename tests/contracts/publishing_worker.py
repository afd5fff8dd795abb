"""A worker that publishes, in a process of its own.

    python publishing_worker.py STORAGE_URL STUDY_FILE LEASE_SECONDS SPREAD_SECONDS

It takes trials and completes them until its standard input is closed, and contends to publish.
"""

import sys
import threading
import time
from pathlib import Path

import optuna

from optisearch.address import parse
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.publishing import Publisher, publisher
from optisearch.settings import Wishes
from optisearch.space import suggest
from optisearch.storage import Endurance, open_database

_TRIAL_SECONDS = 0.5

address, study = parse(sys.argv[1]), load_study(Path(sys.argv[2]))
lease, spread = map(float, sys.argv[3:])
# More often than usual, and with time to end where the machine is busy with others.
publisher._WORKER_SHARE, publisher._ENDING_SECONDS = 0.5, 60.0
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
database = open_database(address, create=True, lock_wait_seconds=60, endurance=Endurance(60.0))
wishes = Wishes(sampler="random", pruner="none", trials=100_000)
stage = open_stage(database, describe(study, None), wishes, max_epochs=4)
owner = Owner.current()
with Publisher(
    database,
    stage.study._study_id,
    every_seconds=0.5,
    lease_seconds=lease,
    spread_seconds=spread,
):
    while not over.is_set():
        trial = stage.take(owner)
        assert isinstance(trial, optuna.Trial)
        suggest(study.space, trial)
        trial.report(0.5, 0)
        time.sleep(_TRIAL_SECONDS)
        stage.study.tell(trial, trial.number / 1000)

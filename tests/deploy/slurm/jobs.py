"""The jobs that people submit: a PostgreSQL, and a search by workers."""

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil

from .cluster import Cluster, wait_until

SCRIPTS = Path(__file__).parents[3] / "deploy" / "slurm"


class Postgres:
    """The job of `postgres.sbatch` on a folder."""

    def __init__(self, cluster: Cluster, folder: Path, node: str) -> None:
        self.cluster, self.folder, self.node, self.job = cluster, folder, node, ""
        self.folder.mkdir()
        if os.geteuid() == 0:  # as whom PostgreSQL refuses to run
            shutil.chown(folder, "nobody", "nogroup")

    def submit(self, *options: str, folder: str | None = None, **environment: str) -> str:
        self.job = self.cluster.submit(
            *(("--uid=nobody", "--gid=nogroup") if os.geteuid() == 0 else ()),
            *("--partition=high", f"--nodelist={self.node}", "--cpus-per-task=1", "--mem=100"),
            *(f"--job-name={self.folder.name}", f"--chdir={self.folder}", "--output=log-%j"),
            *(*options, str(SCRIPTS / "postgres.sbatch")),
            str(self.folder) if folder is None else folder,
            **environment,
        )
        return self.job

    @property
    def state(self) -> str:
        return self.cluster.tasks(self.job)[0]["JobState"]

    def processes(self) -> list[psutil.Process]:
        """Its living processes: the script's and PostgreSQL's."""
        found = []
        for process in self.cluster.processes():
            with contextlib.suppress(psutil.Error):
                if Path(process.cwd()).is_relative_to(self.folder):
                    found.append(process)
        return found

    @property
    def log(self) -> str:
        """What the last job said so far."""
        path = self.folder / f"log-{self.job}"
        return path.read_text() if path.exists() else ""

    @property
    def url_file(self) -> Path:
        return self.folder / "url"

    def url(self) -> str:
        """The URL, once the server is up."""
        wait_until(self.url_file.exists, f"PostgreSQL is up: {self.log}", 60)
        return self.url_file.read_text().strip()


@dataclass(frozen=True)
class Stored:
    """A stage in a database, read without any code of OptiSearch's."""

    url: str
    name: str

    def rows(self, query: str, *values: object) -> list[tuple]:
        import psycopg

        try:
            with psycopg.connect(self.url, connect_timeout=10) as connection:
                return connection.execute(query, values).fetchall()
        except psycopg.errors.UndefinedTable:
            return []

    def count(self, *states: str) -> int:
        found = self.rows(
            "SELECT count(*) FROM trials JOIN studies USING (study_id) "
            "WHERE study_name = %s AND state::text = ANY(%s)",
            self.name,
            list(states),
        )
        return found[0][0] if found else 0

    @property
    def trained(self) -> int:
        return self.count("COMPLETE", "PRUNED")

    def in_training(self) -> set[int]:
        """The processes of the running trials with at least one epoch reported."""
        return self._workers(
            "t.state = 'RUNNING' AND EXISTS "
            "(SELECT 1 FROM trial_intermediate_values v WHERE v.trial_id = t.trial_id)"
        )

    def ended(self, reason: str) -> set[int]:
        """The processes that had trials which ended so."""
        return self._workers(
            "t.state = 'FAIL' AND EXISTS (SELECT 1 FROM trial_user_attributes r "
            "WHERE r.trial_id = t.trial_id AND r.key = 'end_reason' AND r.value_json = %s)",
            json.dumps(reason),
        )

    def _workers(self, where: str, *values: object) -> set[int]:
        found = self.rows(
            "SELECT w.value_json FROM studies JOIN trials t USING (study_id) "
            "JOIN trial_user_attributes w USING (trial_id) "
            f"WHERE study_name = %s AND w.key = 'worker' AND {where}",
            self.name,
            *values,
        )
        return {int(json.loads(worker).rpartition(":")[2]) for (worker,) in found}


class Search:
    """A slow study in a folder, under a name of its own, searched by workers under Slurm."""

    def __init__(self, cluster: Cluster, folder: Path, url: str) -> None:
        self.cluster, self.folder = cluster, folder
        self.stored = Stored(url, f"{folder.name}/search")
        self.study = folder / "slope.py"
        text = Path(__file__).with_name("slope.py").read_text()
        self.study.write_text(text.replace('name="slope"', f'name="{folder.name}"'))
        self.slow = folder / "slow"
        self.slow.touch()
        self.url_file = folder / "url"
        self.url_file.write_text(url)
        self.url_file.chmod(0o600)

    def submit(self, *options: str, study: str = "slope.py", trials: int = 20, **env: str) -> str:
        return self.cluster.submit(
            *("--array=1", "--cpus-per-task=1", "--mem=100", f"--chdir={self.folder}"),
            *("--output=log-%a", *options, str(SCRIPTS / "worker.sbatch"), study),
            *("--stage", "search", "--trials", str(trials), "--sampler", "random"),
            *("--pruner", "none"),
            **{"OPTISEARCH_STORAGE_FILE": str(self.url_file), "OPTISEARCH_HEARTBEAT": "2"} | env,
        )

    def log(self, task: int = 1) -> str:
        path = self.folder / f"log-{task}"
        return path.read_text() if path.exists() else ""

    def workers(self, node: str = "") -> dict[int, psutil.Process]:
        """The living worker processes by their numbers."""
        found = {}
        for process in self.cluster.processes(node):
            with contextlib.suppress(psutil.Error):
                if "optisearch" in process.cmdline() and process.cwd() == str(self.folder):
                    found[process.pid] = process
        return found

    def states(self, job: str) -> list[str]:
        return [task["JobState"] for task in self.cluster.tasks(job)]

    def urgent(self, node: str) -> str:
        """A job that takes a whole node from those that run there."""
        (self.folder / "urgent").write_text("#!/bin/sh\nexec sleep 600\n")
        options = ("--partition=high", f"--nodelist={node}", "--exclusive", "--output=/dev/null")
        return self.cluster.submit(*options, str(self.folder / "urgent"))

    def check_trained(self, trials: int) -> None:
        """Exactly so many, and nothing is left over."""
        assert self.stored.trained == trials
        assert self.stored.count("RUNNING", "WAITING") == 0

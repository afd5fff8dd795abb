"""A real Slurm of three nodes on this machine, from the system's packages, in a folder of its own."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from tests.processes import waiting

NODES = ("n0", "n1", "n2")

# Nothing is in /etc, nothing listens but on the loopback, no job gets a cgroup. A lost node is
# noticed after seconds; in `high` wait the jobs before which those in `low` give way.
CONFIGURATION = """\
ClusterName=optisearch
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=5
KillWait=10
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
StateSaveLocation={folder}/state
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdLogFile={folder}/slurmd.%n.log
SlurmdSpoolDir={folder}/spool.%n
NodeName=n[0-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{ports[1]},{ports[2]},{ports[3]}] CPUs=2 RealMemory=4000
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 PreemptMode=REQUEUE GraceTime=0
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF
"""


def wait_until(condition: Callable[[], object], what: str, seconds: float = 90):
    """Poll, more seldom than elsewhere: to ask Slurm takes a process."""
    return waiting.wait_until(condition, what, seconds, pause=0.1)


@dataclass
class Cluster:
    """Three nodes; their jobs are started by the user of the tests."""

    folder: Path
    daemons: dict[str, subprocess.Popen] = field(default_factory=dict)
    _hurried: set[tuple[str, str]] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        """As in the shell of somebody who submits jobs."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPTISEARCH_", "SLURM"))}
        kept["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return kept | {"SLURM_CONF": str(self.folder / "slurm.conf"), "VIRTUAL_ENV": sys.prefix}

    @property
    def version(self) -> tuple[int, ...]:
        said = subprocess.run([which("slurmd"), "-V"], capture_output=True, text=True, check=True)
        return tuple(map(int, re.findall(r"\d+", said.stdout)[:2]))

    def start(self) -> None:
        self.folder.chmod(0o755)  # jobs may be another user's
        user = psutil.Process().username()
        with contextlib.ExitStack() as taken:
            sockets = [taken.enter_context(socket.socket()) for _ in range(4)]
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            ports = [each.getsockname()[1] for each in sockets]
        text = CONFIGURATION.format(
            folder=self.folder, user=user, host=socket.gethostname(), ports=ports
        )
        (self.folder / "slurm.conf").write_text(text)
        if self.version >= (
            23,
            2,
        ):  # the older ones know no such word, and ask for no cgroups of ours
            (self.folder / "cgroup.conf").write_text("CgroupPlugin=disabled\n")
        (self.folder / "munge.key").write_bytes(os.urandom(1024))
        (self.folder / "munge.key").chmod(0o600)
        paths = {
            f"--{name}-file": self.folder / f"munge.{name}"
            for name in ("key", "pid", "log", "seed")
        }
        self._daemon(
            "munged",
            *("--foreground", "--force", f"--socket={self.folder}/munge.socket"),
            *(f"{option}={path}" for option, path in paths.items()),
        )
        wait_until((self.folder / "munge.socket").exists, "munged listens")
        self._daemon("slurmctld", "-D", "-c")
        for node in NODES:
            self.start_node(node)
        wait_until(self.is_idle, "three idle nodes")

    def is_idle(self) -> bool:
        return {self.node(node)["State"] for node in NODES} <= {"IDLE", "MIXED"}

    def _daemon(self, program: str, *options: str, name: str = "") -> None:
        name = name or program
        with (self.folder / f"{name}.out").open("a") as out:
            self.daemons[name] = subprocess.Popen(
                [which(program), *options],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def start_node(self, node: str) -> None:
        self._daemon("slurmd", "-D", "-N", node, name=node)

    def stop(self) -> None:
        """End everything, and see to it that nothing is left: steps may be starting others."""
        wait_until(lambda: not self._kill(), "no process is left", 20)

    def _kill(self, node: str = "") -> list[psutil.Process]:
        killed = self.processes(node)
        for process in killed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for daemon in self.daemons.values():
            daemon.poll()
        return killed

    def processes(self, node: str = "") -> list[psutil.Process]:
        """The living processes of the cluster, or of one node: daemons, steps and jobs."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if self._belongs(process, node):
                    found.append(process)
        return found

    def _belongs(self, process: psutil.Process, node: str) -> bool:
        # Slurm's steps and PostgreSQL's helpers overwrite their environment with titles.
        is_slurms = process.name().startswith("slurm")
        logs = [file.path for file in process.open_files()] if is_slurms else []
        environment = process.environ()
        is_ours = environment.get("SLURM_CONF") == self.environment["SLURM_CONF"]
        if node:
            is_nodes = is_ours and environment.get("SLURMD_NODENAME") == node
            return is_nodes or str(self.folder / f"slurmd.{node}.log") in logs
        return is_ours or any(
            Path(path).is_relative_to(self.folder) for path in (process.cwd(), *logs)
        )

    def lose(self, node: str) -> None:
        """What a power cut does: everything on the node is gone at once."""
        wait_until(lambda: not self._kill(node), f"nothing runs on {node}", 20)

    def do(self, *words: str, **environment: str) -> str:
        ran = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}"
        return ran.stdout.strip()

    def submit(self, *words: str, **environment: str) -> str:
        """`sbatch`; returns the job's number."""
        return self.do("sbatch", "--parsable", *words, **environment)

    def node(self, name: str) -> dict[str, str]:
        return _fields(self.do("scontrol", "--oneliner", "show", "node", name))

    def tasks(self, job: str) -> list[dict[str, str]]:
        """A job, or the tasks of an array."""
        text = self.do("scontrol", "--oneliner", "show", "job", job)
        return [_fields(line) for line in text.splitlines()]

    def hurry(self, job: str) -> bool:
        """Let requeued tasks begin soon: Slurm keeps them back for two minutes.

        Not at once: their nodes have revoked their credentials, to the second.
        """
        for task in self.tasks(job):
            name, index = task["JobId"], task.get("ArrayTaskId")
            if index is not None:  # the last task has the array's own number
                name = f"{task['ArrayJobId']}_{index}"
            if task["Reason"] == "BeginTime" and (name, task["Restarts"]) not in self._hurried:
                self.do("scontrol", "update", f"jobid={name}", "StartTime=now+2")
                self._hurried.add((name, task["Restarts"]))
        return True


def which(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _fields(line: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in line.split() if "=" in word)

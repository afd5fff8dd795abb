"""What of the machine this process may use, in made-up control groups and in a real one."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import psutil
import pytest

from optisearch import resources
from optisearch.resources import available_cores, available_memory

GIB = 2**30
# What version 1 says where there is no limit.
UNLIMITED = "9223372036854771712\n"

Groups = Callable[[str, dict[str, str]], None]


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Groups:
    """Makes the control groups of a process on a machine of 8 cores and 16 GiB."""
    mount, membership = tmp_path / "cgroup", tmp_path / "membership"
    monkeypatch.setattr(resources, "_MOUNT", mount)
    monkeypatch.setattr(resources, "_MEMBERSHIP", membership)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(8)), raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=16 * GIB))

    def made(text: str, files: dict[str, str]) -> None:
        membership.write_text(text)
        for name, content in files.items():
            path = mount / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    return made


def version_2(most: str, used: int, inactive: int = 0) -> dict[str, str]:
    stat = f"anon 5\ninactive_file {inactive}\nactive_file 7\n"
    return {"memory.max": f"{most}\n", "memory.current": f"{used}\n", "memory.stat": stat}


def version_1(most: str, used: int, inactive: int = 0) -> dict[str, str]:
    stat = f"inactive_file 1\ntotal_inactive_file {inactive}\n"
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat")
    return dict(zip(names, (f"{most}\n", f"{used}\n", stat), strict=True))


def within(group: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{group}/{name}": content for name, content in files.items()}


def test_without_control_groups_the_machines_figures_hold(groups: Groups) -> None:
    assert (available_cores(), available_memory()) == (8, 16 * GIB)
    groups("", {})
    assert (available_cores(), available_memory()) == (8, 16 * GIB)


@pytest.mark.parametrize(
    ("membership", "files", "left"),
    [
        ("0::/\n", version_2("max", GIB), 16 * GIB),
        # A container: its own group is all that it sees.
        ("0::/\n", version_2(str(4 * GIB), GIB), 3 * GIB),
        ("0::/\n", version_2(str(4 * GIB), 3 * GIB, 2 * GIB), 3 * GIB),
        ("0::/\n", version_2(str(4 * GIB), 5 * GIB), 0),
        ("0::/\n", version_2(str(64 * GIB), GIB), 16 * GIB),
        # Under the host's name for it.
        ("0::/kubepods/pod1/c2\n", version_2(str(4 * GIB), GIB), 3 * GIB),
        ("0::/job/step\n", within("job/step", version_2(str(4 * GIB), GIB)), 3 * GIB),
        # The nearest limit of all groups above counts: a job's, of whose steps none is limited.
        (
            "0::/job/step/task\n",
            within("job/step/task", version_2("max", GIB))
            | within("job/step", version_2(str(6 * GIB), GIB))
            | within("job", version_2(str(4 * GIB), 2 * GIB)),
            2 * GIB,
        ),
        # Another job's limit doesn't.
        ("0::/job\n", within("other", version_2(str(GIB), 0)), 16 * GIB),
        ("5:memory:/\n", within("memory", version_1(UNLIMITED, GIB)), 16 * GIB),
        (
            "7:cpu,cpuacct:/\n5:memory:/slurm/uid_1/job_2/step_0\n0::/\n",
            within("memory/slurm/uid_1/job_2", version_1(str(2 * GIB), GIB, GIB // 2)),
            3 * GIB // 2,
        ),
        ("5:memory:/docker/abc\n", within("memory", version_1(str(2 * GIB), GIB)), GIB),
    ],
)
def test_the_nearest_limit_of_memory_counts(
    groups: Groups, membership: str, files: dict[str, str], left: int
) -> None:
    groups(membership, files)
    assert available_memory() == left


def quota_1(quota: int) -> dict[str, str]:
    return {"cpu.cfs_quota_us": f"{quota}\n", "cpu.cfs_period_us": "100000\n"}


@pytest.mark.parametrize(
    ("membership", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "max 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "250000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "3200000 100000\n"}, 8),
        ("0::/pod/c\n", {"pod/cpu.max": "300000 100000\n", "pod/c/cpu.max": "max 100000\n"}, 3),
        ("4:cpu,cpuacct:/docker/abc\n", within("cpu", quota_1(400000)), 4),
        ("4:cpu,cpuacct:/docker/abc\n", within("cpu", quota_1(-1)), 8),
        ("4:cpuset:/x\n", within("cpu", quota_1(100000)), 8),
    ],
)
def test_a_quota_of_time_limits_the_cores(
    groups: Groups, membership: str, files: dict[str, str], cores: int
) -> None:
    groups(membership, files)
    assert available_cores() == cores


def test_the_cores_are_those_of_this_process(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 3, 5})
    assert available_cores() == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    assert available_cores() == 6


@contextlib.contextmanager
def _group(folder: Path) -> Iterator[Path]:
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"control groups can't be made here: {error}")
    try:
        yield folder
    finally:
        folder.rmdir()


@pytest.fixture
def limited() -> Iterator[Path]:
    """A real control group whose processes may take 512 MiB."""
    mount, name = Path("/sys/fs/cgroup"), f"optisearch-{uuid4().hex}"
    is_2 = (mount / "cgroup.controllers").exists()
    with _group((mount if is_2 else mount / "memory") / name) as folder:
        limit = folder / ("memory.max" if is_2 else "memory.limit_in_bytes")
        if not limit.exists():
            pytest.skip("this machine's control groups don't limit memory")
        limit.write_text(str(512 * 2**20))
        yield folder


@pytest.mark.processes
def test_a_real_control_group_limits_memory(limited: Path) -> None:
    code = (
        "import os, sys, pathlib\n"
        "pathlib.Path(sys.argv[1], 'cgroup.procs').write_text(str(os.getpid()))\n"
        "from optisearch.resources import available_memory\n"
        "print(available_memory())\n"
        "held = bytearray(200 * 2**20)\n"
        "print(available_memory())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(limited)], capture_output=True, text=True, check=True
    )
    before, after = map(int, said.stdout.split())
    assert 300 * 2**20 < before <= 512 * 2**20
    assert 180 * 2**20 < before - after < 220 * 2**20
    assert os.getpid() not in map(int, (limited / "cgroup.procs").read_text().split())

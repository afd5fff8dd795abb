"""Workers on several GPUs: what real processes are given. No GPU is needed, and none is used."""

import json
from collections import Counter

import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
NAMES = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "TF_FORCE_GPU_ALLOW_GROWTH")
# A study that writes down what its process was given.
STUDY = f"""
import json, os, time
from dataclasses import dataclass
from optisearch import Study, real

with open(f"given-{{os.getpid()}}.json", "w") as file:
    json.dump([os.environ.get(name) for name in {NAMES}], file)

@dataclass(frozen=True)
class Point:
    x: float = real(-5.0, 5.0, baseline=0.0)

def train(hp, data, run):
    time.sleep(0.02)
    run.report(0, {{"loss": hp.x**2}})

study = Study(name="given", space=Point, train=train, minimize="loss")
"""


@pytest.fixture
def four_gpus(home):
    """The environment of a machine with four GPUs, as `nvidia-smi` tells it."""
    shim = home.folder.parent / "shim"
    shim.mkdir()
    program = shim / "nvidia-smi"
    lines = "\n".join(f"echo 'GPU {n}: NVIDIA A100 (UUID: GPU-{n})'" for n in range(4))
    program.write_text(f"#!/bin/sh\n{lines}\n")
    program.chmod(0o755)
    environment = home.environment()
    environment.pop("CUDA_VISIBLE_DEVICES", None)
    return {"PATH": f"{shim}:{environment['PATH']}"}


@pytest.fixture
def given(home, four_gpus):
    """What the workers of a run were given, after it."""

    def run(*words, **environment):
        home.write("given.py", STUDY)
        words = ("run", "given.py", *STORAGE, "--trials", "12", *words)
        result = home.run(*words, env=four_gpus | environment)
        assert result.code == 0
        found = [json.loads(path.read_text()) for path in home.folder.glob("given-*.json")]
        return result, Counter(map(tuple, found))

    return run


def alone(*gpus):
    return {(gpu, "PCI_BUS_ID", None): 1 for gpu in gpus}


class TestEachWorker:
    def test_has_a_gpu_of_its_own(self, given):
        result, found = given("--gpus", "0,3", "--workers", "2")
        assert found == alone("0", "3")
        assert "2 workers" in result.out
        assert "on 2 GPUs" in result.out

    def test_shares_one_where_there_are_more_workers(self, given):
        _, found = given("--gpus", "1,2", "--workers", "3")
        assert found == {("1", "PCI_BUS_ID", "true"): 2, ("2", "PCI_BUS_ID", "true"): 1}

    def test_has_several_where_there_are_fewer(self, given):
        _, found = given("--workers", "1")
        assert found == alone("0,1,2,3")

    def test_has_one_of_those_that_the_environment_leaves(self, given):
        _, found = given("--gpus", "all", "--workers", "2", CUDA_VISIBLE_DEVICES="3,1")
        assert found == {("3", None, None): 1, ("1", None, None): 1}

    def test_keeps_it_when_it_is_replaced(self, given):
        _, found = given("--gpus", "2,3", "--workers", "2", "--memory-limit", "1MiB")
        assert set(found) == set(alone("2", "3"))
        assert sum(found.values()) > 4

    def test_has_none_where_they_are_hidden(self, given):
        _, found = given("--workers", "2", CUDA_VISIBLE_DEVICES="-1")
        assert found == {("-1", None, "true"): 2}


class TestUnknown:
    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("4", "--gpus: there is no GPU 4; 4 GPUs are visible here"),
            ("0,9", "--gpus: there is no GPU 9"),
            ("one", "'one' names no GPUs. Write 0, or 0,1, or all."),
            ("0,0", "'0,0' names no GPUs"),
        ],
    )
    @pytest.mark.parametrize("command", ["run", "compare", "confirm"])
    def test_is_one_paragraph(self, home, four_gpus, refused, command, asked, said):
        file = home.study("parabola")
        refused(home.run(command, file, *STORAGE, "--gpus", asked, env=four_gpus), said)
        assert set(home.files()) == {"parabola.py"}

    def test_where_there_are_none(self, home, four_gpus, refused):
        file = home.study("parabola")
        environment = four_gpus | {"CUDA_VISIBLE_DEVICES": ""}
        result = home.run("run", file, *STORAGE, "--gpus", "all", env=environment)
        refused(result, "--gpus: no GPU is visible here")

"""Which GPUs there are, by a made-up `nvidia-smi`."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optisearch.errors import OptisearchError
from optisearch.pool import gpus
from optisearch.pool.gpus import Gpus, select, visible

LISTED = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 1g.5gb      Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-1c9ba0d6-d33d-2b2c-524d-9e3d8d2b8a78)
GPU 2: NVIDIA A100-SXM4-40GB (UUID: GPU-2c9ba0d6-d33d-2b2c-524d-9e3d8d2b8a79)
"""

Smi = Callable[[str], None]


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Smi:
    """Puts a program on the path that does what `nvidia-smi -L` does on some machine."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def made(body: str) -> None:
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    return made


def listing(text: str = LISTED) -> str:
    return f'[ "$*" = "-L" ] || exit 2\nwhile read -r line; do echo "$line"; done <<END\n{text}END'


def test_without_a_driver_there_are_none(smi: Smi) -> None:
    assert visible() == ()
    smi("echo 'NVIDIA-SMI has failed because it couldn'\\''t communicate with the driver'; exit 9")
    assert visible() == ()
    smi(listing("No devices found.\n"))
    assert visible() == ()


def test_a_driver_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hangs(command: Any, *, timeout: float, **_options: Any) -> Any:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(gpus.subprocess, "run", hangs)
    assert visible() == ()


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (None, ("0", "1", "2")),
        ("", ()),
        ("-1", ()),
        ("2,0", ("2", "0")),
        (" 1 , 2 ", ("1", "2")),
        ("1,3,0", ("1",)),
        ("0,-1,2", ("0",)),
        ("GPU-5d5ba0d6,MIG-c6d4f1ef", ("GPU-5d5ba0d6", "MIG-c6d4f1ef")),
    ],
)
def test_the_environment_may_name_or_hide_some(
    smi: Smi, monkeypatch: pytest.MonkeyPatch, named: str | None, found: tuple[str, ...]
) -> None:
    smi(listing())
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible() == found


def test_what_the_environment_names_needs_a_driver(
    smi: Smi, monkeypatch: pytest.MonkeyPatch
) -> None:
    smi("exit 9")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert visible() == ()


@pytest.mark.parametrize(
    ("asked", "found"),
    [(None, ("2", "1")), ("all", ("2", "1")), ((0,), ("2",)), ((1, 0), ("1", "2"))],
)
def test_numbers_count_among_those_that_are_visible(
    smi: Smi, monkeypatch: pytest.MonkeyPatch, asked: Gpus, found: tuple[str, ...]
) -> None:
    smi(listing())
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,1")
    assert select(asked) == found


def test_one_that_is_not_there(smi: Smi, monkeypatch: pytest.MonkeyPatch) -> None:
    smi(listing())
    with pytest.raises(OptisearchError) as caught:
        select((0, 3))
    assert str(caught.value) == (
        "--gpus: there is no GPU 3; 3 GPUs are visible here. Count from 0, or write all."
    )
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
    with pytest.raises(OptisearchError) as caught:
        select((2,))
    assert str(caught.value) == (
        "--gpus: there is no GPU 2; 1 GPU is visible here. "
        "Count from 0 among those that CUDA_VISIBLE_DEVICES names, or write all."
    )


@pytest.mark.parametrize("asked", ["all", (0,)])
def test_where_there_are_none(smi: Smi, asked: Gpus) -> None:
    smi("exit 9")
    assert select(None) == ()
    with pytest.raises(OptisearchError, match="no GPU is visible here"):
        select(asked)

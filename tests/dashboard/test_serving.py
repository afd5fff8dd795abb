"""Where it is served, and what that costs at start."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from optisearch.dashboard import serving
from optisearch.dashboard.listening import listen


@pytest.mark.parametrize(
    ("host", "secure", "wanted"),
    [
        ("127.0.0.1", False, r"http://127\.0\.0\.1:\d+/"),
        ("localhost", True, r"https://localhost:\d+/"),
        ("0.0.0.0", False, r"http://node7:\d+/"),
    ],
)
def test_the_address_to_open(
    monkeypatch: pytest.MonkeyPatch, host: str, secure: bool, wanted: str
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "node7")
    with listen(host, 0) as opened:
        assert re.fullmatch(wanted, serving._url(opened, host, is_secure=secure))


@pytest.mark.processes
def test_serving_imports_neither_a_framework_nor_optuna_dashboard(tmp_path: Path) -> None:
    """The latter takes a second, and is imported while it serves already."""
    script = (
        "import sys, optisearch.dashboard.serving\n"
        "slow = {'tensorflow', 'keras', 'optuna_dashboard', 'sklearn', 'scipy.stats', 'pandas',"
        " 'matplotlib', 'plotly'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"

"""Notebooks as people run them, in a kernel; and the Python that the pages show."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient
from tests.processes.home import Home
from tests.processes.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[2]
CELL = """
from dataclasses import dataclass
from optisearch import Study, real, reading, search

@dataclass(frozen=True)
class Point:
    x: float = real(0.0, 1.0, baseline=0.5)

def train(hp, data, run):
    run.report(0, {"loss": hp.x})

search(Study(name="cell", space=Point, train=train, minimize="loss"))
"""

pytestmark = pytest.mark.processes


@dataclass
class Kernel:
    """A notebook's kernel in a folder."""

    manager: KernelManager
    client: BlockingKernelClient
    messages: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, code: str) -> str:
        return self.client.execute(code)

    def end(self, request: str) -> dict[str, Any]:
        """Wait for a cell's end. Returns its reply; its outputs are the `messages`."""
        self.messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE_SECONDS)
            if message["parent_header"].get("msg_id") == request:
                self.messages.append(message)
                if message["content"].get("execution_state") == "idle":
                    break
        while True:  # the kernel has answered other questions before
            reply = self.client.get_shell_msg(timeout=PATIENCE_SECONDS)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"]

    def run(self, code: str) -> dict[str, Any]:
        return self.end(self.begin(code))

    @property
    def html(self) -> list[str]:
        """What the cell showed, one after the other."""
        shown = [message["content"].get("data", {}) for message in self.messages]
        return [data["text/html"] for data in shown if "text/html" in data]


def environment(home: Home) -> dict[str, str]:
    """What a kernel knows: nothing of the person's own IPython."""
    return home.environment({"IPYTHONDIR": str(home.folder.parent / "ipython")})


@pytest.fixture
def kernel(home: Home) -> Iterator[Kernel]:
    manager, client = start_new_kernel(
        cwd=str(home.folder),
        env=environment(home),
        extra_arguments=["--HistoryManager.hist_file=:memory:"],
    )
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.keras
def test_the_example_runs_from_top_to_bottom(home: Home) -> None:
    notebook = nbformat.read(ROOT / "examples/notebook.ipynb", as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")]  # it is kept without
    where = {"metadata": {"path": str(home.folder)}}
    client = NotebookClient(notebook, timeout=2 * PATIENCE_SECONDS, resources=where)
    client.execute(env=environment(home))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    html = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    for said in ("small/search", "12 of 12 trials", "Leaderboard", "small/compare"):
        assert said in html
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    assert "small.keras and small.md are written" in said
    for noise in ("IProgress", "loading the study file"):
        assert noise not in said
    assert any("application/vnd.plotly.v1+json" in output.get("data", {}) for output in outputs)
    assert {path.name for path in home.folder.glob("small.*")} == {
        "small.py",
        "small.parquet",
        "small.keras",
        "small.md",
    }


@pytest.mark.keras
def test_the_python_of_the_pages_runs(home: Home) -> None:
    """The README's study and example, then what docs/python.md adds to them."""
    study, example = blocks("README.md")
    home.write("studies/mine.py", study)
    parts = [example, *blocks("docs/python.md"), "print(len(trials), figure.layout.width)"]
    home.write("page.py", "\n".join(parts))
    done = subprocess.run(
        [sys.executable, "page.py"],
        cwd=home.folder,
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "10 700"
    assert "mine/search is finished" not in done.stdout  # a script's output is its own
    assert "10 trials" in done.stderr
    assert (home.folder / "mine.keras").exists()


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def test_an_interrupt_drains_and_what_was_trained_can_be_read(kernel: Kernel, home: Home) -> None:
    file = home.study("slow")
    asked = f'from optisearch import *\nsearch("{file}", trials=50, workers=2, pruner="none"'
    request = kernel.begin(f'{asked}, storage="sqlite:///r.db")')
    stored = home.stored()
    wait_until(lambda: stored.trained >= 2, "it trains")
    kernel.manager.interrupt_kernel()
    reply = kernel.end(request)
    assert reply["ename"] == "KeyboardInterrupt"
    assert re.match(r"slow/search has \d+ of 50 trained", reply["evalue"])
    assert "stopping: running trials end at their next epoch" in "".join(kernel.html)
    assert stored.count("RUNNING", "WAITING") == 0
    assert 2 <= stored.trained < 50
    reply = kernel.run('found = results("slow", storage="sqlite:///r.db")\nfound')
    assert reply["status"] == "ok"
    assert f"{stored.trained} of 50 trials trained" in kernel.html[-1]


def test_a_study_of_a_cell_is_refused_with_a_sentence(kernel: Kernel) -> None:
    reply = kernel.run(CELL)
    assert reply["ename"] == "StudyFileError"
    (shown,) = reply["traceback"]
    assert shown.startswith("StudyFileError: study 'cell': it is defined in a notebook's cell")
    assert "%%writefile cell.py" in shown

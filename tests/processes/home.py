"""An empty folder in which commands are run."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .running import Result, Running
from .stored import Stored


@dataclass
class Home:
    """An empty folder in which commands are run.

    Attributes:
        folder: The folder.
        studies: Where study files are copied from.
        prefix: What is put before a command: the way into a namespace, say.
        started: What was started in it.
    """

    folder: Path
    studies: Path = Path()
    prefix: tuple[str, ...] = ()
    started: list[Running] = field(default_factory=list)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPTISEARCH_", "PYTEST"))}
        for name in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TERM", "PYTHONPATH"):
            kept.pop(name, None)
        return kept | {"PGPASSFILE": str(self.folder.parent / "pgpass")} | dict(extra or {})

    def start(
        self,
        *words: str,
        env: Mapping[str, str] | None = None,
        prefix: tuple[str, ...] | None = None,
    ) -> Running:
        """Start `optisearch` with these words, behind another prefix than usual if one is given."""
        before = self.prefix if prefix is None else prefix
        command = [*before, sys.executable, "-m", "optisearch", *words]
        name = f"{self.folder.name}-{len(self.started)}"
        running = Running(command, self.folder, self.environment(env), said_in=name)
        self.started.append(running)
        return running

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Result:
        return self.start(*words, env=env).wait()

    def study(self, name: str) -> str:
        """A copy of one of the studies."""
        shutil.copy(self.studies / f"{name}.py", self.folder)
        return f"{name}.py"

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    def files(self) -> dict[str, bytes | None]:
        """All files with their bytes, and all folders. Python's own caches don't count."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
            for path in sorted(self.folder.rglob("*"))
            if "__pycache__" not in path.parts
        }

    def stored(self, name: str = "r.db") -> Stored:
        return Stored.in_file(self.folder / name)

    def clean_up(self) -> None:
        """See to it that nothing that was started is left."""
        for running in self.started:
            running.clean_up()

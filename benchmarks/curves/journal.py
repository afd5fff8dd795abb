"""What is recorded so far, in a file that outlives a killed recording."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Journal:
    """The points that are trained so far, a line of JSON each; the first says of what."""

    path: Path

    def open(self, heading: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
        """The points that are there, by number; creates the file where there is none.

        Raises:
            SystemExit: It holds the points of something else.
        """
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # a killed recording may have left half a line
        if not whole:
            whole = json.dumps(heading) + "\n"
        first, *rest = map(json.loads, whole.splitlines())
        if first != json.loads(json.dumps(heading)):
            raise SystemExit(f"{self.path} was recorded otherwise: delete it to begin anew")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(whole, encoding="utf-8")
        return {point["point"]: point for point in rest}

    def append(self, point: Mapping[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(point) + "\n")

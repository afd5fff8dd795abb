"""Which trials have their learning curve drawn, and what happens when it can't be."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optisearch import record
from optisearch.artifacts.curve import Canvas, Row, Subject, panels
from optisearch.artifacts.store import Say, why

if TYPE_CHECKING:
    import optuna

# A picture takes 30 ms and its 15 kB of the store. A search of milliseconds is to be thousands of
# rows, and not thousands of pictures.
_LEAST_EPOCHS, _LEAST_SECONDS = 2, 1.0


@dataclass
class Pictures:
    """Draws the learning curves of a worker's trials.

    Attributes:
        say: Is told once when one can't be drawn.
    """

    say: Say
    # By how many panels they have.
    _canvases: dict[int, Canvas] = field(default_factory=dict)
    _manifests: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    _has_failed: bool = False

    def of(
        self, trial: "optuna.Trial", rows: Sequence[Row], reason: record.EndReason
    ) -> bytes | None:
        """A trial's learning curve as a PNG file.

        Args:
            trial: The trial.
            rows: Its history.
            reason: How it ended.

        Returns:
            None where there is no curve (less than two epochs), where it trained for less than a
            second, and where nothing can be drawn.
        """
        if len(rows) < _LEAST_EPOCHS or sum(row["seconds"] for row in rows) < _LEAST_SECONDS:
            return None
        try:
            return self._drawn(trial, rows, reason)
        except Exception as error:
            if not self._has_failed:
                self.say(f"artifacts: learning curves can't be drawn ({why(error)}): trials go on")
            self._has_failed = True
            return None

    def _drawn(
        self, trial: "optuna.Trial", rows: Sequence[Row], reason: record.EndReason
    ) -> bytes | None:
        manifest = self._manifest(trial)
        metric, maximize = manifest["metric"], manifest["direction"] == "maximize"
        names = panels(rows, metric)
        if not names:
            return None
        canvas = self._canvas(len(names))
        return canvas.png(rows, names, Subject(trial.number, reason, metric, maximize))

    def _manifest(self, trial: "optuna.Trial") -> Mapping[str, Any]:
        """The stage's, which doesn't change in what is asked of it here."""
        study_id = trial.study._study_id
        if study_id not in self._manifests:
            stored = trial.storage.get_study_system_attrs(study_id)
            self._manifests[study_id] = stored[record.MANIFEST]
        return self._manifests[study_id]

    def _canvas(self, count: int) -> Canvas:
        if count not in self._canvases:
            with _silently():
                self._canvases[count] = Canvas(count)
        return self._canvases[count]


@contextmanager
def _silently() -> Iterator[None]:
    """Without what matplotlib says when it is imported: that it looks for fonts, and where it keeps
    their list when home is read-only."""
    log = logging.getLogger("matplotlib")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)

"""A trial's training goes on from the checkpoint of the attempt before, and leaves checkpoints.

It does so only where the numbers are those of a training that was never cut off. Where something
may be remembered that no checkpoint holds, a trial that was cut off begins anew.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import keras

from optisearch.errors import TrainingError
from optisearch.tracebacks import headline
from optisearch.training import memories, private
from optisearch.training.checkpoint import Checkpoint

if TYPE_CHECKING:
    from optisearch.live_run import LiveRun


class Resuming:
    """What `ReportEpochs` asks for the checkpoints of its training.

    Args:
        run: The trial.
        callbacks: All callbacks of the training, in their order.
        why_anew: Why the model's training can't go on from a checkpoint; empty where it can. Asked
            when the first one is due.
    """

    def __init__(
        self,
        run: "LiveRun",
        callbacks: Sequence[keras.callbacks.Callback],
        why_anew: Callable[[], str],
    ) -> None:
        self._run = run
        self._callbacks = list(callbacks)
        self._find_why = why_anew
        self._why: str | None = None
        # A second training of the same trial has nothing that it could be recognised by.
        self._is_first = not run.history
        self._resumed = False

    def begin(self, model: keras.Model) -> None:
        """Give a model whose training begins the state in the checkpoint, if there is one."""
        kept = self._run.kept
        content = kept.checkpoint() if kept is not None and self._is_first else None
        if kept is None or content is None:
            return
        try:
            checkpoint = Checkpoint.from_bytes(content)
            if not model.optimizer.built:  # `fit` does it later
                private.build_optimizer(model)
            checkpoint.restore(model, self._callbacks)
        except TrainingError as error:
            kept.begins_anew(error.what)
            return
        kept.say(f"checkpoints: trial {self._run.number} goes on after epoch {checkpoint.epochs}")
        self._run.go_on(checkpoint.rows)
        private.begin_at(model, checkpoint.epochs)
        self._resumed = True

    def fill(self, history: keras.callbacks.History) -> None:
        """Have Keras's history begin with the epochs before, which Keras empties at the beginning.

        To be called before the first epoch that is trained now has ended.
        """
        if not self._resumed or history.epoch:
            return
        for row in self._run.history:
            history.epoch.append(row["epoch"])
            for name, value in row.items():
                if name not in ("epoch", "seconds"):
                    history.history.setdefault(name, []).append(value)

    def end(self, model: keras.Model) -> None:
        """Let the next training of the model begin where it is told to."""
        if self._resumed:
            self.fill(model.history)
            private.begin_at(model, None)

    def state(self, model: keras.Model) -> bytes | None:
        """The checkpoint of an epoch that has ended; None where there is to be none."""
        if not self._is_first or model.stop_training:
            return None
        if self._why is None:
            self._why = self._find_why() or self._unknown()
        if not self._why:
            try:
                return Checkpoint.of(model, self._run.history, self._callbacks).to_bytes()
            except Exception as error:
                self._why = headline(error, 200)
        if self._run.kept is not None:
            self._run.kept.say(f"checkpoints: trials that are cut off begin anew: {self._why}")
        return None

    def _unknown(self) -> str:
        callback: Any = memories.unknown(self._callbacks)
        if callback:
            return f"nobody knows what the callback {callback} remembers"
        if private.draws_globally():
            return "random numbers come from Keras's global generator, which no model holds"
        return ""

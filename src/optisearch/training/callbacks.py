"""Keras callbacks that report to a `Run`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras

from optisearch.training.models import parameters

if TYPE_CHECKING:
    from optisearch.live_run import LiveRun
    from optisearch.training.resuming import Resuming


class ReportEpochs(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Reports each epoch with all of its metrics, and within a long one how far it is.

    Keras gives the running mean of the loss after each batch (or group of fused batches), which
    stays NaN once a batch was.

    Attributes:
        run: The trial.
        resuming: Its checkpoints; None in a training that leaves none.
    """

    def __init__(self, run: "LiveRun") -> None:
        super().__init__()
        self.run = run
        self.resuming: Resuming | None = None
        self._epoch = 0

    def within(self, epoch: int, share: float, logs: Mapping[str, float]) -> None:
        """Report that a share of an epoch is done."""
        self.run.within(epoch, share, logs)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        # The last of the callbacks: what others forget at the beginning, they have forgotten.
        if self.resuming is not None:
            self.resuming.begin(self.model)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        if self.resuming is not None:
            self.resuming.end(self.model)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        self._epoch = epoch
        if self.resuming is not None:
            self.resuming.fill(self.model.history)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        steps = self.params.get("steps")
        self.within(self._epoch, min(1.0, (batch + 1) / steps) if steps else 0.0, logs or {})

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self.run.parameters is None:  # of a trial that is pruned, too
            self.run.parameters = parameters(self.model)
        resuming = self.resuming
        state = None if resuming is None else lambda: resuming.state(self.model)
        self.run.report(epoch, logs or {}, state)

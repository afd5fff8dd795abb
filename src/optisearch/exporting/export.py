"""`optisearch export`: the model of a trial becomes a file."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from optisearch.address import Address
from optisearch.artifacts import open_artifacts
from optisearch.chatter import without_chatter
from optisearch.errors import OptisearchError
from optisearch.events import Listener, Loading
from optisearch.exporting.card import Exported, card, needs
from optisearch.exporting.checking import check_has_model, told, verify
from optisearch.exporting.target import Target
from optisearch.replaying import Recorded, find_trial, prepare_again, train_again
from optisearch.replaying.again import point_of
from optisearch.replaying.causes import causes, versions_of
from optisearch.replaying.replay import check_can_be_trained, compute_as, progress
from optisearch.replaying.verdict import compare
from optisearch.replaying.words import apart, lines_of
from optisearch.storage import open_database
from optisearch.training import Needs
from optisearch.worker import ExitCode
from optisearch.worker_process import Prepared

if TYPE_CHECKING:
    import keras

    from optisearch.training import Trainer


def export(
    address: Address,
    name: str,
    number: int | None,
    target: Target,
    *,
    file: Path | None,
    console: Console,
) -> ExitCode:
    """Write the model of a trial, and its card.

    Args:
        address: The database, which isn't changed.
        name: The name of a study or stage.
        number: The trial's number; None for the best one.
        target: Where it is written.
        file: The study file; None for the one that is recorded.
        console: Where to say what is written.

    Raises:
        OptisearchError: There is no such trial or it has no model, the model isn't what was
            recorded, or it can't be written. Then nothing is.
    """
    recorded = find_trial(open_database(address, create=False), name, number)
    check_has_model(recorded)
    check_can_be_trained(recorded)
    target.check()
    compute_as(recorded)
    with without_chatter(), progress(recorded, console) as listener:
        prepared, trainer = prepare_again(recorded, address, file, listener)
        kept = kept_values(recorded, address) if prepared.study.build is not None else None
        source = _Source(recorded, prepared, trainer, listener)
        model = source.again() if kept is None else source.model(kept)
        listener(Loading("and measuring the model"))
        hp = point_of(recorded, prepared)
        verified = verify(recorded, trainer.measure(model, hp), was_trained=kept is None)
        exported = Exported(
            recorded, verified, target, kept is None, versions_of(recorded.manifest, recorded.trial)
        )
        found = _write(exported, model)
    for line in (
        f"{target.path} and {target.card} are written: the model of {recorded}.",
        told(verified),
        *needs(found),
    ):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return ExitCode.DONE


def kept_values(recorded: Recorded, address: Address) -> bytes | None:
    """What was kept of a trial's model; None where nothing was, or it is gone by now."""
    if recorded.trial.model is None:
        return None
    store = open_artifacts(os.environ, address).store
    if store is None:
        return None
    try:
        return store.read(recorded.trial.model["id"])
    except Exception:
        return None  # it isn't among the best any more, or lies elsewhere: it is trained again


@dataclass(frozen=True)
class _Source:
    """Where a model comes from."""

    recorded: Recorded
    prepared: Prepared
    trainer: "Trainer"
    listener: Listener

    def model(self, kept: bytes | None) -> "keras.Model":
        hp = point_of(self.recorded, self.prepared)
        return self.trainer.model(hp, self.recorded.trial.seed or 0, kept)

    def again(self) -> "keras.Model":
        """Train it again.

        Raises:
            OptisearchError: It ends with another metric than was recorded, or doesn't end.
        """
        recorded = self.recorded
        repeated = train_again(recorded, self.prepared, self.trainer, self.listener)
        found = compare(recorded.trial.history, repeated.history, recorded.metric)
        if found.ends_alike and not repeated.failure:
            return self.model(None)
        raise OptisearchError(
            f"{recorded}, {apart(recorded.metric, found, repeated)}: nothing was written",
            remedy="Restore what differs, or export a trial whose model was kept: --trial best, "
            "after run --keep-models",
            detail="\n".join(lines_of(causes(recorded, self.prepared))),
        )


def _write(exported: Exported, model: "keras.Model") -> Needs:
    from optisearch.training.saving import write

    target = exported.target
    return target.write(
        lambda path: write(model, path, target.format),
        lambda found: card(replace(exported, needs=found)),
    )

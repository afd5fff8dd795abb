"""The best models of a search, kept while it goes on: as many as were asked for, and no more.

A model is kept at the end of its trial, before the database is told: where a trial says that it has
one, there was one. Those that aren't among the best any more are removed by whoever kept a better
one, after telling; a trial goes on naming a model that is gone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from optisearch import record
from optisearch.artifacts.store import Say, Store, why

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial


@dataclass
class BestModels:
    """The best models of one stage.

    Attributes:
        store: Where they are.
        most: How many there are to be.
        say: Tells a line.
    """

    store: Store
    most: int
    say: Say
    # The worst value of those that are to be kept, as last seen, so that more is better: the
    # database needn't be asked for each trial that falls short of it.
    _bar: float | None = None
    # The one that was kept for the trial that is about to end.
    _new: str = ""

    def keep(
        self, trial: "optuna.Trial", value: float, values: Callable[[], bytes | None]
    ) -> dict[str, Any]:
        """Keep the model of a trial that is about to end, if it is one of the best.

        Args:
            trial: The trial.
            value: Its value.
            values: The model's, asked for when it is.

        Returns:
            The trial's system attribute; empty where it isn't kept.
        """
        score = value if _maximizes(trial) else -value
        if self._bar is not None and score <= self._bar:
            return {}
        before = sorted(_scores(trial), reverse=True)[: self.most]
        if len(before) == self.most:
            self._bar = before[-1]
            if score <= self._bar:
                return {}
        try:
            content = values()
        except Exception as error:
            self.say(f"artifacts: the best models aren't kept ({why(error)})")
            return {}
        name = f"model-{uuid4()}"
        if content is None or not self.store.write(name, content):
            return {}
        self._new = name
        return {record.MODEL: {"id": name}}

    def ended(self, trial: "optuna.Trial", *, is_told: bool) -> None:
        """After a model was kept, remove those that aren't among the best any more; or this one,
        where the database couldn't be told of it, since the trial was another's already."""
        new, self._new = self._new, ""
        if not new:
            return
        if not is_told:
            self.store.remove(new)
            return
        kept = [each for each in _completed(trial) if record.MODEL in each.system_attrs]
        sign = -1 if _maximizes(trial) else 1
        kept.sort(key=lambda each: (sign * each.values[0], each.number))
        for each in kept[self.most :]:
            self.store.remove(each.system_attrs[record.MODEL]["id"])


def _maximizes(trial: "optuna.Trial") -> bool:
    return trial.study.direction.name == "MAXIMIZE"


def _scores(trial: "optuna.Trial") -> list[float]:
    sign = 1 if _maximizes(trial) else -1
    return [sign * each.values[0] for each in _completed(trial)]


def _completed(trial: "optuna.Trial") -> "Sequence[FrozenTrial]":
    from optuna.trial import TrialState

    states = (TrialState.COMPLETE,)
    return trial.storage.get_all_trials(trial.study._study_id, deepcopy=False, states=states)

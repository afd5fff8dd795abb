"""What is asked: a `Study` is a space, a way to train one point of it, data, and a metric."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from optisearch import objectives as aims
from optisearch import space as spaces
from optisearch.comparison import Comparison
from optisearch.comparison import problems as comparison_problems
from optisearch.errors import DefinitionError, Problem
from optisearch.known import problems as known_problems
from optisearch.objectives import Direction, Names, Objective

if TYPE_CHECKING:
    import keras

# The name becomes part of stage names (`mnist/search`), of file names and of command lines.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?")
_RESERVED_FILE_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@dataclass(frozen=True)
class Outcome:
    """What a `train` function may return beside the epochs it reported.

    Attributes:
        parameters: The number of trainable parameters of the model.
        trained_by: How, in a word: `graphs`, `graphs used again` or `fit`, for `build`.
    """

    parameters: int | None = None
    trained_by: str = ""


class Run(Protocol):
    """One trial in training, as a `train` function sees it."""

    @property
    def number(self) -> int:
        """The trial's number in its stage."""

    @property
    def seed(self) -> int:
        """The trial's seed, in [0, 2**31)."""

    @property
    def callbacks(self) -> "list[keras.callbacks.Callback]":
        """Keras callbacks that call `report` after each epoch of a hand-written `model.fit`."""

    def fit(
        self,
        model: "keras.Model",
        train: Any,
        validation: Any = None,
        *,
        callbacks: "Sequence[keras.callbacks.Callback]" = (),
        **arguments: Any,
    ) -> "keras.callbacks.History":
        """Train a Keras model as `model.fit` would, several times faster, and report its epochs.

        The records come in an order that follows from the trial's seed and the epoch.

        Args:
            model: The model, compiled and untrained.
            train: `(x, y)` or `(x, y, sample_weight)`; x and y may be nested. Or a
                `tf.data.Dataset`, or a `keras.utils.PyDataset`.
            validation: The same to evaluate it on.
            callbacks: Further ones than `run.callbacks`.
            arguments: Others of `keras.Model.fit`: epochs, batch_size, class_weight, ….

        Returns:
            The history, as `model.fit` does.

        Raises:
            optuna.TrialPruned: See `report`.
        """

    def report(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Record an epoch.

        Args:
            epoch: The epoch, counted from 0.
            metrics: Its metrics by name, those that are objectives among them.

        Raises:
            optuna.TrialPruned: The trial ends here, because it is hopeless or diverged, or because
                the worker was asked to stop. Let it pass.
            optisearch.errors.TrainingError: A metric that is an objective isn't among `metrics`.
        """


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question: which point of `space` is best, and which of its fields matter?

    Attributes:
        name: Its name in the database: letters, digits, `.`, `_` and `-`.
        space: A frozen dataclass; see `optisearch.space`.
        build: A point of the space → a compiled Keras model.
        train: `train(hp, data, run)`, a training loop of one's own in place of `build`. `data` is
            a `TrainingData` (a `Split` without its test part), or None without data. It reports
            epochs to the `Run` and may return an `Outcome`.
        callbacks: A point of the space → Keras callbacks for the training of what `build` returns,
            such as `keras.callbacks.EarlyStopping`. Those that act after each batch make it slow.
        data: A `Split`, or a function (or `Source`) that returns one.
        maximize: Of what more is better: a metric that each epoch reports, `"val_accuracy"`.
        minimize: Of what less is better: a metric, `"val_loss"`, or a cost of the whole trial,
            `"parameters"`, `"seconds"`, `"seconds_per_epoch"`, and with a target
            `"epochs_to_target"` or `"seconds_to_target"`. Each of the two may be several in a
            tuple. The first metric is the monitored one: trials are pruned and ranked by it.
        trials: How many trials a search trains where its command doesn't say.
        comparisons: What `compare` measures; by default every factor, one at a time.
        target: The value of the metric that time to accuracy waits for, in tables.
        known: Configurations that a search tries first, after the baseline: instances of the space,
            or mappings of what differs from its baseline.

    Raises:
        DefinitionError: With all problems of the definition, each with its field and remedy.
    """

    name: str
    space: type
    build: Callable[[Any], Any] | None = None
    train: Callable[[Any, Any, Run], Outcome | None] | None = None
    callbacks: "Callable[[Any], Sequence[keras.callbacks.Callback]] | None" = None
    data: Any = None
    maximize: Names = ""
    minimize: Names = ""
    trials: int = 50
    comparisons: Sequence[Comparison] = ()
    known: Sequence[Any] = ()
    target: float | None = None

    def __post_init__(self) -> None:
        found = list(self._problems())
        if found:
            raise DefinitionError(f"study {self.name!r}", found)
        object.__setattr__(self, "comparisons", tuple(self.comparisons))
        object.__setattr__(self, "known", tuple(self.known))

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """What a search is after, the monitored metric first."""
        return aims.declared(self.maximize, self.minimize, self.target)

    @property
    def metric(self) -> str:
        """The monitored metric."""
        return self.objectives[0].name

    @property
    def metrics(self) -> tuple[str, ...]:
        """The objectives that each epoch reports, the monitored one first."""
        return tuple(each.name for each in self.objectives if not each.is_cost)

    @property
    def direction(self) -> Direction:
        return self.objectives[0].direction

    def _problems(self) -> Iterator[Problem]:
        yield from _name_problems(self.name)
        of_the_space = spaces.problems(self.space)
        yield from of_the_space
        if not of_the_space:
            yield from known_problems(self.known, self.space)
        yield from self._training_problems()
        yield from self._metric_problems()
        yield from self._comparison_problems()

    def _training_problems(self) -> Iterator[Problem]:
        if self.build is not None and self.train is not None:
            yield Problem("build", "`train` is given too", "keep the one you need")
        elif self.build is None and self.train is None:
            yield Problem(
                "build",
                "neither `build` nor `train` is given",
                "give a function from a point of the space to a compiled Keras model",
            )
        if self.callbacks is not None and self.build is None:
            yield Problem("callbacks", "they are for `build`", "give them to your own `fit`")
        for name in ("build", "train", "callbacks"):
            function = getattr(self, name)
            if function is not None and not callable(function):
                yield Problem(name, f"{function!r} is no function", "give a function")
        if self.build is not None and self.data is None:
            yield Problem("data", "`build` needs data to train on", "give a Split or a function")

    def _metric_problems(self) -> Iterator[Problem]:
        yield from aims.problems(self.maximize, self.minimize, self.target)
        target = self.target
        if target is not None and not (isinstance(target, int | float) and math.isfinite(target)):
            yield Problem("target", f"{target!r} is no value of a metric", "give a number")
        if not isinstance(self.trials, int) or self.trials < 1:
            yield Problem("trials", f"{self.trials!r} is no number of trials", "give 1 or more")

    def _comparison_problems(self) -> Iterator[Problem]:
        if not isinstance(self.space, type) or not hasattr(self.space, "__dataclass_fields__"):
            return
        yield from comparison_problems(self.comparisons, self.space)


def _name_problems(name: object) -> Iterator[Problem]:
    if (
        not isinstance(name, str)
        or not _NAME.fullmatch(name)
        or _RESERVED_FILE_NAMES.fullmatch(name)
    ):
        yield Problem(
            "name",
            f"{name!r} can't name studies and files",
            "use 1 to 100 letters, digits, `.`, `_` and `-`, beginning with a letter or digit",
        )

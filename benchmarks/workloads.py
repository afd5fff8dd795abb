"""The models that are timed: those of the studies, at one point each. Names first, Keras later."""

from collections.abc import Callable
from dataclasses import dataclass, make_dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import ROOT, STUDIES

if TYPE_CHECKING:
    from optisearch import Study
    from optisearch.data import TrainingData


@dataclass(frozen=True)
class Workload:
    """One model, how it is trained, and on what.

    Attributes:
        study: Its `build` and its data.
        point: The point of the study's space that is trained.
        records: How many records it is trained on; None for all.
    """

    study: "Study"
    point: Any
    records: int | None = None

    @property
    def epochs(self) -> int:
        return int(self.point.epochs)

    def model(self) -> Any:
        """The model, compiled."""
        assert self.study.build is not None
        return self.study.build(self.point)

    def data(self) -> "TrainingData":
        """Its arrays, without the test part."""
        from optisearch import data

        return data.load(self.study.data, self.records).for_training()


def _study(name: str, folder: Path = STUDIES) -> "Study":
    from optisearch.loading import load_study

    return load_study(folder / f"{name}.py")


def autoencoder() -> Workload:
    """The autoencoder of digits: 64-32-64, 1,144 records, batches of 256, 50 epochs."""
    study = _study("autoencoder")
    return Workload(study, study.space())


def _mnist(records: int, epochs: int, **point: Any) -> Workload:
    study = _study("mnist")
    return Workload(study, replace(study.space(), batch_size=64, epochs=epochs, **point), records)


def convolutional() -> Workload:
    """The network of `studies/mnist_convolutional.py`, 6,000 records, batches of 64, 2 epochs."""
    study = _study("convolutional", ROOT / "benchmarks" / "studies")
    return Workload(study, study.space(), 6_000)


AUTOENCODER = "autoencoder, 50 epochs"
MLP = "MLP 784-64-10, 20,000 × 5"
WIDE_MLP = "MLP 784-512-10, 20,000 × 5"
CNN = "CNN, 6,000 × 2"
LSTM = "LSTM, 6,000 × 2"
WORKLOADS: dict[str, Callable[[], Workload]] = {
    AUTOENCODER: autoencoder,
    MLP: partial(_mnist, 20_000, 5, units=64),
    WIDE_MLP: partial(_mnist, 20_000, 5, units=512),
    CNN: convolutional,
    LSTM: partial(_mnist, 6_000, 2, architecture="recurrent"),
}


def steady(name: str, records: int | None = None) -> "Study":
    """A study whose trials all take equally long: its learning rate alone varies.

    Args:
        name: Of a workload.
        records: How many records it is trained on, where not so many as the workload says.
    """
    from optisearch import data, real

    workload = WORKLOADS[name]()
    read = partial(data.load, workload.study.data, records or workload.records)
    return _varied(workload, read, learning_rate=real(1e-4, 1e-2, log=True, baseline=1e-3))


def widths(epochs: int) -> "Study":
    """A study of the autoencoder whose trials all have another structure."""
    from optisearch import integer

    workload = autoencoder()
    short = replace(workload, point=replace(workload.point, epochs=epochs))
    return _varied(short, short.study.data, code=integer(8, 4096, baseline=32))


def _varied(workload: Workload, data: Any, **factors: Any) -> "Study":
    """A study of the workload's point in which these fields alone vary."""
    from optisearch import Study

    study, point = workload.study, workload.point
    fixed = [(name, int, getattr(point, name)) for name in ("batch_size", "epochs")]
    varied = [(name, type(getattr(point, name)), factor) for name, factor in factors.items()]

    def build(hp: Any) -> Any:
        assert study.build is not None
        return study.build(replace(point, **{name: getattr(hp, name) for name in factors}))

    return Study(
        name="varied",
        space=make_dataclass("Varied", varied + fixed, frozen=True),
        build=build,
        data=data,
        maximize=study.maximize,
        minimize=study.minimize,
    )


def study_file(folder: Path, study: str) -> Path:
    """Write a study file for workers to load, with one of the studies above: `widths(3)`."""
    file = folder / "varied.py"
    text = f"from benchmarks import workloads\n\nstudy = workloads.{study}\n"
    file.write_text(text, encoding="utf-8")
    return file

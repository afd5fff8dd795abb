"""Parabola: a trial takes a millisecond."""

from dataclasses import dataclass

from optisearch import Study, choice, integer, real


@dataclass(frozen=True)
class Point:
    """A point of the plane. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)
    y: float = real(-5.0, 5.0, baseline=0.0)
    shape: str = choice("round", "flat", baseline="round")
    epochs: int = integer(1, 3, baseline=2)


def train(hp, data, run):
    for epoch in range(hp.epochs):
        height = (hp.x - 1) ** 2 + (hp.y + 2) ** 2
        run.report(epoch, {"loss": height + 1 / (epoch + 1), "height": height})


study = Study(name="parabola", space=Point, train=train, minimize="loss")

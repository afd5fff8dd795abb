"""Parabola: a study without Keras that trains in a millisecond."""

from dataclasses import dataclass

from optisearch import Outcome, Run, Study, choice, integer, real


@dataclass(frozen=True)
class Point:
    """A point on a slope. `Point()` is the baseline."""

    x: float = real(-10.0, 10.0, baseline=5.0)
    shape: str = choice("flat", "steep", baseline="flat")
    slope: float = real(1.0, 100.0, log=True, baseline=2.0, when={"shape": "steep"})
    epochs: int = integer(1, 4, baseline=3)
    top: float = 1.0


def train(hp: Point, _data: None, run: Run) -> Outcome:
    """Climbs towards the point's height, epoch by epoch."""
    depth = (hp.x - 2.0) ** 2 * (hp.slope if hp.shape == "steep" else 1.0)
    for epoch in range(hp.epochs):
        height = hp.top - depth - 1.0 / (epoch + 1)
        run.report(epoch, {"height": height, "depth": depth})
    return Outcome(parameters=2)


study = Study(name="parabola", space=Point, train=train, maximize="height")

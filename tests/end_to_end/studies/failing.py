"""Failing: every trial raises."""

from dataclasses import dataclass

from optisearch import Study, real


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)


def train(hp, data, run):
    run.report(0, {"loss": hp.x**2})
    layers = {"dense": 1}
    return layers[f"convolution {hp.x:.3f}"]


study = Study(name="failing", space=Point, train=train, minimize="loss")

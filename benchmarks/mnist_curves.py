"""Full learning curves of the MNIST study: every trial trains 20 epochs, none is pruned.

`python -m benchmarks.pruners` replays them with each pruner. Record them with

    optisearch run benchmarks/mnist_curves.py --pruner none --sampler random --trials 60 \
        --storage sqlite:///storage/curves-random.db
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from optisearch import Study
from optisearch.data import mnist

sys.path.insert(0, str(Path(__file__).parents[1] / "studies"))
from mnist import Digits, build  # the real study, with its folder on the path


@dataclass(frozen=True)
class FullLength(Digits):
    """The study's space with its longest training."""

    epochs: int = 20


study = Study(
    name="mnist-curves", space=FullLength, build=build, data=mnist, maximize="val_accuracy"
)

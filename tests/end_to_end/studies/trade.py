"""A known trade: how good is what weighs little?"""

from dataclasses import dataclass

from optisearch import Run, Study, real


@dataclass(frozen=True)
class Trade:
    """Best at slope 0.3 and offset 0.6, whatever the weight."""

    weight: float = real(0.0, 1.0, baseline=0.5)
    slope: float = real(0.0, 1.0, baseline=0.5)
    offset: float = real(0.0, 1.0, baseline=0.5)
    epochs: int = 6


def train(hp: Trade, _data: object, run: Run) -> None:
    """On the front, the quality is 1 - 0.2 (1 - weight)²."""
    best = 1 - 0.2 * (1 - hp.weight) ** 2
    end = best - abs(hp.slope - 0.3) - abs(hp.offset - 0.6)
    for epoch in range(hp.epochs):
        run.report(epoch, {"quality": end - 0.5 ** (epoch + 1) / 4, "weight": hp.weight})


study = Study(
    name="trade", space=Trade, train=train, maximize="quality", minimize="weight", trials=60
)

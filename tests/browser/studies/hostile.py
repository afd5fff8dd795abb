"""<img src=x onerror=own()><script>own()</script>"""

from dataclasses import dataclass

from optisearch import Study, choice, integer

IMAGE = "<img src=x onerror=own()>"
SCRIPT = "<script>own()</script>"
LINK = "[a](javascript:own())"


@dataclass(frozen=True)
class Space:
    """Whose options are HTML."""

    text: str = choice(IMAGE, SCRIPT, LINK, baseline=IMAGE)
    epochs: int = integer(2, 4, baseline=3)


def train(hp, _data, run):
    """Fails sometimes, in HTML."""
    for epoch in range(hp.epochs):
        run.report(epoch, {"height": len(hp.text) + epoch})
    if hp.text == SCRIPT:
        raise ValueError(SCRIPT + IMAGE)


study = Study(name="hostile", space=Space, train=train, maximize="height")

"""D: "Comparing Different Optimizers for Autoencoders" (scikit-learn's digits)."""

from docs.findings.claims import Claim, Part, Published
from docs.findings.judges import Better, Ordered
from docs.findings.single import Shown, Spread

_FAITHFUL, _FAIR = "autoencoder", "autoencoder_fair"
_ORDER = ("rmsprop", "adam", "sgd", "adagrad")

PARTS = (
    Part(
        "D. Comparing Different Optimizers for Autoencoders",
        (
            Published("reconstruction error", _FAITHFUL, "optimizer"),
            Claim("its picture: a bar for each optimizer", _FAITHFUL, "optimizer", Shown()),
            Claim(
                "it ran each once: runs differ (Adam)",
                _FAITHFUL,
                "optimizer",
                Spread("adam", "val_mse"),
            ),
            Claim(
                "asked fairly, at its one learning rate: the same order",
                _FAIR,
                "optimizer",
                Ordered(_ORDER),
            ),
            Claim(
                "asked fairly, learning rate tuned for each: the same order",
                _FAIR,
                "optimizer",
                Ordered(_ORDER),
                tuned=True,
            ),
            Claim("asked fairly, tuned: the errors", _FAIR, "optimizer", Shown(), tuned=True),
            Claim(
                "asked fairly: RMSprop better than Adam, at 0.001",
                _FAIR,
                "optimizer",
                Better("rmsprop", "adam"),
            ),
            Claim(
                "asked fairly: RMSprop better than Adam, tuned",
                _FAIR,
                "optimizer",
                Better("rmsprop", "adam"),
                tuned=True,
            ),
        ),
        "Faithful first: scaled before the split, one learning rate, a loss that its inputs don't "
        "fit. Fairly: scaled by the training part, squared error, several seeds.",
    ),
)

"""The honest question behind all of them: which optimizer is best depends on the tuning."""

from docs.findings.both import DependsOnTuning
from docs.findings.claims import Claim, Part, Published
from docs.findings.judges import Better
from docs.findings.single import Shown

_STUDIES = ("mnist", "autoencoder_fair")


def _both(says: str, study: str, comparison: str, level: str, than: str) -> tuple[Claim, ...]:
    """The same claim of both halves."""
    judge = Better(level, than)
    return (
        Claim(f"{says}, at the document's settings", study, comparison, judge),
        Claim(f"{says}, learning rate tuned for each", study, comparison, judge, tuned=True),
    )


PARTS = (
    Part(
        "The honest question",
        (
            *(
                Claim(
                    f"which optimizer is best depends on the tuning ({study})",
                    study,
                    "optimizer",
                    DependsOnTuning(),
                    tuned=True,
                )
                for study in _STUDIES
            ),
            Claim(
                "which architecture is best depends on the tuning",
                "mnist",
                "architecture",
                DependsOnTuning(),
                tuned=True,
            ),
            Claim(
                "which loss is best depends on the tuning",
                "mnist",
                "loss",
                DependsOnTuning(),
                tuned=True,
            ),
            *_both("Adam better than RMSprop (mnist)", "mnist", "optimizer", "adam", "rmsprop"),
            *_both("Adam better than SGD (mnist)", "mnist", "optimizer", "adam", "sgd"),
            *_both(
                "Adam better than RMSprop (autoencoder_fair)",
                "autoencoder_fair",
                "optimizer",
                "adam",
                "rmsprop",
            ),
            Claim(
                "Adam better than RMSprop (mnist_convolutional), at Keras's defaults",
                "mnist_convolutional",
                "optimizer",
                Better("adam", "rmsprop"),
            ),
            Published("B1, tuned", "mnist", "optimizer", tuned=True),
            Published("B8, tuned", "mnist", "architecture", tuned=True),
            Claim("the optimizers, tuned (mnist)", "mnist", "optimizer", Shown(), tuned=True),
        ),
        "Tuned: the learning rate was searched again for every level, with the same budget, and "
        "the chosen one repeated over fresh seeds.",
    ),
)

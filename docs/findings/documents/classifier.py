"""B's binary classifier, and what its text says about other ways of training than by gradients."""

from docs.findings.claims import Claim, Part
from docs.findings.judges import Better, Ordered
from docs.findings.single import Course, Restarts, Shown, Spread, Works

_STUDY = "binary"
_LOSS, _EPOCHS, _NO_GRADIENT = "method loss", "method epochs", "method without gradient"
# How often the more frequent class is right: 357 of 569 tumours are benign.
_ALWAYS_BENIGN = 357 / 569


def _sooner(says: str, level: str, than: str) -> Claim:
    return Claim(says, _STUDY, _EPOCHS, Ordered((level, than), "epochs_to_target"))


_MODEL = Part(
    "B. Gradient Descent Optimizer Keras: its binary classifier",
    (
        Claim(
            "its model: 64 relu, 64 relu, 1 sigmoid, SGD 0.01",
            _STUDY,
            "scaling",
            Course("standardized", ("loss", "val_loss", "val_accuracy"), (1, 10, 50)),
        ),
        Claim(
            "feature scaling helps, at its settings",
            _STUDY,
            "scaling",
            Better("standardized", "none"),
        ),
        Claim(
            "feature scaling helps, learning rate tuned for each",
            _STUDY,
            "scaling",
            Better("standardized", "none"),
            tuned=True,
        ),
        Claim(
            "a learning rate too high overshoots (10 against 0.01)",
            _STUDY,
            "learning_rate",
            Better(0.01, 10.0),
        ),
        Claim(
            "a learning rate too low crawls (0.0001 against 0.01)",
            _STUDY,
            "learning_rate",
            Better(0.01, 1e-4),
        ),
        Claim(
            "a custom loss can be used (squared error of the probability)",
            _STUDY,
            "loss",
            Works("squared", "", _ALWAYS_BENIGN),
        ),
        Claim("the loss: accuracy, at its settings", _STUDY, "loss", Shown()),
        Claim("the loss: accuracy, tuned for each", _STUDY, "loss", Shown(), tuned=True),
    ),
    "Its 100 inputs have no data: here they are the 30 of scikit-learn's breast tumours.",
)

_METHODS = Part(
    "B. Gradient Descent Optimizer Keras: other methods",
    (
        _sooner("second-order methods can converge faster: L-BFGS than SGD", "lbfgs", "sgd"),
        _sooner("second-order methods can converge faster: L-BFGS than Adam", "lbfgs", "adam"),
        _sooner("Newton's method can converge faster: than SGD", "newton", "sgd"),
        _sooner("Newton's method can converge faster: than Adam", "newton", "adam"),
        Claim("all methods: the loss that is left", _STUDY, _LOSS, Shown()),
        Claim("all methods: the validation loss", _STUDY, "method", Shown()),
        Claim("all methods: the time", _STUDY, "method time", Shown()),
        Claim(
            "not always the global minimum: where L-BFGS ends depends on where it begins",
            _STUDY,
            _LOSS,
            Spread("lbfgs", "loss"),
        ),
        Claim(
            "against local minima: the best of 3 seeds of L-BFGS",
            _STUDY,
            _LOSS,
            Restarts("lbfgs", 3, "loss"),
        ),
        Claim(
            "against local minima: random restarts, with as many passes in all",
            _STUDY,
            _LOSS,
            Better("lbfgs restarts", "lbfgs"),
        ),
        *(
            claim
            for name, level in (
                ("simulated annealing", "annealing"),
                ("a genetic algorithm (differential evolution)", "evolution"),
                ("a particle swarm", "swarm"),
                ("an evolution strategy (CMA-ES)", "cma-es"),
            )
            for claim in (
                Claim(
                    f"against local minima: {name} rather than L-BFGS",
                    _STUDY,
                    _LOSS,
                    Better(level, "lbfgs"),
                ),
                Claim(
                    f"… rather than random weights ({level})",
                    _STUDY,
                    _LOSS,
                    Better(level, "random"),
                ),
            )
        ),
        *(
            claim
            for level in ("evolution", "cma-es")
            for claim in (
                Claim(
                    f"evolutionary algorithms serve where the loss has no gradient: {level}",
                    _STUDY,
                    _NO_GRADIENT,
                    Works(level, "", _ALWAYS_BENIGN),
                ),
                Claim(
                    f"… rather than random weights ({level})",
                    _STUDY,
                    _NO_GRADIENT,
                    Better(level, "random"),
                ),
            )
        ),
    ),
    "A network with one hidden layer of 4. Every method goes through the records equally often, "
    "for a loss or for a gradient; an epoch is a number of such passes.",
)

PARTS = (_MODEL, _METHODS)

"""B's binary classifier, and what its text says about other ways of training than by gradients."""

from docs.findings.claims import Claim, Part
from docs.findings.judges import Better, Ordered
from docs.findings.single import Course, Shown

_STUDY = "binary"
_METHOD = "method"


def _better(says: str, level: str, than: str, measure: str = "loss") -> Claim:
    return Claim(says, _STUDY, _METHOD, Better(level, than, measure))


PARTS = (
    Part(
        "B. Gradient Descent Optimizer Keras: its binary classifier",
        (
            Claim(
                "its model: 64 relu, 64 relu, 1 sigmoid, SGD 0.01",
                _STUDY,
                _METHOD,
                Course("sgd", ("loss", "val_loss", "val_accuracy"), (1, 10, 50)),
            ),
            Claim("the methods: the loss that is left", _STUDY, _METHOD, Shown(measure="loss")),
            _better("second-order methods converge faster: L-BFGS than SGD", "lbfgs", "sgd"),
            _better("second-order methods converge faster: L-BFGS than Adam", "lbfgs", "adam"),
            _better("Newton's method converges faster than SGD", "newton", "sgd"),
            _better("Newton's method converges faster than Adam", "newton", "adam"),
            Claim(
                "… by the epochs to one validation loss",
                _STUDY,
                _METHOD,
                Ordered(("lbfgs", "newton", "adam", "sgd"), "epochs_to_target"),
            ),
            _better("against local minima: random restarts of L-BFGS", "lbfgs restarts", "lbfgs"),
            *(
                claim
                for name, level in (
                    ("simulated annealing", "annealing"),
                    ("a genetic algorithm (differential evolution)", "evolution"),
                    ("a particle swarm", "swarm"),
                    ("CMA-ES", "cma-es"),
                )
                for claim in (
                    _better(f"against local minima: {name} rather than SGD", level, "sgd"),
                    _better(f"… {name} rather than random weights", level, "random"),
                )
            ),
        ),
        "Its 100 inputs have no data: here they are the 30 of scikit-learn's breast tumours. Every "
        "method goes through the records equally often.",
    ),
)

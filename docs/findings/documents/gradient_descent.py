"""B: "Gradient Descent Optimizer Keras" (MNIST): nine tables, and a text full of claims."""

from docs.findings.both import CostsLess, NeedsLessMemory
from docs.findings.claims import Claim, OfMemory, Part, Published
from docs.findings.judges import Better, First, Longer, Ordered
from docs.findings.single import Restarts, Spread, Tracked, Works

_SPEED = ("adam", "rmsprop", "adagrad", "sgd")
_CHANCE = 0.1  # of ten digits

_TABLES = Part(
    "B. Gradient Descent Optimizer Keras: its tables",
    (
        Published("B1 optimizer", "mnist", "optimizer"),
        Claim(
            "B1: Adam is very fast, RMSprop fast, Adagrad medium, SGD slow (epochs to target)",
            "mnist",
            "optimizer",
            Ordered(_SPEED, "epochs_to_target"),
        ),
        Claim(
            "B1: the same, by the training loss after 10 epochs",
            "mnist",
            "optimizer",
            Ordered(_SPEED, "loss"),
        ),
        Published("B2 learning rate", "mnist", "learning_rate"),
        Published("B3 activation", "mnist", "activation"),
        Published("B4 epochs", "mnist", "epochs"),
        Published("B5 images", "data_size", "images", " min"),
        Published("B6 regularization", "mnist", "regularization"),
        Published("B7 batch size", "mnist", "batch_size", " min"),
        Published("B8 architecture", "mnist", "architecture"),
        Published("B9 three models, loss", "mnist", "Three models: the training loss"),
        Published("B9 three models, accuracy", "mnist", "Three models: the final accuracy"),
    ),
    "Accuracies are those of the validation part. Times are compared as ratios to the first row, "
    "with whatever else ran on the machine. A target is reached in the epoch in which the "
    "validation accuracy first is what Adam has after half of its epochs. B9 names no models: here "
    "they have the names that their order suggests, the smallest for the worst.",
)

_TEXT = Part(
    "B. Gradient Descent Optimizer Keras: its text",
    (
        Claim(
            "it does not always reach the global minimum: runs differ by initialization (Adam)",
            "mnist",
            "optimizer",
            Spread("adam", "loss"),
        ),
        Claim("the same for SGD", "mnist", "optimizer", Spread("sgd", "loss")),
        Claim(
            "against local minima: random restarts (the best of 3 seeds)",
            "mnist",
            "optimizer",
            Restarts("adam", 3, "loss"),
        ),
        Claim(
            "mini-batches make large data manageable: 64 records learn faster than all at once "
            "(accuracy after 2 epochs)",
            "mnist_convolutional",
            "batch",
            Better("64", "all"),
        ),
        Claim(
            "… and take less time than single records",
            "mnist_convolutional",
            "batch time",
            Longer("1", "64"),
        ),
        OfMemory("SGD on single records reduces memory", NeedsLessMemory(1, 10_000)),
        OfMemory("mini-batches make large data manageable: memory", NeedsLessMemory(64, 10_000)),
        Claim(
            "data size: more images give more accuracy",
            "data_size",
            "images accuracy",
            Ordered((500_000, 100_000, 50_000, 10_000)),
        ),
        Claim(
            "a learning rate too high overshoots (1 against 0.001)",
            "mnist",
            "learning_rate",
            Better(1e-3, 1.0),
        ),
        Claim(
            "one too low crawls (0.0001 against 0.001)",
            "autoencoder_fair",
            "learning_rate",
            Better(1e-3, 1e-4),
        ),
        Claim("a custom loss can be used (focal)", "mnist", "loss", Works("focal", "", _CHANCE)),
        Claim(
            "convergence can be tracked by plotting",
            "mnist",
            "optimizer",
            Tracked(("loss", "val_loss", "val_accuracy")),
        ),
        *(
            claim
            for level in ("l1", "l2", "dropout")
            for claim in (
                Claim(
                    f"{level} against overfitting: validation loss after 30 epochs",
                    "mnist",
                    "overfitting",
                    Better(level, "none"),
                ),
                Claim(
                    f"{level}: validation loss less training loss",
                    "mnist",
                    "overfitting",
                    Better(level, "none", "val_loss - loss"),
                ),
                Claim(
                    f"{level}: validation accuracy",
                    "mnist",
                    "overfitting",
                    Better(level, "none", "val_accuracy"),
                ),
            )
        ),
        Claim(
            "early stopping against overfitting: validation loss at the end",
            "mnist",
            "stopping",
            Better("early", "none"),
        ),
        Claim(
            "early stopping: validation accuracy",
            "mnist",
            "stopping",
            Better("early", "none", "val_accuracy"),
        ),
        Claim(
            "early stopping: the time without it",
            "mnist",
            "stopping time",
            Longer("none", "early"),
        ),
        Claim(
            "Adam-like methods suit noisy data: Adam before RMSprop and SGD with 20 % wrong labels",
            "mnist_convolutional",
            "label noise",
            First("adam"),
        ),
        Claim(
            "Adam-like methods suit noisy data: wrong labels cost Adam less than SGD",
            "mnist_convolutional",
            "label noise",
            CostsLess("adam", "sgd", "optimizer"),
        ),
    ),
    "The losses with L1 and L2 include their penalties, in training and in validation: the gap "
    "between the two and the accuracy are without them. Dropout is off while the validation loss "
    "is measured and on while the training loss is.",
)

PARTS = (_TABLES, _TEXT)

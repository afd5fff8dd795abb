"""A: "Loss Function Optimization Tutorial" (Keras). It claims nothing, and invites to measure."""

from docs.findings.claims import Claim, Part
from docs.findings.single import Course, Shown, Tracked

_LOSSES = ("loss", "val_loss")

PARTS = (
    Part(
        "A. Loss Function Optimization Tutorial",
        (
            Claim(
                "its model: 64 relu, 10 softmax, cross-entropy, Adam, 10 epochs",
                "mnist",
                "optimizer",
                Course("adam", ("loss", "val_loss", "accuracy", "val_accuracy")),
            ),
            Claim(
                "its picture: loss and val_loss over the epochs", "mnist", "loss", Tracked(_LOSSES)
            ),
            Claim("try various losses: accuracy, at its settings", "mnist", "loss", Shown()),
            Claim(
                "try various losses: accuracy, learning rate tuned for each",
                "mnist",
                "loss",
                Shown(),
                tuned=True,
            ),
            Claim(
                "try various optimizers: SGD and Adam, learning rate 0.001",
                "mnist",
                "optimizer",
                Shown(("adam", "sgd")),
            ),
            Claim(
                "try various optimizers: SGD and Adam, learning rate tuned for each",
                "mnist",
                "optimizer",
                Shown(("adam", "sgd")),
                tuned=True,
            ),
            Claim(
                "gradient descent (all records at once) and SGD: accuracy after 2 epochs",
                "mnist_convolutional",
                "batch",
                Shown(("all", "64", "1")),
            ),
        ),
        "The accuracy is the one metric that doesn't depend on the loss.",
    ),
)

"""C: "Adam optimizer" (MNIST, convolutional)."""

from docs.findings.both import CostsLess
from docs.findings.claims import Claim, Part
from docs.findings.judges import First, Longer, NoLonger, Ordered, Similar
from docs.findings.single import Course, Least, Shown, Tracked

_STUDY = "mnist_convolutional"
_OPTIMIZERS = ("adadelta", "adagrad", "adam", "rmsprop", "sgd", "momentum")
_METRICS = ("val_accuracy", "val_loss", "loss")
# Half a percent, as the figures of the other tutorials are printed.
_SIMILAR = 0.005
_MUCH = 1.5
_LONGER = 1.1

_TABLE = Part(
    "C. Adam optimizer: its table",
    tuple(
        Claim(f"{name}: accuracy, loss and time", _STUDY, "optimizer", Course(name, _METRICS))
        for name in _OPTIMIZERS
    ),
    "The document prints no figure that could be judged: these are the measured ones at epochs 1, "
    "5 and 10, and the time in all.",
)

_CLAIMS = Part(
    "C. Adam optimizer: its claims",
    (
        Claim("its picture: training cost over epochs", _STUDY, "optimizer", Tracked(("loss",))),
        Claim("Adam reaches the highest accuracy", _STUDY, "optimizer", First("adam")),
        Claim("… in a reasonable time", _STUDY, "optimizer time", NoLonger("adam", "sgd", _MUCH)),
        Claim(
            "RMSprop has a similar accuracy",
            _STUDY,
            "optimizer",
            Similar("rmsprop", "adam", _SIMILAR),
        ),
        Claim(
            "… and takes much longer", _STUDY, "optimizer time", Longer("rmsprop", "adam", _MUCH)
        ),
        Claim("SGD takes the least time", _STUDY, "optimizer time", First("sgd")),
        Claim("SGD produced the best results: accuracy", _STUDY, "optimizer", First("sgd")),
        Claim(
            "SGD produced the best results: validation loss", _STUDY, "optimizer loss", First("sgd")
        ),
        Claim(
            "… yet needs more iterations for Adam's accuracy (at half of its epochs)",
            _STUDY,
            "optimizer",
            Ordered(("adam", "sgd"), "epochs_to_target"),
        ),
        Claim(
            "SGD with momentum does like SGD",
            _STUDY,
            "optimizer",
            Similar("momentum", "sgd", _SIMILAR),
        ),
        Claim(
            "… and takes unexpectedly longer",
            _STUDY,
            "optimizer time",
            Longer("momentum", "sgd", _LONGER),
        ),
        Claim(
            "full batch, mini-batches and single records: accuracy after 2 epochs",
            _STUDY,
            "batch",
            Shown(),
        ),
        Claim(
            "full batch, mini-batches and single records: the time",
            _STUDY,
            "batch time",
            Shown(),
        ),
        Claim("Adam suits noisy gradients", _STUDY, "label noise", First("adam")),
        Claim(
            "Adam suits noisy gradients: wrong labels cost it less than SGD",
            _STUDY,
            "label noise",
            CostsLess("adam", "sgd", "optimizer"),
        ),
        Claim(
            "Adam needs little memory: numbers kept for each parameter",
            _STUDY,
            "optimizer memory",
            Least("adam"),
        ),
    ),
    "What the document leaves open is set here. Similar: within half a percent. A reasonable time: "
    "at most 1.5 times SGD's. Much longer: more than 1.5 times. Unexpectedly longer: more than 1.1 "
    "times. Little memory: no more than any other's.",
)

PARTS = (_TABLE, _CLAIMS)

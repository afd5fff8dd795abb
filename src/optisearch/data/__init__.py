"""The data a study trains on: a data set per file, or arrays of one's own as a `Split`.

Importing this package imports neither TensorFlow, Keras nor scikit-learn.
"""

from optisearch.data.digits_images import digits
from optisearch.data.mnist_images import mnist
from optisearch.data.source import Source, load
from optisearch.data.split import Split, TrainingData

__all__ = ["Source", "Split", "TrainingData", "digits", "load", "mnist"]

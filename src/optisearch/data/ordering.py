"""In which order the records of a data set are dealt out: by seed, all classes evenly.

Not scikit-learn's `train_test_split`: this one deals with classes of a single record, its prefixes
grow (the first 1,000 records are among the first 2,000), and it takes no second to import.
"""

from typing import Any

import numpy as np

_MATRIX = 2


def stratified_order(records: int, labels: np.ndarray | None, seed: int) -> np.ndarray:
    """A random permutation of which every stretch holds the classes in their proportions.

    Args:
        records: How many there are, n.
        labels: Their classes, shape (n,), or None for a plain permutation.
        seed: Any non-negative integer.

    Returns:
        Indices, shape (n,), the same for a seed whatever the machine and the version of NumPy: in
        its first k, each class has its share of k, give or take one record.
    """
    # Raw bits: NumPy promises that they stay the same, unlike what default_rng makes of them.
    order_bits, jitter_bits = np.random.PCG64(seed).random_raw((2, records))
    if labels is None:
        return np.argsort(order_bits, kind="stable")
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    class_by_class = np.lexsort((order_bits, classes))
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    rank = np.empty(records)
    rank[class_by_class] = np.arange(records) - starts
    # The r-th of a class's m records belongs somewhere in the r-th m-th of the whole.
    place = (rank + jitter_bits / 2.0**64) / counts[classes]
    return np.argsort(place, kind="stable")


def class_labels(y: Any) -> np.ndarray | None:
    """The classes of the records, shape (n,); None where `y` isn't one class per record.

    Args:
        y: Integers or booleans, shape (n,) or (n, 1), or one-hot rows, shape (n, classes).
    """
    if not isinstance(y, np.ndarray) or y.dtype.kind not in "biuf":
        return None
    if y.ndim == _MATRIX and y.shape[1] > 1:
        one_hot = ((y == 0) | (y == 1)).all() and (np.count_nonzero(y, axis=1) == 1).all()
        return y.argmax(axis=1) if one_hot else None
    if y.dtype.kind == "f" or y.size != len(y):
        return None
    return y.reshape(-1)

"""The order in which an epoch goes through the training records."""

import numpy as np


def order(records: int, seed: int, epoch: int) -> np.ndarray:
    """A permutation of the records that follows from the trial's seed and the epoch alone.

    So an epoch can be trained again without those before it, and every way to train sees the same.

    Args:
        records: How many there are.
        seed: The trial's seed, not negative.
        epoch: The epoch, counted from 0.

    Returns:
        int32 (records,), each of 0 … records - 1 once.
    """
    return np.random.default_rng((seed, epoch)).permutation(np.arange(records, dtype=np.int32))

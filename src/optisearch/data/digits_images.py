"""Digits: scikit-learn's 1,797 handwritten digits. They come with it: no download, no file."""

import numpy as np

from optisearch.data.split import Split

_BRIGHTEST = 16


def digits(train_samples: int | None = None) -> Split:
    """The images of `sklearn.datasets.load_digits`, cut 1,257 / 270 / 270, stratified, with seed 0.

    x: float32 (n, 8, 8), brightness from 0 to 1 (scikit-learn's 0 … 16, divided by 16).
    y: int64 (n,), the digit, 0 … 9.

    Source: Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, its test set; CC BY 4.0.

    Args:
        train_samples: How many images to train on; by default all. See `Split.take`.

    Raises:
        DataError: There are fewer images.
    """
    images, labels = load_digits()
    x = images.astype(np.float32) / np.float32(_BRIGHTEST)
    split = Split.cut(x, labels, name="digits")
    return split if train_samples is None else split.take(train_samples)


def enlarged_digits() -> tuple[np.ndarray, np.ndarray]:
    """The digits as large as MNIST's.

    Returns:
        x, float32 (1797, 28, 28), brightness from 0 to 1, and y, int64 (1797,).
    """
    images, labels = load_digits()
    weights = _bilinear(images.shape[1], 28)
    # Whole numbers: the same on every machine, which sums of floats aren't, and so the fingerprint.
    enlarged = weights @ images @ weights.T
    brightest = _BRIGHTEST * int(weights[0].sum()) ** 2
    return enlarged.astype(np.float32) / np.float32(brightest), labels


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """Scikit-learn's digits as they are.

    Returns:
        Images, int64 (1797, 8, 8), brightness from 0 to 16, and labels, int64 (1797,).
    """
    from sklearn import datasets  # type: ignore[import-untyped, unused-ignore]

    loaded = datasets.load_digits()
    return loaded.images.astype(np.int64), loaded.target.astype(np.int64)


def _bilinear(before: int, after: int) -> np.ndarray:
    """How much of each old pixel goes into each new one, in units of 1 / (2 · after).

    Pixels are squares that share the image's edges (half-pixel centres, as in `tf.image.resize`).

    Returns:
        Shape (after, before), whole numbers; each row adds up to 2 · after.
    """
    unit = 2 * after
    new = np.arange(after)
    position = np.clip((2 * new + 1) * before - after, 0, (before - 1) * unit)
    left, share = np.divmod(position, unit)
    weights = np.zeros((after, before), np.int64)
    weights[new, left] = unit - share
    weights[new, np.minimum(left + 1, before - 1)] += share
    return weights

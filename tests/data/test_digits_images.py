"""Scikit-learn's digits, and what they look like enlarged."""

import numpy as np
import pytest

from optisearch.data import digits
from optisearch.data.digits_images import enlarged_digits, load_digits
from optisearch.errors import DataError


def test_three_stratified_parts() -> None:
    split = digits()
    assert split.sizes == {"train": 1257, "validation": 270, "test": 270}
    assert split.stored_as("digits") == "digits"
    for part in (split.train, split.validation, split.test):
        assert part is not None
        x, y = part
        assert (x.dtype, y.dtype) == (np.dtype("float32"), np.dtype("int64"))
        assert (x.shape[1:], x.min(), x.max(), y.ndim) == ((8, 8), 0, 1, 1)
        assert np.ptp(np.bincount(y) / len(y)) < 0.015


def test_fewer_to_train_on() -> None:
    assert digits(500).stored_as("digits") == "digits-500"
    with pytest.raises(DataError, match="1,257 records"):
        digits(1258)


def test_enlarged_bilinearly() -> None:
    scipy = pytest.importorskip("scipy.ndimage")
    images, labels = load_digits()
    enlarged, same = enlarged_digits()
    assert enlarged.dtype == np.float32
    assert enlarged.shape == (1797, 28, 28)
    assert same.tolist() == labels.tolist()
    wanted = scipy.zoom(images[7] / 16.0, 28 / 8, order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(enlarged[7], wanted, atol=1e-6)


def test_the_data_is_the_same_for_ever() -> None:
    """A change here would make every stored study of the digits refuse its own data."""
    assert digits().fingerprint == (
        "sha256:3988e8dc1c49e0aa161af1684bfa64463eedea06fef80b5a2c91428399e9d808"
    )

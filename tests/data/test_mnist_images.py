"""Where MNIST is looked for, what is said of a damaged file, and what stands in for it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optisearch.data import mnist, mnist_images
from optisearch.data.download import DownloadError
from optisearch.errors import DataError

SMALL = {"x_train": (60, 28, 28), "y_train": (60,), "x_test": (20, 28, 28), "y_test": (20,)}
GIVEN = os.environ.get("OPTISEARCH_DATA", "")


def arrays() -> dict[str, Any]:
    made = {name: np.zeros(shape, np.uint8) for name, shape in SMALL.items()}
    made["x_train"][:] = np.arange(60)[:, None, None]
    made["y_train"][:] = np.arange(60) % 10
    return made


def write(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mnist.npz"
    stored = {key: value for key, value in (arrays() | changes).items() if value is not None}
    np.savez(path, **stored)
    return path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine without a network, on which MNIST has 60 and 20 images."""

    def no_network(*_: object, **__: object) -> Path:
        raise DownloadError("example.org can't be reached: no network")

    monkeypatch.setattr(mnist_images, "download", no_network)
    monkeypatch.setattr(mnist_images, "_SHAPES", SMALL)
    monkeypatch.setattr(mnist_images, "_VALIDATION", 10)
    monkeypatch.setenv("OPTISEARCH_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_places_in_their_order(home: Path) -> None:
    folders = ["keras/datasets", "storage/datasets", "own"]
    for brightness, folder in enumerate(folders, start=1):
        write(home / folder, x_test=np.full(SMALL["x_test"], brightness, np.uint8))
        split = mnist(fallback=False)
        assert split.test is not None
        assert split.test[0].max() == np.float32(brightness) / np.float32(255)


def test_keras_cache_is_in_the_home_folder_by_default(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("OPTISEARCH_DATA", "")
    monkeypatch.setenv("HOME", str(home))
    assert mnist_images.places() == [
        Path("storage/datasets/mnist.npz"),
        home / ".keras/datasets/mnist.npz",
    ]


def test_the_parts(home: Path) -> None:
    write(home / "own")
    split = mnist()
    assert split.sizes == {"train": 50, "validation": 10, "test": 20}
    assert (split.name, split.variant, split.note) == ("mnist", "", "")
    x, y = split.train
    assert (x.dtype, x.shape, y.dtype, y.shape) == (np.float32, (50, 28, 28), np.int64, (50,))
    assert x.max() <= 1
    assert np.bincount(split.validation[1]).tolist() == [1] * 10
    assert mnist(20).stored_as("mnist") == "mnist-20"


def test_it_is_downloaded_into_keras_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(url: str, sha256: str, *, into: Path) -> Path:
        assert url.endswith("/mnist.npz")
        assert len(sha256) == 64
        return write(into)

    monkeypatch.setattr(mnist_images, "download", download)
    assert mnist(fallback=False).sizes["test"] == 20
    assert (home / "keras/datasets/mnist.npz").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"y_test": None}, "y_test is not a file in the archive"),
        ({"x_train": np.zeros((60, 784), np.uint8)}, "x_train is uint8 (60, 784) instead of"),
        ({"x_test": np.zeros((20, 28, 28))}, "x_test is float64"),
        ({"y_train": np.full(60, 10, np.uint8)}, "y_train has the label 10"),
        ({"y_train": np.array([None] * 60)}, "allow_pickle=False"),
    ],
)
def test_a_file_of_something_else(home: Path, changes: dict[str, Any], reason: str) -> None:
    path = write(home / "own", **changes)
    write(home / "storage/datasets")
    with pytest.raises(DataError) as caught:
        mnist()
    assert str(caught.value).startswith(f"{path}: the file isn't MNIST, or damaged (")
    assert reason in str(caught.value)
    assert "Replace or delete it" in str(caught.value)


@pytest.mark.parametrize("damage", ["empty", "text", "half", "overwritten", "npy", "folder"])
def test_a_damaged_file(home: Path, damage: str) -> None:
    path = write(home / "own")
    whole = path.read_bytes()
    path.unlink()
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("<html>404</html>")
        case "half":
            path.write_bytes(whole[: len(whole) // 2])
        case "overwritten":
            path.write_bytes(whole[:5000] + bytes(range(256)) + whole[5256:])
        case "npy":
            with path.open("wb") as file:
                np.save(file, np.ones(3))
        case "folder":
            path.mkdir()
    with pytest.raises(DataError, match=r"own/mnist\.npz: .* Replace or delete it"):
        mnist()


class TestFallback:
    def test_digits_stand_in(self) -> None:
        split = mnist()
        assert (split.name, split.variant) == ("mnist", "digits")
        assert split.stored_as("mnist") == "mnist-digits"
        assert split.sizes == {"train": 1257, "validation": 270, "test": 270}
        assert split.train[0].shape == (1257, 28, 28)
        assert mnist(100).stored_as("mnist") == "mnist-digits-100"

    def test_and_one_line_says_so(self, home: Path) -> None:
        note = mnist().note
        assert "\n" not in note
        for said in (str(home / "own/mnist.npz"), "storage/datasets", "keras", "no network"):
            assert said in note
        assert "training on scikit-learn's digits" in note
        assert "set OPTISEARCH_DATA" in note

    def test_or_not(self) -> None:
        with pytest.raises(DataError, match=r"MNIST is neither in .* Put mnist\.npz into"):
            mnist(fallback=False)


@pytest.mark.skipif(
    not Path(GIVEN, "mnist.npz").exists() or not GIVEN,
    reason="the real MNIST isn't there: set OPTISEARCH_DATA to the folder of mnist.npz",
)
def test_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    split = mnist(fallback=False)
    assert split.sizes == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert split.fingerprint == (
        "sha256:1c7a56fa60ed26f9a412fa0d7c92eb54816dc78c4c3115657a429e9bb5e8950e"
    )
    whole = np.bincount(np.concatenate([split.train[1], split.validation[1]]))
    assert np.abs(np.bincount(split.validation[1]) - whole / 6).max() < 1
    assert 0.13 < split.train[0].mean() < 0.131

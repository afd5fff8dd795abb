"""Downloading: soon over without a network, whole or not there, nothing on stdout."""

import hashlib
import socket
import time
from pathlib import Path

import pytest

from optisearch.data import download as module
from optisearch.data.download import DownloadError, download

CONTENT = b"ten thousand digits" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "there").mkdir()
    path = tmp_path / "there/data.npz"
    path.write_bytes(CONTENT)
    return path.as_uri()


def test_a_name_that_can_not_be_resolved(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"nowhere\.invalid can't be reached: "):
        download("https://nowhere.invalid/data.npz", SHA256, into=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_host_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REACHABLE_WITHIN_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(DownloadError, match=r"127\.0\.0\.1 "):
            download(f"http://127.0.0.1:{silent.getsockname()[1]}/x", SHA256, into=tmp_path)
    assert time.monotonic() - began < 2


@pytest.mark.keras
class TestKeras:
    def test_the_file_is_kept(
        self, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        timeout = socket.getdefaulttimeout()
        path = download(url, SHA256, into=tmp_path / "keras/datasets")
        assert path == tmp_path / "keras/datasets/data.npz"
        assert path.read_bytes() == CONTENT
        assert [file.name for file in path.parent.iterdir()] == ["data.npz"]
        assert socket.getdefaulttimeout() == timeout
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err == f"downloading {url}\ndownloading data.npz: 100 %\n"

    def test_a_terminal_sees_the_bar_on_stderr(
        self,
        url: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        download(url, SHA256, into=tmp_path)
        printed = capsys.readouterr()
        assert printed.out == ""
        assert f"{len(CONTENT)}/{len(CONTENT)}" in printed.err

    def test_another_checksum_leaves_nothing(self, url: str, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        with pytest.raises(DownloadError, match="Incomplete or corrupted file"):
            download(url, "0" * 64, into=cache)
        assert not list(cache.iterdir())

    def test_a_folder_that_can_not_be(self, url: str, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(DownloadError, match="file"):
            download(url, SHA256, into=tmp_path / "file/datasets")

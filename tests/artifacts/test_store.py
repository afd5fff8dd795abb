"""Bytes under names, in a store that may fail."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from optuna.artifacts.exceptions import ArtifactNotFound

from optisearch.artifacts.places import Place, Prefixed, open_store
from optisearch.artifacts.store import Store

from .bucket import Bucket, environment


class Memory:
    """Optuna's protocol, in memory; `error` is raised by each call while it is set."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.error: Exception | None = None
        self.calls = 0

    def _called(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error

    def open_reader(self, artifact_id: str) -> BinaryIO:
        self._called()
        if artifact_id not in self.kept:
            raise ArtifactNotFound("not found")
        return io.BytesIO(self.kept[artifact_id])

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self.kept[artifact_id] = content_body.read(1)  # what a full disk leaves
        self._called()
        content_body.seek(0)
        self.kept[artifact_id] = content_body.read()

    def remove(self, artifact_id: str) -> None:
        del self.kept[artifact_id]
        self._called()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def in_folder(tmp_path: Path, said: list[str]) -> Store:
    return Store(Place("folder", str(tmp_path / "kept")), said.append)


@pytest.fixture(params=["folder", "s3", "a part of s3"])
def store(request: Any, tmp_path: Path, said: list[str]) -> Store:
    if request.param == "folder":
        return Store(Place("folder", str(tmp_path / "kept")), said.append)
    request.getfixturevalue("bucket")
    return Store(Place("s3", "bucket", "" if request.param == "s3" else "a/b/"), said.append)


def test_what_is_written_can_be_read_until_it_is_removed(store: Store, said: list[str]) -> None:
    content = bytes(range(256)) * 1000
    assert store.write("name", content)
    assert store.read("name") == content
    assert store.write("name", b"anew")
    assert store.read("name") == b"anew"
    store.remove("name")
    with pytest.raises(ArtifactNotFound):
        store.read("name")
    store.remove("name")
    assert not said


def test_nothing_is_created_before_it_is_needed(in_folder: Store, tmp_path: Path) -> None:
    assert not list(tmp_path.iterdir())
    in_folder.write("name", b"")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["name"]


def test_a_folder_that_disappears(in_folder: Store, tmp_path: Path, said: list[str]) -> None:
    in_folder.write("name", b"x")
    (tmp_path / "kept").rename(tmp_path / "gone")
    assert not in_folder.write("other", b"y")
    assert not in_folder.write("another", b"z")
    (line,) = said
    assert line.startswith(
        f"artifacts: {tmp_path}/kept can't be used (no such file or directory): "
    )
    assert not (tmp_path / "kept").exists()


def test_folders_above_are_not_created(tmp_path: Path, said: list[str]) -> None:
    store = Store(Place("folder", str(tmp_path / "mistyped" / "kept")), said.append)
    assert not store.write("name", b"x")
    assert len(said) == 1
    assert not list(tmp_path.iterdir())


def test_a_store_that_failed_is_left_alone_for_a_while(said: list[str]) -> None:
    memory, now = Memory(), [0.0]
    store = Store(Place("folder", "b"), said.append, lambda _place: memory, lambda: now[0])
    assert store.write("first", b"1")
    memory.error = OSError("no space left on device")
    assert not store.write("second", b"2")
    calls = memory.calls
    memory.error = None
    assert not store.write("third", b"3")
    store.remove("first")
    assert memory.calls == calls
    assert store.read("first") == b"1"  # what a trial goes on from is always looked for
    now[0] = 301.0
    assert store.write("fourth", b"4")
    assert memory.kept == {"first": b"1", "fourth": b"4"}  # nothing is there by half
    memory.error = OSError("again")
    assert not store.write("fifth", b"5")
    assert len(said) == 1


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            ModuleNotFoundError("No module named 'boto3'", name="boto3"),
            "pip install optisearch[s3]",
        ),
        (
            ModuleNotFoundError("No module named 'google.cloud'", name="google.cloud"),
            "pip install optisearch[gcs]",
        ),
        (ValueError("nothing\nknown"), "ValueError: nothing known"),
    ],
)
def test_a_store_that_can_not_be_opened(said: list[str], error: Exception, shown: str) -> None:
    def opened(_place: Place) -> Any:
        raise error

    store = Store(Place("gs", "b"), said.append, opened)
    assert not store.write("name", b"x")
    assert said == [
        (
            f"artifacts: gs://b/ can't be used ({shown}): trials go on, without checkpoints and tables "
            "of their epochs"
        )
    ]


def test_a_part_of_a_bucket_has_names_of_its_own() -> None:
    memory = Memory()
    part = Prefixed(memory, "a/")
    part.write("name", io.BytesIO(b"x"))
    assert memory.kept == {"a/name": b"x"}
    assert part.open_reader("name").read() == b"x"
    part.remove("name")
    assert not memory.kept


def test_a_bucket_that_refuses(bucket: Bucket, said: list[str]) -> None:
    bucket.status = 403
    store = Store(Place("s3", "bucket"), said.append)
    assert not store.write("name", b"x")
    assert len(said) == 1
    assert said[0].startswith("artifacts: s3://bucket/ can't be used (")
    assert "403" in said[0] or "Forbidden" in said[0]


def test_a_bucket_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, closed: int, said: list[str]
) -> None:
    pytest.importorskip("boto3", reason="the `s3` extra isn't installed")
    for name, value in environment(closed).items():
        monkeypatch.setenv(name, value)
    store = Store(Place("s3", "bucket"), said.append)
    assert not store.write("name", b"x")
    assert len(said) == 1


def test_a_folder_is_optunas_own(tmp_path: Path) -> None:
    """So that `optuna-dashboard --artifact-dir` serves it."""
    from optuna.artifacts import FileSystemArtifactStore

    assert isinstance(open_store(Place("folder", str(tmp_path))), FileSystemArtifactStore)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    pytest.importorskip("boto3", reason="the `s3` extra isn't installed")
    with Bucket() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def closed() -> Iterator[int]:
    """A port that nobody listens on."""
    import socket

    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]

"""Where artifacts are kept: a setting becomes one of Optuna's artifact stores."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from optisearch.address import Address
from optisearch.errors import StorageError

if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore

VARIABLE = "OPTISEARCH_ARTIFACTS"

# Nobody waits for a bucket in vain for long: a trial goes on without it, and a worker that is asked
# to stop has half a minute.
_CONNECT_SECONDS, _ANSWER_SECONDS, _TRIES = 5, 10, 2
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)
_BUCKET = re.compile(r"(?P<bucket>[A-Za-z0-9._-]+)(?:/(?P<prefix>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """A folder, or a bucket.

    Attributes:
        kind: `folder`, `s3` or `gs`.
        name: The folder's path, or the bucket's name.
        prefix: What the names of a bucket's objects begin with: empty, or up to a `/`.
    """

    kind: Literal["folder", "s3", "gs"]
    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return self.name if self.kind == "folder" else f"{self.kind}://{self.name}/{self.prefix}"


def place(environment: Mapping[str, str], address: Address) -> Place | None:
    """The place that the environment names; else the folder beside a SQLite file.

    Returns:
        None for a database on a server, beside which nothing lies that all of its workers reach.

    Raises:
        StorageError: The setting names no such place. It isn't shown: it may hold a secret.
    """
    given = environment.get(VARIABLE, "").strip()
    if not given:
        beside = address.path and address.path.with_suffix(".artifacts")
        return Place("folder", str(beside)) if beside else None
    url = _SCHEME.fullmatch(given)
    if url is None:
        return Place("folder", str(Path(given).expanduser()))
    bucket = _BUCKET.fullmatch(url["rest"])
    kind = url["scheme"].lower()
    if bucket is None or kind not in ("s3", "gs"):
        raise StorageError(
            "this is no place that artifacts can be kept in",
            where=VARIABLE,
            remedy="Set it to a folder, to s3://bucket/prefix or to gs://bucket/prefix",
        )
    prefix = (bucket["prefix"] or "").strip("/")
    name: Literal["s3", "gs"] = "s3" if kind == "s3" else "gs"
    return Place(name, bucket["bucket"], f"{prefix}/" if prefix else "")


def open_store(place: Place) -> "ArtifactStore":
    """Optuna's store for a place. A folder is created, those above it aren't.

    Raises:
        Exception: Whatever keeps it from being used: a client that isn't installed, no rights, ….
    """
    from optuna.artifacts import FileSystemArtifactStore

    if place.kind == "folder":
        Path(place.name).mkdir(exist_ok=True)
        return FileSystemArtifactStore(place.name)
    store = _s3(place.name) if place.kind == "s3" else _gcs(place.name)
    return Prefixed(store, place.prefix) if place.prefix else store


def _s3(bucket: str) -> "ArtifactStore":
    import boto3
    from botocore.config import Config
    from optuna.artifacts import Boto3ArtifactStore

    # The client tries again by itself; so does Google's. Optuna's `Backoff` around one would print
    # a traceback for each try, and remove each artifact ten times over (Optuna 5.0).
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_ANSWER_SECONDS,
        retries={"total_max_attempts": _TRIES, "mode": "standard"},
    )
    return Boto3ArtifactStore(bucket, boto3.client("s3", config=config))


def _gcs(bucket: str) -> "ArtifactStore":
    from optuna.artifacts import GCSArtifactStore
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return GCSArtifactStore(bucket)


class Prefixed:
    """A store in a part of a bucket."""

    def __init__(self, store: "ArtifactStore", prefix: str) -> None:
        self._store = store
        self._prefix = prefix

    def open_reader(self, artifact_id: str) -> BinaryIO:
        return self._store.open_reader(self._prefix + artifact_id)

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._store.write(self._prefix + artifact_id, content_body)

    def remove(self, artifact_id: str) -> None:
        self._store.remove(self._prefix + artifact_id)

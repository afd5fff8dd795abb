"""Where artifacts are kept."""

from pathlib import Path

import pytest

from optisearch.address import parse
from optisearch.artifacts import Place, place
from optisearch.errors import StorageError

SQLITE = parse("sqlite:///storage/results.db")
SERVER = parse("postgresql://somebody:secret@host/studies")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", Place("folder", "storage/results.artifacts")),
        ("  ", Place("folder", "storage/results.artifacts")),
        ("elsewhere", Place("folder", "elsewhere")),
        ("~/kept", Place("folder", str(Path("~/kept").expanduser()))),
        ("s3://bucket", Place("s3", "bucket")),
        ("S3://bucket/", Place("s3", "bucket")),
        ("s3://my.bucket-1/a/b/", Place("s3", "my.bucket-1", "a/b/")),
        ("gs://bucket/studies", Place("gs", "bucket", "studies/")),
    ],
)
def test_a_place(given: str, expected: Place) -> None:
    assert place({"OPTISEARCH_ARTIFACTS": given}, SQLITE) == expected


def test_beside_a_server_there_is_none() -> None:
    assert place({}, SERVER) is None
    assert place({"OPTISEARCH_ARTIFACTS": "/shared"}, SERVER) == Place("folder", "/shared")


@pytest.mark.parametrize(
    "given", ["ftp://host/x", "s3://", "s3://key:alpha7@bucket", "file:///x", "gs:///x"]
)
def test_what_is_none_is_refused_without_being_shown(given: str) -> None:
    with pytest.raises(StorageError, match="no place that artifacts can be kept in") as caught:
        place({"OPTISEARCH_ARTIFACTS": given}, SQLITE)
    assert "alpha7" not in str(caught.value)
    assert "OPTISEARCH_ARTIFACTS" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "shown"),
    [("kept", "kept"), ("s3://b", "s3://b/"), ("gs://b/a", "gs://b/a/")],
)
def test_a_place_for_people(given: str, shown: str) -> None:
    assert str(place({"OPTISEARCH_ARTIFACTS": given}, SQLITE)) == shown

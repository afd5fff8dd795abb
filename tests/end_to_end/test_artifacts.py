"""What trials leave beside the database; and that nothing fails where it can't be kept."""

import csv
import io
import json
from collections.abc import Mapping

import pytest
from tests.artifacts.bucket import Bucket

pytestmark = pytest.mark.processes

TRIALS = 4
WORDS = ("--storage", "sqlite:///r.db", "--trials", str(TRIALS), "--pruner", "none")


@pytest.fixture
def words(home):
    return ("work", home.study("parabola"), *WORDS)


@pytest.fixture
def unkept(home, words):
    """A worker that can't keep anything in its place says so once, and trains all the same."""

    def check(place: str, why: str, further: Mapping[str, str] | None = None) -> None:
        result = home.run(*words, env={"OPTISEARCH_ARTIFACTS": place, **(further or {})})
        assert result.code == 0
        (line,) = [line for line in result.err.splitlines() if line.startswith("artifacts: ")]
        assert line.endswith("trials go on, without checkpoints and tables of their epochs")
        assert why in line
        assert home.stored().trained == TRIALS
        assert home.stored().ended("completed") == list(range(TRIALS))
        assert not home.stored().rows(
            "SELECT * FROM trial_system_attributes WHERE key LIKE 'artifacts:%'"
        )

    return check


def test_each_trial_leaves_a_table_that_optuna_dashboard_shows(home, words):
    from optuna.artifacts import FileSystemArtifactStore
    from optuna_dashboard import wsgi

    assert home.run(*words).code == 0
    folder = home.folder / "r.artifacts"
    assert len(list(folder.iterdir())) == TRIALS
    app = wsgi(f"sqlite:///{home.folder}/r.db", artifact_store=FileSystemArtifactStore(folder))
    trials = json.loads(get(app, "/api/studies/1", "after=0"))["trials"]
    histories = [
        trial.system_attrs["optisearch:history"]
        for trial in home.stored().load("parabola/search").trials
    ]
    for trial, history in zip(trials, histories, strict=True):
        (shown,) = trial["artifacts"]
        assert shown["filename"] == f"trial-{trial['number']}.csv"
        assert shown["mimetype"] == "text/csv"
        found = get(app, f"/artifacts/1/{trial['trial_id']}/{shown['artifact_id']}").decode()
        rows = list(csv.DictReader(io.StringIO(found)))
        assert [{name: float(value) for name, value in row.items()} for row in rows] == history


def get(app, path: str, query: str = "") -> bytes:
    """The body of a page, as a server would ask the application for it."""
    from wsgiref.util import setup_testing_defaults

    environ = {"PATH_INFO": path, "QUERY_STRING": query}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    body = b"".join(app(environ, lambda status, *_: statuses.append(status)))
    assert statuses == ["200 OK"], (path, statuses)
    return body


def test_workers_of_a_run_keep_them_where_the_environment_says(home):
    """A folder of any name, given once for all of them."""
    words = ("run", home.study("parabola"), *WORDS, "--workers", "2", "-q")
    assert home.run(*words, env={"OPTISEARCH_ARTIFACTS": "elsewhere"}).code == 0
    assert len(list((home.folder / "elsewhere").iterdir())) == TRIALS
    assert not (home.folder / "r.artifacts").exists()


def test_a_place_that_is_none_is_refused(home, refused, words):
    before = home.files()
    result = home.run(*words, env={"OPTISEARCH_ARTIFACTS": "s3://key:alpha7@bucket"})
    refused(result, "OPTISEARCH_ARTIFACTS: this is no place that artifacts can be kept in")
    assert home.files() == before


def test_a_missing_folder(unkept):
    unkept("mistyped/kept", "mistyped/kept can't be used (no such file or directory)")


def test_a_full_disk(namespace, unkept):
    disk = namespace.disk
    namespace.do("mount", "-t", "tmpfs", "-o", "size=64k", "disk", str(disk))
    ballast = namespace.seen(disk) / "ballast"
    with pytest.raises(OSError, match="No space left"), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 1024)
    unkept(str(disk), "(no space left on device)")
    assert list(namespace.seen(disk).iterdir()) == [ballast]  # nothing is there by half


def test_a_read_only_folder(namespace, unkept):
    disk = namespace.disk
    namespace.do("mount", "-t", "tmpfs", "-o", "size=64k", "disk", str(disk))
    namespace.do("mount", "-o", "remount,ro", str(disk))
    unkept(str(disk), "(read-only file system)")


def test_a_bucket_that_refuses(home, unkept):
    pytest.importorskip("boto3", reason="the `s3` extra isn't installed")
    with Bucket() as bucket:
        bucket.status = 403
        unkept("s3://bucket", "s3://bucket/ can't be used (", bucket.environment)


def test_a_bucket_without_its_client(home, unkept):
    """As after a plain `pip install .`: the client is an extra."""
    home.write("boto3.py", "raise ModuleNotFoundError(\"No module named 'boto3'\", name='boto3')\n")
    unkept("s3://bucket", "s3://bucket/ can't be used (pip install optisearch[s3])")


def test_a_server_beside_which_nothing_lies(home, postgresql):
    words = ("work", home.study("parabola"), "--trials", "2", "--pruner", "none")
    result = home.run(*words, env={"OPTISEARCH_STORAGE": postgresql.text})
    assert result.code == 0
    (line,) = [line for line in result.err.splitlines() if line.startswith("artifacts: ")]
    assert line.startswith("artifacts: none are kept, so a trial that is cut off begins anew: ")

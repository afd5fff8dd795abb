"""Everything that is served: our pages, optuna-dashboard, and the guard around both."""

import asyncio
import gzip
import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest

from optisearch.address import Address, parse
from optisearch.dashboard.app import make_app
from optisearch.dashboard.guard import Access, Token
from optisearch.dashboard.optuna_app import OptunaApp
from optisearch.errors import StorageError
from optisearch.stage import Stage
from optisearch.storage import Database, open_database

from .asking import answer, ask

HTML = {"accept": "text/html"}
SCRIPT = "<script>alert(1)</script>"
TEXT = "correct-horse-battery-staple"
OURS = {"origin": "http://localhost", "content-type": "application/json"}


@pytest.fixture
def database(sqlite: Address) -> Database:
    return open_database(sqlite, create=True)


@pytest.fixture
def app(database: Database, open_parabola: Callable[..., Stage]) -> Any:
    open_parabola(database)
    return make_app(database, Access(), environment={})


def artifact(database: Database, content: bytes, name: str, kind: str) -> str:
    """The path of a new artifact of a new study."""
    study = optuna.create_study(storage=database.storage, study_name=name)
    assert database.address
    assert database.address.path
    folder = database.address.path.with_suffix(".artifacts")
    folder.mkdir(exist_ok=True)
    store = optuna.artifacts.FileSystemArtifactStore(folder)
    file = folder.parent / "file"
    file.write_bytes(content)
    uploaded = optuna.artifacts.upload_artifact(
        artifact_store=store, file_path=str(file), study_or_trial=study, mimetype=kind
    )
    return f"/artifacts/{study._study_id}/{uploaded}"


def test_the_front_page_is_ours(app: Any) -> None:
    answer = ask(app, headers=HTML)
    assert answer.status == 200
    assert "parabola" in answer.text
    assert "/dashboard" in answer.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/dashboard", "text/html"),
        ("/dashboard/studies/1/trials", "text/html"),
        ("/api/studies", "application/json"),
        ("/api/meta", "application/json"),
        ("/static/bundle.js", "text/javascript"),
        ("/favicon.ico", "image/"),
        ("/csv/1", "text/csv"),
    ],
)
def test_optuna_dashboard_is_where_it_always_is(app: Any, path: str, kind: str) -> None:
    answer = ask(app, "GET", path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(kind)


def test_it_shows_what_is_stored(app: Any) -> None:
    (study,) = ask(app, "GET", "/api/studies").json["study_summaries"]
    assert study["study_name"] == "parabola/search"


def test_its_page_leads_back_to_ours(app: Any) -> None:
    answer = ask(app, "GET", "/dashboard", {"if-modified-since": "Thu, 01 Jan 2099 00:00:00 GMT"})
    assert answer.status == 200
    assert '<script src="/static-optisearch/dashboard.js' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert ask(app, "HEAD", "/dashboard").status == 200


@pytest.mark.parametrize("path", ["/x", "/dashboardx", "//", "/incompatible", "/index.html"])
def test_a_page_that_isn_t_there(app: Any, path: str) -> None:
    assert ask(app, "GET", path, HTML).status == 404


def test_it_may_be_asked_by_our_pages_alone(app: Any) -> None:
    assert ask(app, "POST", "/").status == 403
    assert ask(app, "POST", "/", OURS).status == 405


def test_answers_are_compressed(app: Any) -> None:
    answer = ask(app, "GET", "/dashboard", {"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert b"bundle.js" in gzip.decompress(answer.body)


def test_whether_all_is_well_is_told_to_everybody(database: Database) -> None:
    app = make_app(database, Access(token=Token(TEXT)), environment={})
    answer = ask(app, "GET", "/healthz", {"host": "10.1.2.3:8080"})
    assert (answer.status, answer.text) == (200, "ok\n")
    for method, path in (("POST", "/healthz"), ("GET", "/healthz/"), ("GET", "/healthz/x")):
        assert ask(app, method, path, {"accept": "*/*"}).status in (401, 403)
    assert ask(app, "GET", "/", {"host": "10.1.2.3:8080"}).status == 421


def test_nothing_is_stored_yet(database: Database) -> None:
    answer = ask(make_app(database, Access(), environment={}), headers=HTML)
    assert answer.status == 200
    assert "Nothing is stored here yet" in answer.text


def test_html_in_a_name_and_an_attribute_is_text(
    database: Database, open_parabola: Callable[..., Stage], parabola: Any
) -> None:
    study = optuna.create_study(storage=database.storage, study_name=f"{SCRIPT}/search")
    study.set_user_attr("note", SCRIPT)
    trial = study.ask()
    trial.set_user_attr("worker", SCRIPT)
    study.tell(trial, 1.0)
    app = make_app(database, Access(), environment={})
    for path in ("/", f"/stages/{SCRIPT}/search", f"/studies/{SCRIPT}", f"/x{SCRIPT}"):
        assert SCRIPT not in ask(app, "GET", path, HTML).text, path
    api = ask(app, "GET", "/api/studies/1")
    assert SCRIPT in json.dumps(api.json), "it is there, and JSON"
    assert api.headers["content-type"] == "application/json"
    assert api.headers["x-content-type-options"] == "nosniff"


def test_an_artifact_with_a_script_is_inert(database: Database) -> None:
    path = artifact(database, SCRIPT.encode(), "evil.html", "text/html")
    answer = ask(make_app(database, Access(), environment={}), "GET", path)
    assert (answer.status, answer.text) == (200, SCRIPT)
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["content-disposition"] == "attachment"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "name",
    [
        "../results.db",
        "..%2fresults.db",
        "%2e%2e/results.db",
        "....//results.db",
        "/etc/passwd",
        "..",
    ],
)
def test_nothing_but_artifacts_is_read(database: Database, name: str) -> None:
    path = artifact(database, b"x", "fine.txt", "text/plain").rpartition("/")[0]
    app = make_app(database, Access(), environment={})
    for way in (
        f"{path}/{name}",
        f"{path}/1/{name}",
        f"/static/{name}",
        f"/static-optisearch/{name}",
    ):
        answer = ask(app, "GET", way)
        assert answer.status in (403, 404), way
        assert b"SQLite format" not in answer.body


def test_an_artifact_that_is_gone(database: Database) -> None:
    path = artifact(database, b"x", "fine.txt", "text/plain")
    app = make_app(database, Access(), environment={})
    assert ask(app, "GET", path).body == b"x"
    assert database.address
    assert database.address.path
    (database.address.path.with_suffix(".artifacts") / path.rpartition("/")[2]).unlink()
    assert ask(app, "GET", path).status == 404
    study = path.split("/")[2]
    assert ask(app, "DELETE", f"/api/studies/{study}", OURS).status == 204
    assert optuna.get_all_study_names(database.storage) == []


def test_artifacts_are_where_the_environment_says(database: Database, tmp_path: Path) -> None:
    environment = {"OPTISEARCH_ARTIFACTS": str(tmp_path / "elsewhere")}
    app = make_app(database, Access(), environment=environment)
    path = artifact(database, b"x", "fine.txt", "text/plain")
    assert ask(app, "GET", path).status == 404
    store = optuna.artifacts.FileSystemArtifactStore(tmp_path / "elsewhere")
    store.write(path.rpartition("/")[2], io.BytesIO(b"there"))
    assert ask(app, "GET", path).body == b"there"


def test_a_place_of_artifacts_that_is_none(database: Database) -> None:
    with pytest.raises(StorageError, match="no place that artifacts"):
        make_app(database, Access(), environment={"OPTISEARCH_ARTIFACTS": "ftp://x"})


def test_without_a_place_there_are_none(database: Database) -> None:
    server = parse("postgresql://db/results")
    there = Database(database.storage, server)
    app = make_app(there, Access(), environment={})
    assert ask(app, "GET", "/api/meta").json["artifact_is_available"] is False


CHANGES = [
    ("POST", "/api/studies", {"study_name": "x", "directions": ["minimize"]}),
    ("DELETE", "/api/studies/1", None),
    ("POST", "/api/studies/1/rename", {"study_name": "x"}),
    ("PUT", "/api/studies/1/note", {"body": "x", "version": 99}),
    ("POST", "/incompatible-rdb-schema", None),
]


@pytest.mark.parametrize(("method", "path", "sent"), CHANGES)
def test_nothing_is_changed_where_it_is_read_only(
    database: Database, open_parabola: Callable[..., Stage], method: str, path: str, sent: Any
) -> None:
    open_parabola(database)
    app = make_app(database, Access(may_change=False), environment={})
    before = ask(app, "GET", "/api/studies/1").body
    body = json.dumps(sent).encode() if sent else b""
    assert ask(app, method, path, OURS, body).status == 403
    assert ask(app, "GET", "/api/studies/1").body == before


@pytest.mark.parametrize(("method", "path", "sent"), CHANGES)
def test_another_site_changes_nothing(app: Any, method: str, path: str, sent: Any) -> None:
    before = ask(app, "GET", "/api/studies/1").body
    body = json.dumps(sent).encode() if sent else b""
    for foreign in (
        OURS | {"origin": "http://evil.test"},
        {"content-type": "text/plain"},
        OURS | {"host": "rebind.test", "origin": "http://rebind.test"},
    ):
        assert ask(app, method, path, foreign, body).status in (403, 421)
    assert ask(app, "GET", "/api/studies/1").body == before


def test_what_is_allowed_is_done(app: Any) -> None:
    body = json.dumps({"study_name": "x", "directions": ["minimize"]}).encode()
    assert ask(app, "POST", "/api/studies", OURS, body).status == 201
    assert ask(app, "DELETE", "/api/studies/1", OURS).status == 204
    (left,) = ask(app, "GET", "/api/studies").json["study_summaries"]
    assert left["study_name"] == "x"


def test_whether_all_is_well_is_told_while_everything_else_is_slow(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def slow(_self: OptunaApp, _environ: Any, start_response: Any) -> list[bytes]:
        assert goes_on.wait(60)
        start_response("200 OK", [])
        return [b"late"]

    monkeypatch.setattr(OptunaApp, "__call__", slow)
    app = make_app(database, Access(), environment={})

    async def both() -> None:
        waiting = [asyncio.create_task(answer(app, path="/api/studies")) for _ in range(30)]
        try:
            assert (await answer(app, path="/healthz")).status == 200
            assert (await answer(app, path="/", headers=HTML)).status == 200
            assert not any(task.done() for task in waiting)
        finally:
            goes_on.set()
        assert {(await task).body for task in waiting} == {b"late"}

    asyncio.run(both())

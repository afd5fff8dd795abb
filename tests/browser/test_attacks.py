"""What others do to a person who has the dashboard open: pages of theirs, names of theirs."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore, upload_artifact
from playwright.sync_api import Page, expect
from tests.processes.home import Home

from .dashboards import TOKEN, Dashboard
from .fixtures import REBOUND
from .gallery import copy_of
from .signing_in import sign_in
from .watch import Watch

pytestmark = pytest.mark.processes

# Whatever of it ran, or was so much as taken for HTML, would be an error on the console.
OWN = "<img src=x onerror=own()><script>own()</script>"
CREATE = {
    "method": "POST",
    "headers": {"Content-Type": "application/json"},
    "body": json.dumps({"study_name": "theirs", "directions": ["minimize"]}),
}
_OF_TRIALS = ("/smartSelection", "/trials?numbers=0")
# What a fetch is answered, or that it isn't.
_ASK = "([url, given]) => fetch(url, given).then((found) => found.status, () => 'no answer')"
_POST_FORM = """(url) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: url });
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture
def theirs() -> Iterator[Callable[[str], str]]:
    """Serves a page of somebody else's, from another port, under any name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><link rel=icon href=data:,><body>")

        def log_message(self, *_words: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield lambda host: f"http://{host}:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_name_that_is_led_here_is_refused(stored: Home, page: Page, watch: Watch) -> None:
    """DNS rebinding: to the browser it is the page's own server."""
    watch.hosts.add(REBOUND)
    watch.expect("421", "the name is unknown")
    dashboard = Dashboard.start(stored)
    before = stored.stored().studies()
    page.goto(dashboard("/", REBOUND))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "parabola" not in page.inner_text("body")
    assert page.evaluate("document.styleSheets[0].cssRules.length") > 0
    for url, given in (("/api/studies", CREATE), ("/api/studies", {}), ("/artifacts/1/1/1", {})):
        assert page.evaluate(_ASK, [url, given]) == 421
    assert stored.stored().studies() == before
    page.goto(dashboard())
    assert page.evaluate(_ASK, ["/api/studies", CREATE]) == 201  # what they would have done
    assert stored.stored().studies() == [*before, "theirs"]


@pytest.mark.parametrize("host", ["127.0.0.1", REBOUND])
def test_a_page_of_theirs_can_not_act_for_who_is_signed_in(
    stored: Home, theirs: Callable[[str], str], page: Page, watch: Watch, host: str
) -> None:
    """To a cookie another port is the same site."""
    watch.hosts.add(REBOUND)
    watch.expect("CORS policy|NotSameOrigin|ERR_FAILED|403", "another site asked")
    dashboard = Dashboard.start(stored, "--host", "0.0.0.0", "--allow-changes", token=TOKEN)
    page.goto(dashboard())
    sign_in(page)
    expect(page.locator("article").first).to_be_visible()
    before = stored.stored().dump()
    page.goto(theirs(host))
    given: dict[str, Any]
    for path, given in (
        ("/api/studies", CREATE | {"credentials": "include"}),
        ("/api/studies", CREATE | {"credentials": "include", "mode": "no-cors", "headers": {}}),
        ("/api/studies/1", {"method": "DELETE", "credentials": "include"}),
        ("/api/studies/1", {"credentials": "include"}),
        (
            "/incompatible-rdb-schema",
            {"method": "POST", "credentials": "include", "mode": "no-cors"},
        ),
    ):
        assert page.evaluate(_ASK, [dashboard(path), given]) in ("no answer", 0)
    page.evaluate(_POST_FORM, dashboard("/incompatible-rdb-schema"))
    page.wait_for_url(dashboard("/incompatible-rdb-schema"))
    expect(page.get_by_text("403")).to_be_visible()
    assert stored.stored().dump() == before


def test_the_script_of_an_artifact_does_not_run(stored: Home, page: Page, watch: Watch) -> None:
    """It is saved instead of shown."""
    url = f"sqlite:///{stored.folder}/r.db"
    study = optuna.load_study(study_name="parabola/search", storage=url)
    file = stored.folder / "page.html"
    file.write_text(f"<title>theirs</title>{OWN}<script>fetch('/api/studies')</script>")
    name = upload_artifact(
        artifact_store=FileSystemArtifactStore(stored.folder / "r.artifacts"),
        file_path=str(file),
        study_or_trial=study,
        storage=study._storage,
    )
    dashboard = Dashboard.start(stored)
    page.goto(dashboard())
    with page.expect_download() as download:
        page.evaluate("(url) => { location.href = url }", f"/artifacts/{study._study_id}/{name}")
    assert download.value.path().read_text() == file.read_text()
    assert page.title() != "theirs"
    assert not [url for url in watch.asked if "/api/" in url]


@pytest.fixture
def hostile(made: Callable[..., Path], tmp_path: Path) -> Iterator[Home]:
    """A folder in which everything that has a name is called so that it would run a script."""
    folder = made("hostile", ("run", "hostile.py", "--trials", "6", "--pruner", "none"))
    home = copy_of(folder, tmp_path)
    study = optuna.create_study(study_name=OWN, storage=f"sqlite:///{home.folder}/r.db")
    trial = study.ask({OWN: optuna.distributions.FloatDistribution(0, 1)})
    trial.set_user_attr(OWN, OWN)
    study.tell(trial, 0.0)
    yield home
    home.clean_up()


def test_names_are_text_everywhere(hostile: Home, page: Page) -> None:
    dashboard = Dashboard.start(hostile)
    for path in (
        "/",
        "/stages/hostile/search",
        "/dashboard/",
        *(f"/dashboard/studies/1{rest}" for rest in ("", "/note", "/analytics", *_OF_TRIALS)),
        *(f"/dashboard/studies/2{rest}" for rest in ("", *_OF_TRIALS)),
    ):
        page.goto(dashboard(path), wait_until="networkidle")
        expect(page.get_by_text("own()").first).to_be_visible()  # as text

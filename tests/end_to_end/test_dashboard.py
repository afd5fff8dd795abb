"""`optisearch dashboard`, as a process that people and others ask over the network."""

import http.client
import re
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import optuna
import psutil
import psycopg
import pytest
from tests.dashboard import certificates
from tests.processes.home import Home
from tests.servers.postgresql import PostgreSQL

from optisearch.address import parse
from optisearch.storage import open_database

from .visiting import KNOWN, PAGE, TOKEN, Served, serve

pytestmark = pytest.mark.processes

SCRIPT = "<script>alert(1)</script>"
JSON = {"Content-Type": "application/json"}
OPEN = ("--host", "0.0.0.0", "--storage", "sqlite:///r.db")
WITH_TOKEN = {"OPTISEARCH_TOKEN": TOKEN}


@pytest.fixture
def stored(home: Home) -> str:
    """A study whose name, attributes and artifact are an attacker's; the path of the artifact."""
    address = parse(f"sqlite:///{home.folder / 'r.db'}")
    storage = open_database(address, create=True).storage
    study = optuna.create_study(storage=storage, study_name=f"{SCRIPT}/search")
    study.set_user_attr("note", SCRIPT)
    trial = study.ask()
    trial.set_user_attr("worker", SCRIPT)
    folder = home.folder / "r.artifacts"
    folder.mkdir()
    file = home.folder / "evil.html"
    file.write_text(SCRIPT)
    name = optuna.artifacts.upload_artifact(
        artifact_store=optuna.artifacts.FileSystemArtifactStore(folder),
        file_path=str(file),
        study_or_trial=trial,
    )
    study.tell(trial, 1.0)
    return f"/artifacts/{study._study_id}/{trial._trial_id}/{name}"


@pytest.fixture
def served(home: Home, stored: str) -> Served:
    """A dashboard that everybody reaches, with a token."""
    return serve(home, *OPEN, env=WITH_TOKEN)


class TestOnThisMachine:
    def test_it_serves_what_is_not_there_yet_and_ends_at_ctrl_c(self, home: Home) -> None:
        served = serve(home)
        assert served.host == "127.0.0.1"
        answer = served.ask("/", PAGE)
        assert answer.status == 200
        assert "Nothing is stored here yet" in answer.text
        assert served.ask("/dashboard").status == 200
        assert served.ask("/healthz").body == b"ok\n"
        addresses = {
            each.laddr.ip
            for each in psutil.Process(served.running.pid).net_connections("tcp")
            if each.status == psutil.CONN_LISTEN
        }
        assert addresses == {"127.0.0.1"}
        served.running.interrupt()
        ended = served.running.wait(30)
        assert ended.code == 0
        assert len(ended.out.splitlines()) == 1
        assert ended.err == ""
        assert (home.folder / "storage" / "optisearch.db").exists()

    def test_an_engine_ends_it_by_term(self, home: Home) -> None:
        served = serve(home)
        served.running.process.send_signal(signal.SIGTERM)
        assert served.running.wait(30).code == 0

    def test_studies_may_be_changed_unless_it_is_read_only(self, home: Home, stored: str) -> None:
        place = ("--storage", "sqlite:///r.db")
        reading = serve(home, *place, "--read-only")
        refused = reading.ask("/api/studies/1", JSON, method="DELETE")
        assert refused.status == 403
        assert refused.json["reason"].startswith("This dashboard is read-only. To change studies")
        changing = serve(home, *place)
        assert changing.ask("/api/studies/1", JSON, method="DELETE").status == 204
        assert reading.ask("/api/studies").json == {"study_summaries": []}

    def test_a_token_that_is_given_is_asked_for(self, home: Home) -> None:
        served = serve(home, env=WITH_TOKEN)
        assert served.ask("/").status == 401
        assert served.ask("/", KNOWN).status == 200

    def test_a_page_that_rebound_its_name_learns_nothing(self, home: Home, stored: str) -> None:
        served = serve(home, "--storage", "sqlite:///r.db")
        host = f"rebind.test:{served.port}"
        foreign = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        for path in ("/", "/api/studies", "/dashboard", "/api/studies/1"):
            answer = served.ask(path, foreign)
            assert answer.status == 421
            assert "alert" not in answer.text
        assert served.ask("/api/studies/1", foreign | JSON, method="DELETE").status == 421


class TestOnTheNetwork:
    def test_nobody_gets_in_without_the_token(self, served: Served, stored: str) -> None:
        for path in ("/", "/api/studies", "/dashboard", stored, "/csv/1", "/static/bundle.js"):
            answer = served.ask(path)
            assert answer.status == 401
            assert "alert" not in answer.text
        led = served.ask("/dashboard/studies/1?x=1", PAGE)
        assert led.status == 303
        asked = served.ask(led.headers["location"], PAGE)
        assert 'action="/sign-in"' in asked.text
        assert served.ask("/healthz").status == 200
        style = re.search(r'href="(/static-optisearch/[^"]+)"', asked.text)
        assert style
        assert served.ask(style[1]).status == 200, "the form is styled before anybody is in"

    def test_the_way_in(self, served: Served) -> None:
        given = served.sign_in()
        assert (given.status, given.headers["location"]) == (303, "/")
        cookie = given.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        inside = {"Cookie": cookie.partition(";")[0]}
        assert served.ask("/", inside | PAGE).status == 200
        assert len(served.ask("/api/studies", inside).json["study_summaries"]) == 1

    def test_guessing_is_limited(self, served: Served) -> None:
        signed_in = {"Cookie": served.sign_in().headers["set-cookie"].partition(";")[0]}
        guesses = [served.sign_in(f"guess-{number}").status for number in range(12)]
        assert guesses == [401] * 10 + [429] * 2
        late = served.ask("/", KNOWN)
        assert late.status == 429
        assert 0 < int(late.headers["retry-after"]) <= 61
        assert served.ask("/", KNOWN, source="127.0.0.2").status == 200
        assert served.ask("/", signed_in).status == 200

    def test_what_a_client_says_of_itself_is_not_believed(self, served: Served) -> None:
        for number in range(10):
            said = {"Authorization": "Bearer wrong", "X-Forwarded-For": f"10.0.0.{number}"}
            assert served.ask("/", said).status == 401
        assert served.ask("/", KNOWN | {"X-Forwarded-For": "10.0.0.99"}).status == 429
        secure = served.sign_in(source="127.0.0.3", **{"X-Forwarded-Proto": "https"})
        assert "Secure" not in secure.headers["set-cookie"]

    def test_other_sites_and_other_names(self, served: Served) -> None:
        sites = (
            {"Origin": "http://evil.test"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "null"},
        )
        for foreign in sites:
            answer = served.ask("/api/studies", KNOWN | JSON | foreign, method="POST", body="{}")
            assert answer.status == 403
        for host in ("evil.test", "localhost.evil.test", f"evil.test:{served.port}"):
            assert served.ask("/", KNOWN | {"Host": host}).status == 421
        for host in ("127.0.0.1", f"{socket.gethostname()}:9", "10.1.2.3", "localhost"):
            assert served.ask("/", KNOWN | {"Host": host}).status == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/api/studies"),
            ("DELETE", "/api/studies/1"),
            ("PUT", "/api/studies/1/note"),
            ("POST", "/api/trials/1/user-attrs"),
            ("POST", "/api/artifacts/1"),
            ("POST", "/incompatible-rdb-schema"),
        ],
    )
    def test_it_is_read_only_for_everybody(self, served: Served, method: str, path: str) -> None:
        answer = served.ask(path, KNOWN | JSON, method=method, body="{}")
        assert answer.status == 403
        assert "read-only" in answer.json["reason"]
        assert len(served.ask("/api/studies", KNOWN).json["study_summaries"]) == 1

    def test_changes_can_be_allowed(self, home: Home, stored: str) -> None:
        served = serve(home, *OPEN, "--allow-changes", env=WITH_TOKEN)
        schema = "/incompatible-rdb-schema"
        assert served.ask(schema, KNOWN, method="POST").status == 403, "nobody knows whose it is"
        assert served.ask("/api/studies/1", JSON, method="DELETE").status == 401
        assert served.ask("/api/studies/1", KNOWN | JSON, method="DELETE").status == 204

    def test_what_an_attacker_stored_is_inert(self, served: Served, stored: str) -> None:
        for path in ("/", "/studies/%3Cscript%3Ealert(1)%3C/script%3E", "/live/front"):
            answer = served.ask(path, KNOWN | PAGE)
            assert SCRIPT not in answer.text
            assert "'unsafe" not in answer.headers["content-security-policy"].partition("style")[0]
        api = served.ask("/api/studies/1", KNOWN)
        assert SCRIPT in api.text
        assert api.headers["content-type"] == "application/json"
        assert api.headers["x-content-type-options"] == "nosniff"
        page = served.ask(stored, KNOWN)
        assert (page.status, page.text) == (200, SCRIPT)
        assert page.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert page.headers["content-disposition"] == "attachment"
        assert "access-control-allow-origin" not in page.headers

    def test_files_are_not_read_by_walking_up(
        self, served: Served, home: Home, stored: str
    ) -> None:
        (home.folder / "secret.txt").write_text("hidden treasure")
        folder = stored.rpartition("/")[0]
        ups = ("..", "%2e%2e", "..%2f", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "....//")
        for base in (f"{folder}/", "/artifacts/", "/static/", "/static-optisearch/", "/"):
            for up in ups:
                for way in (f"{up}/secret.txt", f"{up}/{up}/secret.txt", f"{up}secret.txt"):
                    answer = served.ask(f"{base}{way}", KNOWN)
                    assert answer.status in (400, 403, 404), base + way
                    assert "treasure" not in answer.text
        assert served.ask("/static-optisearch/../api/studies").status in (401, 404)
        assert served.ask("/static-optisearch/%2e%2e/api/studies").status in (401, 404)

    def test_the_token_is_in_no_output_and_no_command_line(self, served: Served) -> None:
        served.ask(f"/?token={TOKEN}")
        served.sign_in()
        served.sign_in(TOKEN + "x")
        served.ask("/nothing", KNOWN)
        process = psutil.Process(served.running.pid)
        assert not any(TOKEN in word for word in process.cmdline())
        served.running.interrupt()
        ended = served.running.wait(30)
        assert TOKEN not in ended.out + ended.err
        assert "without TLS the token" in ended.err
        assert len(ended.err.splitlines()) == 1

    def test_one_is_generated_and_shown_once(self, home: Home) -> None:
        served = serve(home, "--host", "0.0.0.0")
        (token,) = re.findall(r"Sign in with the token ([\w-]{40,})", served.running.out)
        assert served.ask("/").status == 401
        assert served.ask("/", {"Authorization": f"Bearer {token}"}).status == 200
        served.running.interrupt()
        ended = served.running.wait(30)
        assert (ended.out + ended.err).count(token) == 1

    def test_from_a_file(self, home: Home) -> None:
        file = home.folder / "token"
        file.write_text(f"{TOKEN}\n")
        file.chmod(0o644)
        served = serve(home, "--token-file", "token")
        assert served.ask("/", KNOWN).status == 200
        assert "everybody on this machine can read the token" in served.running.err


@pytest.fixture
def certificate(home: Home) -> tuple[str, str]:
    """A certificate and its key."""
    certificate, key = certificates.make(home.folder)
    return (certificate.name, key.name)


class TestBehindTLS:
    def test_of_its_own(self, home: Home, certificate: tuple[str, str]) -> None:
        cert, key = certificate
        words = ("--host", "0.0.0.0", "--tls-cert", cert, "--tls-key", key)
        served = serve(home, *words, env=WITH_TOKEN)
        assert served.scheme == "https"
        given = served.sign_in()
        assert given.status == 303
        assert "; Secure" in given.headers["set-cookie"]
        assert given.headers["set-cookie"].startswith("__Host-")
        inside = {"Cookie": given.headers["set-cookie"].partition(";")[0]}
        assert served.ask("/", inside).status == 200
        assert served.running.err == "", "no warning"
        plain = Served(served.running, "http", served.host, served.port)
        with pytest.raises((OSError, http.client.HTTPException)):
            plain.ask("/healthz")

    def test_of_a_proxy_that_is_believed(self, home: Home) -> None:
        served = serve(home, "--proxy", "127.0.0.1", "--allow-host", "o.test", env=WITH_TOKEN)
        outside = {"Host": "o.test", "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https"}
        assert served.ask("/", outside).status == 401
        given = served.sign_in(Origin="https://o.test", **outside)
        assert given.status == 303
        assert "; Secure" in given.headers["set-cookie"]
        assert "strict-transport-security" in given.headers
        for _ in range(10):
            assert served.ask("/", outside | {"Authorization": "Bearer wrong"}).status == 401
        assert served.ask("/", outside | KNOWN).status == 429
        assert served.ask("/", outside | KNOWN | {"X-Forwarded-For": "10.0.0.2"}).status == 200
        lied = {"X-Forwarded-For": "10.0.0.7, 10.0.0.1"}
        assert served.ask("/", outside | KNOWN | lied).status == 429, "the last one counts"
        assert served.ask("/", outside | KNOWN | {"Host": "p.test"}).status == 421

    def test_a_proxy_nobody_told_of(self, home: Home) -> None:
        served = serve(home)
        answer = served.ask("/", {"X-Forwarded-For": "10.0.0.1"})
        assert answer.status == 403
        assert "--proxy" in answer.json["reason"]


class TestMistakes:
    def test_a_port_that_is_taken(self, home: Home, refused: Callable[..., None]) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            result = home.run("dashboard", "--port", str(port))
            refused(result, f"127.0.0.1:{port}", "another program listens on this port")
            (other,) = re.findall(r"such as --port (\d+)", result.err)
            assert int(other) > port

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--storage", "sqlite:///missing.db"), ["there is no database yet", "missing.db"]),
            (("--storage", "sqlite:///no/r.db"), ["there is no database yet"]),
            (("--host", "no-such-host.invalid"), ["there is no such host name", "--host"]),
            (("--host", "192.0.2.1"), ["isn't an address of this machine", "0.0.0.0"]),
            (("--token-file", "none"), ["the file with the token can't be read", "none"]),
            (("--tls-key", "k.pem"), ["a key and no certificate", "--tls-cert"]),
            (("--tls-cert", "c.pem"), ["--tls-cert c.pem", "No such file"]),
            (("--tls-cert", "words"), ["the certificate and its key can't be used", "--tls-key"]),
            (("--proxy", "nginx"), ["--proxy nginx", "no address of a proxy"]),
            (("--read-only", "--allow-changes"), ["opposites"]),
            (("--port", "70000"), ["--port"]),
            (("--token", "x"), ["No such option"]),
        ],
    )
    def test_in_an_option(
        self, home: Home, refused: Callable[..., None], words: tuple[str, ...], said: list[str]
    ) -> None:
        home.write("words", "no certificate")
        refused(home.run("dashboard", "--port", "0", *words), *said)
        assert not (home.folder / "missing.db").exists()

    @pytest.mark.parametrize("token", ["", "short", "one with spaces in it"])
    def test_in_the_token(self, home: Home, refused: Callable[..., None], token: str) -> None:
        result = home.run("dashboard", env={"OPTISEARCH_TOKEN": token})
        refused(result, "OPTISEARCH_TOKEN", "at least 16")
        assert not token or token not in result.err

    def test_a_key_that_asks_for_a_password(self, home: Home, refused: Callable[..., None]) -> None:
        certificate, key = certificates.make(home.folder, password="hunter2")
        result = home.run("dashboard", "--tls-cert", certificate.name, "--tls-key", key.name)
        refused(result, key.name, "protected by a password")

    def test_a_database_that_is_away(
        self, home: Home, refused: Callable[..., None], closed_port: int
    ) -> None:
        url = f"postgresql://olga:{TOKEN}@127.0.0.1:{closed_port}/results"
        result = home.run("dashboard", "--port", "0", env={"OPTISEARCH_STORAGE": url})
        refused(result, "nothing listens there")
        assert TOKEN not in result.err
        assert result.seconds < 20


@pytest.mark.postgresql
class TestWhileTheDatabaseIsAway:
    def test_it_says_so_and_is_back_by_itself(
        self, home: Home, own_postgresql: PostgreSQL, until: Callable[..., Any]
    ) -> None:
        served = serve(home, env={"OPTISEARCH_STORAGE": own_postgresql.url()})
        paths = ("/", "/api/studies", "/api/studies/1", "/csv/1", "/healthz")
        assert served.ask("/").status == 200
        own_postgresql.stop()
        until(lambda: served.ask("/healthz").status == 503, "the outage is noticed")
        assert served.ask("/healthz").body == b"The database doesn't answer.\n"
        for path in paths:
            until(lambda path=path: served.ask(path).status == 503, path)
        assert "back" in served.ask("/api/studies").json["reason"]
        assert "503" in served.ask("/", PAGE).text
        assert served.ask("/dashboard").status == 200, "its page is a file"
        own_postgresql.start()
        for path in ("/healthz", "/", "/api/studies"):
            until(lambda path=path: served.ask(path).status == 200, path)
        served.running.interrupt()
        ended = served.running.wait(30)
        assert ended.code == 0
        assert "Traceback" not in ended.err
        assert own_postgresql.url() not in ended.err
        said = [line.partition(" ")[2] for line in ended.err.splitlines()]
        assert said == ["the database is away: nothing listens there", "the database is back"]

    def test_a_request_that_hangs_keeps_nobody(
        self, home: Home, own_postgresql: PostgreSQL, until: Callable[..., Any]
    ) -> None:
        served = serve(home, env={"OPTISEARCH_STORAGE": own_postgresql.url()})
        with psycopg.connect(own_postgresql.url()) as holder:
            holder.execute("LOCK TABLE trials IN ACCESS EXCLUSIVE MODE")
            optuna_only = "LOCK TABLE study_directions IN ACCESS EXCLUSIVE MODE"
            holder.execute(optuna_only)
            asking = threading.Thread(target=served.ask, args=("/api/studies",), daemon=True)
            asking.start()
            waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            until(lambda: own_postgresql.rows(waiting), "the request hangs")
            assert served.ask("/healthz").status == 200, "whether all is well is told meanwhile"
            served.running.process.send_signal(signal.SIGTERM)
            ended = served.running.wait(15)
        assert ended.code == 0
        assert "Traceback" not in ended.err
        asking.join(10)

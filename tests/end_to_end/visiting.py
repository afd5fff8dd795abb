"""A dashboard that is served, and those who ask it something: well-behaved ones and others."""

import http.client
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from tests.dashboard.asking import Answer
from tests.processes.home import Home
from tests.processes.running import Running

TOKEN = "correct-horse-battery-staple"
KNOWN = {"Authorization": f"Bearer {TOKEN}"}
PAGE = {"Accept": "text/html"}
_URL = re.compile(r"The dashboard is at (?P<url>(?P<scheme>https?)://(?P<host>.+):(?P<port>\d+)/)")


@dataclass(frozen=True)
class Served:
    """A dashboard that is served."""

    running: Running
    scheme: str
    host: str
    port: int

    def ask(
        self,
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: str | bytes | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """What is answered to a request. The path is sent as it is.

        Args:
            path: The path.
            headers: Headers; a `Host` among them is sent in place of the true one.
            method: The method.
            body: What is sent.
            source: The address that it is asked from: any of the loopback's.
        """
        place = ("127.0.0.1", self.port)
        if self.scheme == "https":
            context = ssl._create_unverified_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                *place, timeout=60, context=context, source_address=(source, 0)
            )
        else:
            connection = http.client.HTTPConnection(*place, timeout=60, source_address=(source, 0))
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        said = {name.lower(): value for name, value in answer.getheaders()}
        try:
            return Answer(answer.status, said, answer.read())
        finally:
            connection.close()

    def sign_in(self, token: str = TOKEN, *, source: str = "127.0.0.1", **headers: str) -> Answer:
        """What the sign-in form is answered, sent by a browser."""
        origin = f"{self.scheme}://127.0.0.1:{self.port}"
        given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin} | headers
        body = f"token={token}&next=/"
        return self.ask("/sign-in", given, method="POST", body=body, source=source)


def serve(home: Home, *words: str, env: Mapping[str, str] | None = None) -> Served:
    """Start `optisearch dashboard` on a free port, and wait until it serves."""
    running = home.start("dashboard", "--port", "0", *words, env=env)
    running.until(lambda: _URL.search(running.out), "it says where it is")
    found = _URL.search(running.out)
    assert found
    return Served(running, found["scheme"], found["host"], int(found["port"]))

"""An ASGI application is asked, without a server: what a request is answered."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A whole answer.

    Attributes:
        status: Its status.
        headers: Its headers, those that are repeated as one, in lower case.
        body: What it carries.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(app: Any, *words: Any, **how: Any) -> Answer:
    """What the application answers: see `answer`."""
    return asyncio.run(answer(app, *words, **how))


async def answer(
    app: Any,
    method: str = "GET",
    path: str = "/",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    client: str = "127.0.0.1",
    scheme: str = "http",
) -> Answer:
    """What the application answers.

    Args:
        app: The application.
        method: The method.
        path: The path as the server would hand it on, decoded, with a query.
        headers: Headers beside `Host`, which is `localhost` if it isn't among them.
        body: What is sent.
        client: The address of who asks.
        scheme: `https` where TLS was used.
    """
    way, _, query = path.partition("?")
    length = {"content-length": str(len(body))} if body else {}
    given = {"host": "localhost"} | length
    given |= {name.lower(): value for name, value in (headers or {}).items()}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": way,
        "raw_path": way.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in given.items()],
        "client": (client, 50000),
        "server": ("127.0.0.1", 8080),
    }
    parts = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0) if parts else await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    begin, *rest = sent
    assert begin["type"] == "http.response.start"
    said: dict[str, str] = {}
    for name, value in begin["headers"]:
        key = name.decode().lower()
        said[key] = f"{said[key]}, {value.decode()}" if key in said else value.decode()
    content = b"".join(message.get("body", b"") for message in rest)
    return Answer(begin["status"], said, content)

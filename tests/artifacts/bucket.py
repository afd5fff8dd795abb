"""A bucket on this machine, for the real client of S3."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self


def environment(port: int) -> dict[str, str]:
    """What lets boto3 find a server on this port."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class Bucket(ThreadingHTTPServer):
    """As much of S3 as its client needs, over HTTP.

    Attributes:
        kept: Path → object.
        status: What each request is answered with, in place of what it asks for; 0 for none.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.kept: dict[str, bytes] = {}
        self.status = 0

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.server_port)

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            body = _unchunked(body)
        if not self._refused():
            self.server.kept[self.path] = body
            self._answer(200, b"")

    def do_GET(self) -> None:
        missing = b"<Error><Code>NoSuchKey</Code></Error>"
        kept = self.server.kept.get(self.path)
        if not self._refused():
            self._answer(200 if kept is not None else 404, missing if kept is None else kept)

    def do_DELETE(self) -> None:
        if not self._refused():
            self.server.kept.pop(self.path, None)
            self._answer(204, b"")

    def _refused(self) -> bool:
        if self.server.status:
            self._answer(self.server.status, b"")
        return bool(self.server.status)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None: ...


def _unchunked(body: bytes) -> bytes:
    whole, rest = b"", body
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if not length:
            return whole
        whole, rest = whole + rest[:length], rest[length + 2 :]

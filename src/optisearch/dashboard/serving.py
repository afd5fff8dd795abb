"""`optisearch dashboard`: from what a person says to pages that are served."""

import asyncio
import ipaddress
import logging
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable

import uvicorn

from optisearch.address import Address
from optisearch.dashboard import tls
from optisearch.dashboard.admission import Say, admit, check_proxies
from optisearch.dashboard.app import make_app
from optisearch.dashboard.guard import given
from optisearch.dashboard.listening import listen
from optisearch.dashboard.publishers import Publishers
from optisearch.dashboard.wanted import Wanted
from optisearch.errors import OptisearchError
from optisearch.storage import Database, open_database

# How long answers that have begun may take when it is asked to end, and what hangs beyond that.
_GRACE_SECONDS = 3
_LEAVING_SECONDS = 1.0


def serve(address: Address, wanted: Wanted, say: Say, warn: Say) -> None:
    """Serve until somebody asks to end.

    Args:
        address: The database.
        wanted: How.
        say: Is told where to open it, once it is served, and a token that was generated.
        warn: Is told what its starter should know.

    Raises:
        OptisearchError: It can't be served so. Nothing is served.
    """
    check_proxies(wanted.proxies)
    token = given(os.environ, wanted.token_file, warn)
    secure = _tls(wanted)
    with listen(wanted.host, wanted.port) as listening:
        database = _open(address)
        access = admit(wanted, listening, token, say, warn, is_secure=secure is not None)
        config = uvicorn.Config(
            make_app(database, access, beside=lambda: Publishers(database)),
            http="h11",
            ws="none",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=bool(wanted.proxies),
            forwarded_allow_ips=list(wanted.proxies),
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_context_factory=None if secure is None else lambda *_: secure,
        )
        url = _url(listening, wanted.host, is_secure=secure is not None)
        _Server(config, lambda: say(f"The dashboard is at {url} (Ctrl-C ends it)")).run([listening])
    _leave()


class _Server(uvicorn.Server):
    """uvicorn, which says when it serves, and for which a signal is no failure."""

    def __init__(self, config: uvicorn.Config, serves: Callable[[], None]) -> None:
        super().__init__(config)
        self._serves = serves

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn ends by itself at a signal, and then passes it on to whom it would have reached.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self.handle_exit)
        logging.getLogger("uvicorn.error").addFilter(_is_fault)
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._serves()


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether something went wrong: answers that take too long at the end are given up, no more."""
    return not (record.exc_info and record.exc_info[0] is asyncio.CancelledError)


def _tls(wanted: Wanted) -> ssl.SSLContext | None:
    if wanted.certificate is not None:
        return tls.load(wanted.certificate, wanted.key)
    if wanted.key is not None:
        raise OptisearchError(
            "there is a key and no certificate", where="--tls-key", remedy="Add --tls-cert"
        )
    return None


def _open(address: Address) -> Database:
    """The database. What isn't there is created, but no file whose name may be mistyped."""
    is_named_file = address.path is not None and not address.is_default
    return open_database(address, create=not is_named_file)


def _url(listening: socket.socket, host: str, *, is_secure: bool) -> str:
    port: int = listening.getsockname()[1]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        shown = host
    else:
        shown = f"[{address}]" if address.version == 6 else host
        if address.is_unspecified:
            shown = socket.gethostname()
    return f"{'https' if is_secure else 'http'}://{shown}:{port}/"


def _leave() -> None:
    """End the process, though a thread may wait for a database that doesn't answer.

    Such a thread can't be told to stop, and Python waits for it. Nothing of it is stored by half.
    """
    deadline = time.monotonic() + _LEAVING_SECONDS
    for thread in _at_work():
        thread.join(max(0.0, deadline - time.monotonic()))
    if _at_work():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _at_work() -> list[threading.Thread]:
    me = threading.main_thread()
    return [each for each in threading.enumerate() if each is not me and not each.daemon]

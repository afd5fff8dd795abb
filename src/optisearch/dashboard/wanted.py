"""What a person says about how the dashboard is to be served."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8080


@dataclass(frozen=True)
class Wanted:
    """How the dashboard is to be served.

    Attributes:
        host: The name or address that it listens on.
        port: Its port; 0 takes any that is free.
        may_change: Whether studies may be changed; None leaves that to where it is served.
        token_file: A file that holds the token.
        certificate: The chain of certificates for TLS.
        key: Its key.
        names: More host names under which it may be asked for.
        proxies: Addresses or networks of proxies, which are believed who asks them and how.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    may_change: bool | None = None
    token_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()

"""Who is let in, and to do what: what follows from where the dashboard is served."""

import ipaddress
import socket
from collections.abc import Callable

from optisearch.dashboard.guard import Access, Token
from optisearch.dashboard.listening import is_loopback, own_names
from optisearch.dashboard.wanted import Wanted
from optisearch.errors import OptisearchError

Say = Callable[[str], None]


def admit(
    wanted: Wanted,
    listening: socket.socket,
    token: Token | None,
    say: Say,
    warn: Say,
    *,
    is_secure: bool,
) -> Access:
    """Who is let in.

    Everybody on this machine, where nobody else reaches the dashboard; who knows the token, where
    others do: over the network, or by a proxy or a tunnel, which a name for it tells of.

    Args:
        wanted: How it is to be served.
        listening: Where it listens.
        token: The token, if one was given.
        say: Is told a token that is made here.
        warn: Is told where the token can be read on its way.
        is_secure: Whether it speaks TLS.
    """
    names = frozenset(
        name.lower().rstrip(".") for name in ("localhost", wanted.host, *wanted.names)
    )
    is_local = is_loopback(listening) and not wanted.names and not wanted.proxies
    may_change = is_local if wanted.may_change is None else wanted.may_change
    if is_local:
        return Access(names, token=token, may_change=may_change)
    if token is None:
        token, text = Token.generated()
        say(f"Sign in with the token {text}")
    if not is_secure and not wanted.proxies:
        warn(
            "without TLS the token, and all that is shown, can be read on its way: give "
            "--tls-cert and --tls-key, or put a proxy with TLS before it (--proxy)"
        )
    return Access(names | own_names(), by_address=True, token=token, may_change=may_change)


def check_proxies(proxies: tuple[str, ...]) -> None:
    """See that each is an address, or a network of them.

    Raises:
        OptisearchError: One isn't. uvicorn would trust nobody then, and not say so.
    """
    for each in proxies:
        try:
            ipaddress.ip_network(each)
        except ValueError:
            raise OptisearchError(
                "this is no address of a proxy, nor a network of them",
                where=f"--proxy {each}",
                remedy="Give one such as 127.0.0.1 or 10.0.0.0/8",
            ) from None

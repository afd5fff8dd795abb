"""The socket on which the dashboard is asked: opened first, since most mistakes show there."""

import errno
import ipaddress
import socket
import threading

from optisearch.errors import OptisearchError

_TRIED_PORTS = 20
_NAMING_SECONDS = 1.0


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound to a host and a port; to a free port where that is 0.

    Raises:
        OptisearchError: There is no such host, the port is taken, or not for this user.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise OptisearchError(
            "there is no such host name or address",
            where=f"--host {host}",
            remedy="Name an address of this machine, or 0.0.0.0 for all of them",
        ) from None
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # `::` means all addresses, those of IPv4 included.
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind(place)
        opened.listen()
    except OSError as error:
        opened.close()
        raise _refused(error, host, port) from None
    return opened


def is_loopback(listening: socket.socket) -> bool:
    """Whether only this machine reaches it."""
    return ipaddress.ip_address(listening.getsockname()[0]).is_loopback


def own_names() -> frozenset[str]:
    """What this machine is called, in lower case; in full too, where that is known soon."""
    names = {socket.gethostname()}

    def ask() -> None:
        names.add(socket.getfqdn())

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_NAMING_SECONDS)
    return frozenset(name.lower() for name in names)


def _refused(error: OSError, host: str, port: int) -> OptisearchError:
    if error.errno == errno.EADDRINUSE:
        free = _free(host, port)
        another = f"such as --port {free}" if free else "or any that is free with --port 0"
        return OptisearchError(
            "another program listens on this port already, perhaps another dashboard",
            where=f"{host}:{port}",
            remedy=f"Name another one, {another}",
        )
    if error.errno == errno.EACCES:
        return OptisearchError(
            "this port isn't for everybody",
            where=f"{host}:{port}",
            remedy="Name one above 1023, such as --port 8080",
        )
    return OptisearchError(
        f"this isn't an address of this machine ({error.strerror})",
        where=f"--host {host}",
        remedy="Name one of its own, or 0.0.0.0 for all of them",
    )


def _free(host: str, port: int) -> int:
    """The next port that is free; 0 where none is soon."""
    for other in range(port + 1, min(port + _TRIED_PORTS, 65536)):
        try:
            listen(host, other).close()
        except OptisearchError:
            continue
        return other
    return 0

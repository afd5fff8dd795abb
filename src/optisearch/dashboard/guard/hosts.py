"""Under which names the dashboard answers: a foreign name may be DNS rebinding.

A page of `evil.test` can have that name lead to this machine after it was loaded. To the browser it
then asks its own server; only the name in the request tells. An address can't be led elsewhere.
"""

import ipaddress
import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from optisearch.dashboard.guard.access import STATIC, Access, Screens
from optisearch.dashboard.guard.refusals import refusal

_HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]*)?")


class Hosts:
    """Refuses what is asked of another name than ours, but for the looks of the refusal."""

    def __init__(self, app: ASGIApp, access: Access, screens: Screens) -> None:
        self._app = app
        self._access = access
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        is_looks = scope["path"].startswith(STATIC)
        if is_looks or is_known(request.headers.get("host", ""), self._access):
            await self._app(scope, receive, send)
            return
        answer = refusal(
            request,
            self._screens.refusal,
            421,
            "This dashboard isn't known under the name by which it was asked for",
            "If the name leads here, have the dashboard started with --allow-host and that name",
        )
        await answer(scope, receive, send)


def is_known(host: str, access: Access) -> bool:
    """Whether the dashboard may be asked for so.

    Args:
        host: A `Host` header: a name or an address, with or without a port. The port doesn't
            count, since tunnels begin at any.
        access: The names.
    """
    name = _name(host)
    if name is None or name in access.names:
        return name is not None
    address = _address(name)
    return address is not None and (access.by_address or address.is_loopback)


def is_loopback(host: str) -> bool:
    """Whether a `Host` header means this machine and no other."""
    name = _name(host) or ""
    address = _address(name)
    return name == "localhost" or (address is not None and address.is_loopback)


def _name(host: str) -> str | None:
    """Without the port; None where it is neither a name nor an address."""
    found = _HOST.fullmatch(host.strip().lower())
    return (found["address"] or found["name"]).rstrip(".") if found else None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None

"""Under which names the dashboard answers: a foreign name may be DNS rebinding.

A page of `evil.test` can have that name lead to this machine after it was loaded. To the browser it
then asks its own server; only the name in the request tells. An address can't be led elsewhere.
"""

import ipaddress
import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from optisearch.dashboard.guard.access import Access, Screens
from optisearch.dashboard.guard.refusals import refusal

_HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]*)?")


class Hosts:
    """Refuses what is asked of another name than ours."""

    def __init__(self, app: ASGIApp, access: Access, screens: Screens) -> None:
        self._app = app
        self._access = access
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if is_known(request.headers.get("host", ""), self._access):
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
    found = _HOST.fullmatch(host.strip().lower())
    if found is None:
        return False
    name = (found["address"] or found["name"]).rstrip(".")
    if name in access.names:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return access.by_address or address.is_loopback

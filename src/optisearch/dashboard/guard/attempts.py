"""How often a token may be guessed: so many wrong ones a minute from one client, and from all.

Who has reached the limit isn't let in with the right token either: else guessing would go on. So
an attacker can keep others from signing in, but not those who have: their cookies aren't counted,
and an address from which the right token came before is beyond what strangers use up. IPv6 clients
choose from a network of their own, so that counts as one.
"""

import ipaddress
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

_OF_ONE = RateLimitItemPerMinute(10)
_OF_ALL = RateLimitItemPerMinute(100)
_STRANGERS = "all"
_NETWORK_BITS = 64


class Attempts:
    """Counts wrong tokens. Used by one thread."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._known = set[str]()

    def wait_seconds(self, address: str) -> int:
        """How long a client has to wait before it may try; 0 where it may now."""
        client = _client(address)
        limits = [(_OF_ONE, client)]
        if client not in self._known:
            limits.append((_OF_ALL, _STRANGERS))
        used_up = [each for each in limits if not self._limiter.test(*each)]
        ends = (self._limiter.get_window_stats(*each).reset_time for each in used_up)
        return max((int(end - time.time()) + 1 for end in ends), default=0)

    def failed(self, address: str) -> None:
        """A client gave a wrong token."""
        client = _client(address)
        self._limiter.hit(_OF_ONE, client)
        if client not in self._known:
            self._limiter.hit(_OF_ALL, _STRANGERS)

    def succeeded(self, address: str) -> None:
        """A client gave the right one."""
        self._known.add(_client(address))


def _client(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _NETWORK_BITS), strict=False))

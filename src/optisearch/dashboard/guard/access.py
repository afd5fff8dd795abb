"""Who is let in, and to do what: what the guard is told once, before anything is served."""

from collections.abc import Callable
from dataclasses import dataclass, field

from optisearch.dashboard.guard.tokens import Token

# What our pages look like. It holds nothing that isn't public.
STATIC = "/static-optisearch/"


@dataclass(frozen=True)
class Access:
    """Who is let in, and to do what.

    Attributes:
        names: The host names under which the dashboard may be asked for, in lower case.
        by_address: Whether also under any address, and not only under the loopback's.
        token: What has to be known; None lets everybody in.
        may_change: Whether those who are let in may change what is stored.
    """

    names: frozenset[str] = frozenset({"localhost"})
    by_address: bool = False
    token: Token | None = field(default=None, repr=False)
    may_change: bool = True


@dataclass(frozen=True)
class Screens:
    """What the guard shows to a browser, as whole HTML pages with every text escaped.

    Attributes:
        sign_in: The form that posts `token` and `next` to `/sign-in`: of where to go on to, and of
            what was wrong with the last try (empty before the first).
        refusal: Of a status, of what is refused and of what to do about it.
    """

    sign_in: Callable[[str, str], str]
    refusal: Callable[[int, str, str], str]

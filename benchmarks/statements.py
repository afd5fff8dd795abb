"""What a database is asked: statements, transactions and rows, counted on the way."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy

_TABLE = re.compile(r"(?:FROM|INTO|UPDATE|SAVEPOINT)\s+\"?(\w+)", re.IGNORECASE)


@dataclass
class Asked:
    """Counts of what went over an engine.

    Attributes:
        statements: By verb and table: `SELECT trials`.
        transactions: How many were begun; each is begun and ended by a message of its own.
        pings: How often a connection was checked before it was used.
    """

    statements: Counter[str] = field(default_factory=Counter)
    transactions: int = 0
    pings: int = 0

    @property
    def round_trips(self) -> int:
        """How often the client waits for the server's answer."""
        return self.statements.total() + 2 * self.transactions + self.pings

    @classmethod
    def of(cls, engine: sqlalchemy.Engine) -> "Asked":
        """Counts from now on."""
        asked = cls()

        @sqlalchemy.event.listens_for(engine, "before_cursor_execute")
        def _statement(
            _connection: Any, _cursor: Any, text: str, _given: Any, _context: Any, _many: bool
        ) -> None:
            asked.statements[_kind(text)] += 1

        @sqlalchemy.event.listens_for(engine, "begin")
        def _begin(_connection: Any) -> None:
            asked.transactions += 1

        ping = engine.dialect.do_ping

        def pinged(connection: Any) -> bool:
            asked.pings += 1
            return bool(ping(connection))

        engine.dialect.do_ping = pinged  # type: ignore[method-assign]
        return asked

    def clear(self) -> None:
        """Begin anew."""
        self.statements.clear()
        self.transactions = self.pings = 0


def _kind(text: str) -> str:
    verb = text.split(maxsplit=1)[0].upper()
    table = _TABLE.search(text)
    if verb in ("SAVEPOINT", "RELEASE", "BEGIN", "PRAGMA") or table is None:
        return verb
    return f"{verb} {table[1]}"

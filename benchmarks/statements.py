"""What PostgreSQL is asked: statements and transactions, counted on their way."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

_TABLE = re.compile(r"(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


@dataclass
class Asked:
    """Counts of what this process asks, whatever engine it goes over.

    Attributes:
        statements: By verb and table: `SELECT trials`.
        transactions: How many were begun.
        pings: How often a connection was checked before it was used.
    """

    statements: Counter[str] = field(default_factory=Counter)
    transactions: int = 0
    pings: int = 0

    @property
    def round_trips(self) -> int:
        """How often it waits for an answer. Psycopg sends BEGIN and COMMIT by themselves."""
        return self.statements.total() + 2 * self.transactions + self.pings

    def listen(self) -> None:
        """Count from now on, for good."""
        listen = sqlalchemy.event.listen
        listen(sqlalchemy.Engine, "before_cursor_execute", self._statement)
        listen(sqlalchemy.Engine, "begin", self._begin)
        ping = PGDialect_psycopg.do_ping

        def counted(dialect: PGDialect_psycopg, connection: Any) -> Any:
            self.pings += 1
            return ping(dialect, connection)

        PGDialect_psycopg.do_ping = counted  # type: ignore[method-assign]

    def _statement(
        self, _connection: Any, _cursor: Any, text: str, _given: Any, _context: Any, _many: bool
    ) -> None:
        self.statements[kind(text)] += 1

    def _begin(self, connection: sqlalchemy.Connection) -> None:
        # SQLAlchemy says so, too, where nobody is asked to begin one.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            self.transactions += 1


def kind(text: str) -> str:
    """A statement in two words: what it does, and to which table."""
    verb = text.split(maxsplit=1)[0].upper()
    table = _TABLE.search(text)
    return verb if table is None else f"{verb} {table[1]}"

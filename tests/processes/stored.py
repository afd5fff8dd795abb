"""What is stored in a database, read without any code of OptiSearch's."""

import contextlib
import json
import re
import sqlite3
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy

# What SQLite, PostgreSQL and MariaDB say.
_NO_TABLE = re.compile(r"no such table|relation .* does not exist|Table .* doesn't exist")
_OWNERS_IN_TRAINING = (
    "SELECT value_json FROM trial_system_attributes AS a JOIN trials AS t USING (trial_id) "
    "WHERE t.state = 'RUNNING' AND a.key = 'optisearch:owner' AND EXISTS "
    "(SELECT 1 FROM trial_intermediate_values AS v WHERE v.trial_id = t.trial_id)"
)


class Stored:
    """A database, read cheaply enough for polling.

    Args:
        url: SQLAlchemy's URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def in_file(cls, path: Path) -> "Stored":
        """A SQLite database, which may not be there yet."""
        return cls(f"sqlite:///{path}")

    @cached_property
    def path(self) -> Path:
        """The file of a SQLite database."""
        name = sqlalchemy.make_url(self.url).database
        assert name
        return Path(name)

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        wait = {"timeout": 30} if self.url.startswith("sqlite") else {}
        # A connection that is kept wouldn't survive an outage that a test makes.
        return sqlalchemy.create_engine(
            self.url, poolclass=sqlalchemy.pool.NullPool, connect_args=wait
        )

    def rows(self, query: str, **values: object) -> list[tuple]:
        """What a query finds; nothing where its tables don't exist yet."""
        if self.url.startswith("sqlite") and not self.path.exists():
            return []
        try:
            with self._engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sqlalchemy.text(query), values)]
        except sqlalchemy.exc.DBAPIError as error:
            if _NO_TABLE.search(str(error)):
                return []
            raise

    def studies(self) -> list[str]:
        return [name for (name,) in self.rows("SELECT study_name FROM studies ORDER BY study_id")]

    def count(self, *states: str) -> int:
        found = dict(self.rows("SELECT state, count(*) FROM trials GROUP BY state"))
        return sum(found.get(state, 0) for state in states)

    @property
    def trained(self) -> int:
        return self.count("COMPLETE", "PRUNED")

    @property
    def trials(self) -> int:
        return self.count("COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING")

    def in_training(self) -> list[int]:
        """The processes in the middle of training: at least one epoch of a trial is reported."""
        return [json.loads(value)["pid"] for (value,) in self.rows(_OWNERS_IN_TRAINING)]

    def ended(self, reason: str) -> list[int]:
        """The numbers of the trials that ended so."""
        found = self.rows(
            "SELECT number FROM trials JOIN trial_user_attributes AS a USING (trial_id) "
            "WHERE a.key = 'end_reason' AND value_json = :reason ORDER BY number",
            reason=json.dumps(reason),
        )
        return [number for (number,) in found]

    def is_intact(self) -> bool:
        return self.rows("PRAGMA integrity_check") == [("ok",)]

    def dump(self) -> list[str]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as connection:
            return list(connection.iterdump())

    def load(self, name: str) -> Any:
        """The study, by plain Optuna."""
        import optuna

        return optuna.load_study(study_name=name, storage=self.url.replace("{", "{{"))

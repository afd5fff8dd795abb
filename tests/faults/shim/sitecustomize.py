"""Python imports this before anything else in the processes of a fault test.

By the environment:
    FAULT_HALT: a regular expression. The first process to execute an SQL statement that it matches
        halts before it (after it, inside its transaction, with FAULT_HALT_AFTER=1): it says so in
        the file `halted` of the folder FAULT_HALTS, and goes on when there is a file `go`.
    FAULT_UNANSWERED: a regular expression. When the first process to execute such a statement has
        committed it, its connection breaks before the answer arrives. FAULT_HALTS is as above.
    FAULT_HOST: the name of the machine that this process takes itself to be on, another one.
    FAULT_CLOCK: by how many seconds this process's clock is wrong.
    FAULT_VERSIONS: other versions of packages than are installed, as JSON.
"""

import json
import os
import re
import socket
import sys
import time
from importlib import metadata
from pathlib import Path


def tell(folder: Path, statement: str) -> None:
    """Say where this process is. Whoever waits for the file finds it whole."""
    said = {"pid": os.getpid(), "statement": statement}
    (folder / "halting").write_text(json.dumps(said))
    (folder / "halting").rename(folder / "halted")


def halt_at(pattern: str, folder: Path, moment: str) -> None:
    import sqlalchemy

    wanted = re.compile(pattern)

    @sqlalchemy.event.listens_for(sqlalchemy.Engine, moment)
    def halt(_connection, _cursor, statement, *_):
        if not wanted.search(statement):
            return
        try:
            (folder / "taken").touch(exist_ok=False)
        except FileExistsError:
            return  # it was another process, or an earlier time
        tell(folder, statement)
        while not (folder / "go").exists():
            time.sleep(0.01)


def break_after_commit_of(pattern: str, folder: Path) -> None:
    import sqlalchemy
    from sqlalchemy.engine.default import DefaultDialect

    wanted, doomed, commit = re.compile(pattern), set(), DefaultDialect.do_commit
    messages = {
        "psycopg": ("server closed the connection unexpectedly",),
        "pymysql": (2013, "Lost connection to MySQL server during query"),
    }

    @sqlalchemy.event.listens_for(sqlalchemy.Engine, "before_cursor_execute")
    def note(connection, _cursor, statement, *_):
        if wanted.search(statement) and not (folder / "halted").exists():
            doomed.add(id(connection.connection.dbapi_connection))

    def do_commit(self, dbapi_connection):
        commit(self, dbapi_connection)
        actual = getattr(dbapi_connection, "dbapi_connection", dbapi_connection)
        if id(actual) in doomed and not (folder / "halted").exists():
            tell(folder, pattern)
            getattr(actual, "_force_close", actual.close)()  # as each driver does by itself
            raise self.loaded_dbapi.OperationalError(*messages[self.driver])

    DefaultDialect.do_commit = do_commit


def move_to(host: str) -> None:
    """Machines are told apart by their names, and by what Linux calls the boot's id."""
    read_text = Path.read_text

    def other_text(path, *args, **kwargs):
        if path == Path("/proc/sys/kernel/random/boot_id"):
            return f"the boot of {host}\n"
        return read_text(path, *args, **kwargs)

    socket.gethostname = lambda: host
    Path.read_text = other_text


def shift_clock(seconds: float) -> None:
    from datetime import UTC, datetime, timedelta

    import time_machine

    time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()


def pretend_versions(versions: dict[str, str]) -> None:
    installed = metadata.version
    metadata.version = lambda name: versions.get(name) or installed(name)


environment = os.environ
if "work" in sys.orig_argv:
    if environment.get("FAULT_HOST"):
        move_to(environment["FAULT_HOST"])
    if environment.get("FAULT_CLOCK"):
        shift_clock(float(environment["FAULT_CLOCK"]))
    if environment.get("FAULT_VERSIONS"):
        pretend_versions(json.loads(environment["FAULT_VERSIONS"]))
    if environment.get("FAULT_UNANSWERED"):
        halts = Path(environment["FAULT_HALTS"])
        break_after_commit_of(environment["FAULT_UNANSWERED"], halts)
    if environment.get("FAULT_HALT"):
        halt_at(
            environment["FAULT_HALT"],
            Path(environment["FAULT_HALTS"]),
            f"{'after' if environment.get('FAULT_HALT_AFTER') else 'before'}_cursor_execute",
        )

"""Where a database is: a storage URL, its password kept out of every text."""

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote

from optisearch.errors import StorageError

DEFAULT_URL = "sqlite:///storage/optisearch.db"
EXAMPLES = "sqlite:///results.db, postgresql://user:password@host/database or mysql://…"

# What SQLAlchemy is told, by what people write: a driver of ours where they name none.
_DIALECTS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}
# The password may hold any character, also unescaped ones: it reaches to the last `@`.
_SERVER = re.compile(
    r"(?P<user>[^:@/]*)(?::(?P<password>.*))?@(?P<place>[^@]*)|(?P<open_place>[^@]*)", re.DOTALL
)
_PLACE = re.compile(
    r"(?P<host>\[[^\]]*\]|[^:/?]*)(?::(?P<port>[^/?]*))?(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?"
)


@dataclass(frozen=True)
class Address:
    """A parsed storage URL.

    Attributes:
        dialect: `sqlite`, `postgresql` or `mysql`.
        masked: The URL for people: without its password.
        sqlalchemy_url: The URL for SQLAlchemy, with everything escaped. Never printed.
        text: The URL as it was given. Never printed.
        path: The file of a SQLite database.
        has_password: Whether there is a password in it.
    """

    dialect: str
    masked: str
    sqlalchemy_url: str = field(repr=False)
    text: str = field(repr=False)
    path: Path | None = None
    has_password: bool = field(default=False, repr=False)

    def __str__(self) -> str:
        return self.masked

    @property
    def optuna_url(self) -> str:
        """The same for Optuna, which would take `{…}` for a place-holder. Never printed."""
        return self.sqlalchemy_url.replace("{", "{{").replace("}", "}}")

    @property
    def is_default(self) -> bool:
        return self.masked == DEFAULT_URL


def parse(text: str) -> Address:
    """Parse a storage URL.

    Unlike a plain URL parser it accepts passwords with unescaped characters, `@` and `{}` among
    them: no part of one can end up in a host name, and so in an error message.

    Raises:
        StorageError: The URL is malformed or of a dialect that isn't supported.
    """
    scheme, separator, rest = text.strip().partition("://")
    scheme = scheme.lower()
    if not separator or not re.fullmatch(r"[a-z0-9+]+", scheme):
        raise StorageError(
            "the storage URL isn't one", where="--storage", remedy=f"Give a URL such as {EXAMPLES}"
        )
    dialect = _DIALECTS.get(scheme)
    if dialect is None:
        raise StorageError(
            f"{scheme}:// is no database that results can be kept in",
            where="--storage",
            remedy=_dialect_remedy(scheme),
        )
    return _parse_file(rest) if dialect == "sqlite" else _parse_server(scheme, dialect, rest)


def parse_argument(text: str) -> Address:
    """Parse a storage URL from a command line, where a password isn't accepted.

    Raises:
        StorageError: It holds one, or is malformed.
    """
    address = parse(text)
    if address.has_password:
        elsewhere = ", or leave the password out and put it into ~/.pgpass"
        raise StorageError(
            f"there is a password in the URL {address}, and everybody on this machine can read "
            "command lines",
            where="--storage",
            remedy="Put the URL into the environment (OPTISEARCH_STORAGE) or into a file of your "
            f"own (--storage-file){elsewhere if address.dialect == 'postgresql' else ''}",
        )
    return address


def read(file: Path) -> Address:
    """Parse the storage URL in a file.

    Raises:
        StorageError: The file can't be read, holds no URL, or holds a password that other people
            of the machine can read.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            status = os.fstat(opened.fileno())
            lines = opened.read().strip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"the file with the storage URL can't be read ({_reason(error)})",
            where=str(file),
            remedy="Name a file that holds the URL, and nothing else",
        ) from None
    if len(lines) != 1:
        raise StorageError(
            f"the file should hold one line, the storage URL, and holds {len(lines)}",
            where=str(file),
            remedy=f"Write the URL into it, and nothing else, such as {EXAMPLES}",
        )
    address = parse(lines[0])
    if address.has_password and _is_open(status):
        raise StorageError(
            "the storage URL in this file has a password, and others than its owner can read it",
            where=str(file),
            remedy=f"Take that from them: chmod 600 {file}",
        )
    return address


def default() -> Address:
    """The database that the environment names, else the default.

    Raises:
        StorageError: What the environment says can't be used.
    """
    named, held = (os.environ.get(f"OPTISEARCH_STORAGE{rest}") for rest in ("", "_FILE"))
    return parse(named) if named else read(Path(held)) if held else parse(DEFAULT_URL)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return str(error.strerror) if isinstance(error, OSError) else "it isn't text"


def _is_open(status: os.stat_result) -> bool:
    """Whether others can read a secret, by the rule that PostgreSQL has for its clients' keys: its
    owner alone; where that is root, a group too, which is how Kubernetes gives secrets to pods.

    https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-CLIENTCERT
    """
    if os.name == "nt":  # its permissions aren't in the mode
        return False
    group = stat.S_IWGRP | stat.S_IXGRP if status.st_uid == 0 else stat.S_IRWXG
    return bool(status.st_mode & (stat.S_IRWXO | group))


def _dialect_remedy(scheme: str) -> str:
    if scheme == "postgres":
        return "Write postgresql://"
    if scheme.startswith(("postgresql+", "mysql+", "mariadb+")):
        return f"Leave the driver out: {scheme.partition('+')[0]}://"
    return f"Use one of {EXAMPLES}"


def _parse_file(rest: str) -> Address:
    name, _, query = rest.partition("?")
    if query:
        raise StorageError(
            "options in a SQLite URL aren't supported",
            where=f"sqlite://{name}",
            remedy="Leave out what follows the question mark",
        )
    if not name.startswith("/") or name in ("/", "/:memory:"):
        raise StorageError(
            "the SQLite URL names no file"
            if name.strip("/") in ("", ":memory:")
            else "the SQLite URL has a host where its path should begin",
            where=f"sqlite://{name}",
            remedy="Write three slashes before a relative path, four before an absolute one: "
            "sqlite:///results.db",
        )
    path = Path(name[1:])
    url = f"sqlite:///{path}"
    return Address(dialect="sqlite", masked=url, sqlalchemy_url=url, text=url, path=path)


def _parse_server(scheme: str, dialect: str, rest: str) -> Address:
    server = _SERVER.fullmatch(rest)
    place = server and _PLACE.fullmatch(server["place"] or server["open_place"] or "")
    if not server or not place or not (place["database"] or "").strip():
        raise StorageError(
            "the storage URL names no database",
            where=f"{scheme}://…",
            remedy=f"Write it as {scheme}://user:password@host:port/database",
        )
    port = place["port"]
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        raise StorageError(
            "the port in the storage URL is no number from 1 to 65535",
            where=f"{scheme}://…",
            remedy=f"Write it as {scheme}://user:password@host:port/database",
        )
    user, password = server["user"] or "", server["password"]
    location = f"{place['host']}{f':{port}' if port else ''}/{place['database']}"
    query = f"?{place['query']}" if place["query"] else ""
    login = _escape(user) + (f":{_escape(password)}" if password is not None else "")
    shown = user + (":***" if password is not None else "")
    masked = f"{scheme}://{f'{shown}@' if shown else ''}{location}"
    url = f"{dialect}://{f'{login}@' if login else ''}{location}{query}"
    return Address(
        dialect=dialect.partition("+")[0],
        masked=masked,
        sqlalchemy_url=url,
        text=f"{scheme}://{rest}",
        has_password=bool(password) or _names_password(place["query"] or ""),
    )


def _names_password(query: str) -> bool:
    """Whether an option of a driver is a password (`password`, `sslpassword`, `passwd`, …)."""
    return any("passw" in name.lower() for name, _ in parse_qsl(query, keep_blank_values=True))


def _escape(text: str) -> str:
    return quote(unquote(text), safe="")

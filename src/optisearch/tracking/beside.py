"""Where a tool's files lie by default."""

from pathlib import Path

from optisearch.address import Address


def beside(address: Address, ending: str) -> Path:
    """A path beside a SQLite file, `results.ending` for `results.db`; for a database on a server,
    beside which there is nothing, `ending` in the working folder."""
    return address.path.with_suffix(f".{ending}") if address.path else Path(ending)

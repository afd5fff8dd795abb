"""Looking at a SQLite file leaves alone what this process has of it."""

import subprocess
import sys

import pytest

from optisearch.address import Address
from optisearch.storage import check_place, open_database, probe

# A connection to a write-ahead log holds a shared lock on this byte of the file for as long as it is
# open (https://sqlite.org/fileformat2.html, the lock-byte page); another process tries to take it.
_LOCKED = 0x40000002
_TRY = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(sys.argv[2]))
    except OSError:
        print("locked")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="its locks are no process's, but a handle's")
def test_a_second_look_does_not_end_the_first_one_s_locks(sqlite: Address) -> None:
    def is_locked() -> bool:
        command = [sys.executable, "-c", _TRY, str(sqlite.path), str(_LOCKED)]
        return (
            "locked" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
        )

    first = open_database(sqlite, create=True)
    assert first.storage.get_all_studies() == []
    assert is_locked()
    check_place(sqlite)
    probe(sqlite)
    second = open_database(sqlite, create=False)
    assert second.storage.get_all_studies() == []
    assert is_locked()


def test_a_path_with_characters_that_addresses_give_a_meaning_to(sqlite: Address) -> None:
    assert sqlite.path is not None
    path = sqlite.path.with_name("a?b#c%20d.db")
    path.write_bytes(b"")
    url = f"sqlite:///{path}"
    address = Address("sqlite", url, url, url, path)
    check_place(address)
    assert path.read_bytes() == b""

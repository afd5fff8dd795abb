"""The disk under a SQLite database becomes full in the middle of a run."""

import shutil

import pytest
from tests.processes.stored import Stored

from .fleet import Place, codes

pytestmark = pytest.mark.processes


@pytest.fixture
def on_a_small_disk(fleet, namespace):
    """A fleet whose database lies on a disk of two megabytes; the disk; what is stored there."""
    disk = namespace.disk
    namespace.do("mount", "-t", "tmpfs", "-o", "size=2m", "small", str(disk))
    copies = disk.parent / "copies"

    def stored() -> Stored:
        # A copy: SQLite would take a file in another namespace for one of that name in its own.
        shutil.rmtree(copies, ignore_errors=True)
        shutil.copytree(namespace.seen(disk), copies, ignore=lambda *_: ["rubbish"])
        return Stored.in_file(copies / "r.db")

    place = Place(f"sqlite:///{disk}/r.db", Stored.in_file(copies / "r.db"))
    return lambda **what: (fleet(place, **what), namespace.seen(disk), stored)


def fill(path) -> None:
    """Write until there is no room for another byte."""
    with path.open("wb", buffering=0) as file:
        for size in (65536, 512, 1):
            with pytest.raises(OSError, match="No space left"):
                while True:
                    file.write(b"x" * size)


@pytest.mark.parametrize("command", ["run", "work"])
def test_it_is_told_and_nothing_is_lost(on_a_small_disk, command):
    """No retry helps against a full disk: it is said at once; with room again the rest is done."""
    fleet, disk, stored = on_a_small_disk(trials=6, seconds=1)
    start = (lambda: fleet.run(2)) if command == "run" else fleet.work
    running = start()
    running.until(lambda: "completed" in running.out, "a trial is trained, and told")
    fleet.until_training()
    fill(disk / "rubbish")
    result = running.wait(60)
    assert result.code == 2
    assert "the disk is full" in result.err
    assert "Traceback" not in result.out + result.err
    assert 0 < stored().trained < 6
    (disk / "rubbish").unlink()
    assert stored().is_intact()
    assert codes([start()]) == [0]
    stored()
    assert fleet.check_complete() != []  # something was in training, and had to be trained again
    assert fleet.wasted() > 0

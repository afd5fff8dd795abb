"""What a trial takes beside many that are in training elsewhere, counted exactly."""

from collections.abc import Iterable, Mapping

from benchmarks.markdown import table
from benchmarks.measuring import digits
from benchmarks.overhead.asked import ALWAYS, Figures, asked_by
from benchmarks.overhead.contenders import NAMES
from benchmarks.processes import note
from benchmarks.servers import Server
from benchmarks.stored_trials import filled
from benchmarks.waiting import Waits, study

STORED = 1_000

Found = Mapping[int, Mapping[str, Figures]]


def beside(server: Server, many: Iterable[int], contenders: Iterable[str]) -> Found:
    """What a trial of one worker takes, by how many others are in training and by contender."""
    found: dict[int, dict[str, Figures]] = {}
    for running in many:
        note(f"fleet: a trial beside {running:,} others")
        template, waiting = f"running{running}", study(Waits(lambda _number: 0.0))
        url = server.create(template)
        name = filled(url, waiting, STORED, more=100_000, running=running)
        found[running] = {}
        for each in contenders:
            copy = server.create("copy", template)
            found[running][each] = asked_by(each, server, copy, name)
            server.drop("copy")
    return found


def costs(found: Found) -> str:
    """A row for each number of others and contender."""
    return table(
        ["others in training", "", *ALWAYS],
        [
            [f"{running:,}", each, *(digits(figures[figure]) for figure in ALWAYS)]
            for running, of in found.items()
            for each, figures in of.items()
            if each in NAMES
        ],
    )

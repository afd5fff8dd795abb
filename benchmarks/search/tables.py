"""What the searches reached, and when: their own way up, and ours to where each peer got."""

from collections.abc import Mapping, Sequence

from benchmarks.markdown import Goal, goals, table
from benchmarks.measuring import Spread
from benchmarks.search.track import Track

OURS, RACED = "ours", "Hyperband"
Rounds = Sequence[Mapping[str, Track]]


def own(rounds: Rounds, names: Sequence[str]) -> str:
    """The best accuracy of each, its seconds in all, and those until it had reached its best."""
    rows = []
    for name in names:
        tracks = [each[name] for each in rounds]
        best = Spread.of(track.best for track in tracks)
        whole = Spread.of(track.seconds for track in tracks)
        until = Spread.of(track.seconds_to(track.best) for track in tracks)
        accuracy = f"{best.median:.4f} ({best.low:.4f} – {best.high:.4f})"
        rows.append([name, accuracy, whole, until])
    header = ["", "best accuracy", "seconds in all", "seconds to its best"]
    return table(header, rows)


def shares(rounds: Rounds, peer: str, *, since_first: bool = False) -> list[float]:
    """Per round: our seconds to the peer's best accuracy, as a share of its own seconds to it."""
    found = []
    for each in rounds:
        best = each[peer].best
        ours, theirs = (
            each[name].seconds_to(best, since_first=since_first) for name in (OURS, peer)
        )
        found.append(ours / theirs)
    return found


def beside(rounds: Rounds, peers: Sequence[str], *, quick: bool = False) -> str:
    """Our time to each peer's best, beside its own, from two beginnings; and the goal."""
    rows = []
    for peer in peers:
        seconds = (
            Spread.of(each[name].seconds_to(each[peer].best) for each in rounds)
            for name in (peer, OURS)
        )
        parts = (Spread.of(shares(rounds, peer, since_first=first)) for first in (False, True))
        rows.append([peer, *seconds, *parts])
    header = ["to the best of", "its seconds", "ours", "share", "share, since the first trial"]
    goal = Goal(
        f"time to {RACED}'s best, as a share of its own", 1 / 3, shares(rounds, RACED), most=True
    )
    return "\n\n".join([table(header, rows)] + ([] if quick else [goals([goal])]))

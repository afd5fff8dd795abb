"""What a person writes into a note stays; our part is replaced."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from optisearch.publishing.merging import merged, signed

AT = datetime(2026, 11, 21, 18, 40, 12, tzinfo=UTC)
FIRST = signed("**The answer.**\n\n| a |\n| --- |\n| 1 |", 1, AT)
SECOND = signed("**A better answer.**\n\n| a |\n| --- |\n| 2 |", 1234, AT)
THIRD = signed("**The best answer.**", 2000, AT)


def test_the_last_line_says_when_and_from_what() -> None:
    assert SECOND.startswith("**A better answer.**\n")
    last = SECOND.splitlines()[-1]
    assert last.startswith(
        "Updated 2026-11-21 18:40:12 UTC, from 1,234 trials that have ended, by [OptiSearch](/ "
    )
    assert "from 1 trial that has ended" in FIRST


def test_ours_takes_the_place_of_ours() -> None:
    assert merged("", FIRST) == FIRST
    assert merged("\n", FIRST) == FIRST
    assert merged(FIRST, SECOND) == SECOND


def test_what_stands_above_and_below_stays() -> None:
    edited = f"Mine, above.\n\n{FIRST}\n\nMine, below."
    assert merged(edited, SECOND) == f"Mine, above.\n\n{SECOND}\n\nMine, below."
    # Saved by somebody who began to write before it was published again, and again.
    assert merged(merged(edited, SECOND), THIRD) == f"Mine, above.\n\n{THIRD}\n\nMine, below."


def test_a_note_that_was_there_before_stays_below() -> None:
    note = "My own note.\n\n- with a list"
    once = merged(note, FIRST)
    assert once == f"{FIRST}\n\n---\n\n{note}"
    assert merged(once, SECOND) == f"{SECOND}\n\n---\n\n{note}"


def test_a_part_of_ours_that_somebody_changed_is_theirs() -> None:
    changed = FIRST.replace("| 1 |", "| 1, which I doubt |")
    once = merged(changed, SECOND)
    assert once == f"{SECOND}\n\n---\n\n{changed}"
    assert merged(once, THIRD) == f"{THIRD}\n\n---\n\n{changed}"


def test_of_two_copies_of_ours_one_is_left() -> None:
    assert merged(f"{FIRST}\n\nbetween\n\n{SECOND}", THIRD) == f"{THIRD}\n\nbetween"


NOTES = st.text(st.sampled_from("ab#-`| \n"), max_size=30)


@given(NOTES, NOTES, NOTES)
def test_nothing_is_lost_and_nothing_grows(above: str, ours: str, below: str) -> None:
    old, new = signed(ours, 1, AT), signed(f"{ours}!", 2, AT)
    note = f"{above}\n\n{old}\n\n{below}"
    once = merged(note, new)
    assert once.count(new) == 1
    assert old not in once
    assert "".join(once.replace(new, "").split()) == "".join((above + below).split())
    assert merged(once, new) == once

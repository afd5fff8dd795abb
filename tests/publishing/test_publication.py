"""A publication takes the place of the last one, whole, and leaves what isn't ours alone."""

from dataclasses import replace
from typing import Any

import pytest
from optuna_dashboard import get_note, save_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from plotly.graph_objects import Figure

from optisearch.publishing import Publication, prepare, rows, store
from optisearch.reading import read_stage
from optisearch.storage import attributes

Stored = Any  # the class of conftest.py


def published(stored: Stored, **more: Any) -> str:
    return store(stored.database, stored.study_id, prepared(stored), **more)


def prepared(stored: Stored) -> Publication:
    return prepare(read_stage(stored.study), stored.study_id)


def test_it_is_stored_as_the_dashboard_reads_it(stored: Stored) -> None:
    assert published(stored) == "published"
    expected = prepared(stored)
    assert expected.ended == 2
    assert get_note(stored.study).startswith(expected.note)
    assert "from 2 trials that have ended" in get_note(stored.study).splitlines()[-1]
    assert get_plotly_graph_objects(stored.attributes) == expected.figures
    assert expected.figures


def test_nothing_is_written_while_nothing_changes(stored: Stored) -> None:
    published(stored)
    before = stored.attributes
    assert published(stored) == "unchanged"
    assert stored.attributes == before
    assert published(stored.add()) == "published"
    assert "from 3 trials that have ended" in get_note(stored.study)


def test_a_newer_one_is_never_replaced_by_an_older_one(stored: Stored) -> None:
    old = prepared(stored)
    published(stored.add())
    before = stored.attributes
    assert store(stored.database, stored.study_id, old) == "newer"
    assert store(stored.database, stored.study_id, old, always=True) == "newer"
    assert stored.attributes == before


def test_of_a_longer_one_nothing_is_left(stored: Stored) -> None:
    long = replace(prepared(stored), note="long " * 2000)
    store(stored.database, stored.study_id, long)
    short = replace(long, note="short", figures={"optisearch-time": "{}"})
    store(stored.database, stored.study_id, short)
    shown = {key for key in stored.attributes if key.startswith("dashboard:")}
    assert shown == {
        "dashboard:note_ver",
        "dashboard:note_str:0",
        "dashboard:plot_data:optisearch-time:0",
    }


def test_a_piece_that_stays_the_same_isn_t_written_again(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(stored)
    first = prepared(stored)
    written: list[dict[str, Any]] = []
    replaced = attributes.replace

    def noting(storage: Any, study_id: int, changed: Any, removed: Any) -> None:
        written.append(dict(changed))
        replaced(storage, study_id, changed, removed)

    monkeypatch.setattr(attributes, "replace", noting)
    changed = replace(first, figures=dict(first.figures) | {"optisearch-time": "{}"})
    store(stored.database, stored.study_id, changed)
    [keys] = written
    assert {key for key in keys if key.startswith(rows.FIGURES)} == {
        f"{rows.FIGURES}optisearch-time:0"
    }


def test_what_other_people_have_published_stays(stored: Stored) -> None:
    from optuna_dashboard import save_plotly_graph_object

    save_plotly_graph_object(stored.study, Figure(), graph_object_id="mine")
    stored.study._storage.set_study_system_attr(stored.study_id, "dashboard:7:note_ver", 1)
    save_note(stored.study, "What I thought of it.")
    assert published(stored, always=True) == "published"
    note = get_note(stored.study)
    assert note.startswith("**Best ")
    assert note.endswith("\n\n---\n\nWhat I thought of it.")
    assert "mine" in get_plotly_graph_objects(stored.attributes)
    assert stored.attributes["dashboard:7:note_ver"] == 1


def test_somebody_who_edits_the_note_meanwhile_can_save_it(stored: Stored) -> None:
    published(stored)
    opened = get_note(stored.study)
    version = stored.attributes["dashboard:note_ver"]
    published(stored.add())
    assert stored.attributes["dashboard:note_ver"] == version  # else the dashboard refuses
    save_note(stored.study, f"{opened}\n\nI doubt it.")
    published(stored.add())
    published(stored)
    note = get_note(stored.study)
    assert note.count("**Best ") == 1
    assert "from 4 trials that have ended" in note
    assert note.endswith("\n\nI doubt it.")


def test_a_note_that_may_be_half_saved_is_let_be_for_once(stored: Stored) -> None:
    published(stored)
    opened, storage = get_note(stored.study), stored.study._storage
    # As the dashboard does: the version first, then piece by piece.
    pieces = rows.of_note(f"{'mine ' * 1000}\n\n{opened}")
    storage.set_study_system_attr(stored.study_id, rows.NOTE_VERSION, 2)
    halves = list(pieces.items())
    for key, piece in halves[:1]:
        storage.set_study_system_attr(stored.study_id, key, piece)
    assert published(stored.add()) == "later"
    for key, piece in halves[1:]:
        storage.set_study_system_attr(stored.study_id, key, piece)
    assert published(stored) == "published"
    note = get_note(stored.study)
    assert note.startswith(f"{'mine ' * 1000}\n\n**Best ")
    assert "from 3 trials that have ended" in note


def test_asked_for_it_is_written_even_if_it_is_the_same(stored: Stored) -> None:
    published(stored)
    save_note(stored.study, "")
    assert published(stored) == "unchanged"
    assert published(stored, always=True) == "published"
    assert get_note(stored.study).startswith("**Best ")


def test_nothing_is_left_in_a_stage_that_was_deleted(stored: Stored) -> None:
    found = prepared(stored)
    stored.database.storage.delete_study(stored.study_id)
    with pytest.raises(KeyError):
        store(stored.database, stored.study_id, found)
    storage = stored.database.storage
    assert attributes.starting(storage, stored.study_id, ("dashboard:", "optisearch:")) == {}

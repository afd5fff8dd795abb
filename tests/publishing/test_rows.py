"""What is stored is what optuna-dashboard's own functions would have stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna_dashboard import _custom_plot_data as plots
from optuna_dashboard import _note as notes

from optisearch.publishing import rows


@pytest.mark.parametrize("length", [0, 1, 2045, 2046, 3 * 2045, 30_000])
def test_a_note_is_cut_as_the_dashboard_does(length: int) -> None:
    text = "é|\n".join(map(str, range(length)))[:length]
    assert rows.of_note(text) == notes.split_body(text, None)
    assert rows.note({**rows.of_note(text), "dashboard:note_ver": 3}) == text


def test_figures_are_cut_as_the_dashboard_does() -> None:
    figures = {"optisearch-a": "x" * 5000, "optisearch-b": "{}"}
    expected = {
        key: piece
        for name, text in figures.items()
        for key, piece in plots.split_plot_data(text, f"dashboard:plot_data:{name}:").items()
    }
    assert rows.of_figures(figures) == expected
    assert plots.get_plotly_graph_objects(expected) == figures


@given(st.text(max_size=9000))
def test_the_dashboard_reads_every_text(text: str) -> None:
    stored = {rows.NOTE_VERSION: 1} | rows.of_note(text)
    assert notes.get_note_from_system_attrs(stored, None) == {"version": 1, "body": text}

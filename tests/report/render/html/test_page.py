"""The page as text."""

import gzip
import json
import re
import subprocess
import sys
from base64 import b64decode
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise
from typing import Any

from optisearch.reading import StageResults
from optisearch.report import Column, Report, Section, Table, report
from optisearch.report.figure import Axis, Bar, Bars
from optisearch.report.render import to_text

NewStage = Any  # the class `Stage` of ../../conftest.py
EVIL = "<script>alert(1)</script><!-- </style> & \"'\u2028"


class Page(HTMLParser):
    """The elements with their attributes, and the text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: dict[str | None, str] = {}
        self._inside: dict[str, str | None] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = dict(attrs) if tag in {"script", "style"} else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is None:
            self.words.append(data)
        else:
            name = self._inside.get("id")
            self.scripts[name] = self.scripts.get(name, "") + data

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_answer_comes_first(stage: StageResults) -> None:
    told = report(stage)
    text = Page(to_text(told, "html")).text
    text = text[text.index(told.title, len(told.title) + 1) :]  # behind the window's title
    parts = [told.title, *told.about, told.answer, *told.evidence, told.sections[0].title]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_every_cell_and_note_is_there(stage: StageResults) -> None:
    text = Page(to_text(report(stage), "html")).text
    for section in report(stage).sections:
        for note in (*section.notes, *(note for table in section.tables for note in table.notes)):
            assert note in text
    assert "ValueError: a | b" in text
    assert "0.9500" in text


def test_the_trials_behind_each_row(stage: StageResults) -> None:
    html = to_text(report(stage), "html")
    assert "trials 1-3" in [row.get("title") for row in Page(html).named("tr")]
    assert "<dt>sgd</dt><dd>trials 1-3</dd>" in html


def test_the_baseline_s_rows_are_marked(stage: StageResults) -> None:
    html = to_text(report(stage), "html")
    rows = re.findall(r'<tr class="baseline".*?</tr>', html, re.DOTALL)
    firsts = [Page(row).text.split()[:2] for row in rows]
    assert firsts[:2] == [["baseline", "0"], ["adam", "baseline"]]


def test_texts_are_escaped_everywhere(new_stage: NewStage) -> None:
    stage = new_stage().add("failed", error=EVIL).read()
    table = Table(EVIL, (Column(EVIL),), ((EVIL,),), (EVIL,), ((0,),))
    bars = Bars(
        title=EVIL, summary=EVIL, notes=(EVIL,), value=Axis(EVIL), bars=(Bar(EVIL, 1.0, note=EVIL),)
    )
    section = Section(EVIL, (table,), (EVIL,), (bars,))
    told = Report(EVIL, (EVIL,), EVIL, (EVIL,), (section, *report(stage).sections), stage)
    html = to_text(told, "html")
    page = Page(html)
    assert "alert(1)" in page.text
    # The page's own scripts, no more.
    assert [s.get("id") for s in page.named("script")] == ["plots", "plotly", None]
    embedded = page.scripts["plots"]
    assert not set("<>&\u2028") & set(embedded)
    assert (
        "&lt;script&gt;alert(1)"
        in json.loads(embedded)["plots"][0]["layout"]["yaxis"]["ticktext"][0]
    )


def test_nothing_is_loaded(drawn_report: Report) -> None:
    page = Page(to_text(drawn_report, "html"))
    loading = {"src", "href", "srcset", "data", "action", "poster"}
    addresses = [
        v for _, attributes in page.elements for k, v in attributes.items() if k in loading
    ]
    assert addresses
    assert all(address and address.startswith(("#", "data:,")) for address in addresses)
    own = page.scripts[None]
    assert not re.search(r"https?:|url\(|@import|fetch\(", own)


def test_every_figure_has_a_place_and_words(drawn_report: Report) -> None:
    page = Page(to_text(drawn_report, "html"))
    plots = json.loads(page.scripts["plots"])["plots"]
    boxes = [each for each in page.named("div") if "data-plot" in each]
    figures = drawn_report.sections[0].figures
    assert len(plots) == len(boxes) == len(figures)
    assert [int(box["data-plot"] or "") for box in boxes] == list(range(len(figures)))
    assert [box["aria-label"] for box in boxes] == [figure.summary for figure in figures]
    assert all(box["role"] == "img" for box in boxes)
    assert "A note." in page.text


def test_headings_are_in_order_and_tables_have_captions(stage: StageResults) -> None:
    page = Page(to_text(report(stage), "html"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.named("caption")) == len(page.named("table")) > 5


def test_plotly_s_script_is_packed_once_and_whole(drawn_report: Report) -> None:
    html = to_text(drawn_report, "html")
    packed = Page(html).scripts["plotly"]
    original = resources.files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    assert gzip.decompress(b64decode(packed)) == original
    assert len(html) < 2_500_000


def test_without_figures_without_plotly(new_stage: NewStage) -> None:
    html = to_text(report(new_stage().read()), "html")
    assert len(html) < 30_000
    assert "No trial has been started yet." in html


def test_the_same_report_is_the_same_file(stage: StageResults) -> None:
    assert to_text(report(stage), "html") == to_text(report(stage), "html")


def test_what_is_slow_to_import_isn_t() -> None:
    code = (
        "import sys, optisearch.report.render.html as page; page._plotly();"
        "print([name for name in ('plotly.graph_objects', 'pandas', 'scipy.stats', 'tensorflow')"
        " if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_row_that_is_pointed_at_names_a_few_of_its_trials_and_the_page_all(
    stage: StageResults,
) -> None:
    odd, even = tuple(range(1, 400, 2)), tuple(range(0, 400, 2))
    table = Table("", (Column("level"),), (("a",), ("b",)), trials=(odd, even))
    html = to_text(Report("", (), "", (), (Section("x", (table,)),), stage), "html")
    [first, second] = [row["title"] for row in Page(html).named("tr") if "title" in row]
    assert first is not None
    assert second is not None
    assert first.endswith(", 39 and 180 more")
    assert second.endswith(", 38 and 180 more")
    assert ", 397, 399" in Page(html).text

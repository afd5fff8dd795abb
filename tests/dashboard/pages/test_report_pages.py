"""The HTML reports, as they are served."""

import gzip
import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable

import optuna
import pytest
from tests.dashboard.asking import Answer

from optisearch.dashboard.pages import Gallery, documents
from optisearch.stage import Stage
from optisearch.storage import Database

from .html import Page

Get = Callable[..., Answer]
Plain = Callable[..., optuna.Study]


def test_a_stage_s_report_leads_back(get: Get, plain: Plain) -> None:
    plain("mine/search", 0.5, 0.7)
    answer = get("/stages/mine/search")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    (bar,) = re.findall(r'<nav class="served".*?</nav>', answer.text, re.DOTALL)
    assert Page(bar).address("← All studies") == "/"
    assert "Best value 0.5000 in trial 0" in answer.text
    assert answer.text.count("</head>") == answer.text.count("<body>") == 1


def test_a_study_s_report_has_all_of_its_stages(
    get: Get,
    database: Database,
    open_parabola: Callable[..., Stage],
    open_compare: Callable[..., Stage],
    train: Callable[..., None],
) -> None:
    train(open_parabola(database), 2)
    train(open_compare(database=database), 2)
    text = get("/studies/parabola").text
    assert "The search" in text
    assert "The comparisons" in text
    assert "The comparisons" not in get("/stages/parabola/search").text


def test_only_its_own_scripts_may_run(get: Get, plain: Plain) -> None:
    plain("mine", 0.5, 0.7)
    answer = get("/stages/mine")
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers["content-security-policy"].split(";")
    )
    allowed = policy["script-src"].split()
    assert "'unsafe-inline'" not in allowed
    (own,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    (packed,) = re.findall(r'<script type="text/plain" id="plotly">(.*?)</script>', answer.text)
    plotly = gzip.decompress(b64decode(packed))
    assert {_hash(own.encode()), _hash(plotly)} == {each for each in allowed if "sha256" in each}
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"


def _hash(script: bytes) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'"


def test_it_is_sent_packed_to_those_who_unpack(get: Get, plain: Plain) -> None:
    plain("mine", 0.5)
    packed = get("/stages/mine", accept_encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == get("/stages/mine").body


def test_it_is_computed_and_sent_once_for_a_state(
    get: Get, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = plain("mine", 0.5)
    rendered = []
    real = documents.html.render
    monkeypatch.setattr(
        documents.html, "render", lambda report: rendered.append(report) or real(report)
    )
    tag = get("/stages/mine").headers["etag"]
    answer = get("/stages/mine", if_none_match=tag)
    assert (answer.status, answer.body) == (304, b"")
    assert len(rendered) == 1
    study.tell(study.ask(), 0.1)
    answer = get("/stages/mine", if_none_match=tag)
    assert answer.status == 200
    assert "Best value 0.1000 in trial 1" in answer.text
    assert len(rendered) == 2


def test_the_oldest_are_forgotten(get: Get, plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_MOST_KEPT", 2)
    rendered = []
    real = documents.html.render
    monkeypatch.setattr(
        documents.html, "render", lambda report: rendered.append(report) or real(report)
    )
    for name in "abc":
        plain(name, 0.5)
        get(f"/stages/{name}")
    get("/stages/c")
    assert len(rendered) == 3
    get("/stages/a")
    assert len(rendered) == 4


@pytest.mark.parametrize(
    "name",
    ["größe/search", "a b/c?d=e#f", "100%/x", "<b>&\"'", "a//b", "a/../b", "/a", "x/", "~.-_"],
)
def test_names_are_quoted_and_found(get: Get, plain: Plain, name: str) -> None:
    from urllib.parse import unquote, urljoin

    plain(name, 0.5)
    (link,) = [a for a in Page(get().text).all("a") if a.text.startswith("Report")]
    # As a browser resolves it, and a server decodes it.
    path = unquote(urljoin("http://localhost/", link["href"]).removeprefix("http://localhost"))
    assert path == f"/stages/{name}"
    assert get(path.replace("?", "%3F")).status in {200, 404}
    assert "?" in name or get(path).status == 200


def test_an_unknown_name_offers_the_nearest(get: Get, plain: Plain) -> None:
    plain("mine/search")
    answer = get("/stages/mine/serch")
    assert answer.status == 404
    page = Page(answer.text)
    assert "Did you mean mine/search? mine/search" in page.text
    assert page.address("mine/search") == "/studies/mine/search"


def test_of_a_name_of_several_studies_one_is_chosen(get: Get, plain: Plain) -> None:
    from optisearch import record

    for name in ("mine-10", "mine-20"):
        study = plain(f"{name}/search", 0.5)
        study._storage.set_study_system_attr(
            study._study_id, record.MANIFEST, {"format": 1, "name": name, "study": "mine"}
        )
    answer = get("/studies/mine")
    assert answer.status == 300
    assert Page(answer.text).address("mine-10") == "/studies/mine-10"


def test_a_study_that_can_t_be_told_says_why(get: Get, plain: Plain) -> None:
    from optisearch import record

    newer = plain("newer")
    newer._storage.set_study_system_attr(newer._study_id, record.MANIFEST, {"format": 99})
    answer = get("/stages/newer")
    assert answer.status == 422
    assert "A newer version of OptiSearch stored this study" in Page(answer.text).text


def test_a_study_of_several_objectives_is_told(get: Get, plain: Plain) -> None:
    study = plain("two", directions=["minimize", "maximize"])
    for values in [(1.0, 1.0), (2.0, 1.0), (2.0, 3.0)]:
        study.add_trial(optuna.trial.create_trial(values=values))
    assert "2 of 3 completed trials are on the Pareto front" in Page(get("/stages/two").text).text
    assert "value 1.0000 in trial 0" in Page(get().text).text


def test_what_is_shown_meanwhile_is_not_taken_for_the_newest(
    get: Get, shown: Gallery, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = plain("mine", 0.5)
    (stage,) = shown.stages()
    get("/stages/mine")
    study.tell(study.ask(), 0.1)
    with monkeypatch.context() as resting:
        resting.setattr(stage._reports, "_rests", lambda _last: True)
        assert "Best value 0.5000" in get("/stages/mine").text
    assert "Best value 0.1000" in get("/stages/mine").text

"""What optuna-dashboard shows of a stage, with the commands that a person starts."""

import re

import pytest
from optuna_dashboard import get_note, save_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from tests.processes.waiting import wait_until

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
LAST_LINE = re.compile(
    r"^Updated \d{4}-\d\d-\d\d [\d:]{8} UTC, from ([\d,]+) trials? that ", re.MULTILINE
)


@pytest.fixture
def published(home):
    """From how many trials what is published of a stage is; 0 where nothing is."""

    def trials(name: str) -> int:
        if name not in home.stored().studies():
            return 0
        found = LAST_LINE.findall(get_note(home.stored().load(name)))
        assert len(found) <= 1
        return int(found[0].replace(",", "")) if found else 0

    return trials


def figures(study) -> set[str]:
    return set(get_plotly_graph_objects(study._storage.get_study_system_attrs(study._study_id)))


def test_after_a_run_the_note_is_about_all_of_its_trials(home, published):
    result = home.run("run", home.study("parabola"), *STORAGE, "--trials", "12")
    assert (result.code, result.err) == (0, "")
    study = home.stored().load("parabola/search")
    assert published("parabola/search") == len(study.trials) >= 12
    first, _, *evidence = get_note(study).split("\n")[:6]
    # The same words as in the terminal, and the best trial is a link.
    answer = re.search(r"Best loss .*", result.out)
    assert answer
    assert re.sub(r"[*\[\]]|\(/[^)]*\)", "", first).startswith(answer[0].split(":")[0])
    assert f"](/dashboard/studies/{study._study_id}/trials?numbers=" in first
    assert evidence[0].startswith("- 12 of 12 trials trained")
    assert {"optisearch-learning", "optisearch-time"} <= figures(study)


def test_a_worker_by_itself_publishes_too(home, published):
    home.run("work", home.study("parabola"), *STORAGE, "--trials", "5")
    assert published("parabola/search") == 5


def test_workers_whose_run_was_killed_publish_in_its_place(home, published):
    words = ("run", home.study("slow"), *STORAGE, "--trials", "40", "--workers", "2")
    run = home.start(*words, "--pruner", "none")
    run.until(lambda: published("slow/search"), "it is published while trials land")
    run.kill_parent()
    known = published("slow/search")
    wait_until(lambda: not run.group(), "its workers finish", pause=0.2)
    stored = home.stored()
    assert stored.trained == 40 > known
    assert published("slow/search") == stored.trials


def test_report_publishes_at_once_and_keeps_a_person_s_words(home, published):
    home.run("run", home.study("parabola"), *STORAGE, "--trials", "3", "-q")
    study = home.stored().load("parabola/search")
    save_note(study, "All wrong.")
    assert published("parabola/search") == 0
    result = home.run("report", "parabola", "--publish", *STORAGE)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Published parabola/search: ")
    assert result.out.count("\n") == 1
    assert published("parabola/search") == 3
    assert get_note(study).endswith("\n\nAll wrong.")
    refused = home.run("report", "parabola", "--publish", "--format", "html", *STORAGE)
    assert refused.code == 2

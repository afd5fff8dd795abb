"""A stage's report as the note of its study: the answer first, then the tables.

optuna-dashboard shows it as GitHub-flavoured Markdown, without HTML.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from optisearch.reading import StageResults
from optisearch.report import Report
from optisearch.report import format as fmt
from optisearch.report.render import markdown

# The answer, what it rests on and what speaks against it are seen without scrolling.
_FIRST_LINES = 5
# Its tables have neither rules nor space between their columns: no-break spaces, which it keeps.
_PADDING = "\u00a0\u00a0"
# Beyond so many trials with intermediate values optuna-dashboard's pages take half a minute.
LARGE = 2000


def write(report: Report, study_id: int) -> str:
    """The note, but for its last line (`merging.signed`).

    Args:
        report: Of one stage.
        study_id: Its number in optuna-dashboard's addresses.
    """

    def link(trials: Sequence[int]) -> str:
        return f"/dashboard/studies/{study_id}/trials?numbers={','.join(map(str, trials))}"

    lines = [
        *_warning(report.stage),
        f"**{markdown.sentence(report.answer, link)}**",
        "",
        *(f"- {markdown.sentence(said, link)}" for said in _evidence(report)),
        "",
        "  \n".join(markdown.sentence(line) for line in (report.title, *report.about)),
        *markdown.sections(report.sections, level=2, link=link, padding=_PADDING),
    ]
    return "\n".join(lines)


def _evidence(report: Report) -> list[str]:
    """On as many lines as there are; what is said first is short, and last comes the caveat."""
    said, room = list(report.evidence), _FIRST_LINES - 1
    spare = len(said) - room + 1
    return said if len(said) <= room else [" ".join(said[:spare]), *said[spare:]]


def _warning(stage: StageResults) -> Iterator[str]:
    curves = sum(trial.last_epoch is not None for trial in stage.trials)
    if curves <= LARGE:
        return
    name = fmt.text(stage.info.name)
    command = f"optisearch report {name} --format html --output report.html"
    yield (
        f"> **{fmt.count(curves)} trials with learning curves: optuna-dashboard's own pages become "
        f"slow here.** The same with pictures, and quick: "
        f"[{markdown.sentence(name)}](/stages/{quote(stage.info.name)}) in `optisearch dashboard`, "
        f"or as a file by {markdown.sentence(command)}"
    )
    yield ""

"""A stage as the front page shows it: values, not yet drawn."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from optisearch import report as reports
from optisearch.dashboard.pages.live_stage import Look, Told
from optisearch.dashboard.pages.picture import Picture, picture
from optisearch.report import Report, Section, Table
from optisearch.report import crew as crew_table
from optisearch.report import format as fmt
from optisearch.report import lost as lost_table
from optisearch.report.render.html.document import Part, sections
from optisearch.settings import Kind

# Of a report's sections the first ones, and of their tables the first rows.
_SECTIONS, _ROWS = 2, 12


@dataclass(frozen=True)
class StageShown:
    """A stage on the front page.

    Attributes:
        study_id: Its id in the database.
        name: Its name.
        answer: One sentence, or why there is none.
        is_read: Whether more than that is known.
        title: Its study's question; empty where nothing says.
        about: Its data, a line each.
        state: `running`; `stuck`, where those who trained are gone; `finished`, `unfinished`; empty
            where nothing says when it is finished.
        done: How many trials or cells are trained.
        total: How many there are to be; 0 where nothing says.
        progress: The same in words.
        best: The best value, in words; empty where there is none.
        counts: How many trials ended how, by the word for it.
        last_activity: When a trial last began or ended, in local time.
        needs: A sentence, where it needs somebody.
        at_work: Who is at work, and what was lost with its worker.
        tables: The first tables of its report.
        picture: How a search went.
        as_of: When these were computed, where trials have ended since.
    """

    study_id: int
    name: str
    answer: str
    is_read: bool = False
    title: str = ""
    about: tuple[str, ...] = ()
    state: str = ""
    done: int = 0
    total: int = 0
    progress: str = ""
    best: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    last_activity: datetime | None = None
    needs: str = ""
    at_work: tuple[Part, ...] = ()
    tables: tuple[Part, ...] = ()
    picture: Picture | None = None
    as_of: datetime | None = None

    @property
    def study(self) -> str:
        """The name of its study: `mnist`, of `mnist/search`."""
        return self.name.rpartition("/")[0] if self._is_stage else self.name

    @property
    def kind(self) -> str:
        """What it is called among the stages of its study: `search`."""
        return self.name.rpartition("/")[2] if self._is_stage else "optuna.Study"

    @property
    def _is_stage(self) -> bool:
        """By its name: what is told of others, too, which can't be read."""
        return self.name.endswith(tuple(f"/{kind}" for kind in get_args(Kind)))


def shown(look: Look, told: Told | None, *, with_tables: bool) -> StageShown:
    """A stage's values.

    Args:
        look: How it stands.
        told: Its report, where it is computed.
        with_tables: Whether that one's first tables are shown.
    """
    info, tally, progress = look.results.info, look.standing.tally, look.standing.progress
    report = told.report if told else None
    counts = {
        "running": tally.running,
        "pruned": tally.pruned,
        "diverged": tally.diverged,
        "failed": tally.failed,
        "lost": tally.lost,
        "to be repeated": tally.to_be_retried,
        "waiting": tally.waiting,
    }
    return StageShown(
        study_id=look.study_id,
        name=info.name,
        answer=report.answer if report else "What it says is being computed.",
        is_read=True,
        title=fmt.text(info.title),
        about=report.about[1:] if report else (),
        state=_state(look),
        done=progress.done,
        total=progress.total,
        progress=_progress(look),
        best=_best(look),
        counts=tuple((word, number) for word, number in counts.items() if number),
        last_activity=look.last_activity,
        needs=" ".join(reports.stored([(look.results, look.crew)], look.seen).notes),
        at_work=_drawn(look, _at_work(look)),
        tables=_drawn(look, _first(report)) if report and with_tables else (),
        picture=picture(report) if report else None,
        as_of=told.look.seen if told and told.look.state != look.state else None,
    )


def _state(look: Look) -> str:
    progress = look.standing.progress
    if look.standing.tally.running:
        return "stuck" if look.crew.forsaken else "running"
    if not progress.total:
        return ""
    return "unfinished" if progress.left else "finished"


def _progress(look: Look) -> str:
    progress = look.standing.progress
    of = f" of {fmt.count(progress.total)}" if progress.total else ""
    unit = "cell" if look.standing.has_cells else "trial"
    ending = "" if (progress.total or progress.done) == 1 else "s"
    return f"{fmt.count(progress.done)}{of} {unit}{ending} trained"


def _best(look: Look) -> str:
    best = look.standing.best
    # Cells are there to be compared: the best of them says nothing.
    if look.standing.has_cells or best is None or best.value is None:
        return ""
    metric = fmt.text(look.results.info.metric)
    return f"{metric} {fmt.metric(best.value)} in trial {fmt.count(best.number)}"


def _at_work(look: Look) -> tuple[Section, ...]:
    told = (
        crew_table.section(look.results, look.crew),
        lost_table.section(look.results, look.crew, look.seen),
    )
    return tuple(section for section in told if section)


def _first(report: Report) -> tuple[Section, ...]:
    """A report's first tables, with their first rows."""
    told = [section for section in report.sections if section.tables][:_SECTIONS]
    return tuple(
        replace(section, figures=(), tables=tuple(_cut(table) for table in section.tables))
        for section in told
    )


def _cut(table: Table) -> Table:
    if len(table.rows) <= _ROWS:
        return table
    note = f"The first {_ROWS} of {fmt.amount(len(table.rows), 'row')}."
    return replace(table, rows=table.rows[:_ROWS], trials=table.trials[:_ROWS], notes=(note,))


def _drawn(look: Look, told: tuple[Section, ...]) -> tuple[Part, ...]:
    return sections(Report("", (), "", (), told, look.results))

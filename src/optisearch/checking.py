"""`optisearch check`: what a study will do, before it does it."""

from rich.console import Console

from optisearch import space as spaces
from optisearch.chatter import without_chatter
from optisearch.events import Event, Loading
from optisearch.job import Job
from optisearch.pool.layout import Layout
from optisearch.report import format, ranges
from optisearch.report.render import terminal
from optisearch.report.table import Column, Section, Table
from optisearch.results import FactorInfo
from optisearch.study import Study
from optisearch.training import FirstBatch
from optisearch.worker_process import max_epochs, prepare


def examine(job: Job, layout: Layout, console: Console) -> None:
    """Load a study, train its baseline on one batch, and print what a search of it will do.

    Raises:
        OptisearchError: The study can't be searched; says why.
    """
    with without_chatter(), console.status("loading") as status:

        def listener(event: Event) -> None:
            if isinstance(event, Loading):
                status.update(f"loading {event.what} (TensorFlow takes some seconds to import)")

        prepared = prepare(job, listener)
        status.update("training the baseline on one batch")
        first = prepared.trainer.check()
    study, manifest = prepared.study, prepared.manifest
    console.print(f"[bold]{manifest['name']}[/bold] {format.text(manifest['title'])}")
    data = manifest["data"]
    if data:
        sizes = [f"{format.count(n)} {part}" for part, n in data["sizes"].items() if n is not None]
        console.print(f"{data['name']}: {', '.join(sizes)}", soft_wrap=True)
        if data["note"]:
            console.print(format.text(data["note"]), soft_wrap=True)
    terminal.render_section(_factors(study), console)
    terminal.render_section(_cost(job, study, layout, first), console)
    console.print(f"\nThe study is sound. Search it: optisearch run {job.path}", soft_wrap=True)


def _factors(study: Study) -> Section:
    rows = []
    for factor in spaces.factors(study.space).values():
        info = FactorInfo.from_manifest(factor.as_dict())
        is_choice = info.kind == "choice"
        levels = "all" if is_choice else ", ".join(map(format.setting, info.levels))
        remarks = [ranges.conditions(info), "" if info.searched else "not searched"]
        remark = "; ".join(filter(None, remarks))
        rows.append((info.name, ranges.span(info), format.setting(info.baseline), levels, remark))
    columns = ("factor", "range", "baseline", "levels", "remark")
    table = Table("", tuple(Column(name) for name in columns), tuple(rows))
    fixed = spaces.fixed(study.space)
    note = f"Fixed: {format.settings(fixed.items())}." if fixed else ""
    if spaces.has_own_suggest(study.space):
        note += " The space samples itself: its `suggest` chooses the points."
    return Section(
        "Factors", (table.without_empty("levels", "remark"),), tuple(filter(None, [note]))
    )


def _cost(job: Job, study: Study, layout: Layout, first: FirstBatch | None) -> Section:
    trials = job.wishes.trials or study.trials
    if first is None:
        return Section(
            "Cost", notes=("The study trains by its own loop: nothing is known before it has run.",)
        )
    notes = [
        f"The baseline trained on a batch: {format.count(first.parameters)} parameters.",
        f"A step takes {format.seconds(first.seconds_per_step)}.",
        f"An epoch reports {', '.join(first.metrics)}.",
    ]
    if first.steps_per_epoch:
        epochs = max_epochs(study)
        training = first.seconds_per_step * first.steps_per_epoch * epochs
        seconds = (first.seconds_to_start + training) * trials / layout.workers
        work = f"{format.amount(trials, 'trial')} of up to {format.amount(epochs, 'epoch')}"
        workers = format.amount(layout.workers, "worker")
        notes += [
            f"{work} by {workers} like the baseline would take {format.seconds(seconds)}.",
            "Shorter trainings are searched too, and hopeless ones are pruned: expect less.",
        ]
    return Section("Cost", notes=tuple(notes))

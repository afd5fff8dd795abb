"""`optisearch check`: what a study will do, before it does it."""

from dataclasses import replace

from rich.console import Console

from optisearch import plan as plans
from optisearch import space as spaces
from optisearch.chatter import without_chatter
from optisearch.events import Event, Loading
from optisearch.job import Job
from optisearch.plan import Ledger, Plan
from optisearch.pool.layout import Layout
from optisearch.reading import FactorInfo
from optisearch.report import format, ranges
from optisearch.report.render import terminal
from optisearch.report.table import Column, Section, Table
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
    plan = plans.make_plan(manifest, plans.describe(study, 0))
    if plan.comparisons:
        terminal.render_section(_comparisons(plan), console)
    terminal.render_section(_cost(job, study, plan, layout, first), console)
    console.print(
        f"\nThe study is sound. Search it: optisearch run {job.path}\n"
        f"Measure each choice alone: optisearch compare {job.path}",
        soft_wrap=True,
    )


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
    if study.known:
        known = format.amount(len(study.known), "configuration")
        note += f" A search begins with the baseline and {known} of the file."
    return Section(
        "Factors", (table.without_empty("levels", "remark"),), tuple(filter(None, [note]))
    )


def _comparisons(plan: Plan) -> Section:
    rows = []
    nothing = Ledger()
    for each in plan.comparisons:
        alone = replace(plan, comparisons=(each,))
        cells = len(alone.due(nothing)) + alone.foreseen(nothing)
        levels = " | ".join(map(format.setting, each.levels))
        base = format.settings(each.base.items())
        rows.append((each.name, levels, each.measure, ", ".join(each.tune), base, cells))
    columns = (
        Column("comparison"),
        Column("levels"),
        Column("measure"),
        Column("tuned again"),
        Column("at"),
        Column("cells", "count"),
    )
    table = Table("", columns, tuple(rows)).without_empty("tuned again", "at")
    cells = len(plan.due(nothing)) + plan.foreseen(nothing)
    note = (
        f"{format.amount(cells, 'cell')} with {format.amount(plan.seeds, 'seed')} for each row: "
        "those that comparisons share are trained once, a range that has to be widened adds some."
    )
    return Section("Comparisons", (table,), (note,))


def _cost(job: Job, study: Study, plan: Plan, layout: Layout, first: FirstBatch | None) -> Section:
    trials = job.wishes.trials or study.trials
    workers = f"{layout} ({layout.why})" if layout.why else str(layout)
    if first is None:
        unknown = "The study trains by its own loop: nothing is known before it has run."
        return Section("Cost", notes=(unknown, f"A search trains by {workers}."))
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
        notes += [
            f"{work} by {workers} like the baseline would take {format.seconds(seconds)}.",
            "Shorter trainings are searched too, and hopeless ones are pruned: expect less.",
        ]
        if plan.comparisons:
            notes.append(_comparing(study, plan, layout, first))
    return Section("Cost", notes=tuple(notes))


def _comparing(study: Study, plan: Plan, layout: Layout, first: FirstBatch) -> str:
    cells = plan.due(Ledger())
    epochs = sum(cell.point.get("epochs", getattr(study.space(), "epochs", 1)) for cell in cells)
    step = first.seconds_per_step * (first.steps_per_epoch or 0)
    seconds = (first.seconds_to_start * len(cells) + step * epochs) / layout.workers
    return (
        f"The {format.amount(len(cells), 'cell')} known beforehand, {format.count(epochs)} epochs "
        f"like the baseline's, would take {format.seconds(seconds)}."
    )

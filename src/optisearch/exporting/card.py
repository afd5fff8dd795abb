"""The model card: what a model is, how it came about, and how it is read. Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from optisearch.exporting.checking import Verified, told
from optisearch.exporting.target import Target
from optisearch.replaying import Recorded
from optisearch.report import format as fmt
from optisearch.report import pareto_front, ranges
from optisearch.settings import COMPARE
from optisearch.statistics import Estimate, estimate
from optisearch.training import Needs

_LOADING = {
    "keras": """import keras

model = keras.saving.load_model("{file}"{options})""",
    "weights": """# `model`: built as `build` of {study} does, at the settings above
model.load_weights("{file}")""",
    "saved_model": """import tensorflow as tf

served = tf.saved_model.load("{file}")
predictions = served.serve(x)""",
    "onnx": """import onnxruntime

session = onnxruntime.InferenceSession("{file}")
predictions = session.run(None, {{session.get_inputs()[0].name: x}})""",
}


@dataclass(frozen=True)
class Exported:
    """A model that is written.

    Attributes:
        recorded: Its trial.
        verified: How it was seen to be that trial's.
        target: Where it is written.
        was_trained: Whether it was trained again; else its weights were kept.
        versions: Of Python and the libraries, as the trial was trained with.
        needs: What it takes beside Keras.
    """

    recorded: Recorded
    verified: Verified
    target: Target
    was_trained: bool
    versions: dict[str, str]
    needs: Needs = field(default_factory=Needs)


def card(exported: Exported) -> str:
    """The card's text."""
    recorded, info = exported.recorded, exported.recorded.stage.info
    trial = recorded.trial
    parts = [
        f"# {_text(info.name.rpartition('/')[0])}: the model of trial {trial.number}",
        _text(info.title),
        _origin(exported),
        "## What it reaches",
        *_reached(exported),
        "## How it is read",
        *_reading(exported),
        "## Settings",
        _table(("factor", "value", "searched", "baseline"), _settings(recorded)),
        _fixed(recorded),
        "## Data",
        _data(recorded),
        "## How it was trained",
        _table(("", ""), _training(exported)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _origin(exported: Exported) -> str:
    recorded = exported.recorded
    how = (
        "trained again from its recorded seed"
        if exported.was_trained
        else "from the weights that were kept at its end"
    )
    what = f"`{exported.target.path.name}` is the model of {recorded}, {how}"
    return f"{what}. {told(exported.verified)}"


def _reached(exported: Exported) -> Iterator[str]:
    recorded = exported.recorded
    info, trial = recorded.stage.info, recorded.trial
    part = "test part" if recorded.is_confirmation else "validation part"
    rows: list[tuple[Any, ...]] = []
    last = trial.history[-1]
    for name in sorted(last, key=lambda name: name != recorded.metric):
        if name not in ("epoch", "seconds"):
            on = part if name.startswith("val_") else "training part, during its last epoch"
            rows.append((name, repr(last[name]), "", on, "this model"))
    rows += _over_seeds(recorded)
    yield _table(("metric", "value", "95 % interval", "measured on", "of"), rows)
    if trial == recorded.stage.best and len(recorded.stage.trained) > 1:
        tried = fmt.amount(len(recorded.stage.trained), "trial")
        yield (
            f"It was chosen as the best of {tried} by its {info.metric}, with one seed each: that "
            "figure is an optimistic one."
        )
    if info.others and trial in recorded.stage.front:
        yield f"{pareto_front.sentence(recorded.stage)} This is one of them."
    if recorded.confirmed:
        yield (
            "The figure on the test part is of models with the same settings and fresh seeds, "
            "trained on the training and validation part together; nothing was chosen by it."
        )
    elif not recorded.is_confirmation:
        yield (
            "No figure on a test part: `optisearch confirm` measures that of a search's winner, "
            "and of the baseline."
        )


def _over_seeds(recorded: Recorded) -> Iterator[tuple[Any, ...]]:
    """The same settings with other seeds: none of them was chosen for its figure."""
    metric, compared = recorded.metric, recorded.stages.get(COMPARE)
    if compared is not None and not recorded.is_confirmation:
        cells = [t for t in compared.ended("completed") if recorded.point_of(t) == recorded.point]
        values = {trial.seed: trial.value for trial in cells if trial.value is not None}
        if values:
            yield _row(metric, estimate(values.values()), "validation part")
    if recorded.confirmed and not recorded.is_confirmation:
        yield _row(metric.removeprefix("val_"), estimate(recorded.confirmed), "test part")


def _row(metric: str, found: Estimate, part: str) -> tuple[Any, ...]:
    interval = found.no_interval
    if found.low is not None and found.high is not None:
        interval = fmt.interval((found.low, found.high))
    mean = fmt.MISSING if found.mean is None else fmt.metric(found.mean)
    return metric, mean, interval, part, f"the mean of {fmt.amount(found.n, 'seed')}"


def _reading(exported: Exported) -> Iterator[str]:
    target, study = exported.target, exported.recorded.stage.info.study
    options = ", custom_objects={…}" if exported.needs.to_read else ""
    code = _LOADING[target.format].format(file=target.path.name, study=study, options=options)
    yield f"```python\n{code}\n```"
    yield from needs(exported.needs)


def needs(found: Needs) -> Iterator[str]:
    """What a file takes beside Keras, in sentences."""
    if found.to_read:
        yield (
            f"It holds code of the study's own: {_names(found.to_read)}. Reading it takes that, by "
            "`custom_objects`, or for a lambda `safe_mode=False`."
        )
    if found.to_evaluate:
        yield (
            f"It is compiled without what is the study's own: {_names(found.to_evaluate)}. To "
            "evaluate or train it, compile it with that again; to predict, nothing is needed."
        )


def _names(names: Sequence[str]) -> str:
    return fmt.listing([f"`{name}`" for name in names])


def _settings(recorded: Recorded) -> list[tuple[Any, ...]]:
    info = recorded.stage.info
    declared = {factor.name: factor for factor in info.factors}
    rows = []
    for name, value in recorded.point.items():
        factor = declared.get(name)
        span = ranges.span(factor) if factor is not None else ""
        baseline = factor.baseline if factor is not None else None
        exact = repr(value) if isinstance(value, float) else str(value)
        rows.append((name, exact, span, "" if baseline is None else fmt.setting(baseline)))
    return rows


def _fixed(recorded: Recorded) -> str:
    fixed = recorded.stage.info.fixed
    return f"Fixed: {_text(fmt.settings(fixed.items()))}." if fixed else ""


def _data(recorded: Recorded) -> str:
    data = recorded.stage.info.data
    if not data:
        return "The study has none of its own."
    sizes = [f"{fmt.count(n)} {part}" for part, n in data["sizes"].items() if n is not None]
    lines = [f"{data['name']}: {', '.join(sizes)}. Fingerprint `{data['fingerprint']}`."]
    if data.get("note"):
        lines.append(data["note"])
    return _text(" ".join(lines))


def _training(exported: Exported) -> Iterator[tuple[Any, ...]]:
    recorded = exported.recorded
    trial, info = recorded.trial, recorded.stage.info
    yield "study file", f"`{info.file}`"
    yield "seed", trial.seed
    yield "epochs", trial.epochs_trained
    if trial.parameters is not None:
        yield "parameters", fmt.count(trial.parameters)
    if trial.seconds is not None:
        yield "time", fmt.seconds(trial.seconds)
    if trial.finished is not None:
        yield "finished", f"{trial.finished:%Y-%m-%d %H:%M}"
    yield "versions", ", ".join(f"{name} {version}" for name, version in exported.versions.items())
    machine = trial.machine or {}
    if machine:
        gpus = machine.get("gpus") or []
        on = ", ".join([str(machine.get("processor")), *gpus])
        yield "machine", f"{on}; {fmt.amount(machine.get('threads') or 1, 'thread')}"


def _table(columns: Sequence[str], rows: Any) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(value: Any) -> str:
    return _text("" if value is None else value).replace("|", "\\|")


def _text(value: object) -> str:
    return fmt.text(value)

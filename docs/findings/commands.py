"""The command lines that fill a database with a stage, from what is stored with it."""

from collections.abc import Iterator, Sequence

from docs.findings.shelf import Half, halves
from optisearch.results import StageInfo, StageResults
from optisearch.settings import COMPARE, CONFIRM, KINDS, SEARCH, Settings


def commands(stages: Sequence[StageResults]) -> Iterator[str]:
    """The lines for all stages, each study's searched before it is confirmed."""
    known = [stage for stage in stages if stage.info.stage in KINDS]
    for stage in sorted(known, key=lambda stage: KINDS.index(stage.info.stage)):
        yield from of_stage(stage)


def of_stage(stage: StageResults) -> Iterator[str]:
    """The lines for one stage."""
    info = stage.info
    match info.stage:
        case "search":
            trials = [f"--trials {info.trials}"] if info.trials else []
            yield _line("run", info, [], [*trials, *_proposals(info)])
        case "compare":
            for names, untuned in asked(halves(stage)):
                flags = ["--untuned"] if untuned else []
                yield _line(COMPARE, info, names, [*flags, *_seeds(info)])
        case "confirm":
            yield _line(CONFIRM, info, [], _seeds(info))


def asked(compared: Sequence[Half]) -> list[tuple[list[str], bool]]:
    """Which comparisons were asked for, and whether without their tuned halves: a pair a command.

    A comparison whose cells are all those of others counts as asked for too: it costs nothing.
    """
    plain = [half.results.planned for half in compared if not half.results.tuned and begun(half)]
    tuned = [half.results.planned.name for half in compared if half.results.tuned and begun(half)]
    all_names = list(dict.fromkeys(half.results.planned.name for half in compared))
    tunable = [half.results.planned.name for half in compared if half.results.tuned]
    names = [planned.name for planned in plain]
    if names == all_names and tuned == tunable:
        return [([], False)]
    if names == all_names:
        return [([], True), *([(tuned, False)] if tuned else [])]
    whole = [name for name in names if name in tuned or name not in tunable]
    untuned = [name for name in names if name not in whole]
    lines = [(whole, False)] if whole else []
    return [*lines, (untuned, True)] if untuned else lines


def begun(half: Half) -> bool:
    """Whether anything was trained for it that isn't the baseline's, which all of them share."""
    if half.results.tuned:
        ledger = half.stage.ledger
        tunings = [row.tuning for row in half.results.levels if row.tuning is not None]
        return any(ledger.is_done(cell) for tuning in tunings for cell in tuning.cells)
    if half.results.planned.base:
        return half.is_begun
    return any(row.trials for row in half.results.levels if row.level != half.results.reference)


def _line(command: str, info: StageInfo, names: Sequence[str], options: Sequence[str]) -> str:
    quoted = [f'"{name}"' if " " in name else name for name in names]
    words = ["optisearch", command, info.file or f"studies/{info.study}.py", *quoted, *options]
    samples = train_samples(info)
    if samples:
        words.append(f"--train-samples {samples}")
    if info.settings.get("seed"):
        words.append(f"--seed {info.settings['seed']}")
    return " ".join(words)


def _seeds(info: StageInfo) -> list[str]:
    return [f"--seeds {info.seeds}"] if info.seeds else []


def _proposals(info: StageInfo) -> list[str]:
    """The sampler and the pruner, where they aren't the defaults."""
    defaults = Settings.of(SEARCH)
    given = {name: info.settings.get(name) for name in ("sampler", "pruner")}
    options = [
        f"--{name} {value}"
        for name, value in given.items()
        if value and value != getattr(defaults, name)
    ]
    return [*options, *([f"--patience {info.patience}"] if info.patience else [])]


def train_samples(info: StageInfo) -> int | None:
    """The `--train-samples` of a stage: its name ends in them (`mnist-10000/compare`)."""
    variant = info.name.partition("/")[0].removeprefix(info.study)
    last = variant.rpartition("-")[2]
    return int(last) if variant and last.isdigit() else None

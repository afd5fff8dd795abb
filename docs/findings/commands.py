"""The command lines that fill a database with a stage, from what is stored with it."""

from collections.abc import Iterable, Iterator, Sequence

from docs.findings.shelf import Half, halves, train_samples
from optisearch.reading import StageInfo, StageResults
from optisearch.settings import COMPARE, CONFIRM, KINDS, SEARCH, Settings


def commands(stages: Sequence[StageResults]) -> Iterator[str]:
    """The lines for all stages, each study's together, and searched before it is confirmed."""
    for study in dict.fromkeys(stage.info.study for stage in stages):
        own = [s for s in stages if s.info.study == study and s.info.stage in KINDS]
        for stage in sorted(own, key=lambda stage: KINDS.index(stage.info.stage)):
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
    plain = [half for half in compared if not half.results.tuned]
    tunable = [half for half in compared if half.results.tuned]
    names, tuned = _names(filter(begun, plain)), _names(filter(begun, tunable))
    if names == _names(plain):
        if tuned == _names(tunable):
            return [([], False)]
        return [([], True), *([(_shortly(tuned, compared), False)] if tuned else [])]
    whole = [name for name in names if name in tuned or name not in _names(tunable)]
    untuned = [name for name in names if name not in whole]
    lines = [(_shortly(whole, compared), False)] if whole else []
    return [*lines, (_shortly(untuned, compared), True)] if untuned else lines


def _names(of: Iterable[Half]) -> list[str]:
    return [half.results.planned.name for half in of]


def _shortly(names: list[str], compared: Sequence[Half]) -> list[str]:
    """Without those that a factor's name stands for: it means all comparisons of that factor."""
    factors = {half.results.planned.name: half.results.planned.factor for half in compared}
    return [name for name in names if factors[name] == name or factors[name] not in names]


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

"""The trials of a search whose settings were given: by the study file, by an earlier study."""

from collections.abc import Iterator

from optisearch.reading import StageResults, TrialResult
from optisearch.report import format as fmt


def sentences(stage: StageResults) -> Iterator[str]:
    """How many were given, and by what; and whether the best one is among them."""
    trials = [each for each in stage.trials if each.given is not None and not each.superseded]
    if not trials:
        return
    origins: dict[str, list[TrialResult]] = {}
    for trial in trials:
        origins.setdefault(_origin(trial), []).append(trial)
    parts = [
        f"{fmt.numbers(each.number for each in group)} by {origin}"
        for origin, group in origins.items()
    ]
    whole = f"{fmt.amount(len(trials), 'trial')} had settings that were given"
    yield f"{whole}: {fmt.listing(parts)}."
    if stage.best in trials:
        source = stage.best.given or {}
        number = f", where it was trial {source['trial']}" if source else ""
        yield f"The best one was given: by {_origin(stage.best)}{number}."


def _origin(trial: TrialResult) -> str:
    return fmt.text((trial.given or {}).get("stage", "the study file"))

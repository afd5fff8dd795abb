"""The plan that a stage's attributes hold."""

from collections.abc import Mapping
from typing import Any

from optisearch import record
from optisearch.plan.comparisons import Planned
from optisearch.plan.confirmation import Confirmation
from optisearch.plan.planning import DEFAULT_SEEDS, Plan
from optisearch.space.stored import FactorInfo


def read_plan(attributes: Mapping[str, Any]) -> Plan | Confirmation | None:
    """The plan of a compare or confirm stage; None of any other.

    Args:
        attributes: The stage's system attributes: manifest, settings, budget and comparisons.
    """
    if record.MANIFEST not in attributes:  # not ours, or not whole yet
        return None
    seeds = attributes[record.BUDGET].get("seeds") or DEFAULT_SEEDS
    study_seed = attributes[record.SETTINGS]["seed"]
    if record.CONTESTANTS in attributes:
        return Confirmation.from_stored(attributes[record.CONTESTANTS], seeds, study_seed)
    if record.COMPARISONS not in attributes:
        return None
    manifest = attributes[record.MANIFEST]
    return Plan(
        factors=tuple(map(FactorInfo.from_manifest, manifest["space"]["factors"])),
        fixed=manifest["space"]["fixed"],
        comparisons=tuple(map(Planned.from_stored, attributes[record.COMPARISONS])),
        seeds=seeds,
        study_seed=study_seed,
        maximize=manifest["direction"] == "maximize",
    )

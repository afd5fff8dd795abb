"""The plan that a stage's attributes hold."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
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
    if not {record.COMPARISONS, record.CONTESTANTS} & set(attributes):
        return None
    seeds = attributes[record.BUDGET].get("seeds") or DEFAULT_SEEDS
    study_seed = attributes[record.SETTINGS]["seed"]
    if record.CONTESTANTS in attributes:
        return Confirmation.from_stored(attributes[record.CONTESTANTS], seeds, study_seed)
    return make_plan(
        attributes[record.MANIFEST],
        attributes[record.COMPARISONS],
        seeds=seeds,
        study_seed=study_seed,
    )


def make_plan(
    manifest: Mapping[str, Any],
    comparisons: Sequence[Mapping[str, Any]],
    *,
    seeds: int = DEFAULT_SEEDS,
    study_seed: int = 0,
) -> Plan:
    """The plan that follows from a study's description and that of its comparisons."""
    maximize = manifest["direction"] == "maximize"
    return _plan(json.dumps([manifest["space"], comparisons]), seeds, study_seed, maximize)


@lru_cache(maxsize=8)
def _plan(stored: str, seeds: int, study_seed: int, maximize: bool) -> Plan:
    """The same plan for the same definition: it remembers its cells."""
    space, comparisons = json.loads(stored)
    return Plan(
        factors=tuple(map(FactorInfo.from_manifest, space["factors"])),
        fixed=space["fixed"],
        comparisons=tuple(map(Planned.from_stored, comparisons)),
        seeds=seeds,
        study_seed=study_seed,
        maximize=maximize,
    )

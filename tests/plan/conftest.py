"""Plans of the parabola study, as a stage's attributes say them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from optisearch import Comparison, Study, choice, integer, plan, real, record
from optisearch.manifest import describe
from optisearch.plan import Attempt, Cell, Ledger, Plan


def attributes(study: Study, *, seeds: int, seed: int) -> dict[str, Any]:
    """What a compare stage stores, after its journey through the database."""
    stored = {
        record.MANIFEST: describe(study, None),
        record.SETTINGS: {"seed": seed},
        record.BUDGET: {"seeds": seeds},
        record.COMPARISONS: plan.describe(study, seed),
    }
    found: dict[str, Any] = json.loads(json.dumps(stored))
    return found


@dataclass(frozen=True)
class Space:
    """Two numbers, one that is even in its logarithm, a choice that switches another on."""

    optimizer: str = choice("sgd", "adam", baseline="adam")
    rate: float = real(1e-4, 1e-1, log=True, baseline=1e-3)
    momentum: float = real(0.0, 0.9, baseline=0.0, when={"optimizer": "sgd"})
    nesterov: bool = choice(False, True, baseline=False, when={"momentum": 0.5})
    width: int = integer(8, 64, step=8, baseline=32)
    epochs: int = integer(1, 20, baseline=10)


@pytest.fixture(scope="session")
def study() -> Study:
    return Study(name="s", space=Space, train=print, maximize="a")  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def planned(study: Study) -> Callable[..., Plan]:
    """The plan of these comparisons; without any of every factor."""

    def of(*comparisons: Comparison, seeds: int = 3, seed: int = 0, **changes: Any) -> Plan:
        changed = replace(study, comparisons=comparisons, **changes)
        found = plan.read_plan(attributes(changed, seeds=seeds, seed=seed))
        assert isinstance(found, Plan)
        return found

    return of


@pytest.fixture(scope="session")
def ledger() -> Callable[..., Ledger]:
    """What is known once these cells ended so: `(cell, "done", 0.9)`, `(cell, "failed")`."""

    def of(*ended: tuple[Any, ...]) -> Ledger:
        return Ledger.of(
            Attempt(number, cell.key, ending, value[0] if value else None)
            for number, (cell, ending, *value) in enumerate(ended)
        )

    return of


@pytest.fixture(scope="session")
def trained(ledger: Callable[..., Ledger]) -> Callable[..., Ledger]:
    """Trains whatever is due, until nothing is, and tells what is known then."""

    def of(plan: Plan, value: Callable[[Cell], float]) -> Ledger:
        known: dict[str, tuple[Cell, str, float]] = {}
        found = ledger()
        while rest := [cell for cell in plan.due(found) if found.is_open(cell)]:
            known |= {cell.key: (cell, "done", value(cell)) for cell in rest}
            found = ledger(*known.values())
        return found

    return of

"""The scripts that stand for a tutorial's reader train what the comparisons beside them train."""

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.documents import DOCUMENTS

from benchmarks import ROOT

pytestmark = pytest.mark.keras


def literal(script: str, name: str) -> Any:
    """What a script assigns to a name, or loops over with it."""
    for node in ast.walk(ast.parse((ROOT / "benchmarks/scripts" / script).read_text())):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
        if isinstance(node, ast.For) and getattr(node.target, "id", "") == name:
            return ast.literal_eval(node.iter)
    raise AssertionError(name)


@pytest.mark.parametrize("title", DOCUMENTS)
def test_a_script_has_the_levels_of_its_comparison(title: str) -> None:
    from optisearch import space
    from optisearch.loading import load_study
    from optisearch.plan.comparisons import default_levels

    name, comparison, script = DOCUMENTS[title]
    study = load_study(ROOT / "studies" / f"{name}.py")
    compared = next(each for each in study.comparisons if (each.name or each.factor) == comparison)
    factor = space.factors(study.space)[compared.factor]
    by_hand = literal(script, "LEVELS" if name == "mnist" else "optimizer")
    if name == "mnist":
        by_hand = by_hand[comparison]
    assert by_hand == list(compared.levels or default_levels(factor))

"""A factor's range and conditions in words, the same wherever they are shown."""

from optisearch.reading import FactorInfo
from optisearch.report import format as fmt


def span(factor: FactorInfo) -> str:
    """`sgd | adam`, `1e-4 … 1, log`."""
    if factor.kind == "choice":
        return " | ".join(fmt.setting(option) for option in factor.options)
    words = [f"{fmt.setting(factor.low)} … {fmt.setting(factor.high)}"]
    if factor.log:
        words.append("log")
    if factor.step not in (None, 1):
        words.append(f"step {fmt.setting(factor.step)}")
    return ", ".join(words)


def conditions(factor: FactorInfo) -> str:
    """`when regularization is l1 or l2`; empty where it always has a meaning."""
    terms = [
        f"{name} is {fmt.listing([fmt.setting(value) for value in accepted], ' or ')}"
        for name, accepted in factor.when.items()
    ]
    return f"when {fmt.listing(terms)}" if terms else ""

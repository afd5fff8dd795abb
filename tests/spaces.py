"""Any space that can be declared: ranges, choices, and conditions on any choice before or after."""

import dataclasses
from typing import Any

from hypothesis import strategies as st

from optisearch import choice, integer, real


def space(**fields: Any) -> type:
    """A frozen dataclass with these fields."""
    return dataclasses.make_dataclass(
        "Space", [(name, Any, value) for name, value in fields.items()], frozen=True
    )


finite = st.floats(-1e6, 1e6)
scalars = st.none() | st.booleans() | st.integers(-9, 9) | finite | st.text(max_size=5)
choices = st.lists(scalars, min_size=1, max_size=4, unique_by=lambda value: hash((value,)))


@st.composite
def integers(draw: Any) -> dict[str, Any]:
    low, steps = draw(st.integers(-50, 50)), draw(st.integers(0, 30))
    log = low > 0 and draw(st.booleans())
    step = 1 if log else draw(st.integers(1, 5))
    baseline = low + step * draw(st.integers(0, steps))
    words = {"log": log, "step": step, "baseline": baseline}
    return {"make": integer, "arguments": (low, low + step * steps), "words": words}


@st.composite
def reals(draw: Any) -> dict[str, Any]:
    low, high = sorted((draw(finite) + 0.0, draw(finite) + 0.0))  # -0.0 + 0.0 is 0.0
    log = low > 0 and draw(st.booleans())
    words = {"log": log, "baseline": draw(st.floats(low, high))}
    return {"make": real, "arguments": (low, high), "words": words}


@st.composite
def options(draw: Any) -> dict[str, Any]:
    values = draw(choices)
    words = {"baseline": draw(st.sampled_from(values))}
    return {"make": choice, "arguments": tuple(values), "words": words}


@st.composite
def declared_spaces(draw: Any) -> type:
    declared = draw(st.lists(integers() | reals() | options(), min_size=1, max_size=6))
    names = [f"f{number}" for number in range(len(declared))]
    fields = {}
    for number, (name, field) in enumerate(zip(names, declared, strict=True)):
        parents = [n for n in range(number) if declared[n]["make"] is choice]
        when = None
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            values = declared[parent]["arguments"]
            when = {names[parent]: draw(st.lists(st.sampled_from(values), min_size=1))}
        words = field["words"] | {"when": when, "searched": number == 0 or draw(st.booleans())}
        fields[name] = field["make"](*field["arguments"], **words)
    return space(**{name: fields[name] for name in draw(st.permutations(names))})

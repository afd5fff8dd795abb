"""Which databases a fault is tried on: some always, others with OPTISEARCH_TEST_FAULTS=1 only."""

import pytest

_MARKS = {
    "sqlite": (),
    "postgresql": (pytest.mark.postgresql,),
    "installed_postgresql": (pytest.mark.postgresql,),
    "mariadb": (pytest.mark.mariadb,),
}


def case(kind: str, *values: object, name: str = "", always: bool = True):
    """A kind of database, and what else a test is given with it."""
    marks = [*_MARKS[kind], *([] if always else [pytest.mark.faults])]
    return pytest.param(kind, *values, marks=marks, id=f"{kind}-{name}" if name else kind)


def on(*always: str, also: tuple[str, ...] = ()) -> pytest.MarkDecorator:
    """An empty `place` of each of these kinds.

    Args:
        always: Those that represent the others.
        also: The others.
    """
    cases = [*map(case, always), *(case(kind, always=False) for kind in also)]
    return pytest.mark.parametrize("place", cases, indirect=True)

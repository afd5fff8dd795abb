"""The earlier study that a search begins with."""

from optisearch import known, reading
from optisearch import space as spaces
from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.settings import CONFIRM, SEARCH
from optisearch.storage import Database, Endurance, open_database
from optisearch.study import Study
from optisearch.warm_start.choosing import Carried, carry

DEFAULT_BEST = 5


def check_source(address: Address, name: str) -> None:
    """Say whether there is such a study, before any work is put into it.

    Raises:
        OptisearchError: There is none, or the name means several. Names the nearest.
    """
    database = open_database(address, create=False)
    with database.errors():
        _stage_of(database, name)


def carried_over(
    address: Address,
    name: str,
    study: Study,
    *,
    stage: str,
    most: int | None = None,
    endurance: Endurance | None = None,
) -> Carried:
    """Choose configurations of another study, or of one of its stages, for this one.

    Args:
        address: The database, in which both are. Nothing is created in it.
        name: The other study: `mnist-digits`, whose search is meant, or `mnist-digits/compare`.
        study: This study.
        stage: The name of the stage that is to begin with them.
        most: How many; by default `DEFAULT_BEST`.
        endurance: How long to wait for the database, should it be away.

    Raises:
        OptisearchError: There is no such study, or nothing of it can be carried over; says why.
    """
    database = open_database(address, create=False, endurance=endurance)
    with database.errors():
        source = _stage_of(database, name)
        if source == stage:
            raise OptisearchError(
                "a search can't begin with itself",
                where=f"--from {name}",
                remedy="Name another study. This one goes on without --from",
            )
        other = reading.load_stage(database.storage, source)
    if other.info.stage == CONFIRM:
        raise OptisearchError(
            "its figures are of the test part, by which nothing may be chosen",
            where=f"--from {name}",
            remedy=f"Name its search: {source.removesuffix(CONFIRM)}{SEARCH}",
        )
    tried = [spaces.baseline_point(study.space), *known.points(study.known, study.space)]
    return carry(other, study.space, most or DEFAULT_BEST, tried)


def _stage_of(database: Database, name: str) -> str:
    """The stage that a name means: of a study its search."""
    found = reading.find(database.storage, name)
    searches = [each for each in found if each.endswith(f"/{SEARCH}")] or list(found)
    if len(searches) == 1:
        return searches[0]
    raise OptisearchError(
        "the name means several studies",
        where=f"--from {name}",
        remedy=f"Name one of {', '.join(searches)}",
    )

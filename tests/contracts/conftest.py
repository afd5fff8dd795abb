"""One database after the other, the same test on each."""

import pytest
from tests.contracts.databases import ON_DISK

from optisearch.address import Address


@pytest.fixture(params=ON_DISK)
def address(request: pytest.FixtureRequest) -> Address:
    """A database that outlives its processes; nothing is there yet."""
    found: Address = request.getfixturevalue(request.param)
    return found

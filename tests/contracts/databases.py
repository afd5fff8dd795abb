"""Which databases outlive their processes, by the names of their fixtures."""

import pytest

ON_DISK = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgresql),
    pytest.param("mariadb", marks=pytest.mark.mariadb),
]

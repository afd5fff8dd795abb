"""What can't be tested here: said loudly, and on a machine that tests everything not at all."""

import os
from typing import NoReturn

import pytest


def not_tested(why: str, *, needs_root: bool = False) -> NoReturn:
    """Skip the test; fail where CI says that everything has to be tested.

    Args:
        why: What is missing, and what would bring it.
        needs_root: Whether only root could test it, so that it may be skipped by others in CI.
    """
    if os.environ.get("CI") == "true" and (os.geteuid() == 0 or not needs_root):
        pytest.fail(f"NOT TESTED in CI: {why}")
    pytest.skip(f"NOT TESTED: {why}")

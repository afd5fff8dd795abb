"""Every error is one paragraph: where, what, what to do."""

import pytest

from optisearch import errors
from optisearch.errors import (
    DefinitionError,
    Difference,
    MismatchError,
    NotStoredError,
    OptisearchError,
    OutageError,
    Problem,
    RepeatedFailure,
    StorageError,
)


def test_the_paragraph_says_where_what_and_what_to_do() -> None:
    error = OptisearchError("there is no such file", where="mine.py", remedy="Check the path")
    assert str(error) == "mine.py: there is no such file. Check the path."


@pytest.mark.parametrize("what", ["It ends.", "It ends!", "Does it?", "These:"])
def test_sentences_that_end_are_left_alone(what: str) -> None:
    assert str(OptisearchError(what)) == what


def test_the_detail_follows_as_it_is() -> None:
    error = OptisearchError("it raises", detail='  File "mine.py", line 3\n\n')
    assert str(error) == 'it raises.\n  File "mine.py", line 3'


def test_one_problem_is_no_list() -> None:
    problem = Problem("rate", "baseline 2 lies outside", "move it")
    assert str(DefinitionError("study 'mine'", [problem])) == (
        "study 'mine': the definition has one problem.\n  rate: baseline 2 lies outside; move it"
    )


def test_a_mismatch_lists_its_differences() -> None:
    difference = Difference("rate high", "1.0", "2.0")
    error = MismatchError("it differs", [difference], where="db", remedy="Rename it")
    assert str(error) == "db: it differs. Rename it.\n  rate high: stored 1.0, given 2.0"
    assert error.differences == (difference,)


def test_all_but_repeated_failures_and_outages_are_the_users_mistake() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {k.__name__: k.exit_code for k in kinds if issubclass(k, OptisearchError)}
    assert codes.pop("RepeatedFailure") == RepeatedFailure.exit_code == 1
    assert codes.pop("OutageError") == OutageError.exit_code == 75
    assert set(codes.values()) == {2}
    assert issubclass(NotStoredError, StorageError)


def test_the_tree_at_the_top_of_the_file_is_whole() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    drawn = errors.__doc__ or ""
    assert all(kind.__name__ in drawn for kind in kinds)

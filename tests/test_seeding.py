"""Seeds follow from the study's seed, a number and a purpose: what is stored relies on it."""

from hypothesis import given
from hypothesis import strategies as st

from optisearch.seeding import Purpose, proposal_seed, seed, training_seed

any_seed = st.integers(0, 2**63)
number = st.integers(0, 10**6)


def test_the_values_stay() -> None:
    """Were they others, stored comparisons would be trained anew."""
    assert [seed(0, 0, purpose) for purpose in Purpose] == [
        2044266242,
        1790637272,
        504456060,
        2011874460,
        191692056,
        440481839,
    ]
    assert [seed(7, n, Purpose.COMPARISON) for n in range(3)] == [428483640, 1016141897, 788713758]
    assert [purpose.value for purpose in Purpose] == [0, 1, 2, 3, 4, 5]


@given(any_seed, number)
def test_purposes_have_nothing_in_common(study_seed: int, n: int) -> None:
    assert len({seed(study_seed, n, purpose) for purpose in Purpose}) == len(Purpose)


@given(any_seed, number, st.sampled_from(Purpose))
def test_a_seed_is_one_that_every_library_takes(study_seed: int, n: int, purpose: Purpose) -> None:
    found = seed(study_seed, n, purpose)
    assert 0 <= found < 2**31
    assert found == seed(study_seed, n, purpose)
    assert type(found) is int


def test_the_seeds_of_a_purpose_differ() -> None:
    for purpose in Purpose:
        assert len({seed(0, n, purpose) for n in range(1000)}) == 1000


def test_neighbouring_studies_share_no_seeds() -> None:
    one, other = ({seed(s, n, Purpose.COMPARISON) for n in range(1000)} for s in (0, 1))
    assert not one & other


@given(any_seed, number)
def test_the_searchs_own(study_seed: int, n: int) -> None:
    assert proposal_seed(study_seed, n) == seed(study_seed, n, Purpose.PROPOSAL)
    assert training_seed(study_seed, n) == seed(study_seed, n, Purpose.TRAINING)

"""Seeds: functions of a study's seed, of what they are for, and of nothing else.

`numpy.random.SeedSequence` keeps neighbouring streams independent
(https://numpy.org/doc/stable/reference/random/bit_generators/generated/numpy.random.SeedSequence.html).
"""

from enum import IntEnum


class Purpose(IntEnum):
    """What a seed is for: seeds for different purposes have nothing in common."""

    PROPOSAL = 0
    TRAINING = 1
    COMPARISON = 2
    TUNING = 3
    CONFIRMATION = 4
    TUNING_POINTS = 5


def proposal_seed(study_seed: int, number: int) -> int:
    """The seed that a trial's hyperparameters are proposed with."""
    return seed(study_seed, number, Purpose.PROPOSAL)


def training_seed(study_seed: int, first_attempt: int) -> int:
    """The seed that a trial is trained with: a retry has that of its first attempt."""
    return seed(study_seed, first_attempt, Purpose.TRAINING)


def seed(study_seed: int, number: int, purpose: Purpose) -> int:
    """A seed in [0, 2**31): the one with this number among those for this purpose."""
    import numpy as np

    sequence = np.random.SeedSequence(study_seed, spawn_key=(number, int(purpose)))
    return int(sequence.generate_state(1, np.uint32)[0] >> 1)

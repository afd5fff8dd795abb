"""How many trials of a stage ended how."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """How many trials ended how. A trial that was handed out again isn't counted: its retry is.

    Attributes:
        completed: Trained to the end.
        pruned: Ended early because they were hopeless.
        diverged: Ended because their loss or metric was no longer a number.
        failed: Ended by an error.
        lost: Given up, as their workers died again and again.
        to_be_retried: Interrupted or lost, and to be handed out again while the budget lasts.
        running: In training.
        waiting: Handed to no worker yet.
    """

    completed: int = 0
    pruned: int = 0
    diverged: int = 0
    failed: int = 0
    lost: int = 0
    to_be_retried: int = 0
    running: int = 0
    waiting: int = 0

    @property
    def trained(self) -> int:
        """The trials that count towards the budget."""
        return self.completed + self.pruned + self.diverged

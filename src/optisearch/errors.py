"""What can go wrong, as one tree. Every error says what happened, where, and what to do.

OptisearchError
├── DefinitionError      a space, a study or a comparison that can't be: all problems at once
├── StudyFileError       a study file that is missing, doesn't parse, raises, or defines no study
├── DataError            data that is missing, damaged or of the wrong shape
├── TrainingError        a model that can't be built, compiled or fed
├── StorageError         a database that can't be reached, opened or written
│   ├── NotStoredError   a name that isn't in the database
│   └── OutageError      a database that was waited for in vain (exit code 75)
├── MismatchError        a study or its data differs from what is stored under its name
└── RepeatedFailure      the same failure three times in a row (exit code 1; else it is 2)
"""

from collections.abc import Sequence
from dataclasses import dataclass


class OptisearchError(Exception):
    """The base of all errors that are shown to a person, without a traceback.

    Args:
        what: What happened, as a sentence without its full stop.
        where: The file, field, URL (password masked) or trial it happened in.
        remedy: What to do about it, as a sentence without its full stop.
        detail: Lines shown below the paragraph as they are (the user's own frames, say).
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", remedy: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy
        self.detail = detail

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        sentences = [head, self.remedy] if self.remedy else [head]
        paragraph = " ".join(_sentence(sentence) for sentence in sentences)
        return f"{paragraph}\n{self.detail.rstrip()}" if self.detail else paragraph

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback, if an exception has this method."""
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a definition: the field, what is wrong, and the remedy."""

    field: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field}: {self.what}; {self.remedy}"


class DefinitionError(OptisearchError):
    """A definition that can't be. `problems` lists everything wrong with it, not the first only."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        detail = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"the definition has {count}", where=subject, detail=detail)
        self.problems = tuple(problems)


class StudyFileError(OptisearchError):
    """A study file that can't be used."""


class DataError(OptisearchError):
    """Data that is missing, damaged or of the wrong shape."""


class TrainingError(OptisearchError):
    """A model that can't be built, isn't compiled, can't be fed, or lacks the monitored metric."""


class StorageError(OptisearchError):
    """A database that can't be reached, opened or written. Never carries a password."""


class NotStoredError(StorageError):
    """A study or stage that isn't in the database."""


class OutageError(StorageError):
    """The database was there, went away, and was waited for in vain. An engine may try again."""

    exit_code = 75

    def __init__(self, last: StorageError) -> None:
        super().__init__(
            f"{last.what}; it was waited for in vain",
            where=last.where,
            remedy=f"{last.remedy}; then run the same command again: what was trained is kept",
        )


@dataclass(frozen=True)
class Difference:
    """One field in which a study differs from the one stored under its name."""

    field: str
    stored: str
    given: str

    def __str__(self) -> str:
        return f"{self.field}: stored {self.stored}, given {self.given}"


class MismatchError(OptisearchError):
    """A study or its data differs from what is stored under its name."""

    def __init__(
        self, what: str, differences: Sequence[Difference], *, where: str, remedy: str
    ) -> None:
        detail = "\n".join(f"  {difference}" for difference in differences)
        super().__init__(what, where=where, remedy=remedy, detail=detail)
        self.differences = tuple(differences)


class RepeatedFailure(OptisearchError):
    """The same failure three times in a row: more of the same wouldn't help."""

    exit_code = 1


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."

"""What is published of a stage, and the one transaction that stores it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from optuna.trial import TrialState

from optisearch import record
from optisearch.publishing import figures, merging, note, rows
from optisearch.reading import StageResults
from optisearch.report import report
from optisearch.storage import Database, attributes

_OURS = ("dashboard:note_", f"{rows.FIGURES}{figures.PREFIX}")
_TRAINED = (TrialState.COMPLETE, TrialState.PRUNED)

# `newer`: somebody else published what is known of more trials. `later`: somebody saved the note
# since, which optuna-dashboard does piece by piece, and may be about it.
Outcome = Literal["published", "unchanged", "newer", "later"]


@dataclass(frozen=True)
class Publication:
    """A stage's note and figures.

    Attributes:
        ended: How many trials had ended.
        note: The note, without its last line.
        figures: Plotly's JSON by id.
    """

    ended: int
    note: str
    figures: Mapping[str, str]

    @property
    def digest(self) -> str:
        """What tells it from any other one."""
        text = json.dumps([self.ended, self.note, dict(self.figures)])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Last:
    """What is known of the last publication.

    Attributes:
        ended: How many trials had ended.
        digest: What tells it from any other one.
        version: That of the note when it was last looked at: it counts what people have saved.
    """

    ended: int = 0
    digest: str = ""
    version: int = 0


def prepare(stage: StageResults, study_id: int) -> Publication:
    """Compute a stage's note and figures.

    Args:
        stage: The stage as it stands.
        study_id: Its number in the database, and so in optuna-dashboard's addresses.
    """
    told = report(stage)
    ended = sum(trial.ending not in {"running", "waiting"} for trial in stage.trials)
    return Publication(ended, note.write(told, study_id), figures.draw_all(told, ended))


def store(
    database: Database, study_id: int, publication: Publication, *, always: bool = False
) -> Outcome:
    """Let a publication take the place of the last one, whole or not at all.

    Args:
        database: The database.
        study_id: The stage's `optuna.Study`.
        publication: What is published.
        always: At once, also where the same was published or somebody has just saved the note.

    Raises:
        KeyError: The study was deleted.
    """

    def stored() -> Outcome:
        last = _last(database, study_id)
        if last.ended > publication.ended:
            return "newer"
        if last.digest == publication.digest and not always:
            return "unchanged"
        before = attributes.starting(database.storage, study_id, _OURS)
        version = before.get(rows.NOTE_VERSION, 0)
        if version != last.version and not always:
            seen = {record.PUBLISHED: asdict(replace(last, version=version))}
            attributes.replace(database.storage, study_id, seen, ())
            return "later"
        wanted = _rows(publication, before, database.now())
        changed = {key: value for key, value in wanted.items() if before.get(key) != value}
        attributes.replace(database.storage, study_id, changed, before.keys() - wanted.keys())
        return "published"

    return database.atomically(stored, f"what is published of study {study_id}")


def is_due(database: Database, study_id: int) -> bool:
    """Whether more trials have ended than what was published last is about.

    A stage in which nothing was trained yet may be removed again: it isn't published unasked.

    Raises:
        KeyError: The study was deleted.
    """
    storage, published = database.storage, _last(database, study_id).ended
    if attributes.count_ended(storage, study_id) <= published:
        return False
    return bool(published or attributes.count_ended(storage, study_id, _TRAINED))


def _last(database: Database, study_id: int) -> Last:
    stored = attributes.named(database.storage, study_id, (record.PUBLISHED,))
    found = stored.get(record.PUBLISHED, {})
    return Last(**{each.name: found[each.name] for each in fields(Last) if each.name in found})


def _rows(publication: Publication, before: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    ours = merging.signed(publication.note, publication.ended, now)
    # Not counted up: somebody who is editing the note could never save it else.
    version = before.get(rows.NOTE_VERSION, 1)
    return {
        **rows.of_note(merging.merged(rows.note(before), ours)),
        **rows.of_figures(publication.figures),
        rows.NOTE_VERSION: version,
        record.PUBLISHED: asdict(Last(publication.ended, publication.digest, version)),
    }

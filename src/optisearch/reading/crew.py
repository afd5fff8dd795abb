"""Who trains what at this moment, and whether they are still there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from optisearch.lease import Owner
from optisearch.lease.watch import GRACE_BEATS
from optisearch.reading.stage import StageResults
from optisearch.reading.trial import TrialResult
from optisearch.storage import Database

Life = Literal["alive", "slow", "silent", "gone", "unknown"]

# A trial that has run this many times as long as the longest so far is worth a look.
_SLOW = 3
# Who is left takes a silent worker for dead after the grace, counted from their own first look.
_NOTICED_GRACES = 2


@dataclass(frozen=True)
class Member:
    """A trial in training, and what is known of who trains it.

    Attributes:
        trial: The trial.
        owner: Who; None where it is no worker of ours, but plain Optuna.
        running_seconds: For how long, by the database's clock.
        beat_seconds: How long ago the last heartbeat was, by the same; None before the first.
        life: `alive`; `slow`: alive, but in training for three times as long as the longest trial
            so far; `silent`: without a heartbeat for longer than the grace; `gone`: this machine
            has no such process any more; `unknown`: no worker of ours.
    """

    trial: TrialResult
    owner: Owner | None
    running_seconds: float | None
    beat_seconds: float | None
    life: Life

    @property
    def silent_seconds(self) -> float:
        """How long it has given no sign of life: it began with one."""
        return _silence(self.beat_seconds, self.running_seconds)


@dataclass(frozen=True)
class Crew:
    """Those who train a stage's trials. A worker that waits for one leaves no trace.

    Attributes:
        members: One for each trial in training, by its number.
    """

    members: tuple[Member, ...] = ()

    def of(self, *lives: Life) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.life in lives)

    @property
    def is_at_work(self) -> bool:
        """Whether anybody is alive."""
        return bool(self.of("alive", "slow"))

    @property
    def forsaken(self) -> tuple[Member, ...]:
        """Those who are dead, as far as can be seen, while nobody is there to notice."""
        if self.is_at_work:
            return ()
        return tuple(
            member
            for member in self.of("silent", "gone")
            if member.life == "gone"
            or member.silent_seconds > _NOTICED_GRACES * _grace_seconds(member.owner)
        )


def load_crew(database: Database, stage: StageResults, now: datetime) -> Crew:
    """Who is at work in a stage, by their heartbeats. In memory nobody shows any.

    Args:
        database: Where the stage is stored.
        stage: The stage, as it was just read.
        now: The present by the database's clock, in local time (`Database.local_now`).

    Raises:
        KeyError: The stage was deleted meanwhile.
    """
    if database.backend is None or not stage.ended("running"):
        return Crew()
    from optisearch.storage.beats import pulses

    study_id = database.storage.get_study_id_from_name(stage.info.name)
    beats = {pulse.number: pulse.age_seconds for pulse in pulses(database.backend, study_id)}
    return read_crew(stage, beats, now, one_machine=database.is_of_one_machine)


def read_crew(
    stage: StageResults,
    beat_seconds: Mapping[int, float | None],
    now: datetime,
    *,
    one_machine: bool = False,
) -> Crew:
    """Judge who is still there.

    Args:
        stage: The stage.
        beat_seconds: Trial → how long ago its last heartbeat was, by the database's clock.
        now: The present by the database's clock, in local time.
        one_machine: Whether all workers are of this machine, as on a SQLite file.
    """
    longest = max((trial.seconds or 0.0 for trial in stage.trained), default=0.0)
    members = []
    for trial in stage.ended("running"):
        owner = Owner.from_stored(dict(trial.owner)) if trial.owner else None
        running = max(0.0, (now - trial.started).total_seconds()) if trial.started else None
        beat = beat_seconds.get(trial.number)
        is_gone = owner is not None and owner.is_dead(one_machine=one_machine)
        life = "gone" if is_gone else _life(owner, running, beat, longest)
        members.append(Member(trial, owner, running, beat, life))
    return Crew(tuple(members))


def _life(owner: Owner | None, running: float | None, beat: float | None, longest: float) -> Life:
    if owner is None:
        return "unknown"
    grace = _grace_seconds(owner)
    if _silence(beat, running) > grace:
        return "silent"
    is_slow = longest and running and running > max(_SLOW * longest, grace)
    return "slow" if is_slow else "alive"


def _silence(beat: float | None, running: float | None) -> float:
    return (running or 0.0) if beat is None else beat


def _grace_seconds(owner: Owner | None) -> float:
    return 0.0 if owner is None else GRACE_BEATS * owner.heartbeat_seconds

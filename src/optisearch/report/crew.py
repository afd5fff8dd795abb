"""Who is at work, whether they are still there, and what to do where they aren't."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from optisearch.reading import Crew, Member, StageInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table

# Of more than these those in trouble are shown, and of the others as many as there is room for.
_MOST = 40


def section(stage: StageResults, crew: Crew) -> Section | None:
    """A row for each trial in training, and sentences on those that need a look."""
    if not crew.members:
        return None
    shown = _shown(crew)
    columns = (
        Column("trial", "count"),
        Column("host"),
        Column("pid", "setting"),
        Column("epochs"),
        Column("last heartbeat"),
        Column("running for", "seconds"),
        Column("state"),
    )
    rows = tuple(_row(member, stage.info) for member in shown)
    numbers = tuple((member.trial.number,) for member in shown)
    notes = (*_more(crew, shown), *_notes(stage, crew))
    return Section("At work", (Table("", columns, rows, notes, numbers),))


def epochs(trial: TrialResult, info: StageInfo) -> str:
    """How many of its epochs are behind a trial: `7 of 12`."""
    done = 0 if trial.last_epoch is None else trial.last_epoch + 1
    planned = trial.params.get("epochs", info.fixed.get("epochs"))
    return f"{done} of {planned}" if isinstance(planned, int) else str(done)


def joining(info: StageInfo) -> str:
    """The line that starts a worker."""
    file, stage = fmt.text(info.file) or "FILE", info.stage or "search"
    # As it is stored a name tells of options too: `mnist-10000`.
    options = "" if info.name.rpartition("/")[0] == info.study else ", with the options of its run"
    return f"optisearch work {file} --stage {stage}{options}"


def _shown(crew: Crew) -> Sequence[Member]:
    in_trouble = crew.of("gone", "silent", "slow", "unknown")
    chosen = (*in_trouble, *crew.of("alive"))[:_MOST]
    return sorted(chosen, key=lambda member: member.trial.number)


def _row(member: Member, info: StageInfo) -> tuple[Any, ...]:
    owner, beat = member.owner, member.beat_seconds
    unseen = None if owner is None else "none yet"
    return (
        member.trial.number,
        owner.host if owner else member.trial.worker,
        owner.pid if owner else None,
        epochs(member.trial, info),
        unseen if beat is None else fmt.ago(timedelta(seconds=beat)),
        member.running_seconds,
        member.life,
    )


def _more(crew: Crew, shown: Sequence[Member]) -> Iterator[str]:
    left_out = len(crew.members) - len(shown)
    if left_out:
        alive = len(crew.members) - len(crew.of("alive")) <= len(shown)  # the others come first
        yield f"{fmt.count(left_out)} more are in training{', all alive' if alive else ''}."


def _notes(stage: StageResults, crew: Crew) -> Iterator[str]:
    forsaken = crew.forsaken
    numbers = {member.trial.number for member in forsaken}
    dead = crew.of("gone", "silent")
    left = [member for member in dead if member.trial.number not in numbers]
    if left:
        yield (
            f"{_trials(left)}: {_why(left)}. Another worker or the run notices soon, and has "
            f"{_them(left)} trained again."
        )
    if forsaken:
        yield (
            f"{_trials(forsaken)}: {_why(forsaken)}, and no other worker is left to notice. Start "
            f"one, or the run again, to have {_them(forsaken)} trained again: "
            f"{joining(stage.info)}"
        )
    if slow := crew.of("slow"):
        longest = max(trial.seconds or 0.0 for trial in stage.trained)
        yield (
            f"{_trials(slow)}: alive, but the longest trial so far took {fmt.seconds(longest)}. "
            "Where it is stuck, end its worker (kill -9 PID) to have it trained again; "
            "--trial-timeout sets a limit."
        )
    if unknown := crew.of("unknown"):
        yield (
            f"{_trials(unknown)}: not begun by a worker of OptiSearch, which can't tell whether "
            f"anybody trains {_them(unknown)}. Where nobody does, end it: optuna tell --study-name "
            f"{fmt.text(stage.info.name)} --trial-number N --state fail --storage URL"
        )


def _trials(members: Sequence[Member]) -> str:
    word = "Trial" if len(members) == 1 else "Trials"
    return f"{word} {fmt.numbers(member.trial.number for member in members)}"


def _them(members: Sequence[Member]) -> str:
    return "it" if len(members) == 1 else "them"


def _why(members: Sequence[Member]) -> str:
    """What is known of those who are gone, and of those who are silent."""
    whose = "its worker is gone" if len(members) == 1 else "their workers are gone"
    silent = [member.silent_seconds for member in members if member.life == "silent"]
    if not silent:
        return whose
    seconds = f"{fmt.seconds(round(min(silent)))}{'' if len(silent) == 1 else ' or longer'}"
    if len(silent) == len(members):
        return f"no heartbeat for {seconds}"
    return f"{whose}, or silent for {seconds}"

"""Create a stage or join it: the one place where a study meets what is stored under its name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from optisearch import manifest as manifests
from optisearch import pruners, record, samplers
from optisearch.budget import Budget
from optisearch.errors import Difference, MismatchError
from optisearch.lease import reap
from optisearch.objectives import Objective, read_objectives
from optisearch.plan import DEFAULT_SEEDS, EVERYTHING, Wanted
from optisearch.settings import SEARCH, Kind, Settings, Wishes
from optisearch.stage import Stage, open_study
from optisearch.storage import Database, attributes

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

# (The stage's seed, what it has stored) → what it shall store of its plan.
PlanFor = Callable[[int, Mapping[str, Any]], Mapping[str, Any]]


def open_stage(
    database: Database,
    manifest: Mapping[str, Any],
    wishes: Wishes,
    *,
    kind: Kind = SEARCH,
    planned: "PlanFor | None" = None,
    wanted: Wanted = EVERYTHING,
    source: str = "",
    max_epochs: int = 1,
    allows_versions: bool = False,
) -> Stage:
    """Create a stage, or join it when it is there.

    A stage in which nothing was trained yet gives way to a changed definition: nothing is lost, and
    the person is probably still correcting the file. So do the versions that it was begun with.

    Args:
        database: The database.
        manifest: The study's description; see `optisearch.manifest`.
        wishes: What the person asked for.
        kind: The kind of stage.
        planned: What a stage with cells stores of its plan, given its seed and what it has stored.
        wanted: The part of the plan that this worker is after.
        source: The study file's text.
        max_epochs: The most epochs a trial may train.
        allows_versions: Join also with other releases of the libraries than it was begun with.

    Raises:
        MismatchError: The study, its data, the settings or the libraries' releases differ from what
            is stored.
        OptisearchError: The sampler or pruner doesn't exist, or can't be used here.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = f"{manifest['name']}/{kind}"

    def opened() -> Stage:
        database.read_clock()
        stored = _stored(database.storage, name)
        kept = Settings(**stored[record.SETTINGS]) if record.SETTINGS in stored else None
        settings = wishes.settings(kept or Settings.of(kind))
        samplers.check_sampler(settings.sampler)
        pruners.check_pruner(settings.pruner)
        if stored:
            stored = _joined(database, name, stored, manifest, settings, allows_versions)
        plan = planned(settings.seed, stored) if planned is not None else {}
        # Comparisons and confirmations measure: what they are about is the monitored metric.
        objectives = read_objectives(manifest)[: None if kind == SEARCH else 1]
        stage = open_study(
            database,
            name,
            settings,
            objectives=objectives,
            baseline=manifest["space"]["baseline"],
            max_epochs=max_epochs,
            wanted=wanted,
        )
        default = {"trials": manifest["trials"]} if kind == SEARCH else {"seeds": DEFAULT_SEEDS}
        budget = Budget(**stored.get(record.BUDGET, default))
        written = {
            record.SETTINGS: asdict(settings),
            record.BUDGET: wishes.budget(budget, database.now()).as_dict(),
            record.SOURCE: stored.get(record.SOURCE, source),
            **plan,
            **_metric_names(objectives),
            # The manifest last: a stage that has one is whole.
            record.MANIFEST: stored.get(record.MANIFEST, dict(manifest)),
        }
        for key, value in written.items():
            if stored.get(key) != value:
                database.storage.set_study_system_attr(stage.study._study_id, key, value)
        versions = manifests.other_versions(written[record.MANIFEST], manifest)
        return replace(stage, versions=versions)

    with database.errors():
        return database.atomically(opened, name)


def _metric_names(objectives: Sequence[Objective]) -> dict[str, list[str]]:
    """Several objectives' names, where optuna-dashboard and `Study.metric_names` look for them."""
    if len(objectives) == 1:
        return {}
    return {record.METRIC_NAMES: [each.name for each in objectives]}


def _stored(storage: "BaseStorage", name: str) -> dict[str, Any]:
    """The stage's attributes; empty where there is no such stage."""
    try:
        study_id = storage.get_study_id_from_name(name)
    except KeyError:
        return {}
    # A plain Optuna study of that name has no attributes, but it isn't nothing.
    ours = (*record.OF_A_STAGE, record.SOURCE, record.METRIC_NAMES)
    return {"exists": True} | attributes.named(storage, study_id, ours)


def _joined(
    database: Database,
    name: str,
    stored: dict[str, Any],
    manifest: Mapping[str, Any],
    given: Settings,
    allows_versions: bool,
) -> dict[str, Any]:
    """What stays of a stage that is there, when this study joins it.

    Raises:
        MismatchError: It holds results, and the study differs.
    """
    found = _differences(stored, manifest, given)
    apart = manifests.version_differences(stored.get(record.MANIFEST, manifest), manifest)
    if not found and not apart:
        return stored
    has_results = _holds_results(database, name, is_ours=record.MANIFEST in stored)
    if has_results and (found or not allows_versions):
        raise _mismatch(name, found, apart, database)
    if found:
        database.storage.delete_study(database.storage.get_study_id_from_name(name))
        return {}
    return stored if has_results else {k: v for k, v in stored.items() if k != record.MANIFEST}


def _differences(
    stored: Mapping[str, Any], manifest: Mapping[str, Any], given: Settings
) -> list[Difference]:
    if record.MANIFEST not in stored or record.SETTINGS not in stored:
        return [Difference("study", "one that OptiSearch didn't make", "this one")]
    before, after = stored[record.SETTINGS], asdict(given)
    changed = [
        Difference(f"--{key}", str(before[key]), str(after[key]))
        for key in before
        if before[key] != after[key]
    ]
    return manifests.differences(stored[record.MANIFEST], manifest) + changed


def _holds_results(database: Database, name: str, *, is_ours: bool) -> bool:
    """Whether there is anything to lose: of a study that isn't ours any trial, of ours a trained
    one or one in training."""
    from optuna.trial import TrialState

    storage = database.storage
    study_id = storage.get_study_id_from_name(name)
    reap(database, storage.get_all_trials(study_id, deepcopy=False))
    states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    return storage.get_n_trials(study_id, states if is_ours else None) > 0


def _mismatch(
    name: str, found: list[Difference], apart: list[Difference], database: Database
) -> MismatchError:
    address = str(database.address or "memory")
    if not found:
        return MismatchError(
            f"{name} was begun with other versions of the libraries, which may train otherwise",
            apart,
            where=address,
            remedy="Install those, or join with these by --allow-versions: each trial notes them",
        )
    return MismatchError(
        f"{name} is stored there already, with results, and differs from this study",
        found + apart,
        where=address,
        remedy="Join it with the file, data and options that it was begun with. Give this one "
        "another name (or other data) to keep both, or delete the stored one: "
        f"optuna delete-study --study-name {name} --storage {address}",
    )

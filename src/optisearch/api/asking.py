"""search, compare, confirm: the commands that train, as functions."""

from typing import Unpack

from optisearch.api import checking
from optisearch.api.running import Process, train
from optisearch.api.study_files import StudyOrFile
from optisearch.api.view import Results
from optisearch.job import KEPT_MODELS
from optisearch.plan import Wanted
from optisearch.pruners import check_pruner
from optisearch.samplers import check_sampler
from optisearch.settings import COMPARE, CONFIRM, SEARCH, Wishes


def search(
    study: StudyOrFile,
    *,
    trials: int | None = None,
    patience: int | None = None,
    sampler: str | None = None,
    pruner: str | None = None,
    seed: int | None = None,
    from_: str = "",
    from_best: int | None = None,
    train_samples: int | None = None,
    keep_models: int = KEPT_MODELS,
    **process: Unpack[Process],
) -> Results:
    """Search a study's whole space, as `optisearch run` does. Called again, it goes on.

    Args:
        study: The study's file; or the study, where a file defines it.
        trials: Trained trials in all; by default the study's, else 50.
        patience: Stop when the best hasn't improved over so many finished trials.
        sampler: `tpe`, `random`, `qmc` or `gp`.
        pruner: `median`, `percentile`, `asha`, `hyperband` or `none`.
        seed: The study's seed.
        from_: Begin with the best configurations of this study, of the same database.
        from_best: With so many of them.
        train_samples: Train on so many records only.
        keep_models: How many of the search's best models are kept beside the database.
        process: How it is trained: `workers`, `timeout`, `storage`, … See `Process`.

    Raises:
        OptisearchError: What keeps it from running.
        KeyboardInterrupt: It was interrupted, and its trials have ended at their next epoch.
    """
    if sampler is not None:
        check_sampler(sampler)
    if pruner is not None:
        check_pruner(pruner)
    checking.needs("from_best", from_best, "from_", from_)
    wishes = Wishes(
        trials=checking.whole("trials", trials),
        patience=checking.whole("patience", patience),
        sampler=sampler,
        pruner=pruner,
        seed=checking.whole("seed", seed, least=0),
        source=from_,
        best=checking.whole("from_best", from_best),
    )
    checking.whole("keep_models", keep_models, least=0)
    return train(
        SEARCH,
        study,
        wishes,
        train_samples=checking.whole("train_samples", train_samples),
        keep_models=keep_models,
        **process,
    )


def compare(
    study: StudyOrFile,
    *names: str,
    seeds: int | None = None,
    seed: int | None = None,
    untuned: bool = False,
    train_samples: int | None = None,
    **process: Unpack[Process],
) -> Results:
    """Measure each choice alone, over several seeds, as `optisearch compare` does.

    Args:
        study: The study's file; or the study, where a file defines it.
        names: The comparisons, or factors; by default all.
        seeds: Seeds of each row; by default 5. With more than before it adds them.
        seed: The study's seed.
        untuned: Leave out the halves that are tuned first.
        train_samples: Train on so many records only.
        process: How it is trained: `workers`, `timeout`, `storage`, … See `Process`.

    Raises:
        OptisearchError: What keeps it from running.
        KeyboardInterrupt: It was interrupted, and its trials have ended at their next epoch.
    """
    return train(
        COMPARE,
        study,
        _cells(seeds, seed),
        wanted=Wanted(names, tuned=not untuned),
        train_samples=checking.whole("train_samples", train_samples),
        **process,
    )


def confirm(
    study: StudyOrFile,
    *,
    seeds: int | None = None,
    seed: int | None = None,
    train_samples: int | None = None,
    **process: Unpack[Process],
) -> Results:
    """Train the search's winner and the baseline on all data but the test split, and evaluate each
    once on that, as `optisearch confirm` does.

    Args:
        study: The study's file; or the study, where a file defines it.
        seeds: Seeds of each of the two; by default 5.
        seed: The study's seed.
        train_samples: Train on so many records only.
        process: How it is trained: `workers`, `timeout`, `storage`, … See `Process`.

    Raises:
        OptisearchError: What keeps it from running.
        KeyboardInterrupt: It was interrupted, and its trials have ended at their next epoch.
    """
    return train(
        CONFIRM,
        study,
        _cells(seeds, seed),
        train_samples=checking.whole("train_samples", train_samples),
        **process,
    )


def _cells(seeds: int | None, seed: int | None) -> Wishes:
    return Wishes(seeds=checking.whole("seeds", seeds), seed=checking.whole("seed", seed, least=0))

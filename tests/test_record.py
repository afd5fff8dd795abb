"""The names in the database: people and dashboards rely on them."""

from typing import get_args

from optisearch import record

USER = {
    "SEED": "seed",
    "EPOCHS_TRAINED": "epochs_trained",
    "SECONDS": "seconds",
    "SECONDS_PER_EPOCH": "seconds_per_epoch",
    "PARAMETERS": "parameters",
    "DIVERGED": "diverged",
    "END_REASON": "end_reason",
    "WORKER": "worker",
}


def names() -> dict[str, str]:
    constants = {name: value for name, value in vars(record).items() if name.isupper()}
    return {name: value for name, value in constants.items() if isinstance(value, str)}


def test_the_public_names_stay() -> None:
    assert {name: names()[name] for name in USER} == USER
    assert record.HISTORY == "optisearch:history"
    assert set(get_args(record.EndReason)) == {
        "completed",
        "pruned",
        "diverged",
        "failed",
        "interrupted",
        "lost",
    }


def test_no_name_means_two_things() -> None:
    assert len(set(names().values())) == len(names())


def test_optunas_own_name_is_the_one_that_optuna_reads() -> None:
    import optuna

    study = optuna.create_study()
    study.enqueue_trial({"x": 0.25})
    assert study.trials[0].system_attrs == {record.FIXED_PARAMS: {"x": 0.25}}

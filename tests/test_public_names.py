"""What people import, and what importing it costs."""

import subprocess
import sys

import pytest

import optisearch

HEAVY = ("tensorflow", "keras", "optuna", "sqlalchemy", "numpy", "scipy", "pandas", "sklearn")


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a statement imports, in a process of its own."""
    program = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_public_names() -> None:
    assert optisearch.__all__ == [
        "Comparison",
        "OptisearchError",
        "Outcome",
        "Results",
        "Run",
        "Study",
        "choice",
        "compare",
        "confirm",
        "integer",
        "load_study_file",
        "real",
        "results",
        "search",
    ]
    assert all(hasattr(optisearch, name) for name in optisearch.__all__)


def test_nothing_else_is_public() -> None:
    from types import ModuleType

    names = {
        name
        for name, value in vars(optisearch).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert names <= set(optisearch.__all__)
    assert set(optisearch.__all__) <= set(dir(optisearch))
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        optisearch.serach  # type: ignore[attr-defined]


@pytest.mark.processes
def test_importing_optisearch_imports_nothing_heavy() -> None:
    assert imported_by("import optisearch").isdisjoint(HEAVY)


@pytest.mark.processes
def test_help_imports_neither_optuna_nor_rich() -> None:
    statement = (
        "import sys\nsys.argv = ['optisearch', '--help']\n"
        "try:\n    from optisearch.cli import main\n    main()\nexcept SystemExit: pass"
    )
    assert imported_by(statement).isdisjoint({*HEAVY, "rich"})


@pytest.mark.processes
@pytest.mark.parametrize("module", ["telling", "report", "reading", "pool.running", "api"])
def test_the_telling_half_imports_no_framework(module: str) -> None:
    statement = f"import optisearch.{module}, optuna.storages, optuna.study"
    imported = imported_by(statement)
    assert imported.isdisjoint({"tensorflow", "keras", "scipy", "sklearn", "pandas", "torch"})


@pytest.mark.processes
def test_a_study_without_keras_is_trained_without_it() -> None:
    imported = imported_by("import optisearch.worker_process, optisearch.worker")
    assert imported.isdisjoint({"tensorflow", "keras"})

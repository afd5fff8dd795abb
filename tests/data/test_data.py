"""The package's public names, and what importing it costs."""

import subprocess
import sys

import optisearch.data


def test_the_public_names() -> None:
    assert optisearch.data.__all__ == ["Source", "Split", "TrainingData", "digits", "load", "mnist"]
    assert all(callable(getattr(optisearch.data, name)) for name in optisearch.data.__all__)


def test_importing_it_imports_no_framework() -> None:
    code = "import sys, optisearch.data; print(*(name.split('.')[0] for name in sys.modules))"
    imported = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"tensorflow", "keras", "sklearn", "scipy"}.intersection(imported)

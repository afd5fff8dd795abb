"""Which file a study is of: workers execute files."""

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TypeAlias
from weakref import ref

from optisearch.errors import StudyFileError
from optisearch.loading import is_loading, load_study
from optisearch.study import Study

StudyOrFile: TypeAlias = Study | str | os.PathLike[str]


# By its identity: a study is known by what it holds, which may have no hash.
_loaded: dict[int, tuple[ref[Study], Path]] = {}


def load_study_file(path: str | os.PathLike[str]) -> Study:
    """Execute a study file and return the one study that it defines.

    Raises:
        StudyFileError: The file can't be read, raises, or defines no study or several.
        DefinitionError: The definition has problems.
    """
    study = load_study(Path(path))
    _loaded[id(study)] = ref(study), Path(path).absolute()
    return study


def file_of(study: StudyOrFile) -> Path:
    """The file that workers execute: the one given, or that of which the study was loaded.

    Raises:
        StudyFileError: No file holds it, or it is this file that is being executed by a worker.
    """
    path = _path(study)
    if is_loading():
        raise StudyFileError(
            "a study file starts a search while it is loaded, and each worker would start another",
            where=str(path),
            remedy='Put the call below `if __name__ == "__main__":`',
        )
    return path


def _path(study: StudyOrFile) -> Path:
    if not isinstance(study, Study):
        return Path(study)
    known, path = _loaded.get(id(study), (None, Path()))
    if known is not None and known() is study:
        return _short(path)
    holders = [module for module in list(sys.modules.values()) if _holds(module, study)]
    # Others may have imported it.
    holders.sort(key=lambda each: (each.__name__ != study.space.__module__, _is_script(each)))
    files = [file for each in holders if (file := getattr(each, "__file__", None))]
    if files:
        return _short(Path(files[0]))
    raise StudyFileError(
        "it is defined in a notebook's cell or at a prompt, and workers, which are processes of "
        "their own, execute a file",
        where=f"study {study.name!r}",
        remedy=f"Begin the cell that defines it with `%%writefile {study.name}.py`, run it, and "
        f'give the name: search("{study.name}.py")',
    )


def _holds(module: ModuleType, study: Study) -> bool:
    return any(value is study for value in list(vars(module).values()))


def _is_script(module: ModuleType) -> bool:
    return module.__name__ == "__main__"


def _short(path: Path) -> Path:
    """As a person here would write it: it is stored, and stands in what they read."""
    folder = Path.cwd()
    return path.relative_to(folder) if path.is_relative_to(folder) else path

"""Path → Study: the only place that executes a study file."""

import importlib.util
import sys
from difflib import get_close_matches
from pathlib import Path

from optisearch.errors import DefinitionError, OptisearchError, StudyFileError
from optisearch.study import Study
from optisearch.tracebacks import own_frames

_loading: list[Path] = []  # one may load another


def read_source(path: Path) -> str:
    """The text of a study file, known to be readable Python. Doesn't execute it.

    Raises:
        StudyFileError: The file is missing, a folder, no text, or has a syntax error.
    """
    where = str(path)
    if path.is_dir():
        raise StudyFileError("this is a folder", where=where, remedy="Name a study file in it")
    try:
        source = path.read_text(encoding="utf-8-sig")  # as Python does
    except FileNotFoundError:
        raise StudyFileError("there is no such file", where=where, remedy=_nearest(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudyFileError(
            f"the file can't be read ({error})", where=where, remedy="Give a readable Python file"
        ) from None
    try:
        compile(source, where, "exec")
    except (SyntaxError, ValueError) as error:
        place = f"{path}:{getattr(error, 'lineno', None) or 1}"
        line = (getattr(error, "text", None) or "").strip("\n")
        raise StudyFileError(
            f"syntax error: {getattr(error, 'msg', error)}",
            where=place,
            remedy="Correct the line" if line else "Correct the file",
            detail=f"    {line.strip()}" if line else "",
        ) from None
    return source


def is_loading() -> bool:
    """Whether a study file is being executed now."""
    return bool(_loading)


def load_study(path: Path) -> Study:
    """Execute a study file and return the one study it defines.

    The file's folder is importable while it runs, as it would be for `python studies/x.py`.

    Raises:
        StudyFileError: The file can't be read, raises, or defines no study or several.
        DefinitionError: The definition has problems.
    """
    read_source(path)
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = f"optisearch_study_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StudyFileError(
            "Python can't import it", where=str(path), remedy="Give the file a name ending in .py"
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    _loading.append(path)
    try:
        spec.loader.exec_module(module)
    except DefinitionError as error:
        raise DefinitionError(f"{path}: {error.where}", error.problems) from None
    except OptisearchError:
        raise
    except (Exception, SystemExit) as error:
        raise StudyFileError(
            "the file raises when it is imported",
            where=str(path),
            remedy="Correct it; `python` on the file shows the same",
            detail=own_frames(error),
        ) from None
    finally:
        _loading.pop()
    found = {id(value): key for key, value in vars(module).items() if isinstance(value, Study)}
    if len(found) != 1:
        raise StudyFileError(
            f"it defines {', '.join(found.values())}" if found else "it defines no study",
            where=str(path),
            remedy="One file holds one study: `study = Study(…)`",
        )
    return next(value for value in vars(module).values() if isinstance(value, Study))


def _nearest(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"The folder {folder} doesn't exist either: check the path"
    files = sorted(file.name for file in folder.glob("*.py"))
    near = get_close_matches(path.name, files, 1)
    if near:
        return f"Did you mean {folder / near[0]}?"
    return f"Check the path, or write a new study with `optisearch new {path}`"

"""The commands as functions, for notebooks and scripts. `optisearch` has their names.

    from optisearch import search

    found = search("studies/mine.py", trials=20)
    found.best.params

They ask as the commands do, by worker processes that execute the study file, and read as `report`
does, from the database alone.
"""

from optisearch.api.asking import compare, confirm, search
from optisearch.api.study_files import load_study_file
from optisearch.api.view import Best, Results, results

__all__ = ["Best", "Results", "compare", "confirm", "load_study_file", "results", "search"]

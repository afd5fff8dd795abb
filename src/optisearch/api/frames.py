"""Trials and epochs as data frames of pandas's, and as Parquet."""

import importlib
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optisearch.api.writing import write_file
from optisearch.errors import OptisearchError

if TYPE_CHECKING:
    import pandas as pd

# By the type of a column's values; any may be missing, and the others stay what they are.
_PANDAS: Mapping[type | None, str] = {
    bool: "boolean",
    int: "Int64",
    float: "float64",
    str: "string",
    datetime: "datetime64[us]",
    None: "object",
}
_ARROW: Mapping[type | None, str] = {
    bool: "bool",
    int: "int64",
    float: "float64",
    str: "string",
    datetime: "timestamp[us]",
    None: "string",
}


@dataclass(frozen=True)
class Column:
    """A column's cells, None where there is nothing, and their type; None: they have several."""

    cells: Sequence[Any]
    kind: type | None

    @classmethod
    def of(cls, values: Iterable[Any], kind: type | None = None) -> "Column":
        """A column of that type, else of the one that its values have."""
        listed = list(values)
        types = {type(value) for value in listed if value is not None}
        if kind is None and types:
            kind = float if types == {int, float} else types.pop() if len(types) == 1 else None
        return cls(listed, kind if kind in _PANDAS else None)


Columns = Mapping[str, Column]


def by_column(types: Mapping[str, type | None], rows: Iterable[Mapping[str, Any]]) -> Columns:
    """Rows as columns.

    Args:
        types: The columns with their types; None: as the values are.
        rows: Column → value, for each row.
    """
    listed = list(rows)
    return {name: Column.of((row.get(name) for row in listed), types[name]) for name in types}


def frame(columns: Columns) -> "pd.DataFrame":
    """Columns as a data frame.

    Raises:
        OptisearchError: pandas isn't installed.
    """
    pandas = _needed("pandas")
    return pandas.DataFrame(
        {
            name: pandas.Series(column.cells, dtype=_PANDAS[column.kind])
            for name, column in columns.items()
        }
    )


def write_parquet(columns: Columns, path: Path, *, force: bool) -> None:
    """Columns as a Parquet file, whole or not at all.

    Raises:
        OptisearchError: pyarrow isn't installed, the file is there already and isn't to be
            replaced, or it can't be written.
    """
    arrow, parquet = _needed("pyarrow"), _needed("pyarrow.parquet")
    arrays = {
        name: arrow.array(
            column.cells if column.kind else [None if v is None else str(v) for v in column.cells],
            type=arrow.type_for_alias(_ARROW[column.kind]),
        )
        for name, column in columns.items()
    }
    write_file(path, lambda aside: parquet.write_table(arrow.table(arrays), aside), force=force)


def _needed(package: str) -> Any:
    name = package.partition(".")[0]
    if importlib.util.find_spec(name) is None:
        raise OptisearchError(
            f"this needs {name}, which isn't installed",
            remedy="pip install 'optisearch[notebook]'",
        )
    return importlib.import_module(package)

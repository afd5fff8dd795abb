"""What Python code may read, as its functions and classes say."""

import sys
import types
from collections.abc import Iterator
from typing import Any

# What they bring is as it is; whatever else a graph is traced through is looked into.
_LIBRARIES = {"keras", "tensorflow", "numpy", "optree", "optisearch", *sys.stdlib_module_names}
# What every class has, and no code reads through it.
OF_EVERY_CLASS = (
    "__module__",
    "__doc__",
    "__dict__",
    "__weakref__",
    "__annot",
    "__static",
    "_abc_",
)


def behind(attribute: Any) -> Any:
    """The function of a method or property of any sort."""
    if isinstance(attribute, property):
        return (attribute.fget, attribute.fset)
    return getattr(attribute, "func", getattr(attribute, "__func__", attribute))


def names(code: types.CodeType) -> Iterator[str]:
    """The names that code, and code inside it, looks up: globals and attributes."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names(constant)


def is_librarys(module: str | None) -> bool:
    """Whether a module belongs to a library, which is as it is."""
    return (module or "").partition(".")[0] in _LIBRARIES

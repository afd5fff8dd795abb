"""A study file's text → a hash of each definition that a training may depend on.

Those of the modules that it imports are among them, where they are a person's own: a worker whose
`models.py` differs trains another model by the same name. What is installed has a version instead.
"""

import ast
import hashlib
import sysconfig
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, resolve_name
from pathlib import Path

_INSTALLED = ("site-packages", "dist-packages")
_OURS = "optisearch"


def fingerprints(source: str, space_name: str) -> Iterator[tuple[str, str]]:
    """The definitions of a study file, and of the modules of one's own that it imports.

    Args:
        source: Its text. It was imported: what it imports can be found.
        space_name: The class of its space.

    Yields:
        A definition's name (`build`; `models.dense` of a module) and a hash of its code without
        comments, docstrings and layout. The study is left out, and of the space all but its
        methods: they are compared field by field.
    """
    yield from _of_statements(source, space_name)
    for module, text in _own_modules(source, "", set()):
        for name, digest in _of_statements(text, ""):
            yield f"{module}.{name}", digest


def _own_modules(source: str, package: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """The modules of one's own that a text imports, and those that they import."""
    for name in dict.fromkeys(_imported(source, package)):
        if name in seen:
            continue
        seen.add(name)
        spec = _own(name)
        if spec is None or not (spec.origin or "").endswith(".py"):
            continue
        text = Path(str(spec.origin)).read_text(encoding="utf-8-sig")
        yield name, text
        yield from _own_modules(text, spec.parent or "", seen)


def _imported(source: str, package: str) -> Iterator[str]:
    """The modules that a text may import, and the packages that they are in."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                base = "." * level + (module or "")
                base = resolve_name(base, package) if level else base
                found = [base, *(f"{base}.{alias.name}" for alias in names)]
            case _:
                continue
        for name in found:
            parts = name.split(".")
            yield from (".".join(parts[: n + 1]) for n in range(len(parts)))


def _own(name: str) -> ModuleSpec | None:
    """Where a module or a package is found, if that is no place of what is installed."""
    top = name.partition(".")[0]
    if top == _OURS or (name != top and _own(top) is None):
        return None  # to look into an installed package would import it
    try:
        spec = find_spec(name)
    except Exception:  # the package that it is in is imported: a person's own code
        return None
    places = [spec.origin, *(spec.submodule_search_locations or ())] if spec else []
    paths = [Path(place).resolve() for place in places if place]
    return spec if any(path.exists() and not _is_installed(path) for path in paths) else None


def _is_installed(path: Path) -> bool:
    return any(part in _INSTALLED for part in path.parts) or path.is_relative_to(
        Path(sysconfig.get_paths()["stdlib"]).resolve()
    )


def _of_statements(source: str, space_name: str) -> Iterator[tuple[str, str]]:
    for statement in ast.parse(source).body:
        for node in ast.walk(statement):
            _drop_docstring(node)
        names = _defined_names(statement)
        if isinstance(statement, ast.ClassDef) and space_name in names:
            for method in statement.body:
                if isinstance(method, ast.FunctionDef):
                    yield f"{space_name}.{method.name}", _digest(method)
        elif names and not _is_study(statement):
            yield ", ".join(names), _digest(statement)


def _digest(statement: ast.stmt) -> str:
    return hashlib.sha256(ast.unparse(statement).encode()).hexdigest()[:16]


def _defined_names(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [ast.unparse(target) for target in targets]
        case ast.AnnAssign(target=target):
            return [ast.unparse(target)]
    return []


def _is_study(statement: ast.stmt) -> bool:
    call = getattr(statement, "value", None)
    return isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == "Study"


def _drop_docstring(node: ast.AST) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        first = node.body[0]
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            node.body = node.body[1:] or [ast.Pass()]

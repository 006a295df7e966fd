"""A digest of the code that a figure depends on: a module and all that it imports of this package."""

import ast
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["code_digest", "modules_behind"]

_PACKAGE = __name__.partition(".")[0]
_ROOT = Path(__file__).parents[__name__.count(".")]


@dataclass(frozen=True)
class _Module:
    digest: str
    imports: frozenset[str]


def code_digest(
    modules: Collection[str], alone: Collection[str] = (), skipped: Collection[str] = (), root: Path = _ROOT
) -> str:
    """Return the SHA-256 of the code of some modules and of all modules of the package that they import, in turn.

    Imports inside functions count, as do the packages that a module lies in. Docstrings, comments and layout do not
    count. Files are read once a process.

    Parameters
    ----------
    modules : collection of str
        Dotted names.
    alone : collection of str
        Modules that count, but not what they import.
    skipped : collection of str
        Modules that do not count, nor what only they import.
    root : Path
        The folder that holds the package.
    """
    names = sorted({*modules_behind(modules, skipped, root), *alone})
    lines = (f"{name} {_read(name, root).digest}\n" for name in names)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def modules_behind(modules: Collection[str], skipped: Collection[str] = (), root: Path = _ROOT) -> frozenset[str]:
    """Return the names of some modules and of all modules of the package that they import, in turn."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting := waiting - found - set(skipped):
        name = waiting.pop()
        found.add(name)
        waiting |= _read(name, root).imports
    return frozenset(found)


@cache
def _read(name: str, root: Path) -> _Module:
    path = _path(name, root)
    if path is None:
        raise ModuleNotFoundError(f"No module {name} in {root}.")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = frozenset(own for found in _imported(tree, name, path) for own in _in_package(found, root))
    return _Module(hashlib.sha256(_code(tree).encode()).hexdigest(), imports - {name})


def _path(name: str, root: Path) -> Path | None:
    whole = root.joinpath(*name.split("."))
    return next((path for path in (whole / "__init__.py", whole.with_suffix(".py")) if path.is_file()), None)


def _imported(tree: ast.AST, name: str, path: Path) -> Iterator[str]:
    """Return the absolute names of possible imported modules, names of functions and classes among them."""
    yield name
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = node.level - (path.name == "__init__.py")
            package = ".".join(name.split(".")[:-above] if above else name.split("."))
            base = ".".join(part for part in (package if node.level else "", node.module) if part)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _in_package(name: str, root: Path) -> Iterator[str]:
    """Return a module of the package with the packages around it; empty for anything else."""
    parts = name.split(".")
    if parts[0] == _PACKAGE:
        nested = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        yield from (own for own in nested if _path(own, root))


def _code(tree: ast.Module) -> str:
    """Return the code of a module without positions and docstrings."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [own for own in body if not _is_docstring(own)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)

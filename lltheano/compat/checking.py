"""Which of Theano's names a program uses that are not here, found without running it."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from lltheano.compat.modules import installed_as_theano
from lltheano_ir.records import record

__all__ = ["Missing", "missing_names"]


@record(frozen=True, slots=True)
class Missing:
    """A name that is not here: where it is used, what it is, and what is said of it."""

    path: Path
    line: int
    name: str
    why: str


def missing_names(path: Path) -> list[Missing]:
    """Return the names of Theano's that a program, or a module beside it that it imports, uses and
    that are not here; in the order of their lines, each once for a file.

    OSError when a file cannot be read; SyntaxError when it is not Python.

    Parameters
    ----------
    path
        The program. Of the modules that it imports only those in its own folder are looked at.
    """
    found: list[Missing] = []
    waiting, seen = [path], set[Path]()
    with installed_as_theano():
        while waiting:
            one = waiting.pop(0)
            if one.resolve() in seen:
                continue
            seen.add(one.resolve())
            tree = ast.parse(one.read_bytes(), filename=str(one))
            found += _of_file(one, tree)
            waiting += _beside(path.parent, tree)
    return found


def _of_file(path: Path, tree: ast.Module) -> Iterator[Missing]:
    said: set[str] = set()
    for line, name in sorted(_uses(tree)):
        why = _objection(name)
        if why is not None and why not in said:
            said.add(why)
            yield Missing(path, line, name, why)


def _beside(folder: Path, tree: ast.Module) -> Iterator[Path]:
    """The files in a folder that a module imports."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        for name in names:
            place = folder.joinpath(*name.split("."))
            for candidate in (place.with_suffix(".py"), place / "__init__.py"):
                if candidate.is_file():
                    yield candidate


def _uses(tree: ast.Module) -> set[tuple[int, str]]:
    """The lines on which names of Theano's are used, written out from `theano` on."""
    known: dict[str, str] = {}
    uses: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _is_theanos(alias.name):
                    uses.add((node.lineno, alias.name))
                    root = alias.name.partition(".")[0]
                    known[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and not node.level and _is_theanos(node.module or ""):
            for alias in node.names:
                if alias.name == "*":
                    uses.add((node.lineno, str(node.module)))
                    continue
                imported = f"{node.module}.{alias.name}"
                uses.add((node.lineno, imported))
                known[alias.asname or alias.name] = imported
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            full = _written_out(node, known)
            if full is not None:
                uses.add((node.lineno, full))
    return uses


def _is_theanos(module: str) -> bool:
    return module == "theano" or module.startswith("theano.")


def _written_out(node: ast.Attribute, known: dict[str, str]) -> str | None:
    """The full name of an attribute of something imported from Theano."""
    parts: list[str] = []
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if not isinstance(inner, ast.Name) or inner.id not in known:
        return None
    return ".".join([known[inner.id], *reversed(parts)])


def _objection(name: str) -> str | None:
    """Why a name is not here; None where it is, or where what it is an attribute of is no module.

    What a program sets or asks of a value, such as a flag, cannot be told without running it.
    """
    parts = name.split(".")
    value: object = importlib.import_module("theano")
    for depth, part in enumerate(parts[1:], start=1):
        if not hasattr(value, "__path__"):
            return None
        try:
            value = getattr(value, part)
        except AttributeError as error:
            try:
                value = importlib.import_module(".".join(parts[: depth + 1]))
            except ImportError as missing:
                return str(missing) if "not here" in str(missing) else str(error)
    return None

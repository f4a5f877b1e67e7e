"""Modules under the name `theano` that serve this package's own names.

Invariants:

- A module exists for every path in the table and for each of its parents. Making one imports
  nothing; asking it for a name imports the module of ours that has it.
- What a row serves comes before a sub-module of that name: `theano.compile.function` is a function
  that can also be imported from.
- Nothing is installed but one finder, and what it made; `uninstall_as_theano` removes both.
"""

import difflib
import importlib
import importlib.abc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from lltheano.compat.flags import adopt_theano_flags, set_in_environment
from lltheano.compat.table.areas import rows
from lltheano.compat.table.rows import Gone, Row, Served
from lltheano.config import config

__all__ = [
    "TheanoModule",
    "install_as_theano",
    "installed_as_theano",
    "uninstall_as_theano",
]

_ROOT = "theano"
_OWN = __name__.rpartition(".")[0]


def install_as_theano() -> None:
    """Let `import theano`, and every module path of the table, mean this package.

    Call it before the program imports Theano. Doing so twice is doing so once. The flags in
    `THEANO_FLAGS` are set too, except those that `LLTHEANO_FLAGS` sets; one that means nothing
    here, such as another device, is a warning. From then on `x == 3` is False of a variable, and an
    array of NumPy's can hold it, as in Theano (`config.variables_as_values`).

    Raises ImportError when Theano itself is imported already: two packages cannot share the name.

    >>> import lltheano
    >>> lltheano.install_as_theano()
    >>> import theano.tensor as T
    >>> T.TensorVariable is lltheano.tensor.TensorVariable
    True
    >>> from theano.gof import cc
    Traceback (most recent call last):
    ImportError: theano.gof.cc is not here: functions are compiled through LLVM, not through C
    >>> lltheano.compat.uninstall_as_theano()
    """
    present = sys.modules.get(_ROOT)
    if present is not None and not isinstance(present, TheanoModule):
        raise ImportError(
            f"Theano itself is already imported, from {getattr(present, '__file__', '?')}; call"
            " lltheano.install_as_theano() before anything imports it"
        )
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
        adopt_theano_flags()
        if "variables_as_values" not in set_in_environment():
            config.variables_as_values = "object"


@contextmanager
def installed_as_theano() -> Iterator[None]:
    """Let `import theano` mean this package while the block runs, and then what it meant before."""
    was_installed = _FINDER in sys.meta_path
    if not was_installed:
        sys.meta_path.insert(0, _FINDER)
    try:
        yield
    finally:
        if not was_installed:
            uninstall_as_theano()


def uninstall_as_theano() -> None:
    """Undo `install_as_theano`; modules that a program imported stay usable to it."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
        if "variables_as_values" not in set_in_environment():
            config.variables_as_values = "raise"
    for name, module in list(sys.modules.items()):
        if isinstance(module, TheanoModule):
            del sys.modules[name]


class TheanoModule(ModuleType):
    """One of Theano's modules; a name is looked up when it is first asked for."""

    def __init__(self, name: str, table: Sequence[Row], children: frozenset[str]) -> None:
        super().__init__(name, f"Theano's module {name}, served by lltheano.")
        own = [one for one in table if one.module == name]
        vars(self).update(
            _named={key: one for one in own for key in _names(one)},
            _whole=[one for one in own if isinstance(one, Served) and one.names is None],
            _children=children,
        )

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return self._public()
        if name.startswith("__") and name not in vars(self)["_named"]:
            # The import system asks for some that there are not: no reason to look for near ones.
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}", name=name)
        state = vars(self)
        if name in state["_named"]:
            result = self._take(name, state["_named"][name])
        else:
            result = self._search(name)
        state[name] = result
        return result

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system binds each sub-module in its parent; rows come before sub-modules.
        if isinstance(value, TheanoModule):
            return
        row = vars(self)["_named"].get(name) if "_named" in vars(self) else None
        if isinstance(row, Served):
            assigned = getattr(importlib.import_module(row.ours), "assigned", None)
            if assigned is not None:
                assigned(name, value)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        state = vars(self)
        modules = (importlib.import_module(one.ours) for one in state["_whole"])
        whole = (name for module in modules for name in dir(module) if _offers(module, name))
        served = (name for name, one in state["_named"].items() if isinstance(one, Served))
        return sorted({*super().__dir__(), *served, *state["_children"], *whole})

    def _public(self) -> list[str]:
        """What `from module import *` brings: all that is served, and the modules below."""
        state = vars(self)
        served = {name for name, one in state["_named"].items() if isinstance(one, Served)}
        for row in state["_whole"]:
            served.update(_public_names(importlib.import_module(row.ours)))
        gone_names = {name for name, one in state["_named"].items() if isinstance(one, Gone)}
        own = {name for name in state if not name.startswith("_")} | served
        return sorted({name for name in own if name[:1] != "_"} - gone_names | state["_children"])

    def explain(self, name: str) -> str:
        """Say why the module has no such name, and what to do."""
        row = vars(self)["_named"].get(name) or _gone_as_a_whole(f"{self.__name__}.{name}")
        if isinstance(row, Gone):
            return f"{self.__name__}.{name} is not here: {row.instead}"
        near = difflib.get_close_matches(name, dir(self), n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        return f"lltheano has no {self.__name__}.{name}{hint}"

    def _take(self, name: str, row: Row) -> Any:
        if isinstance(row, Gone):
            raise AttributeError(self.explain(name), name=name, obj=self)
        assert row.names is not None
        return getattr(importlib.import_module(row.ours), row.names[name])

    def _search(self, name: str) -> Any:
        """Find a name in the modules of ours that serve this one as a whole, or a sub-module."""
        for row in vars(self)["_whole"]:
            module = importlib.import_module(row.ours)
            result = getattr(module, name, None) if _offers(module, name) else None
            if result is not None and not isinstance(result, ModuleType):
                return result
        if name in vars(self)["_children"]:
            return importlib.import_module(f"{self.__name__}.{name}")
        if name == _ROOT:  # Theano's modules import it, so that it is a name in each of them
            return importlib.import_module(_ROOT)
        raise AttributeError(self.explain(name), name=name, obj=self)


def _offers(module: ModuleType, name: str) -> bool:
    """Whether a module of ours lets a name be used: those of this package no others than listed."""
    return not module.__name__.startswith(_OWN) or name in module.__all__


def _public_names(module: ModuleType) -> list[str]:
    """The names of a module of ours that are for its users; of modules those below `lltheano`."""
    listed = getattr(module, "__all__", None)
    names = listed if listed is not None else [one for one in dir(module) if one[:1] != "_"]
    return [name for name in names if not isinstance(getattr(module, name), ModuleType)]


def _names(row: Row) -> Sequence[str]:
    return tuple(row.names or ())


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and makes the modules under `theano`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != _ROOT:
            return None
        if fullname in _paths():
            return ModuleSpec(fullname, self, is_package=True)
        raise ImportError(_explain_import(fullname), name=fullname)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        inside = f"{spec.name}."
        below = (path for path in _paths() if path.startswith(inside))
        children = frozenset(one[len(inside) :].partition(".")[0] for one in below)
        return TheanoModule(spec.name, rows(), children)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: names are looked up later."""


_FINDER = _Finder()


@cache
def _paths() -> frozenset[str]:
    """Every module of the table, and its parents."""
    results: set[str] = set()
    for row in rows():
        whole = isinstance(row, Gone) and not row.names
        path = row.module.rpartition(".")[0] if whole else row.module
        while path:
            results.add(path)
            path = path.rpartition(".")[0]
    return frozenset(results)


def _gone_as_a_whole(fullname: str) -> Gone | None:
    """The row that says why a module, or one that it lies in, is not here."""
    for row in rows():
        inside = fullname == row.module or fullname.startswith(f"{row.module}.")
        if isinstance(row, Gone) and not row.names and inside:
            return row
    return None


def _explain_import(fullname: str) -> str:
    whole = _gone_as_a_whole(fullname)
    if whole is not None:
        return f"{fullname} is not here: {whole.instead}"
    parent, _, name = fullname.rpartition(".")
    module = sys.modules.get(parent)
    if isinstance(module, TheanoModule):
        return module.explain(name)
    return f"lltheano has no {fullname}"

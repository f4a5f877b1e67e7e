"""Modules, and attributes of packages (PEP 562), that are imported when they are first asked for.

`import lltheano` has to be quick, and most programs use a small part of it.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["LazyModule", "attributes"]

# NumPy leaves its `abs` out of `*` too: programs mean Python's.
_NOT_PUBLIC = {"LAZY", "TYPE_CHECKING", "abs"}


def attributes(
    package: str,
    table: Mapping[str, str],
    modules: Sequence[str] = (),
    prepare: Callable[[ModuleType], None] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a package.

    `table` says for each name which module has it; a module whose last part is the name is itself
    what the name stands for. A name is looked up once, and is then an ordinary attribute. `prepare`
    is called with each of the modules first. `dir` of a package that has `__all__` shows these
    names and the special ones; of any other, all.

    `from package import *` brings what is public, where no `__all__` says so: all names but the
    special ones and modules, of which those in the table and in `modules` are public.

    >>> find, names = attributes("lltheano", {"decoder": "json.decoder", "dumps": "json"})
    >>> find("dumps")([1, 2]), find("decoder").__name__
    ('[1, 2]', 'json.decoder')
    """

    def find(name: str) -> Any:
        if name == "__all__":
            return public()
        module_name = table.get(name)
        if module_name is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        module = import_module(module_name)
        if prepare is not None:
            prepare(module)
        result = module if module_name.rpartition(".")[2] == name else getattr(module, name)
        setattr(sys.modules[package], name, result)
        return result

    def public() -> list[str]:
        known = {*table, *modules}
        own = {
            name
            for name, value in vars(sys.modules[package]).items()
            if not name.startswith("_") and not isinstance(value, ModuleType)
        }
        return sorted((own | known) - _NOT_PUBLIC)

    def names() -> list[str]:
        present = vars(sys.modules[package])
        if "__all__" not in present:
            return sorted({*present, *table})
        return sorted({*present["__all__"], *(name for name in present if name[:2] == "__")})

    return find, names


class LazyModule:
    """A module that is imported when one of its attributes is first asked for.

    >>> decoder = LazyModule("json.decoder")
    >>> decoder.JSONDecoder().decode("[1, 2]")
    [1, 2]
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _module(self) -> ModuleType:
        return import_module(self._name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

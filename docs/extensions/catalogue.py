"""What the reference lists: the public names, what each stands for, and what its docstring says.

A public name is one that `PACKAGES` offer to users. Several names may stand for one thing; it is
documented once, under the name in the module that defines it, with the others beside it.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from lltheano.graph import Op
from lltheano.tensor.variables.variable import TensorType

__all__ = [
    "PACKAGES",
    "Entry",
    "documentation",
    "entries",
    "methods",
    "needs_example",
    "other_names",
    "public_names",
    "signature",
]

PACKAGES = (
    "lltheano",
    "lltheano.tensor",
    "lltheano.tensor.nnet",
    "lltheano.tensor.signal.conv",
    "lltheano.tensor.signal.pool",
    "lltheano.tensor.opt",
    "lltheano.tensor.linalg",
    "lltheano.tensor.nlinalg",
    "lltheano.tensor.slinalg",
    "lltheano.tensor.fft",
    "lltheano.function",
    "lltheano.gradient",
    "lltheano.printing",
    "lltheano.serialization",
    "lltheano.ops",
    "lltheano.ctc",
    "lltheano.ifelse",
    "lltheano.loops",
    "lltheano.random",
    "lltheano.sparse",
    "lltheano.graph",
)
"""Where users take names from; each may be named T, nnet and so on by them."""


@dataclass(frozen=True)
class Entry:
    """One documented thing: the module that users take it from, its name there, and itself."""

    package: str
    name: str
    value: Any

    @property
    def full_name(self) -> str:
        """The name with its module's."""
        return f"{self.package}.{self.name}"

    @property
    def kind(self) -> str:
        """What it is to the Python domain of Sphinx."""
        if not isinstance(self.value, type):
            return "function"
        return "exception" if issubclass(self.value, BaseException) else "class"


def _is_documented(value: Any) -> bool:
    """Whether a value of a public name is a thing with a contract; not a number or a list."""
    return callable(value) and not isinstance(value, ModuleType)


def _offered(module: ModuleType) -> list[str]:
    names = getattr(module, "__all__", None)
    return sorted(names if names is not None else (n for n in dir(module) if n[0] != "_"))


def entries(module_name: str, package: str) -> list[Entry]:
    """The things that a module defines for users, who take them from `package`."""
    module, source = importlib.import_module(module_name), importlib.import_module(package)
    found: dict[int, Entry] = {}
    for name in _offered(module):
        value = getattr(module, name)
        offered = getattr(source, name, None) is value
        if _is_documented(value) and _is_own(value, module) and offered:
            present = found.get(id(value))
            # Of two names in one module the one that the thing itself goes by is documented.
            if present is None or name == getattr(value, "__name__", getattr(value, "name", "")):
                found[id(value)] = Entry(package, name, value)
    return sorted(found.values(), key=lambda one: (one.kind != "function", one.name.lower()))


def _is_own(value: Any, module: ModuleType) -> bool:
    """Whether a module defines a value, rather than passing another's on."""
    if isinstance(value, type) or inspect.isroutine(value):
        return bool(value.__module__ == module.__name__)
    return not any(
        getattr(importlib.import_module(other), name, None) is value
        for other, name in _imported_names(module)
    )


@cache
def _imported_names(module: ModuleType) -> tuple[tuple[str, str], ...]:
    """The names of our own that a module's source imports, each with where from."""
    found = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lltheano."):
            found += [(node.module or "", one.name) for one in node.names if one.name != "*"]
    return tuple(found)


@cache
def public_names() -> dict[str, Any]:
    """Every public name with its package's, and what it stands for."""
    return {
        f"{package}.{name}": getattr(importlib.import_module(package), name)
        for package in PACKAGES
        for name in _offered(importlib.import_module(package))
        if _is_documented(getattr(importlib.import_module(package), name))
    }


def other_names(entry: Entry) -> list[str]:
    """The other public names of the same thing."""
    same = (name for name, value in public_names().items() if value is entry.value)
    return [name for name in same if name != entry.full_name]


def documentation(value: Any) -> str:
    """The docstring; of an instance its own, or else that of its class."""
    if isinstance(value, TensorType):
        return f"The types of {value.dtype} tensors; called with a name, each makes a variable."
    return textwrap.dedent(inspect.cleandoc(value.__doc__ or ""))


def needs_example(value: Any) -> bool:
    """Whether the docstring must show a call.

    Errors are raised, not called; op classes are applied by the functions that make them; the 100
    constructors of variables of one dtype, which are types, are shown together.
    """
    if isinstance(value, type):
        return not issubclass(value, BaseException | Op)
    return not isinstance(value, TensorType)


def signature(value: Any) -> str:
    """How a thing is called, without annotations."""
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return "(...)"
    plain = [one.replace(annotation=one.empty) for one in found.parameters.values()]
    return str(found.replace(parameters=plain, return_annotation=found.empty))


def methods(value: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that a class has from this project, by name.

    None for op classes: what they do is said of the functions that apply them.
    """
    if issubclass(value, Op) and value is not Op:
        return
    bases = [base for base in value.__mro__ if base.__module__.startswith("lltheano")]
    found = {name: member for base in reversed(bases) for name, member in vars(base).items()}
    for name, member in sorted(found.items()):
        documented = inspect.isfunction(member) or isinstance(
            member, property | staticmethod | classmethod
        )
        if name[0] != "_" and documented and member.__doc__:
            yield name, member

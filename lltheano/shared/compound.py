"""Shared variables whose values are several arrays, such as sparse matrices.

Each array has a storage of its own. Reading holds all of them; writing replaces all of them in one
call of a compiled function, so that no thread sees, and no interrupt leaves, parts of two values.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from typing import Any

from lltheano.graph import CompoundType
from lltheano.interfaces.layers import compilation
from lltheano.shared.container import ObjectContainer, StorageList, TensorContainer
from lltheano.shared.objects import holding
from lltheano.shared.variable import SharedVariable, TensorSharedVariable
from lltheano.tensor.variables.variable import TensorType

__all__ = ["CONTAINERS", "CompoundContainer", "CompoundSharedVariable"]


class CompoundContainer:
    """The arrays of one value.

    Attributes
    ----------
    type
        What values it may hold.
    strict, allow_downcast
        Which conversions `write` makes; see `shared`.
    components
        A shared variable for each array.
    backing
        The storages of these, shared by all clones of a variable.
    """

    def __init__(
        self,
        type_: CompoundType,
        value: object,
        *,
        name: str | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
    ) -> None:
        self.type = type_
        self.name = name
        self.strict = strict
        self.allow_downcast = allow_downcast
        arrays = type_.arrays_of(self._checked(value))
        self.components = tuple(map(self._component, range(len(arrays)), arrays))
        self.backing = tuple(one.container.backing for one in self.components)

    def _component(self, index: int, array: Any) -> TensorSharedVariable:
        kind = self.type.component_types[index]
        assert isinstance(kind, TensorType)
        of = "" if self.name is None else f"{self.name}_"
        return TensorSharedVariable(f"{of}{self.type.component_names[index]}", kind, array)

    @cached_property
    def storage(self) -> StorageList:
        """The value as the only element of a list; all that share the value have the same list."""
        return StorageList(self)

    @property
    def data(self) -> Any:
        """The value: a copy."""
        return self.read()

    @property
    def value(self) -> Any:
        """The value itself, not a copy; assigning converts and checks as `set_value` does."""
        return self.read(borrow=True)

    @value.setter
    def value(self, new: object) -> None:
        self.write(new)

    def read(self, *, borrow: bool = False) -> Any:
        """Return a copy, or with `borrow` a value over the arrays themselves."""
        return holding(self.backing, lambda: self._read(borrow))

    def _read(self, borrow: bool) -> Any:
        arrays = [one.container.read(borrow=borrow) for one in self.components]
        return self.type.from_arrays(arrays)

    def write(self, new: object, *, borrow: bool = False) -> None:
        """Replace the value by a copy of `new`; TypeError, with nothing changed, if it cannot be.

        `borrow` permits sharing memory with `new`, which arrays never do.
        """
        self._replace(*self.type.arrays_of(self._checked(new)))

    @cached_property
    def _replace(self) -> Callable[..., Any]:
        leaves = [one.type.make_variable(one.name) for one in self.components]
        updates = list(zip(self.components, leaves, strict=True))
        return compilation.function(leaves, [], updates=updates)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = self.type, self.read(), self.strict, self.allow_downcast, self.name
        return (_compound_container, parts)

    def copied(self) -> "CompoundContainer":
        """Return another that holds the same value."""
        make, parts = self.__reduce__()
        copy: CompoundContainer = make(*parts)
        return copy

    def lease(self) -> AbstractContextManager[Any]:
        """Hold the locks and show the value, whose arrays may be changed in place."""
        return self._leased()

    @contextmanager
    def _leased(self) -> Iterator[Any]:
        with ExitStack() as leases:
            arrays = [leases.enter_context(storage.lease()) for storage in self.backing]
            yield self.type.from_arrays(arrays)

    def _checked(self, value: object) -> Any:
        return self.type.filter(value, strict=self.strict, allow_downcast=self.allow_downcast)


CONTAINERS = (TensorContainer, ObjectContainer, CompoundContainer)
"""The classes of what holds a value."""


class CompoundSharedVariable(SharedVariable):
    """A shared variable that holds a value of several arrays."""

    container: CompoundContainer

    def _make_container(
        self, value: Any, strict: bool, allow_downcast: bool | None
    ) -> CompoundContainer:
        assert isinstance(self.type, CompoundType)
        return CompoundContainer(
            self.type, value, name=self.name, strict=strict, allow_downcast=allow_downcast
        )


def _compound_container(
    type_: CompoundType,
    value: Any,
    strict: bool,
    allow_downcast: bool | None,
    name: str | None,
) -> CompoundContainer:
    return CompoundContainer(type_, value, name=name, strict=strict, allow_downcast=allow_downcast)

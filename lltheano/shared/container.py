"""What holds the value of a shared variable, and checks what is put into it.

Theano's programs reach it as `variable.container`. Both kinds have the same methods; they differ in
what they hold: an array in one of the run time's storages, or any Python object.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, Protocol

from numpy.typing import NDArray

from lltheano.graph import Type, generic
from lltheano.runtime.storages.spaces import memory_space
from lltheano.shared.objects import ObjectStorage, filtered, holding, private_copy
from lltheano.tensor.variables.variable import TensorType

__all__ = ["Container", "ObjectContainer", "StorageList", "TensorContainer"]


class Container(Protocol):
    """What holds the value of a shared variable, of any kind."""

    @property
    def type(self) -> Any:
        """What values it may hold."""

    @property
    def backing(self) -> Any:
        """The storage, shared by all clones of a variable."""

    def read(self, *, borrow: bool = False) -> Any:
        """Return a copy, or with `borrow` the value itself."""

    def write(self, new: object, *, borrow: bool = False) -> None:
        """Replace the value."""

    def copied(self) -> "Container":
        """Return another that holds the same value."""
        ...

    def lease(self) -> AbstractContextManager[Any]:
        """Hold the lock and show the value."""
        ...


class StorageList(list[Any]):
    """What Theano's programs know as the storage of a value: a list of one, which reads and writes
    it, each in one atomic step. What is read is the reader's own.

    >>> from lltheano.shared import shared
    >>> count = shared(1)
    >>> count.container.storage[0] = 5
    >>> int(count.get_value()), len(count.container.storage)
    (5, 1)
    """

    def __init__(self, container: Any) -> None:
        super().__init__([None])
        self._container = container

    def __getitem__(self, index: Any) -> Any:
        return [self._container.read()][index]

    def __setitem__(self, index: Any, value: Any) -> None:
        if index not in (0, -1):
            raise IndexError(f"a storage has one element, at 0; got {index!r}")
        self._container.write(value)

    def __iter__(self) -> Iterator[Any]:
        return iter([self._container.read()])

    def __repr__(self) -> str:
        return f"[{self._container.read()!r}]"


class TensorContainer:
    """An array, wherever it lives. Its dtype, rank and broadcast pattern are fixed; its sizes may
    change.

    Attributes
    ----------
    type
        What values it may hold.
    strict, allow_downcast
        Which conversions `write` makes; see `shared`.
    backing
        The run time's storage, shared by all clones of a variable.
    """

    def __init__(
        self,
        type_: TensorType,
        value: object,
        *,
        name: str | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        target: str = "cpu",
    ) -> None:
        self.type = type_
        self.name = name
        self.strict = strict
        self.allow_downcast = allow_downcast
        checked = self._checked(value)
        space = memory_space(target)
        self.backing = space.storage(type_.numpy_dtype, type_.ndim, name or "")
        self.backing.write(checked)

    @cached_property
    def storage(self) -> "StorageList":
        """The value as the only element of a list; all that share the value have the same list."""
        return StorageList(self)

    @property
    def target(self) -> str:
        """Where the value lives, as users call it."""
        return self.backing.space.name

    @property
    def data(self) -> NDArray[Any]:
        """The value: a copy."""
        return self.read()

    @property
    def value(self) -> NDArray[Any]:
        """The value itself, not a copy; assigning converts and checks as `set_value` does."""
        return self.read(borrow=True)

    @value.setter
    def value(self, new: object) -> None:
        self.write(new)

    def read(self, *, borrow: bool = False) -> NDArray[Any]:
        """Return a copy, or with `borrow` a view of the value itself."""
        return self.backing.view() if borrow else self.backing.read_copy()

    def write(self, new: object, *, borrow: bool = False) -> None:
        """Replace the value by a copy of `new`; TypeError, with nothing changed, if it cannot be.

        `borrow` permits sharing memory with `new`, which tensors never do.
        """
        self.backing.write(self._checked(new))

    def __reduce__(self) -> tuple[Any, ...]:
        # The value in one step: a copy, or a pickle, is of one state.
        return (
            _tensor_container,
            (self.type, self.read(), self.strict, self.allow_downcast, self.name, self.target),
        )

    def copied(self) -> "TensorContainer":
        """Return another that holds the same value, in the same memory space."""
        make, parts = self.__reduce__()
        copy: TensorContainer = make(*parts)
        return copy

    def lease(self) -> AbstractContextManager[NDArray[Any]]:
        """Hold the lock and show the value, which may be changed in place."""
        return self.backing.lease()

    def _checked(self, value: object) -> NDArray[Any]:
        return self.type.filter(value, strict=self.strict, allow_downcast=self.allow_downcast)


class ObjectContainer:
    """A Python object.

    Attributes
    ----------
    type
        What values it may hold; any, unless another type says what.
    backing
        The storage, shared by all clones of a variable.
    """

    def __init__(
        self,
        value: object,
        type_: Type = generic,
        *,
        name: str | None = None,
        borrow: bool = False,
    ) -> None:
        self.type = type_
        self.name = name
        checked = None if value is None else filtered(type_, value)
        self.backing = ObjectStorage(checked if borrow else private_copy(checked), name or "")

    @cached_property
    def storage(self) -> "StorageList":
        """The object as the only element of a list; all that share it have the same list."""
        return StorageList(self)

    @property
    def data(self) -> Any:
        """The object: a copy."""
        return self.read()

    @property
    def value(self) -> Any:
        """The object itself, not a copy."""
        return self.backing.value

    @value.setter
    def value(self, new: object) -> None:
        self.write(new)

    def read(self, *, borrow: bool = False) -> Any:
        """Return a deep copy, or with `borrow` the object itself."""
        backing = self.backing
        return holding((backing,), lambda: backing.value if borrow else private_copy(backing.value))

    def write(self, new: object, *, borrow: bool = False) -> None:
        """Replace the object by a deep copy of `new`, or with `borrow` by `new` itself; TypeError,
        with nothing changed, when it is not of the type.
        """
        checked = filtered(self.type, new)
        fresh = checked if borrow else private_copy(checked)
        holding((self.backing,), lambda: setattr(self.backing, "value", fresh))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_object_container, (self.read(borrow=True), self.name, self.type))

    def copied(self) -> "ObjectContainer":
        """Return another that holds a copy of the object."""
        return ObjectContainer(self.read(), self.type, name=self.name, borrow=True)

    def lease(self) -> AbstractContextManager[Any]:
        """Hold the lock and show the object."""
        return self.backing.lease()


def _tensor_container(
    type_: TensorType,
    value: NDArray[Any],
    strict: bool,
    allow_downcast: bool | None,
    name: str | None,
    target: str = "cpu",
) -> TensorContainer:
    return TensorContainer(
        type_, value, name=name, strict=strict, allow_downcast=allow_downcast, target=target
    )


def _object_container(value: Any, name: str | None, type_: Type = generic) -> ObjectContainer:
    return ObjectContainer(value, type_, name=name, borrow=True)

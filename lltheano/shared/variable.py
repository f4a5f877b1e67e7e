"""Shared variables: leaves of the graph whose values outlive calls and are shared between
functions.

The memory model, for every kind of shared variable:

- A value is managed by the library. Nobody else writes it, it changes only while a function runs or
  in `set_value`, and no two shared variables share memory.
- What goes in is copied and what comes out is a copy. `borrow=True` permits sharing in that one
  place; it never promises it.
- `get_value`, `set_value` and each call of a function are single steps: no thread sees half of one,
  and one that raises has changed nothing.
"""

from contextlib import AbstractContextManager
from typing import Any, Self

from numpy.typing import NDArray

from lltheano.graph import Type, Variable
from lltheano.graph.boundary import boundary
from lltheano.shared.container import Container, ObjectContainer, TensorContainer
from lltheano.shared.rebinding import restore
from lltheano.tensor.variables.variable import TensorType, TensorVariable

__all__ = [
    "GenericSharedVariable",
    "ScalarSharedVariable",
    "SharedVariable",
    "TensorSharedVariable",
    "fresh_storage",
    "shared_class",
]


class SharedVariable(Variable):
    """A leaf with a value of its own. `lltheano.shared` makes one of the right kind.

    Parameters
    ----------
    name
        What messages and listings call it.
    type
        What values it may hold.
    value
        The first value, copied.
    strict
        `set_value` takes exactly the type's dtype.
    allow_downcast
        True converts whatever the cost in precision, False never loses any, None also takes a
        Python float for `floatX`.
    container
        Storage to use in place of a new one; `value`, `strict` and `allow_downcast` are then those
        of the storage.
    """

    container: Container

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        """Made directly, it is of the kind that its type needs."""
        if cls is not SharedVariable:
            return super().__new__(cls)
        type_ = (
            options["type"] if "type" in options else arguments[1] if len(arguments) > 1 else None
        )
        kind: Any = shared_class(type_)
        made: Self = super().__new__(kind)
        return made

    def __init__(
        self,
        name: str | None,
        type: Type,  # noqa: A002 - Theano's parameter
        value: Any,
        strict: bool = False,
        allow_downcast: bool | None = None,
        container: Container | None = None,
    ) -> None:
        super().__init__(type, name=name)
        self._default_update: Variable | None = None
        if container is None:
            container = self._make_container(value, strict, allow_downcast)
        self.container = container

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        # By name: whoever unpickles may have a variable of that name to be used instead.
        return (restore, (type(self), self.name, self.type), self.__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "container" not in vars(self):  # else it is an existing variable, and keeps its value
            vars(self).update(state)

    def _make_container(self, value: Any, strict: bool, allow_downcast: bool | None) -> Container:
        raise NotImplementedError(f"{type(self).__name__} does not say what holds its value")

    @property
    def default_update(self) -> Variable | None:
        """The new value that each function using the variable gives it, unless `updates` does.

        None, the usual case, is no update. Assigning anything but a variable of the same type, a
        number or an array is a TypeError.
        """
        return self._default_update

    @default_update.setter
    def default_update(self, value: Any) -> None:
        if value is not None and not isinstance(value, Variable):
            value = self.type.make_constant(value)
        if value is not None and value.type != self.type:
            raise TypeError(
                f"the default update of {self.describe()} must have its type; got"
                f" {value.describe()}"
            )
        self._default_update = value

    @default_update.deleter
    def default_update(self) -> None:
        self._default_update = None

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """Return the value: a copy that belongs to the caller.

        With `borrow` it may be the memory that functions use: its contents may then change in any
        call that updates the variable, and writing to it is writing to the variable with no lock
        held. The memory stays valid for as long as the result lives. `return_internal_type` asks
        for the form in which the value is kept, which for tensors is an array too.
        """
        return self.container.read(borrow=borrow)

    @boundary
    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Replace the value by a copy of `new_value`, whose sizes may differ from those of the old.

        `borrow` permits the variable to keep `new_value` itself; tensors are always copied into the
        pool.

        Raises TypeError, with the old value in place, when the dtype would lose precision (see
        `allow_downcast` and `strict` of `shared`), the rank is another, or a broadcastable axis is
        not of size 1; MemoryError when there is no room.
        """
        try:
            self.container.write(new_value, borrow=borrow)
        except TypeError as error:
            raise TypeError(f"set_value of {self.describe()}: {error}") from error

    def borrowed(self) -> AbstractContextManager[Any]:
        """Return a context manager that locks the variable and yields the value itself.

        Inside it other threads wait, and what is written to an array is the variable's new
        contents. The value must not be used after the block.
        """
        return self.container.lease()

    def clone(self) -> Self:
        """Return another variable over the same storage."""
        copy = type(self)(self.name, self.type, None, container=self.container)
        copy.source = self.source
        copy.tag.__dict__.update(self.tag.__dict__)
        return copy


def shared_class(type_: Any) -> Any:
    """Return the class of the shared variables of a type.

    >>> import lltheano.tensor as T
    >>> shared_class(T.dvector).__name__
    'TensorSharedVariable'
    """
    if isinstance(type_, TensorType):
        return TensorSharedVariable
    own = type_.shared_class if isinstance(type_, Type) else None
    return GenericSharedVariable if own is None else own


def fresh_storage(variable: SharedVariable) -> SharedVariable:
    """Return a variable like another, with storage of its own that holds the same value.

    >>> from lltheano.shared import shared
    >>> mine, yours = (first := shared(1)), fresh_storage(first)
    >>> mine.set_value(2)
    >>> int(yours.get_value())
    1
    """
    container = variable.container.copied()
    copy = type(variable)(variable.name, variable.type, None, container=container)
    copy.source = variable.source
    return copy


class TensorSharedVariable(SharedVariable, TensorVariable):
    """A shared variable that holds an array.

    >>> import numpy as np
    >>> from lltheano.shared import shared
    >>> weights = shared(np.zeros((2, 3)), name="weights")
    >>> weights.set_value(np.ones((4, 3)))
    >>> weights.get_value().shape
    (4, 3)
    """

    _is_plain = False

    type: TensorType
    container: TensorContainer

    def _make_container(
        self, value: Any, strict: bool, allow_downcast: bool | None
    ) -> TensorContainer:
        return TensorContainer(
            self.type, value, name=self.name, strict=strict, allow_downcast=allow_downcast
        )

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> NDArray[Any]:
        """Return the array; see `SharedVariable.get_value`."""
        return self.container.read(borrow=borrow)

    def zero(self, borrow: bool = False) -> None:
        """Set every element to zero and keep the sizes, in one step.

        Views that `get_value(borrow=True)` handed out may see the zeros.
        """
        with self.container.lease() as array:
            array.fill(0)


class ScalarSharedVariable(TensorSharedVariable):
    """A shared variable that holds a single number, as an array without axes."""


class GenericSharedVariable(SharedVariable):
    """A shared variable that holds any Python object.

    Functions can return it, replace it by another such variable or by what an op computes, and be
    given one through `givens`; ops that compute in Python get the object.
    """

    container: ObjectContainer

    def _make_container(
        self, value: Any, strict: bool, allow_downcast: bool | None
    ) -> ObjectContainer:
        return ObjectContainer(value, self.type, name=self.name)

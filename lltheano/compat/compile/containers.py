"""`Container`: what holds a value, made as Theano's programs make it."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph import Type, Variable
from lltheano.shared import CONTAINERS, ObjectContainer, TensorContainer
from lltheano.tensor.variables.variable import TensorType

__all__ = ["Container"]


class _Containers(type):
    """Makes one of our containers, and knows them all as instances."""

    def __call__(cls, r: Any, storage: Sequence[Any], *arguments: Any, **options: Any) -> Any:
        return _made(r, storage, *arguments, **options)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, CONTAINERS)


class Container(metaclass=_Containers):
    """What holds a value for an input or a shared variable, to be shared by functions.

    TypeError for a list without a value, and for a value of another type.

    Parameters
    ----------
    r
        A variable or a type: what values it holds.
    storage
        A list with the first value, which is copied. The list itself is not written to:
        `container.storage` is.
    readonly
        Only False: whoever has the container may write.
    strict, allow_downcast
        Those of `shared`.
    name
        What messages call it; the variable's by default.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import In, function
    >>> x, held = T.dscalar("x"), Container(T.dscalar, [2.0])
    >>> f = function([In(x, value=held)], x * 10)
    >>> held.value = 3.0
    >>> float(f()), isinstance(f.container[x], Container)
    (30.0, True)
    """

    def __init__(
        self,
        r: Any,
        storage: Sequence[Any],
        readonly: bool = False,
        strict: bool = False,
        allow_downcast: bool | None = None,
        name: str | None = None,
    ) -> None:
        raise AssertionError("its class makes another object")


def _made(
    r: Variable | Type,
    storage: Sequence[Any],
    readonly: bool = False,
    strict: bool = False,
    allow_downcast: bool | None = None,
    name: str | None = None,
) -> Any:
    if readonly:
        raise ValueError("a container cannot be read only: it may be written by whoever has it")
    if not isinstance(storage, list) or len(storage) != 1 or storage[0] is None:
        raise TypeError(f"storage must be a list with the first value, got {storage!r:.80}")
    called = name if name is not None or isinstance(r, Type) else r.name
    type_ = r if isinstance(r, Type) else r.type
    if not isinstance(type_, TensorType):
        return ObjectContainer(storage[0], name=called)
    return TensorContainer(
        type_, storage[0], name=called, strict=strict, allow_downcast=allow_downcast
    )

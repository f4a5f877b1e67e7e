"""`shared`: the shared variable of the right kind for a value."""

from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from lltheano.graph import Variable
from lltheano.graph.boundary import boundary
from lltheano.interfaces.layers import matrices
from lltheano.runtime.storages.spaces import memory_space
from lltheano.shared.container import ObjectContainer, TensorContainer
from lltheano.shared.variable import (
    GenericSharedVariable,
    ScalarSharedVariable,
    SharedVariable,
    TensorSharedVariable,
)
from lltheano.tensor.variables.variable import TensorType

__all__ = ["shared", "shared_constructor"]

_NUMERIC_KINDS = "biufc"

Constructor = Callable[..., SharedVariable]

_constructors: list[Constructor] = []


# What is no array and no number is kept as it is, so that the last one takes everything; for an
# argument of type Any the result is then Any too.
@overload
def shared(  # pyright: ignore[reportOverlappingOverload]
    value: NDArray[Any],
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Sequence[bool] | None = None,
    target: str = "cpu",
    **kwargs: Any,
) -> TensorSharedVariable: ...
@overload
def shared(
    value: complex | np.number[Any] | np.bool_,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Sequence[bool] | None = None,
    target: str = "cpu",
    **kwargs: Any,
) -> ScalarSharedVariable: ...
@overload
def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Sequence[bool] | None = None,
    target: str = "cpu",
    **kwargs: Any,
) -> GenericSharedVariable: ...
@boundary
def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Sequence[bool] | None = None,
    target: str = "cpu",
    **kwargs: Any,
) -> Any:
    """Return a shared variable that holds `value`.

    A number gives a `ScalarSharedVariable` of NumPy's dtype for it (int64, float64, ... whatever
    `floatX` is), an array a `TensorSharedVariable` of its dtype and rank, anything else, lists
    included, a `GenericSharedVariable`.

    Raises TypeError for a symbolic variable, for numbers of a dtype that tensors do not have, and
    for objects that cannot be copied; ValueError for a pattern of another length, and for a target
    that there is not.

    Parameters
    ----------
    value
        The first value. It is copied.
    name
        What messages and listings call the variable.
    strict
        Later values must have exactly the dtype.
    allow_downcast
        Whether later values may lose precision: True always, False never, None only a Python float
        for `floatX`.
    borrow
        Permits the variable to keep `value` itself. Arrays are copied into the pool all the same.
    broadcastable
        For each axis of an array whether its size is always 1 and it broadcasts. No axis does
        unless this says so, since sizes may change.
    target
        The memory space in which an array lives; "cpu" is the pool of this process.
    kwargs
        For the program's own constructors, which are asked first; see `shared_constructor`.

    Examples
    --------
    >>> import numpy as np
    >>> shared(0).dtype, shared(0.5).dtype, shared(np.zeros(3, "float32")).dtype
    ('int64', 'float64', 'float32')
    >>> shared(np.ones((1, 3)), broadcastable=(True, False)).broadcastable
    (True, False)
    """
    if isinstance(value, Variable):
        raise TypeError(
            f"shared() takes a value, not the symbolic variable {value.describe()}; to replace a"
            " shared variable in one function use givens"
        )
    if _constructors:
        said = {"borrow": borrow or None, "broadcastable": broadcastable}
        options = {**kwargs, **{key: one for key, one in said.items() if one is not None}}
        made = _by_own_constructor(
            value, name=name, strict=strict, allow_downcast=allow_downcast, **options
        )
        if made is not None:
            return made
    if kwargs:
        raise TypeError(f"shared() got an unexpected keyword argument {next(iter(kwargs))!r}")
    space = memory_space(target)
    if hasattr(value, "tocsr") and space.is_host and broadcastable is None:
        return matrices.shared(value, name, strict, allow_downcast)
    array = _numeric(value)
    if array is None:
        if broadcastable is not None:
            raise TypeError(f"broadcastable applies to arrays; got {type(value).__name__}")
        if not space.is_host:
            raise TypeError(f"target={target!r} applies to arrays; got {type(value).__name__}")
        kept = ObjectContainer(value, name=name, borrow=borrow)
        return GenericSharedVariable(name, kept.type, None, container=kept)
    pattern = _pattern(array, broadcastable)
    kind: type[SharedVariable] = (
        TensorSharedVariable if isinstance(value, np.ndarray) else ScalarSharedVariable
    )
    type_ = TensorType(array.dtype, pattern)
    container = TensorContainer(
        type_, array, name=name, strict=strict, allow_downcast=allow_downcast, target=target
    )
    return kind(name, type_, None, container=container)


def shared_constructor(ctor: Constructor, remove: bool = False) -> Constructor:
    """Let `shared` ask `ctor` first for a shared variable; it may be used as a decorator.

    `ctor(value, name=..., strict=..., allow_downcast=..., **kwargs)` returns a shared variable, or
    raises TypeError for values that are not its own. The constructor that was added last is asked
    first. With `remove` it is not asked any more.

    >>> def number_of_words(value, name=None, strict=False, allow_downcast=None):
    ...     if not isinstance(value, str):
    ...         raise TypeError
    ...     return shared(len(value.split()), name)
    >>> _ = shared_constructor(number_of_words)
    >>> int(shared("so many words").get_value())
    3
    >>> _ = shared_constructor(number_of_words, remove=True)
    """
    if remove:
        _constructors.remove(ctor)
    else:
        _constructors.append(ctor)
    return ctor


def _by_own_constructor(value: Any, **options: Any) -> SharedVariable | None:
    for ctor in reversed(_constructors):
        try:
            return ctor(value, **options)
        except TypeError:
            continue
    return None


def _numeric(value: object) -> NDArray[Any] | None:
    """`value` as an array of numbers in native byte order; None for what is not numeric."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError("shared() takes no masked arrays, whose masks tensors cannot keep")
    if not isinstance(value, np.ndarray | np.generic | int | float | complex):
        return None
    array = np.asarray(value)
    if isinstance(value, int) and array.dtype.kind not in _NUMERIC_KINDS:
        raise OverflowError(f"{value} does not fit in any integer dtype; write it as a float")
    if array.dtype.kind not in _NUMERIC_KINDS:
        return None
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _pattern(array: NDArray[Any], broadcastable: Sequence[bool] | None) -> tuple[bool, ...]:
    if broadcastable is None:
        return (False,) * array.ndim
    if len(broadcastable) != array.ndim:
        raise ValueError(
            f"broadcastable has {len(broadcastable)} entries for an array with {array.ndim} axes"
        )
    return tuple(bool(one) for one in broadcastable)

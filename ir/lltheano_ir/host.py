"""Functions of the host language that a program calls back, and what they may give.

The program itself names them by number only; they come along with it, apart from its text, so that
a program can be printed, parsed and cached without them. The one check of what such a function
gives is here: the interpreter makes it, and so does the run time.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from lltheano_ir.ops.definition import Array
from lltheano_ir.provenance import Location
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = ["Given", "HostFunction", "conforming", "missing_function"]

Given: TypeAlias = Sequence[Any]
"""What a function returned."""


@record(frozen=True, eq=False)
class HostFunction:
    """A function that programs call.

    Attributes
    ----------
    call
        Takes an array for each operand, which is its own to keep or overwrite, and returns a
        sequence of arrays, one for each result. It may raise anything.
    name
        What messages call it.
    location
        Where in the user's program the call comes from.
    ordered
        Whether its calls are ordered ones, which are made once each.
    """

    call: Callable[[Sequence[Array]], Given]
    name: str
    location: Location | None = None
    ordered: bool = False


def missing_function(number: int, name: str) -> str:
    """What to say when a program calls a function that it was not given."""
    return f"host function {number} ({name!r}) was not supplied: pass it when the program is run"


def conforming(
    name: str,
    types: Sequence[ValueType],
    sizes: Sequence[Sequence[int | None]],
    given: Given,
) -> list[Array]:
    """What a function gave, as arrays of the types and sizes that it must give.

    Parameters
    ----------
    name
        The function in messages.
    types
        The types of the results.
    sizes
        For each result the size of each axis, where it is known.
    given
        What the function returned.

    Raises
    ------
    TypeError
        There is another number of results, or one is no array of its dtype and rank. Python
        numbers are no arrays, but NumPy's scalars are.
    ValueError
        A result has a size that it must not have.

    >>> from lltheano_ir.types import parse_type
    >>> conforming("f", [parse_type("f64[?]")], [(None,)], [np.zeros(2, "float32")])
    Traceback (most recent call last):
      ...
    TypeError: f: result 0 must be an array of f64 with 1 axes, got float32 of shape (2,)
    """
    if len(given) != len(types):
        raise TypeError(f"{name}: got {len(given)} results, wanted {len(types)}")
    arrays: list[Array] = []
    for type_, wanted, one in zip(types, sizes, given, strict=True):
        try:
            arrays.append(_conforming(type_, wanted, one))
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: result {len(arrays)} {error}") from None
    return arrays


def _conforming(type_: ValueType, sizes: Sequence[int | None], given: object) -> Array:
    if not isinstance(given, np.ndarray | np.generic):
        raise TypeError(f"{_wanted(type_)}, got {given!r:.60} of type {type(given).__name__}")
    array = np.asarray(given)
    if array.dtype != type_.dtype.numpy:
        if array.dtype.newbyteorder("=") != type_.dtype.numpy:
            raise TypeError(f"{_wanted(type_)}, got {array.dtype} of shape {array.shape}")
        array = array.astype(type_.dtype.numpy)
    if array.ndim != type_.rank:
        raise TypeError(f"{_wanted(type_)}, got {array.dtype} of shape {array.shape}")
    for axis, (one, size, found) in enumerate(
        zip(type_.broadcast, sizes, array.shape, strict=True)
    ):
        needed = 1 if one else size
        if needed is not None and found != needed:
            reason = "its type says that it broadcasts" if one else "that was said before the call"
            raise ValueError(
                f"must have size {needed} on axis {axis} ({reason}), got shape {array.shape}"
            )
    return array if array.flags.c_contiguous else array.copy(order="C")


def _wanted(type_: ValueType) -> str:
    return f"must be an array of {type_.dtype} with {type_.rank} axes"

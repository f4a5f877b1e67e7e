"""What rules look for and make: constants by their number, operands by their op."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.nodes import Value, make, rebuilt
from lltheano_ir.ops.definition import Array, Literal
from lltheano_ir.types import ValueType

__all__ = [
    "constant",
    "constant_like",
    "dropped_axes",
    "is_number",
    "is_one_of",
    "matches",
    "number_of",
    "operand_of",
    "permuted",
    "with_operand",
]


def number_of(value: Value) -> Any:
    """The NumPy scalar that the one element of a value is known to be, else None.

    A value with a `?` axis is none, whatever its elements: a rule that drops it would drop with it
    the check that its size is that of the other operand.

    >>> number_of(constant(np.array([[2.5]])))
    np.float64(2.5)
    """
    if not all(value.type.broadcast):
        return None
    while value.op.view is not None and value.op.view.whole and len(value.operands) == 1:
        value = value.operands[0]
    if not value.is_constant:
        return None
    literal: Literal = value.attributes[0]
    if len(literal.data) != np.dtype(literal.dtype).itemsize:
        return None
    return literal.array().reshape(())[()]


def is_number(value: Value, expected: float) -> bool:
    """Whether every element is known to be `expected`, of the same sign if that is zero."""
    number = number_of(value)
    if number is None or number != expected:
        return False
    if expected or number.dtype.kind != "f":
        return True
    return bool(np.signbit(number) == np.signbit(expected))


def constant(array: Array, pattern: Sequence[bool] | None = None) -> Value:
    """A constant; axes of size 1 are static 1 unless `pattern` says otherwise."""
    chosen = tuple(size == 1 for size in array.shape) if pattern is None else tuple(pattern)
    return make("constant", (), (Literal.of(array), chosen))


def constant_like(number: float, type_: ValueType) -> Value:
    """A number as a constant that broadcasts with values of a type."""
    return constant(np.full((1,) * type_.rank, number, type_.dtype.numpy))


def operand_of(value: Value, name: str) -> Value | None:
    """The first operand of a value of the op `name`, else None."""
    return value.operands[0] if value.op.name == name else None


def matches(value: Value, name: str, *attributes: object) -> bool:
    """Whether a value is of the op `name`, and its first attributes are these.

    >>> matches(constant(np.array([2.5])), "constant")
    True
    """
    return value.op.name == name and value.attributes[: len(attributes)] == attributes


def is_one_of(value: Value, *names: str) -> bool:
    """Whether a value is of one of these ops."""
    return value.op.name in names


def with_operand(value: Value, index: int, new: Value) -> Value:
    """The same op with one operand replaced."""
    operands = list(value.operands)
    operands[index] = new
    return rebuilt(value, tuple(operands))


def permuted(value: Value, order: Sequence[int | None]) -> Value:
    """A dimshuffle, unless it would leave all as it is."""
    if tuple(order) == tuple(range(value.rank)):
        return value
    return make("dimshuffle", (value,), (tuple(order),))


def dropped_axes(value: Value, axes: Sequence[int]) -> Value:
    """The value without some of its static-1 axes."""
    return permuted(value, [axis for axis in range(value.rank) if axis not in axes])

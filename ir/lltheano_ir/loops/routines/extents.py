"""Sizes that the record of a routine computes with, for arrays and for generated code alike.

An extent is a size of an operand, by name, or made of others. What it is worth is asked of the
arithmetic at hand: that of integers, or one that emits instructions.
"""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from lltheano_ir.records import record

__all__ = ["Arithmetic", "Extent", "Integers", "minimum", "size"]

Number = TypeVar("Number")


class Arithmetic(Protocol[Number]):
    """What sizes are computed by."""

    def constant(self, value: int) -> Number:
        """A known number."""
        ...

    def combine(self, op: str, x: Number, y: Number) -> Number:
        """`add`, `mul` or `minimum` of two numbers."""
        ...


class Integers:
    """The arithmetic of sizes that are known."""

    def constant(self, value: int) -> int:
        """The number itself."""
        return value

    def combine(self, op: str, x: int, y: int) -> int:
        """The result at once."""
        return x + y if op == "add" else x * y if op == "mul" else min(x, y)


@record(frozen=True, slots=True)
class Extent:
    """A size: `op` is "size" of that `name`, "constant" of that `value`, or combines two `parts`.

    >>> m, n = size("m"), size("n")
    >>> (2 * m + minimum(m, n)).worth(Integers(), {"m": 5, "n": 3})
    13
    """

    op: str
    name: str = ""
    value: int = 0
    parts: "tuple[Extent, ...]" = ()

    def __add__(self, other: "Extent | int") -> "Extent":
        return Extent("add", parts=(self, _extent(other)))

    def __mul__(self, other: "Extent | int") -> "Extent":
        return Extent("mul", parts=(self, _extent(other)))

    __radd__ = __add__
    __rmul__ = __mul__

    def worth(self, arithmetic: Arithmetic[Number], sizes: Mapping[str, Number]) -> Number:
        """The number that it is, for operands of these sizes."""
        if self.op == "size":
            return sizes[self.name]
        if self.op == "constant":
            return arithmetic.constant(self.value)
        x, y = (part.worth(arithmetic, sizes) for part in self.parts)
        return arithmetic.combine(self.op, x, y)


def _extent(value: Extent | int) -> Extent:
    return Extent("constant", value=value) if isinstance(value, int) else value


def size(name: str) -> Extent:
    """The size of that name."""
    return Extent("size", name)


def minimum(x: Extent, y: Extent) -> Extent:
    """The lesser of two."""
    return Extent("minimum", parts=(x, y))

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

    def combine(self, kind: str, x: Number, y: Number) -> Number:
        """The "sum" or the "product" of two numbers, or the "lesser" of them."""
        ...


class Integers:
    """The arithmetic of sizes that are known."""

    def constant(self, value: int) -> int:
        """The number itself."""
        return value

    def combine(self, kind: str, x: int, y: int) -> int:
        """The result at once."""
        return x + y if kind == "sum" else x * y if kind == "product" else min(x, y)


@record(frozen=True, slots=True)
class Extent:
    """A size: of that `name`, a "constant" `value`, or two `parts` combined, by its `kind`.

    >>> m, n = size("m"), size("n")
    >>> (2 * m + minimum(m, n)).worth(Integers(), {"m": 5, "n": 3})
    13
    """

    kind: str
    name: str = ""
    value: int = 0
    parts: "tuple[Extent, ...]" = ()

    def __add__(self, other: "Extent | int") -> "Extent":
        return Extent("sum", parts=(self, _extent(other)))

    def __mul__(self, other: "Extent | int") -> "Extent":
        return Extent("product", parts=(self, _extent(other)))

    __radd__ = __add__
    __rmul__ = __mul__

    def worth(self, arithmetic: Arithmetic[Number], sizes: Mapping[str, Number]) -> Number:
        """The number that it is, for operands of these sizes."""
        if self.kind == "size":
            return sizes[self.name]
        if self.kind == "constant":
            return arithmetic.constant(self.value)
        x, y = (part.worth(arithmetic, sizes) for part in self.parts)
        return arithmetic.combine(self.kind, x, y)


def _extent(value: Extent | int) -> Extent:
    return Extent("constant", value=value) if isinstance(value, int) else value


def size(name: str) -> Extent:
    """The size of that name."""
    return Extent("size", name)


def minimum(x: Extent, y: Extent) -> Extent:
    """The lesser of two."""
    return Extent("lesser", parts=(x, y))

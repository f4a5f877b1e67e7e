"""NumPy's rules for the bounds of a slice, as integer arithmetic in the IR.

Bounds count from the end when negative and are limited to the axis; the IR's slices need a start
inside the axis, a size and a step. What is known while the graph is built is computed here and now.
"""

from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.shapes import known_integer

__all__ = ["Integers", "slice_bounds"]

Number = int | Value


class Integers:
    """Arithmetic on integers, each a Python int when known and an i64[] value otherwise."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def value(self, number: Number) -> Value:
        """The number as a value of the program."""
        return self._builder.integer(number) if isinstance(number, int) else number

    def known(self, value: Value) -> Number:
        """The number that a value is known to be, else the value."""
        number = known_integer(value)
        return value if number is None else number

    def add(self, x: Number, y: Number) -> Number:
        """The sum."""
        if isinstance(x, int) and isinstance(y, int):
            return x + y
        if y == 0:
            return x
        return y if x == 0 else self._op("add", x, y)

    def sub(self, x: Number, y: Number) -> Number:
        """The difference."""
        if isinstance(x, int) and isinstance(y, int):
            return x - y
        return x if y == 0 else self._op("sub", x, y)

    def ceildiv(self, x: Number, y: Number) -> Number:
        """The quotient, rounded up."""
        if isinstance(x, int) and isinstance(y, int):
            return -(-x // y)
        if y == 1:
            return x
        return self.sub(0, self._op("floordiv", self.sub(0, x), y))

    def least(self, x: Number, y: Number) -> Number:
        """The lesser."""
        if isinstance(x, int) and isinstance(y, int):
            return min(x, y)
        return self._op("minimum", x, y)

    def greatest(self, x: Number, y: Number) -> Number:
        """The greater."""
        if isinstance(x, int) and isinstance(y, int):
            return max(x, y)
        return self._op("maximum", x, y)

    def if_negative(self, test: Number, then: Number, otherwise: Number) -> Number:
        """`then` where `test` is below zero, else `otherwise`."""
        if isinstance(test, int):
            return then if test < 0 else otherwise
        below = self._builder.elementwise("lt", test, self.value(0))
        chosen = (self.value(then), self.value(otherwise))
        return self._builder.elementwise("select", below, *chosen)

    def from_end(self, index: Number, size: Number) -> Number:
        """An index counted from the front."""
        return self.if_negative(index, self.add(index, size), index)

    def _op(self, name: str, x: Number, y: Number) -> Value:
        return self._builder.elementwise(name, self.value(x), self.value(y))


def slice_bounds(
    integers: Integers, size: Number, start: Number | None, stop: Number | None, step: Number
) -> tuple[Number, Number]:
    """Return the first index and the number of elements of a slice of an axis of `size`
    elements.
    """
    first = _limited(integers, size, start, step, default=(0, integers.sub(size, 1)))
    last = _limited(integers, size, stop, step, default=(size, -1))
    count = integers.ceildiv(integers.sub(last, first), step)
    return first, integers.greatest(count, 0)


def _limited(
    integers: Integers,
    size: Number,
    bound: Number | None,
    step: Number,
    default: tuple[Number, Number],
) -> Number:
    """A bound inside 0 ... size for a step forwards, inside -1 ... size - 1 for one backwards."""
    forwards, backwards = default
    if bound is None:
        return integers.if_negative(step, backwards, forwards)
    low = integers.if_negative(step, -1, 0)
    high = integers.if_negative(step, integers.sub(size, 1), size)
    inside = integers.from_end(bound, size)
    if isinstance(bound, int) and bound >= 0 and low == 0:
        return integers.least(inside, high)
    if isinstance(bound, int) and bound < 0:
        return integers.greatest(inside, low)
    return integers.least(integers.greatest(inside, low), high)

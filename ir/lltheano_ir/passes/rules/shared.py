"""What several of the rules that change results look for and make."""

from collections.abc import Callable, Sequence

import numpy as np

from lltheano_ir.nodes import Region, Value, argument, make, rebuilt
from lltheano_ir.ops.traits import Sign
from lltheano_ir.rewrite.patterns import constant_like, is_number, matches, operand_of, permuted
from lltheano_ir.rewrite.sizes import SizeAlgebra
from lltheano_ir.signs import sign_of

__all__ = [
    "branch",
    "finite_or_zero",
    "from_one_plus",
    "is_positive",
    "negated",
    "reordered",
    "stretched",
]


def from_one_plus(value: Value) -> Value | None:
    """X of x + 1."""
    if matches(value, "add") and is_number(value.operands[1], 1):
        return value.operands[0]
    return None


def finite_or_zero(x: Value) -> Value:
    """`x`, or 0 where it is infinite or NaN: then there is nothing to shift."""
    zero, infinity = (constant_like(number, x.type) for number in (0.0, np.inf))
    return make("select", (make("lt", (make("abs", (x,)), infinity)), x, zero))


def is_positive(value: Value) -> bool:
    """Whether every element is a number greater than 0, in exact arithmetic and for all finite
    numbers that it is computed from.
    """
    return sign_of(value) is Sign.POSITIVE


def negated(x: Value) -> Value:
    """-x, or x of -x."""
    inner = operand_of(x, "neg")
    return inner if inner is not None else make("neg", (x,))


def reordered(x: Value, order: Sequence[int | None]) -> Value:
    """Axes of `x` in another order, as one op where `x` is itself reordered."""
    if matches(x, "dimshuffle"):
        (first,) = x.attributes
        merged = [None if axis is None else first[axis] for axis in order]
        return permuted(x.operands[0], merged)
    return permuted(x, order)


_MOST = 12
"""Longer formulas than this are computed before a branch, and kept in memory for it."""


def branch(
    condition: Value,
    used: Sequence[Value],
    then: Callable[[Sequence[Value]], Value],
    otherwise: Callable[[Sequence[Value]], Value],
) -> Value:
    """One of two formulas of the values `used`; only the chosen one is computed.

    What `used` are computed from element by element is taken into both: a value that a branch takes
    in must be in memory, and the one that is rarely chosen would cost that every time.
    """
    inner = _formula(used)
    reached = [*(one for value in inner for one in value.operands), *used]
    captured = [one for one in dict.fromkeys(reached) if one not in inner]
    table = {one: argument(place, one.type) for place, one in enumerate(captured)}
    for value in inner:
        table[value] = rebuilt(value, tuple(table[one] for one in value.operands))
    inside = [table[one] for one in used]
    types = tuple(one.type for one in captured)
    regions = (Region(types, (then(inside),)), Region(types, (otherwise(inside),)))
    return make("if", (condition, *captured), (), regions)


def _is_formula(value: Value) -> bool:
    """Whether it is arithmetic, or a view of all of what is."""
    is_whole_view = value.op.view is not None and value.op.view.whole
    return value.op.is_elementwise or value.is_constant or is_whole_view


def _formula(used: Sequence[Value]) -> list[Value]:
    """The values between `used` and what is in memory anyhow, operands first; none for too many."""
    found: set[Value] = set()
    pending = list(used)
    while pending:
        value = pending.pop()
        if value not in found and _is_formula(value):
            found.add(value)
            pending.extend(value.operands)
        if len(found) > _MOST:
            return []
    order: list[Value] = []

    def visit(value: Value) -> None:
        if value in found and value not in order:
            for operand in value.operands:
                visit(operand)
            order.append(value)

    for one in used:
        visit(one)
    return order


def stretched(x: Value, value: Value, sizes: SizeAlgebra) -> Value:
    """`x` repeated to the sizes of `value`, if it is narrower."""
    narrow = zip(x.type.broadcast, value.type.broadcast, strict=True)
    axes = tuple(axis for axis, (one, wide) in enumerate(narrow) if one and not wide)
    if not axes:
        return x
    wanted = sizes.sizes(value)
    return make("broadcast", (x, *(wanted[axis] for axis in axes)), (axes,))

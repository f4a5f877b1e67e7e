"""Between which numbers a value lies, whatever finite numbers it is computed from.

An exponential overflows only if its exponent may grow, and underflows only if it may fall. The
exponents of a softmax, from which their maximum is taken off, do not grow.
"""

import math
from collections.abc import Callable, Sequence

from lltheano_ir.nodes import Value
from lltheano_ir.rewrite.patterns import matches

__all__ = ["Bounds", "bounds", "is_shifted", "may_fall", "may_grow"]

Bounds = tuple[float, float]
"""The least and the greatest number that an element may be."""

_ANYTHING = (-math.inf, math.inf)
_NOT_NEGATIVE = (0.0, math.inf)
_RANGES: dict[str, Bounds] = {
    **dict.fromkeys(("cos", "erf", "sign", "sin", "tanh"), (-1.0, 1.0)),
    **dict.fromkeys(("abs", "exp", "exp2", "softplus", "sqrt"), _NOT_NEGATIVE),
    "arctan": (-2.0, 2.0),
    "cosh": (1.0, math.inf),
    "erfc": (0.0, 2.0),
    "expm1": (-1.0, math.inf),
    "sigmoid": (0.0, 1.0),
}
_DEEPEST = 5
"""Formulas are looked into no deeper than this; what is further down may be anything."""


def may_grow(exponent: Value) -> bool:
    """Whether the exponential may come near to overflowing."""
    return bounds(exponent)[1] > _limit(exponent)


def may_fall(exponent: Value) -> bool:
    """Whether the exponential may come near to underflowing."""
    return bounds(exponent)[0] < -_limit(exponent)


def _limit(x: Value) -> float:
    """Half of the greatest exponent of the dtype, or a little more."""
    return {2: 6.0, 4: 50.0}.get(x.type.dtype.numpy.itemsize, 400.0)


def bounds(x: Value) -> Bounds:
    """The least and the greatest number that `x` may be."""
    return _bounds(x, {}, 0)


def _bounds(x: Value, known: dict[Value, Bounds], depth: int) -> Bounds:
    name = x.op.name
    if name in _RANGES:
        return _RANGES[name]
    if x in known:
        return known[x]
    known[x] = _ANYTHING if depth >= _DEEPEST else _of_operands(x, known, depth + 1)
    return known[x]


def _of_operands(x: Value, known: dict[Value, Bounds], depth: int) -> Bounds:
    name = x.op.name
    if x.is_constant:
        array = x.attributes[0].array()
        return (float(array.min()), float(array.max())) if array.size else _ANYTHING
    if name == "mul" and x.operands[0] is x.operands[1]:
        return _NOT_NEGATIVE
    combined = _of_view if x.op.view is not None else _COMBINED.get(name)
    if combined is None:
        return _ANYTHING
    chosen = x.operands[:1] if x.op.view is not None else x.operands
    low, high = combined(x, [_bounds(one, known, depth) for one in chosen])
    return (-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high)


def _of_view(x: Value, of: list[Bounds]) -> Bounds:
    return of[0]


def _of_reduction(x: Value, of: list[Bounds]) -> Bounds:
    low, high = of[0]
    if x.attributes[0] in ("max", "min", "sup"):
        return low, high
    if x.attributes[0] != "add":
        return _ANYTHING
    return 0.0 if low >= 0 else -math.inf, 0.0 if high <= 0 else math.inf


def _of_sum(x: Value, of: list[Bounds]) -> Bounds:
    return of[0][0] + of[1][0], of[0][1] + of[1][1]


def _of_difference(x: Value, of: list[Bounds]) -> Bounds:
    high = 0.0 if is_shifted(x) else math.inf
    return of[0][0] - of[1][1], min(of[0][1] - of[1][0], high)


def _of_negation(x: Value, of: list[Bounds]) -> Bounds:
    return -of[0][1], -of[0][0]


def _of_product(x: Value, of: list[Bounds]) -> Bounds:
    ends = [0.0 if 0 in (one, other) else one * other for one in of[0] for other in of[1]]
    return min(ends), max(ends)


def _of_quotient(x: Value, of: list[Bounds]) -> Bounds:
    low, high = of[1]
    if low <= 0 <= high:
        return _ANYTHING
    return _of_product(x, [of[0], (1 / high, 1 / low)])


def _of_maximum(x: Value, of: list[Bounds]) -> Bounds:
    return max(of[0][0], of[1][0]), max(of[0][1], of[1][1])


def _of_minimum(x: Value, of: list[Bounds]) -> Bounds:
    return min(of[0][0], of[1][0]), min(of[0][1], of[1][1])


def _of_choice(x: Value, of: list[Bounds]) -> Bounds:
    return min(of[1][0], of[2][0]), max(of[1][1], of[2][1])


_COMBINED: dict[str, Callable[[Value, list[Bounds]], Bounds]] = {
    "add": _of_sum,
    "sub": _of_difference,
    "neg": _of_negation,
    "mul": _of_product,
    "div": _of_quotient,
    "maximum": _of_maximum,
    "minimum": _of_minimum,
    "select": _of_choice,
    "reduce": _of_reduction,
}


def is_shifted(x: Value, axes: Sequence[int] | None = None) -> bool:
    """Whether `x` is what is left of something when its maximum is taken off, so that along `axes`
    one element is 0, or where `axes` is None one of several operands.
    """
    if x.op.view is not None:
        return is_shifted(x.operands[0])
    return matches(x, "sub") and _is_maximum_of(x.operands[1], x.operands[0], axes)


def _is_maximum_of(x: Value, part: Value, axes: Sequence[int] | None = None) -> bool:
    """Whether `x` is at least `part`, element by element: a maximum taken over it, or one that is
    replaced where it is not finite.

    With `axes` it must be one along some of these.
    """
    has_other_axes = matches(x, "reshape")
    x, part = _still(x), _still(part)
    if x.op.laws.chooses:
        return any(_is_maximum_of(one, part, axes) for one in x.operands[1:])
    if matches(x, "maximum"):
        return any(one is part or _is_maximum_of(one, part) for one in x.operands)
    if not any(matches(x, "reduce", kind) for kind in ("max", "sup")):
        return False
    if axes is not None and not has_other_axes and not set(x.attributes[1]) <= set(axes):
        return False
    return _still(x.operands[0]) is part


def _still(x: Value) -> Value:
    """What an op that moves elements has moved."""
    while x.op.view is not None:
        x = x.operands[0]
    return x

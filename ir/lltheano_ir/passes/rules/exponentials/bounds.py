"""Between which numbers a value lies, whatever finite numbers it is computed from.

An exponential overflows only if its exponent may grow, and underflows only if it may fall. The
exponents of a softmax, from which their maximum is taken off, do not grow.
"""

import math
from collections.abc import Sequence

from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import Reduction
from lltheano_ir.ops.traits import Interval, Sign
from lltheano_ir.rewrite.patterns import matches

__all__ = ["bounds", "is_shifted", "may_fall", "may_grow"]

_ANYTHING = (-math.inf, math.inf)
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


def bounds(x: Value) -> Interval:
    """The least and the greatest number that `x` may be."""
    return _bounds(x, {}, 0)


def _bounds(x: Value, known: dict[Value, Interval], depth: int) -> Interval:
    if x.op.reaches is not None:
        return x.op.reaches
    if x not in known:
        known[x] = _ANYTHING if depth >= _DEEPEST else _of_operands(x, known, depth + 1)
    return known[x]


def _of_operands(x: Value, known: dict[Value, Interval], depth: int) -> Interval:
    if x.is_constant:
        array = x.attributes[0].array()
        return (float(array.min()), float(array.max())) if array.size else _ANYTHING
    if x.op.view is not None:
        return _bounds(x.operands[0], known, depth)
    if x.op.reduction is not None:
        return _of_reduction(x.op.reduction(x.attributes), _bounds(x.operands[0], known, depth))
    if x.op.laws.interval is None:
        return _by_sign(x, _ANYTHING)
    given = [_bounds(one, known, depth) for one in x.operands[-2:]]
    low, high = x.op.laws.interval(*given)
    low = -math.inf if math.isnan(low) else low
    high = math.inf if math.isnan(high) else high
    return _by_sign(x, (low, min(high, 0.0) if _is_less_a_maximum(x) else high))


def _by_sign(x: Value, of: Interval) -> Interval:
    """What the op says of its result even if nothing is known of the operands."""
    if x.op.sign is None:
        return of
    same = len(set(x.operands)) == 1
    sign = x.op.sign([Sign.ANY] * len(x.operands), same, x.attributes)
    return (max(of[0], 0.0), of[1]) if sign >= Sign.NOT_NEGATIVE else of


def _of_reduction(reduction: Reduction, of: Interval) -> Interval:
    """An extremum is an element; a sum, perhaps of none, has their sign."""
    low, high = of
    if reduction.kind in ("max", "min"):
        return low, high
    if reduction.kind != "add":
        return _ANYTHING
    return 0.0 if low >= 0 else -math.inf, 0.0 if high <= 0 else math.inf


def _is_less_a_maximum(x: Value) -> bool:
    """Whether `x` is a part of something less the maximum of all of it."""
    if not matches(x, "sub"):
        return False
    whole, maximum = _any_part(x.operands[0]), _any_part(x.operands[1])
    return _is_maximum_of(maximum, whole)


def is_shifted(x: Value, axes: Sequence[int] | None = None) -> bool:
    """Whether `x` is what is left of something when its maximum is taken off, so that along `axes`
    one element is 0, or where `axes` is None one of several operands.
    """
    x = _whole(x)
    return matches(x, "sub") and _is_maximum_of(x.operands[1], _whole(x.operands[0]), axes)


def _is_maximum_of(x: Value, part: Value, axes: Sequence[int] | None = None) -> bool:
    """Whether `x` is at least `part`, element by element: a maximum taken over it, or one that is
    replaced where it is not finite.

    With `axes` it must be one along some of these.
    """
    has_other_axes = matches(x, "reshape")
    x = _whole(x)
    if x.op.laws.chooses:
        return any(_is_maximum_of(one, part, axes) for one in x.operands[1:])
    if matches(x, "maximum"):
        return any(_whole(one) is part or _is_maximum_of(one, part) for one in x.operands)
    if not any(matches(x, "reduce", kind) for kind in ("max", "sup")):
        return False
    if axes is not None and not has_other_axes and not set(x.attributes[1]) <= set(axes):
        return False
    return _whole(x.operands[0]) is part


def _whole(x: Value) -> Value:
    """What a view of all the elements looks at."""
    while x.op.view is not None and x.op.view.whole:
        x = x.operands[0]
    return x


def _any_part(x: Value) -> Value:
    """What a view looks at."""
    while x.op.view is not None:
        x = x.operands[0]
    return x

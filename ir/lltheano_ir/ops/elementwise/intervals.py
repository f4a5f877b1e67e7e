"""Interval arithmetic on numbers that do not wrap around: from where to where a result reaches.

An end may be infinite; one that is NaN says nothing.
"""

import math

from lltheano_ir.ops.traits import Interval

__all__ = [
    "difference",
    "either",
    "greater",
    "lesser",
    "negation",
    "product",
    "quotient",
    "total",
]


def total(x: Interval, y: Interval) -> Interval:
    """Of a sum."""
    return x[0] + y[0], x[1] + y[1]


def difference(x: Interval, y: Interval) -> Interval:
    """Of a difference."""
    return x[0] - y[1], x[1] - y[0]


def product(x: Interval, y: Interval) -> Interval:
    """Of a product.

    >>> product((-2, 3), (4, 5))
    (-10, 15)
    """
    corners = [0 if 0 in (one, other) else one * other for one in x for other in y]
    return min(corners), max(corners)


def negation(x: Interval) -> Interval:
    """Of a negation."""
    return -x[1], -x[0]


def quotient(x: Interval, y: Interval) -> Interval:
    """Of a quotient; by what may be 0 it may be anything."""
    low, high = y
    return (-math.inf, math.inf) if low <= 0 <= high else product(x, (1 / high, 1 / low))


def lesser(x: Interval, y: Interval) -> Interval:
    """Of a minimum."""
    return min(x[0], y[0]), min(x[1], y[1])


def greater(x: Interval, y: Interval) -> Interval:
    """Of a maximum."""
    return max(x[0], y[0]), max(x[1], y[1])


def either(x: Interval, y: Interval) -> Interval:
    """Of one or the other."""
    return min(x[0], y[0]), max(x[1], y[1])

"""Extrema, bits, comparisons and choices of each element."""

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np

from lltheano_ir.dtypes import bool_
from lltheano_ir.ops.definition import Array, Attributes, Failure, Op, TypeRuleError
from lltheano_ir.ops.elementwise import intervals
from lltheano_ir.ops.elementwise.rules import (
    Declared,
    agreeing,
    common_pattern,
    elementwise_op,
    one_dtype,
    sizes_of_all,
)
from lltheano_ir.ops.traits import Cost, Laws, Ordering, Sign, least_sign
from lltheano_ir.types import ValueType

__all__ = ["LOGIC", "SELECT"]


def _bit_length(x: Array) -> Array:
    bits = np.asarray(x).view(f"u{x.dtype.itemsize}")
    counts = [bits >> place != 0 for place in range(8 * x.dtype.itemsize)]
    return np.sum(counts, axis=0, dtype=x.dtype)


def _maximum(x: Array, y: Array) -> Array:
    """IEEE 754-2019 maximum: a NaN wins, and 0.0 is greater than -0.0."""
    result = np.maximum(x, y)
    if x.dtype.kind != "f":
        return result
    return np.where((x == 0) & (y == 0), x + y, result)


def _minimum(x: Array, y: Array) -> Array:
    """IEEE 754-2019 minimum: a NaN wins, and -0.0 is less than 0.0."""
    result = np.minimum(x, y)
    if x.dtype.kind != "f":
        return result
    return np.where((x == 0) & (y == 0), -((-x) + (-y)), result)


def _infer_select(types: Sequence[ValueType], attributes: Attributes) -> ValueType:
    pattern = common_pattern("select", types)
    if types[0].dtype is not bool_:
        raise TypeRuleError(f"the condition of select must be bool, got {types[0]}")
    return ValueType(one_dtype("select", "biufc", types[1:]), pattern)


def _sign_of_greater(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    return max(signs)


def _sign_of_choice(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    """The condition has none."""
    return min(signs[1:])


def _cheap(
    name: str,
    arity: int,
    kinds: str,
    function: Callable[..., Any],
    summary: str,
    **declared: Unpack[Declared],
) -> Op:
    declared["cost"] = Cost.CHEAP
    return elementwise_op(name, arity, kinds, function, summary, **declared)


def _asking(
    name: str, arity: int, kinds: str, function: Callable[..., Any], summary: str, laws: Laws
) -> Op:
    return elementwise_op(
        name, arity, kinds, function, summary, gives="bool", cost=Cost.CHEAP, laws=laws
    )


def _order(
    mirrored: str, exact: Callable[[int, int], bool], *, swapped: bool = False, strict: bool = True
) -> Laws:
    """The laws of a comparison of numbers in order."""
    return Laws(
        of_same=int(not strict), mirrored=mirrored, exact=exact, ordering=Ordering(swapped, strict)
    )


LOGIC = (
    _cheap(
        "maximum",
        2,
        "biuf",
        _maximum,
        "the greater; a NaN wins; 0.0 above -0.0",
        laws=Laws(
            commutative=True, idempotent=True, picks=True, exact=max, interval=intervals.greater
        ),
        sign=_sign_of_greater,
    ),
    _cheap(
        "minimum",
        2,
        "biuf",
        _minimum,
        "the lesser; a NaN wins; -0.0 below 0.0",
        laws=Laws(
            commutative=True, idempotent=True, picks=True, exact=min, interval=intervals.lesser
        ),
        sign=least_sign,
    ),
    _cheap(
        "and",
        2,
        "biu",
        np.bitwise_and,
        "x & y, bit by bit",
        laws=Laws(commutative=True, idempotent=True, unit=-1, absorbing=0, exact=operator.and_),
    ),
    _cheap(
        "or",
        2,
        "biu",
        np.bitwise_or,
        "x | y, bit by bit",
        laws=Laws(commutative=True, idempotent=True, unit=0, absorbing=-1, exact=operator.or_),
    ),
    _cheap(
        "xor",
        2,
        "biu",
        np.bitwise_xor,
        "x ^ y, bit by bit",
        laws=Laws(commutative=True, unit=0, of_same=0, exact=operator.xor),
    ),
    _cheap("not", 1, "biu", np.invert, "~x, bit by bit"),
    _cheap(
        "shl",
        2,
        "iu",
        np.left_shift,
        "x << y; 0 when y is the width or more",
        laws=Laws(unit=0),
        wraps=True,
    ),
    _cheap("shr", 2, "iu", np.right_shift, "x >> y, keeping the sign", laws=Laws(unit=0)),
    _cheap(
        "bit_length", 1, "iu", _bit_length, "how many bits hold x: 0 for 0, all if x is negative"
    ),
    _asking(
        "eq",
        2,
        "biufc",
        np.equal,
        "x == y",
        Laws(commutative=True, of_same=1, equates=True, negated="ne", exact=operator.eq),
    ),
    _asking(
        "ne",
        2,
        "biufc",
        np.not_equal,
        "x != y",
        Laws(commutative=True, of_same=0, negated="eq", exact=operator.ne),
    ),
    _asking("lt", 2, "biuf", np.less, "x < y", _order("gt", operator.lt)),
    _asking("le", 2, "biuf", np.less_equal, "x <= y", _order("ge", operator.le, strict=False)),
    _asking("gt", 2, "biuf", np.greater, "x > y", _order("lt", operator.gt, swapped=True)),
    _asking(
        "ge",
        2,
        "biuf",
        np.greater_equal,
        "x >= y",
        _order("le", operator.ge, swapped=True, strict=False),
    ),
    _asking("isnan", 1, "fc", np.isnan, "whether x, or a part of it, is a NaN", Laws()),
    _asking("isinf", 1, "fc", np.isinf, "whether x, or a part of it, is infinite", Laws()),
)

SELECT = Op(
    name="select",
    arity=3,
    summary="x where the condition holds, else y",
    infer=_infer_select,
    shape=sizes_of_all,
    reference=partial(agreeing, np.where),
    failure=Failure.SIZES,
    family="elementwise",
    cost=Cost.CHEAP,
    laws=Laws(chooses=True, interval=intervals.either),
    sign=_sign_of_choice,
)

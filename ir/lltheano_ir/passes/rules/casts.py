"""Chains of casts of which the first loses nothing."""

import numpy as np

from lltheano_ir.dtypes import DType
from lltheano_ir.nodes import Value, make
from lltheano_ir.rewrite.patterns import matches
from lltheano_ir.rewrite.rules import RuleContext, rule

__all__ = ["CAST_RULES", "loses_nothing"]


def loses_nothing(source: DType, target: DType) -> bool:
    """Whether a cast keeps every number apart, so that a second cast could start from the first.

    >>> from lltheano_ir.dtypes import f32, f64, i32
    >>> loses_nothing(i32, f64), loses_nothing(i32, f32)
    (True, False)
    """
    if source is target or source.is_bool:
        return True
    if target.is_bool or source.is_complex > target.is_complex:
        return False
    if source.is_integer and target.is_integer:
        return bool(np.can_cast(source.numpy, target.numpy))
    if source.is_integer:
        bits = 8 * source.itemsize - source.is_signed
        return bits <= np.finfo(target.real.numpy.name).nmant + 1
    return not target.is_integer and bool(np.can_cast(source.numpy, target.numpy))


@rule("cast-same", "cast of x to its own dtype -> x", "cast")
def cast_same(value: Value, context: RuleContext) -> Value | None:
    (x,) = value.operands
    return x if x.type == value.type else None


@rule("cast-cast", "cast(cast(x)) -> cast(x) where the inner cast loses nothing", "cast")
def cast_cast(value: Value, context: RuleContext) -> Value | None:
    (middle,) = value.operands
    if not matches(middle, "cast"):
        return None
    (x,) = middle.operands
    source, target = x.type.dtype, value.type.dtype
    if not loses_nothing(source, middle.type.dtype):
        return None
    if not _saturates_alike(source, middle.type.dtype, target):
        return None
    return make("cast", (x,), (target,))


def _saturates_alike(source: DType, middle: DType, target: DType) -> bool:
    """An integer wraps around on its way to an integer, but stops at the end if it is a float."""
    if not (source.is_integer and middle.is_float and target.is_integer):
        return True
    return loses_nothing(source, target)


CAST_RULES = (cast_same, cast_cast)

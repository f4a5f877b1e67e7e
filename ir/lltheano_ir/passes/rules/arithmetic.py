"""Exact identities of arithmetic, for elements of any rank.

Floats keep signed zeros, infinities and NaNs: x + 0.0 is not x when x is -0.0, x * 0 is not 0 when
x is infinite. Integers wrap around, and obey the laws of a ring. Complex products are left alone:
1 * z need not be z when a part of z is infinite.
"""

import math
from typing import Any

import numpy as np

from lltheano_ir.nodes import Value, make
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.rewrite.patterns import constant, is_number, matches, number_of, operand_of
from lltheano_ir.rewrite.rules import RuleContext, rule

__all__ = ["ARITHMETIC_RULES"]

_COMMUTATIVE = tuple(op.name for op in ELEMENTWISE if op.laws.commutative)
_MIRRORED = tuple(op.name for op in ELEMENTWISE if op.laws.mirrored)
_IDEMPOTENT = tuple(op.name for op in ELEMENTWISE if op.laws.idempotent)


def _if_of_type(new: Value, value: Value) -> Value | None:
    """`new`, unless it is narrower than `value`, which repeats its elements."""
    return new if new.type == value.type else None


def _neutral(value: Value, number: float) -> Value | None:
    x, y = value.operands
    return _if_of_type(x, value) if is_number(y, number) else None


def _is_real(value: Value) -> bool:
    return not value.type.dtype.is_complex


@rule("constant-right", "c + x -> x + c, also * max min and or xor == !=", *_COMMUTATIVE)
def constant_right(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    if number_of(x) is None or number_of(y) is not None:
        return None
    return make(value.op.name, (y, x))


@rule("constant-right-order", "c < x -> x > c, also <= > >=", *_MIRRORED)
def constant_right_order(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    if number_of(x) is None or number_of(y) is not None:
        return None
    return make(value.op.laws.mirrored, (y, x))


@rule("add-zero", "x + 0 -> x for integers, x + -0.0 -> x for floats", "add")
def add_zero(value: Value, context: RuleContext) -> Value | None:
    if not _is_real(value):
        return None
    return _neutral(value, -0.0 if value.type.dtype.is_float else 0)


@rule("sub-zero", "x - 0 -> x, not x - -0.0", "sub")
def sub_zero(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 0.0) if _is_real(value) else None


@rule("mul-one", "x * 1 -> x", "mul")
def mul_one(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 1) if _is_real(value) else None


@rule("div-one", "x / 1 -> x", "div")
def div_one(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 1) if _is_real(value) else None


@rule("floordiv-one", "x // 1 -> x for integers", "floordiv")
def floordiv_one(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 1) if value.type.dtype.is_integer else None


@rule("pow-one", "x ** 1 -> x", "pow")
def pow_one(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 1)


@rule("shift-zero", "x << 0 -> x, x >> 0 -> x", "shl", "shr")
def shift_zero(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 0)


@rule("mul-minus-one", "x * -1 -> -x", "mul")
def mul_minus_one(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    if not _is_real(value) or not is_number(y, -1):
        return None
    return _if_of_type(make("neg", (x,)), value)


@rule("neg-neg", "-(-x) -> x", "neg")
def neg_neg(value: Value, context: RuleContext) -> Value | None:
    return operand_of(value.operands[0], "neg")


@rule("abs-neg", "abs(-x) -> abs(x), where -x may be negative: not for unsigned integers", "abs")
def abs_neg(value: Value, context: RuleContext) -> Value | None:
    inner = operand_of(value.operands[0], "neg")
    dtype = value.operands[0].type.dtype
    if inner is None or (dtype.is_integer and not dtype.is_signed):
        return None
    return make("abs", (inner,))


@rule("abs-abs", "abs(abs(x)) -> abs(x)", "abs")
def abs_abs(value: Value, context: RuleContext) -> Value | None:
    (x,) = value.operands
    return x if matches(x, "abs") else None


@rule("sub-neg", "x - (-y) -> x + y", "sub")
def sub_neg(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    inner = operand_of(y, "neg")
    return make("add", (x, inner)) if inner is not None else None


@rule("add-neg", "x + (-y) -> x - y, and (-y) + x -> x - y", "add")
def add_neg(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    inner = operand_of(y, "neg")
    if inner is not None:
        return make("sub", (x, inner))
    inner = operand_of(x, "neg")
    return make("sub", (y, inner)) if inner is not None else None


@rule("neg-sub", "-(x - y) -> y - x for integers", "neg")
def neg_sub(value: Value, context: RuleContext) -> Value | None:
    (inner,) = value.operands
    if not matches(inner, "sub") or not value.type.dtype.is_integer:
        return None
    x, y = inner.operands
    return make("sub", (y, x))


@rule("idempotent", "max(x, x) -> x, also min and or", *_IDEMPOTENT)
def idempotent(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    return x if x is y else None


@rule("merge-constants", "(x + c) + d -> x + (c + d) for integers, also *", "add", "mul")
def merge_constants(value: Value, context: RuleContext) -> Value | None:
    inner, y = value.operands
    if inner.op is not value.op or not value.type.dtype.is_integer or number_of(y) is None:
        return None
    x, c = inner.operands
    if number_of(c) is None:
        return None
    return make(value.op.name, (x, make(value.op.name, (c, y))))


@rule("sub-constant", "x - c -> x + (-c) for integers", "sub")
def sub_constant(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    if not y.is_constant or not value.type.dtype.is_integer or number_of(y) is None:
        return None
    return make("add", (x, make("neg", (y,))))


@rule("div-power-of-two", "x / 2**k -> x * 2**-k for floats", "div")
def div_power_of_two(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    number = number_of(y)
    if number is None or not y.is_constant or not value.type.dtype.is_float:
        return None
    inverse = _exact_inverse(number)
    if inverse is None:
        return None
    literal = y.attributes[0]
    return make("mul", (x, constant(inverse.reshape(literal.shape), y.type.broadcast)))


def _exact_inverse(number: Any) -> Any:
    """1 / number where that is exact and normal; multiplying by it rounds as dividing does."""
    if not np.isfinite(number) or abs(math.frexp(float(number))[0]) != 0.5:
        return None
    with np.errstate(over="ignore"):
        inverse = np.asarray(1 / number, number.dtype)
    tiny = np.finfo(number.dtype).tiny
    return inverse if np.isfinite(inverse) and abs(inverse) >= tiny else None


ARITHMETIC_RULES = (
    constant_right,
    constant_right_order,
    add_zero,
    sub_zero,
    mul_one,
    div_one,
    floordiv_one,
    pow_one,
    shift_zero,
    mul_minus_one,
    neg_neg,
    abs_neg,
    abs_abs,
    sub_neg,
    add_neg,
    neg_sub,
    idempotent,
    merge_constants,
    sub_constant,
    div_power_of_two,
)

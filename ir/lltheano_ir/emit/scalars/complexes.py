"""Complex arithmetic on pairs of real registers, in NumPy's formulas, exact to the bit.

Each result is made of separately rounded real operations in the order written here. Division is
Smith's algorithm (R. L. Smith, Algorithm 116, CACM 1962) as NumPy has it: the part of the divisor
that is greater in size divides first, so that nothing overflows on the way.
"""

from collections.abc import Callable
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.emit.values import Pair, Register, constant, element_type, intrinsic, like

__all__ = ["COMPLEX", "divided", "multiplied", "product"]

Builder: TypeAlias = ir.IRBuilder


def _add(builder: Builder, x: Pair, y: Pair) -> Pair:
    return Pair(builder.fadd(x.re, y.re), builder.fadd(x.im, y.im))


def _sub(builder: Builder, x: Pair, y: Pair) -> Pair:
    return Pair(builder.fsub(x.re, y.re), builder.fsub(x.im, y.im))


def multiplied(builder: Builder, x: Pair, y: Pair) -> Pair:
    """Four products, rounded each, and their sums."""
    re = builder.fsub(builder.fmul(x.re, y.re), builder.fmul(x.im, y.im))
    im = builder.fadd(builder.fmul(x.re, y.im), builder.fmul(x.im, y.re))
    return Pair(re, im)


def product(builder: Builder, x: Pair, y: Pair) -> Pair:
    """The step of a product over elements: a factor of exactly 1 changes nothing."""
    parts = zip(x, y, multiplied(builder, x, y), strict=True)
    first, second = _is_one(builder, x), _is_one(builder, y)
    return Pair(
        *(builder.select(first, b, builder.select(second, a, both)) for a, b, both in parts)
    )


def _is_one(builder: Builder, x: Pair) -> ir.Value:
    """Where a number is 1 with an imaginary part of +0.0."""
    whole = builder.fcmp_ordered("==", x.re, constant(x.re.type, 1.0))
    bits = like(
        x.im.type, ir.IntType(64 if isinstance(element_type(x.im.type), ir.DoubleType) else 32)
    )
    zero = builder.icmp_signed("==", builder.bitcast(x.im, bits), constant(bits, 0))
    return builder.and_(whole, zero)


def divided(builder: Builder, x: Pair, y: Pair) -> Pair:
    """Both branches of Smith's algorithm are one formula once the parts are swapped."""
    re_size, im_size = (intrinsic(builder, "fabs", part) for part in y)
    by_re = builder.fcmp_ordered(">=", re_size, im_size)
    major = builder.select(by_re, y.re, y.im)
    minor = builder.select(by_re, y.im, y.re)
    ratio = builder.fdiv(minor, major)
    denominator = builder.fadd(major, builder.fmul(minor, ratio))
    scale = builder.fdiv(constant(major.type, 1.0), denominator)
    first = builder.select(by_re, x.re, x.im)
    second = builder.select(by_re, x.im, x.re)
    re = builder.fmul(builder.fadd(first, builder.fmul(second, ratio)), scale)
    scaled = builder.fmul(first, ratio)
    # The imaginary part changes its sign with the swap; subtracting the other way round is exact.
    straight, swapped = builder.fsub(second, scaled), builder.fsub(scaled, second)
    im = builder.fmul(builder.select(by_re, straight, swapped), scale)
    both = builder.fadd(re_size, im_size)
    by_zero = builder.fcmp_ordered("==", both, constant(both.type, 0.0))
    return Pair(
        builder.select(by_zero, builder.fdiv(x.re, re_size), re),
        builder.select(by_zero, builder.fdiv(x.im, re_size), im),
    )


def _neg(builder: Builder, x: Pair) -> Pair:
    return Pair(builder.fneg(x.re), builder.fneg(x.im))


def _eq(builder: Builder, x: Pair, y: Pair) -> ir.Value:
    return builder.and_(
        builder.fcmp_ordered("==", x.re, y.re), builder.fcmp_ordered("==", x.im, y.im)
    )


def _ne(builder: Builder, x: Pair, y: Pair) -> ir.Value:
    return builder.or_(
        builder.fcmp_unordered("!=", x.re, y.re), builder.fcmp_unordered("!=", x.im, y.im)
    )


def _rint(builder: Builder, x: Pair) -> Pair:
    return Pair(*(intrinsic(builder, "roundeven", part) for part in x))


def _is_nan(builder: Builder, x: Pair) -> ir.Value:
    return builder.fcmp_unordered("uno", x.re, x.im)


def _is_infinite(builder: Builder, x: Pair) -> ir.Value:
    sizes = (intrinsic(builder, "fabs", part) for part in x)
    infinity = constant(x.re.type, float("inf"))
    return builder.or_(*(builder.fcmp_ordered("==", size, infinity) for size in sizes))


COMPLEX: dict[str, Callable[..., Register]] = {
    "add": _add,
    "sub": _sub,
    "mul": multiplied,
    "div": divided,
    "neg": _neg,
    "eq": _eq,
    "ne": _ne,
    "rint": _rint,
    "isnan": _is_nan,
    "isinf": _is_infinite,
    "real": lambda builder, x: x.re,
    "imag": lambda builder, x: x.im,
}
"""The exact ops of the op table on complex numbers, `select` and `cast` apart."""

"""pow: by repeated multiplication for small whole exponents, else ``exp(w log z)``.

The logarithm's parts, modulus and angle, are formed to some 58 bits from the parts of the kernels
of log and atan, and their products with the exponent to twice the precision; so the error, which a
large exponent magnifies, starts small. The rules at 0 are those of
`lltheano_ir.ops.elementwise.complexes`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.complex_math.exponential import exp_of_pairs
from lltheano_ir.emit.complex_math.lanes import Complex, is_infinite
from lltheano_ir.emit.complex_math.logarithm import at_the_edges, log_square
from lltheano_ir.emit.control import loop_until
from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, two_product, two_sum
from lltheano_ir.emit.math.inverse import atan2_pair
from lltheano_ir.emit.math.lanes import Mask, Real, fma, select
from lltheano_ir.emit.math.log import log_pair
from lltheano_ir.emit.scalars.complexes import divided, multiplied, product
from lltheano_ir.emit.values import Pair as Registers, constant, intrinsic, like
from lltheano_ir.ops.elementwise.complexes import LARGEST_POWER

__all__ = ["pow_"]

LN2 = (float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56"))


def pow_(z: Complex, w: Complex) -> Complex:
    """``z**w``."""
    whole = w.im.equals(0.0) & _rounded(w.re).equals(w.re) & (abs(w.re) <= float(LARGEST_POWER))
    nothing = z.re.equals(0.0) & z.im.equals(0.0)
    general = _general(z, w)
    at_zero = select(w.re > 0.0, z.re.constant(0.0), math.nan)
    general = _chosen(nothing, Complex(at_zero, at_zero), general)
    repeated = _repeated(z, select(whole, w.re, 0.0))
    return _chosen(whole & ~(nothing & (w.re < 0.0)), repeated, general)


def _chosen(where: Mask, then: Complex, otherwise: Complex) -> Complex:
    return Complex(select(where, then.re, otherwise.re), select(where, then.im, otherwise.im))


def _rounded(x: Real) -> Real:
    return Real(x.builder, intrinsic(x.builder, "trunc", x.value))


def _general(z: Complex, w: Complex) -> Complex:
    size, angle = _log_pairs(z)
    growth = _difference(_times(w.re, size), _times(w.im, angle))
    turn = _sum(_times(w.re, angle), _times(w.im, size))
    return exp_of_pairs(growth, turn)


def _log_pairs(z: Complex) -> tuple[Pair, Pair]:
    """``log |z|`` and the angle of z, each in two parts."""
    zero = z.re.constant(0.0)
    found = log_square(Pair(z.re, zero), z.im, z.narrow)
    log_m = log_pair(found.m)
    doublings = two_product(found.k, zero.constant(LN2[0]))
    total = two_sum(doublings.high, log_m.high)
    low = total.low + ((doublings.low + fma(found.k, LN2[1], log_m.low)) + found.low)
    square = fast_two_sum(total.high, low)
    size = at_the_edges(z.re, z.im, 0.5 * square.high)
    finite = ~(is_infinite(z.re) | is_infinite(z.im))
    return Pair(size, select(finite, 0.5 * square.low, 0.0)), atan2_pair(z.im, z.re)


def _times(x: Real, y: Pair) -> Pair:
    """The product; a low part that is no number is none."""
    whole = two_product(x, y.high)
    low = fma(x, y.low, whole.low)
    return Pair(whole.high, select(abs(low) < math.inf, low, 0.0))


def _sum(x: Pair, y: Pair) -> Pair:
    total = two_sum(x.high, y.high)
    low = select(abs(total.low) < math.inf, total.low + (x.low + y.low), 0.0)
    return Pair(total.high, low)


def _difference(x: Pair, y: Pair) -> Pair:
    return _sum(x, Pair(-y.high, -y.low))


def _repeated(z: Complex, exponent: Real) -> Complex:
    """`z` to a whole power by its bits from the lowest, and the reciprocal of that if negative."""
    builder = z.re.builder
    kind = like(exponent.type, ir.IntType(32))
    count = builder.fptosi(abs(exponent).value, kind)
    zero, one = constant(kind, 0), constant(kind, 1)
    unit, nothing = z.re.constant(1.0).value, z.re.constant(0.0).value

    def step(carried: Sequence[ir.Value]) -> tuple[ir.Value, Sequence[ir.Value]]:
        result, square, rest = Registers(*carried[:2]), Registers(*carried[2:4]), carried[4]
        odd = builder.icmp_signed("!=", builder.and_(rest, one), zero)
        more = product(builder, result, square)
        result = Registers(*(builder.select(odd, a, b) for a, b in zip(more, result, strict=True)))
        square = multiplied(builder, square, square)
        rest = builder.lshr(rest, one)
        left = Mask(builder, builder.icmp_signed("!=", rest, zero)).any()
        return left, (*result, *square, rest)

    start = (unit, nothing, z.re.value, z.im.value, count)
    re, im, *_ = loop_until(builder, start, step)
    inverse = divided(builder, Registers(unit, nothing), Registers(re, im))
    falls = exponent < 0.0
    real, imaginary = (
        select(falls, Real(builder, under), Real(builder, over))
        for under, over in zip(inverse, (re, im), strict=True)
    )
    return Complex(real, imaginary)

"""The Hurwitz zeta function, by Euler and Maclaurin's summation (DLMF 25.11.5 and 2.10.1).

With ``w = q + N`` it is the sum of ``(q + k)**-s`` over ``k < N``, and of what is left ::

    w**(1 - s) / (s - 1) + w**-s (1/2 + s / w (c1 + (s + 1) (s + 2) / w**2 (c2 + ...)))

with ``cj = B(2j) / (2j)!``. The rounding errors of the sum are put back, and those of ``q + k``,
which count s times. A function that is not inlined, for one lane after another: it takes a dozen
powers.
"""

from __future__ import annotations

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.math.call import APART, call_each_lane, call_helper
from lltheano_ir.emit.math.doubled import two_sum
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, Real, fma, select
from lltheano_ir.emit.math.power import pow_

TERMS = 10
CORRECTIONS = (
    1 / 12,
    -1 / 720,
    1 / 30240,
    -1 / 1209600,
    1 / 47900160,
    -691 / 1307674368000,
    1 / 74724249600,
    -3617 / 10670622842880000,
    43867 / 5109094217170944000,
    -174611 / 802857662698291200000,
    77683 / 14101100039391805440000,
)
"""``B(2j) / (2j)!`` for j = 1, 2, ..."""
NEGLIGIBLE = 2.0**-60
COUNTER = ir.IntType(32)


def zeta(s: Real, q: Real) -> Real:
    """The sum of ``(q + k)**-s`` over k = 0, 1, ..."""
    wide = [one.widened() if s.format is F32 else one for one in (s, q)]
    name = "lltheano.math.hurwitz"
    found = call_each_lane(s.builder, name, [one.value for one in wide], _one_lane)
    result = Real(s.builder, found)
    return result.narrowed() if s.format is F32 else result


def _one_lane(builder: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
    return call_helper(builder, "lltheano.math.hurwitz.f64", args[0].type, args, _hurwitz, APART)


def _hurwitz(builder: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
    s, q = (Real(builder, one) for one in args)
    total = _summed(s, q, _rest(s, q))
    # At infinite s all terms but the first are powers of more than the first is one of.
    total = select(abs(s).equals(float("inf")), pow_(q, -s), total)
    total = select(q.equals(float("inf")), 0.0, total)
    total = select(s.equals(1.0), float("inf"), total)
    return select((s >= 1.0) & (q > 0.0), total, float("nan")).value


def _power(q: Real, k: Real, s: Real) -> Real:
    """``(q + k)**-s``."""
    base = two_sum(q, k)
    near = pow_(base.high, -s)
    correction = s * (base.low / base.high)
    # Where the power or the base is infinite there is nothing to put right.
    regular = (abs(correction) <= 1.0) & (near < float("inf"))
    return select(regular, fma(-near, correction, near), near)


def _rest(s: Real, q: Real) -> Real:
    """What the terms from number TERMS on add up to; 0 where that is nothing beside the first."""
    w = q + float(TERMS)
    power = _power(q, q.constant(float(TERMS)), s)
    half = pow_(w, -0.5 * s)
    integral = select(power > 2.0**-1000, power * w, (half * w) * half) / (s - 1.0)
    square = 1.0 / (w * w)
    series = s.constant(CORRECTIONS[-1])
    for number in range(len(CORRECTIONS) - 1, 0, -1):
        odd = s + float(2 * number - 1)
        series = fma(odd * (odd + 1.0) * square, series, CORRECTIONS[number - 1])
    rest = fma(power, fma(s / w, series, 0.5), integral)
    return select(integral + power <= NEGLIGIBLE * pow_(q, -s), 0.0, rest)


def _summed(s: Real, q: Real, rest: Real) -> Real:
    """`rest` and the terms before it, with the rounding errors of the sum put back."""
    builder = s.builder
    before = builder.block
    loop, done = (builder.append_basic_block(part) for part in ("term", "summed"))
    builder.branch(loop)
    builder.position_at_end(loop)
    left = builder.phi(COUNTER, "left")
    total, lost = (builder.phi(s.type, name) for name in ("total", "lost"))
    number = builder.sub(left, COUNTER(1))
    k = Real(builder, builder.uitofp(number, s.type))
    following = two_sum(Real(builder, total), _power(q, k, s))
    error = Real(builder, lost) + following.low
    left.add_incoming(COUNTER(TERMS), before)
    left.add_incoming(number, builder.block)
    total.add_incoming(rest.value, before)
    total.add_incoming(following.high.value, builder.block)
    lost.add_incoming(s.constant(0.0).value, before)
    lost.add_incoming(error.value, builder.block)
    builder.cbranch(builder.icmp_unsigned(">", number, COUNTER(0)), loop, done)
    builder.position_at_end(done)
    # An infinite term loses no number.
    return select(following.high < float("inf"), following.high + error, following.high)


FUNCTIONS = (
    MathFunction("zeta", 2, zeta, 1.0, 3.0, "Euler-Maclaurin; NaN for q <= 0 and for s < 1"),
)

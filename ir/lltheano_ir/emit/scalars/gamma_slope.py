"""The derivative of the incomplete gamma function P(k, x) in its shape k, for one lane.

After Moore ("Derivatives of the incomplete gamma integral", Applied Statistics AS 187, 1982), but
for the factor in front, which is P or Q itself. Below ``x = k + 1``, with the series of DLMF 8.7.1,
``P = F S``, ``S`` the sum of ``c(n) = x**n / ((k + 1) ... (k + n))``::

    dP/dk = P (log x - psi(k + 1) - T / S),    T the sum of c(n) (1/(k + 1) + ... + 1/(k + n))

Above, with the continued fraction h of DLMF 8.9.2 by Lentz's method, and its derivative h' by
differentiating each step::

    dP/dk = -Q (log x - psi(k) + h' / h)

The terms of a difference do not nearly cancel in either part. It takes some ``8 sqrt(k)`` steps at
worst, and is not taken above `LARGEST`: there the result is 0 far from ``x = k``, and NaN near it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from llvmlite import ir

from lltheano_ir.emit.math.call import APART, call_helper
from lltheano_ir.emit.math.lanes import Mask, Real, fma, select
from lltheano_ir.emit.math.log import log
from lltheano_ir.ops.elementwise.special import GAMMA_SLOPE_LARGEST as LARGEST

__all__ = ["gammainc_slope"]

Call = Callable[[ir.IRBuilder, str, Sequence[ir.Value]], ir.Value]
Reals = tuple[Real, ...]
ENOUGH = 2.0**-54


def gammainc_slope(builder: ir.IRBuilder, args: Sequence[ir.Value], call: Call) -> ir.Value:
    """The derivative for doubles k and x; `call` calls a function of SciPy's by its name."""

    def body(inside: ir.IRBuilder, own: tuple[ir.Value, ...]) -> ir.Value:
        def special(name: str, *operands: Real) -> Real:
            return Real(inside, call(inside, name, [one.value for one in operands]))

        k, x = (Real(inside, one) for one in own)
        return _guarded(k, x, special).value

    name = "lltheano.special.gammainc_slope.f64"
    return call_helper(builder, name, args[0].type, args, body, APART)


def _guarded(k: Real, x: Real, special: Callable[..., Real]) -> Real:
    """The derivative, with arguments for which the loops would not end kept out of them."""
    regular = (k > 0.0) & (k <= LARGEST) & (x > 0.0) & (x < math.inf)
    inside_k, inside_x = select(regular, k, 1.0), select(regular, x, 1.0)
    below = inside_x < inside_k + 1.0
    low = _below(select(below, inside_k, 1.0), select(below, inside_x, 1.0), special)
    high = _above(select(below, 1.0, inside_k), select(below, 3.0, inside_x), special)
    distance = abs(x - k)
    far = (distance > 40.0 * k.sqrt()) & (k > LARGEST)
    edge = (k > 0.0) & (x.equals(0.0) | x.equals(math.inf) | (far & (x > 0.0)))
    unusual = select(edge, 0.0, k.constant(math.nan))
    return select(regular, select(below, low, high), unusual)


def _below(k: Real, x: Real, special: Callable[..., Real]) -> Real:
    """By the series, for x < k + 1."""

    def step(state: Reals) -> tuple[Reals, Mask]:
        n, term, harmonic, total, weighted = state
        n = n + 1.0
        inverse = 1.0 / (k + n)
        term = term * (x * inverse)
        harmonic = harmonic + inverse
        product = term * harmonic
        total, weighted = total + term, weighted + product
        more = (term > ENOUGH * total) | (product > ENOUGH * weighted)
        return (n, term, harmonic, total, weighted), more

    zero, one = k.constant(0.0), k.constant(1.0)
    *_, total, weighted = _repeat((zero, one, zero, one, zero), step)
    return special("gammainc", k, x) * (log(x) - special("psi", k + 1.0) - weighted / total)


def _above(k: Real, x: Real, special: Callable[..., Real]) -> Real:
    """By the continued fraction, for x >= k + 1."""

    def step(state: Reals) -> tuple[Reals, Mask]:
        i, b, c, dc, d, dd, h, dh = state
        i, b = i + 1.0, b + 2.0
        a = -i * (i - k)
        dd = fma(i, d, fma(a, dd, -1.0))
        d = 1.0 / fma(a, d, b)
        dd = -dd * d * d
        dc = (i - a * dc / c) / c - 1.0
        c = b + a / c
        factor = c * d
        change = fma(dc, d, c * dd)
        dh = fma(dh, factor, h * change)
        h = h * factor
        settled = (abs(factor - 1.0) <= 8.0 * ENOUGH) & (abs(h * change) <= 64.0 * ENOUGH * dh)
        more = ~settled & (i < most)
        return (i, b, c, dc, d, dd, h, dh), more

    b = x + 1.0 - k
    # The rounding errors of `change` need not settle; this many steps are always enough.
    most = fma(k.sqrt(), 30.0, 100.0)
    zero = k.constant(0.0)
    first = 1.0 / b
    # The first step is taken with c = b + a / c for an infinite c: that is c = b, c' = -1.
    start = (zero, b, k.constant(math.inf), zero, first, first * first, first, first * first)
    *_, h, dh = _repeat(start, step)
    return -special("gammaincc", k, x) * (log(x) - special("psi", k) + dh / h)


def _repeat(start: Reals, step: Callable[[Reals], tuple[Reals, Mask]]) -> Reals:
    """Take steps from `start` while the last one says so; at least one."""
    builder = start[0].builder
    before = builder.block
    loop, done = (builder.append_basic_block(part) for part in ("step", "done"))
    builder.branch(loop)
    builder.position_at_end(loop)
    phis = [builder.phi(one.type) for one in start]
    following, more = step(tuple(Real(builder, phi) for phi in phis))
    for phi, first, after in zip(phis, start, following, strict=True):
        phi.add_incoming(first.value, before)
        phi.add_incoming(after.value, builder.block)
    builder.cbranch(more.value, loop, done)
    builder.position_at_end(done)
    return following

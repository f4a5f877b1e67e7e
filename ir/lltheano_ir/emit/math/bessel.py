"""The modified Bessel functions of the first kind of orders 0 and 1.

Algorithm: up to 8 the power series (DLMF 10.25.2) in ``(x / 2)**2``, all of whose terms are
positive, as a minimax polynomial; beyond, ``exp(x) / sqrt(x)`` times a polynomial in ``16 / x - 1``
(as Cephes does, with fits of our own: ``tests/accuracy/minimax.py``). The exponential, the root and
the polynomial are carried to twice the precision, and the power of two comes last, so that the
result overflows where it should. All is computed in f64, and rounded once for f32.
"""

from __future__ import annotations

from collections.abc import Sequence

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, quotient, two_product, two_sum
from lltheano_ir.emit.math.exp import reduce
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, Real, fma, horner, select
from lltheano_ir.records import record

BORDER = 8.0
EXACT_STEPS = 4
# Beyond this the functions overflow.
LAST = 720.0


@record(frozen=True)
class Fits:
    """The coefficients of one order: `near` after the first, which is 1, and `far`."""

    near: Sequence[float]
    far_first: tuple[float, float]
    far: Sequence[float]


I0 = Fits(
    near=(
        1.0,
        0.25,
        0.027777777777777776,
        0.0017361111111111112,
        6.944444444444439e-05,
        1.9290123456790514e-06,
        3.936759889138966e-08,
        6.151187326846825e-10,
        7.594058426504583e-12,
        7.59405845889413e-14,
        6.276080901774272e-16,
        4.358394715534967e-18,
        2.578887736426036e-20,
        1.3160417855683322e-22,
        5.835564419996488e-25,
        2.3260629339647975e-27,
        6.956393378488857e-30,
        3.7093226409064254e-32,
    ),
    far_first=(0.4021765094450081, -2.4299706872870053e-17),
    far=(
        0.003360551983667882,
        0.0001362160743920022,
        1.114303378879677e-05,
        1.4838475624209233e-06,
        2.973599244901591e-07,
        8.872226086505566e-08,
        3.932490753052962e-08,
        2.15477664905637e-08,
        7.56216484488252e-09,
        -6.74418224003007e-09,
        -1.3445812994969213e-08,
        -5.417296583045197e-09,
        7.671601856061415e-09,
        7.460176447949336e-09,
        -3.764048652763403e-09,
        -6.000586879214296e-09,
        1.8991357931525435e-09,
        3.6870968116018914e-09,
        -9.435619640050204e-10,
        -1.6515524588635588e-09,
        3.8636308207464566e-10,
        4.701104914059636e-10,
        -1.0511505062374114e-10,
        -6.274216814206347e-11,
        1.3564987317548879e-11,
    ),
)
I1 = Fits(
    near=(
        0.5,
        0.08333333333333333,
        0.006944444444444444,
        0.00034722222222222224,
        1.1574074074074072e-05,
        2.7557319223986084e-07,
        4.920949861425131e-09,
        6.834652585345534e-11,
        7.594058427329588e-13,
        6.903689495235735e-15,
        5.230067569829869e-17,
        3.352609961644691e-19,
        1.842071825037541e-21,
        8.773154716751613e-24,
        3.6488665014425514e-26,
        1.3642863042964535e-28,
        3.9235683915754757e-31,
        1.9123580523334136e-33,
    ),
    far_first=(0.38939845902587233, -5.652653476211723e-18),
    far=(
        -0.009749577193235756,
        -0.0002192357638339605,
        -1.5038547198506884e-05,
        -1.8349101293082484e-06,
        -3.483856395521731e-07,
        -1.0001294618763785e-07,
        -4.3128271329491195e-08,
        -2.3373318750716006e-08,
        -8.435009455665384e-09,
        6.730999709335645e-09,
        1.4070038027609918e-08,
        5.986925570397596e-09,
        -7.757982253311609e-09,
        -7.917975618383003e-09,
        3.6770797461533945e-09,
        6.289618172559114e-09,
        -1.807416575181554e-09,
        -3.843663422066773e-09,
        8.916060578505337e-10,
        1.71736890612447e-09,
        -3.6758331686234185e-10,
        -4.882442047937664e-10,
        1.0119632751197825e-10,
        6.511880483075189e-11,
        -1.322405317766588e-11,
    ),
)


def i0(x: Real) -> Real:
    """The function of order 0, which is even."""
    if x.format is F32:
        return i0(x.widened()).narrowed()
    size = abs(x)
    more = _near(0.5 * size.at_most(BORDER), I0)
    near = more.high + (1.0 + more.low)
    return select(size < BORDER, near, _far(size, I0))


def i1(x: Real) -> Real:
    """The function of order 1, which is odd."""
    if x.format is F32:
        return i1(x.widened()).narrowed()
    size = abs(x)
    half = 0.5 * size.at_most(BORDER)
    more = _near(half, I1)
    near = fma(half, more.high, fma(half, more.low, half))
    return select(size < BORDER, near, _far(size, I1)).with_sign_of(x)


def _near(half: Real, fits: Fits) -> Pair:
    """The polynomial without its first term, which is 1, in ``half**2`` up to `BORDER`.

    The rounding error of the square would count several times; it is put back by the derivative.
    The last steps of Horner's rule, whose roundings count most, are taken with their errors.
    """
    square = two_product(half, half)
    z, count = square.high, EXACT_STEPS
    total = Pair(horner(z, fits.near[count:]), z.constant(0.0))
    for coefficient in (*reversed(fits.near[:count]), 0.0):
        product = two_product(z, total.high)
        step = two_sum(product.high, z.constant(coefficient))
        total = Pair(step.high, fma(z, total.low, product.low + step.low))
    slopes = [(power + 1) * one for power, one in enumerate(fits.near)]
    return Pair(total.high, fma(square.low, horner(z, slopes), total.low))


def _far(size: Real, fits: Fits) -> Real:
    """``exp(x) / sqrt(x)`` times the polynomial, for x from `BORDER`."""
    x = size.at_least(BORDER).at_most(LAST)
    t = 16.0 / x - 1.0
    high, low = fits.far_first
    total = fast_two_sum(x.constant(high), t * horner(t, fits.far))
    near_root = x.sqrt()
    root = Pair(near_root, fma(-near_root, near_root, x) / (near_root + near_root))
    ratio = quotient(Pair(total.high, total.low + low), root)
    parts = reduce(x)
    growth = fast_two_sum(x.constant(1.0), parts.r + parts.curve())
    return parts.power.scale((growth * ratio).total())


FUNCTIONS = (
    MathFunction("i0", 1, i0, 1.0, 1.5, "a polynomial to 8, then exp(x) / sqrt(x) times one"),
    MathFunction("i1", 1, i1, 1.0, 1.5, "a polynomial to 8, then exp(x) / sqrt(x) times one"),
)

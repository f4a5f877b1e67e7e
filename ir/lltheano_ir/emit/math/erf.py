"""erf, erfc and erfcx.

erf: a minimax series of our own up to 1; above, ``1 - exp(p(x))`` with p a minimax polynomial for
``log(erfc(x))``, whose errors shrink with erfc itself.

erfc: up to 1/2, ``1 - erf``; from there ``erfc x = exp(-x**2) g(t) / (1 + 2 x)`` with g a minimax
polynomial in ``t = (x - k) / (x + k)``, which brings the whole half-line to a short interval (after
Shepherd and Laframboise). The square, the exponential and the quotient are carried to twice the
precision, so that the factors' errors do not add up, and the power of two comes last, so that
subnormal results are rounded once.

erfcx: without the exponential from 1/2 to where ``1 / (x sqrt(pi))`` times a few terms of a series
in ``1 / (2 x**2)`` is exact enough (DLMF 7.12.1); a minimax polynomial of our own from -1/2 to 1/2;
and ``2 exp(x**2) - erfcx(-x)`` below. In f64, and rounded once for f32.
"""

from __future__ import annotations

from collections.abc import Sequence

from lltheano_ir.emit.math.doubled import Pair, fast_two_sum, pair, quotient, two_product
from lltheano_ir.emit.math.exp import PowerOfTwo, exp, reduce_pair
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, F64, Real, fma, horner, select
from lltheano_ir.records import record

BORDER = 0.5


@record(frozen=True)
class ErfTable:
    """Constants of one format; erfc is zero beyond `last`, erf is one from `rounds_to_one`."""

    last: float
    rounds_to_one: float
    centre: float
    erf_series: Sequence[float]
    log_erfc_series: Sequence[float]
    erfc_first: tuple[float, float]
    erfc_series: Sequence[float]


TABLES = {
    F32: ErfTable(
        last=10.2,
        rounds_to_one=4.0,
        centre=2.5,
        erf_series=(
            0.12837916612625122,
            -0.3761262595653534,
            0.11283600330352783,
            -0.026854440569877625,
            0.005189525429159403,
            -0.0008020742679946125,
            7.888761319918558e-05,
        ),
        log_erfc_series=(
            0.00020431409939192235,
            -1.129660964012146,
            -0.6330400705337524,
            -0.10863843560218811,
            0.025373145937919617,
            -0.004282195586711168,
            0.0004637358651962131,
            -2.530666097300127e-05,
            2.507813121610525e-07,
        ),
        erfc_first=(1.2648382186889648, -3.4617599453667935e-08),
        erfc_series=(
            -0.12235677242279053,
            -0.09902449697256088,
            0.15763039886951447,
            -0.10296812653541565,
            0.03275415673851967,
            0.0009406717726960778,
            -0.004342267755419016,
            0.00046221731463447213,
            0.0005258070304989815,
            -5.1073249778710306e-05,
        ),
    ),
    F64: ErfTable(
        last=27.5,
        rounds_to_one=6.0,
        centre=4.0,
        erf_series=(
            0.1283791670955126,
            -0.37612638903183754,
            0.1128379167095512,
            -0.02686617064512986,
            0.00522397762542354,
            -0.0008548327021950895,
            0.00012055332903576074,
            -1.4925647587213653e-05,
            1.646204582747049e-06,
            -1.6364647348702028e-07,
            1.479244829954996e-08,
            -1.2164835486015238e-09,
            8.709982747017438e-11,
            -4.232357057616496e-12,
        ),
        log_erfc_series=(
            3.5308482166472734e-08,
            -1.1283796041386522,
            -0.636617209295804,
            -0.10278207896404983,
            0.01915323167971997,
            0.00016040802677943263,
            -0.001621175409084562,
            0.0004977780100133826,
            6.647355383893978e-05,
            -0.0001401565457223277,
            8.058550434499588e-05,
            -3.124863251502453e-05,
            9.289746957081968e-06,
            -2.202138503928996e-06,
            4.2078671338299303e-07,
            -6.459214933065348e-08,
            7.855714862079251e-09,
            -7.384576274723294e-10,
            5.155527174181738e-11,
            -2.502521536020351e-12,
            7.474473408377863e-14,
            -1.0208886505840546e-15,
        ),
        erfc_first=(1.2329951186255526, -4.586994317135253e-17),
        erfc_series=(
            -0.1396211168405625,
            0.015379652102619866,
            0.06809705425468886,
            -0.10103906603631181,
            0.09373283499851807,
            -0.0663303658120391,
            0.03716751553409412,
            -0.016197734060016348,
            0.005031970015541021,
            -0.0007577732724107515,
            -0.0001992569472215739,
            0.00015062160339469148,
            -2.4398126779426153e-05,
            -1.1221831452152001e-05,
            5.706660697821675e-06,
            2.934890778951691e-07,
            -8.197513659252002e-07,
            7.491709789975165e-08,
            1.0345527720314662e-07,
            -1.8030565513678828e-08,
            -9.721735732335042e-09,
            1.8464800748551934e-09,
        ),
    ),
}


ERFCX_SERIES = (
    -1.1283791670955126,
    1.0,
    -0.752252778063676,
    0.5000000000000002,
    -0.3009011112253965,
    0.1666666666666463,
    -0.08597174606711933,
    0.04166666666742726,
    -0.01910483240401178,
    0.008333333317716258,
    -0.0034736065718510467,
    0.0013888890818921338,
    -0.0005343957491175915,
    0.0001984112013537223,
    -7.127856517317756e-05,
    2.4808923504629045e-05,
    -8.307905156304463e-06,
    2.7337278731894258e-06,
    -1.00624462651028e-06,
    3.1220312390566e-07,
)
ERFCX_FAR = (1.0, -1.0, 3.0, -15.0, 105.0, -945.0, 10395.0)
ONE_OVER_ROOT_PI = float.fromhex("0x1.20dd750429b6dp-1")
# Beyond this exp(x**2) has overflowed.
ERFCX_OVERFLOW = 27.0


def _erf_excess(x: Real) -> Real:
    """``erf(x) - x`` for ``|x| <= 1``."""
    return x * horner(x * x, TABLES[x.format].erf_series)


def _scaled(x: Real) -> Pair:
    """``exp(x**2) erfc(x)``, for x from `BORDER` to `last`."""
    table = TABLES[x.format]
    t = (x - table.centre) / (x + table.centre)
    first = pair(x, *table.erfc_first)
    rational = fast_two_sum(first.high, t * horner(t, table.erfc_series))
    rational = Pair(rational.high, rational.low + first.low)
    return quotient(rational, fast_two_sum(2.0 * x, x.constant(1.0)))


def _erfc_far(size: Real) -> tuple[PowerOfTwo, Pair]:
    """Factors with the product ``erfc(size)``, for ``size >= BORDER``."""
    x = size.at_most(TABLES[size.format].last)
    square = two_product(x, x)
    parts = reduce_pair(Pair(-square.high, -square.low))
    decay = fast_two_sum(x.constant(1.0), parts.r + parts.curve())
    return parts.power, decay * _scaled(x)


def erf(x: Real) -> Real:
    """``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to x."""
    size = abs(x)
    table = TABLES[x.format]
    inside = size.at_most(table.rounds_to_one)
    far = 1.0 - exp(horner(inside, table.log_erfc_series))
    return select(size < 1.0, x + _erf_excess(x), far.with_sign_of(x))


def erfc(x: Real) -> Real:
    """``1 - erf(x)`` without cancellation."""
    power, far = _erfc_far(abs(x))
    right = power.scale(far.high)
    large = select(x < 0.0, 2.0 - right, right)
    from_one = fast_two_sum(x.constant(1.0), -x)
    near = from_one.high + (from_one.low - _erf_excess(x))
    return select(abs(x) < BORDER, near, large)


def erfcx(x: Real) -> Real:
    """``exp(x**2) erfc(x)``, which does not underflow."""
    if x.format is F32:
        return erfcx(x.widened()).narrowed()
    size = abs(x)
    last = TABLES[x.format].last
    beyond = (ONE_OVER_ROOT_PI / size) * horner(0.5 / (size * size), ERFCX_FAR)
    right = select(size > last, beyond, _scaled(size.at_most(last)).total())
    left = _twice_growth(size) - right
    near = fma(x, horner(x, ERFCX_SERIES), 1.0)
    return select(size < BORDER, near, select(x < 0.0, left, right))


def _twice_growth(size: Real) -> Real:
    """``2 exp(size**2)``."""
    x = size.at_most(ERFCX_OVERFLOW)
    parts = reduce_pair(two_product(x, x))
    growth = fast_two_sum(x.constant(1.0), parts.r + parts.curve())
    return parts.power.scale(2.0 * growth.total())


FUNCTIONS = (
    MathFunction("erf", 1, erf, 1.5, 1.5, "series to 1, then 1 - exp of a polynomial"),
    MathFunction("erfc", 1, erfc, 1.5, 1.5, "exp(-x**2) times one polynomial, double-double"),
    MathFunction("erfcx", 1, erfcx, 1.0, 2.0, "as erfc without its exponential; 1/x far out"),
)

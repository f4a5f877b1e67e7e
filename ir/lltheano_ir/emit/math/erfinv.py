"""The inverse of erf.

Algorithm: with ``w = -log(1 - x**2)``, which is exact enough as ``-log((1 - |x|) (1 + |x|))``, the
quotient ``erfinv(x) / x`` is a smooth function of w, and ``erfinv(x)`` one of ``sqrt(w)`` further
out (after Giles, "Approximating the erfinv function", 2012); each is a minimax polynomial of our
own (``tests/accuracy/minimax.py``) on its part. All is computed in f64, and rounded once for f32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import F32, Real, fma, horner, select
from lltheano_ir.emit.math.log import log
from lltheano_ir.records import record


@record(frozen=True)
class Part:
    """A polynomial in the distance from `centre`, its first coefficient in two parts."""

    centre: float
    first: tuple[float, float]
    series: Sequence[float]

    def value(self, x: Real) -> Real:
        """The polynomial at `x`."""
        t = x - self.centre
        high, low = self.first
        return high + fma(t, horner(t, self.series), low)


NEAR_LIMIT = 5.0
FAR_LIMIT = 4.0
NEAR = Part(
    2.5,
    (1.501409351110792, -6.54795586557861e-17),
    (
        0.246640276744167,
        -0.004177317724383611,
        -0.0012527079078110154,
        0.00021825026434397883,
        -4.996079598907757e-06,
        -3.4166195963572984e-06,
        4.787252186152683e-07,
        1.3416803486613687e-08,
        -1.0861169018034557e-08,
        9.073038519977465e-10,
        1.1960703000512045e-10,
        -3.1102881780576556e-11,
        9.11552287463776e-13,
        5.356629611288988e-13,
        -7.612383817357347e-14,
        -2.886652597580208e-15,
        1.8963665126847744e-15,
        -1.359538285930118e-16,
        -2.68028289567044e-17,
        4.864270240198315e-18,
        1.6930374585639838e-19,
        -6.758649948703678e-20,
    ),
)
MIDDLE = Part(
    3.125,
    (2.9582352587111456, -1.8643492414317427e-16),
    (
        1.0042204689018412,
        0.005654484494049422,
        -0.002909368586581022,
        0.0009990225597384704,
        -0.00023285405393804425,
        2.316366189735064e-06,
        3.3790190794497646e-05,
        -1.9601015311258142e-05,
        4.9447781895903956e-06,
        8.438824993189793e-07,
        -1.3101864671218293e-06,
        5.016506053111654e-07,
        -1.578941543879523e-08,
        -7.82257180579619e-08,
        4.062041038296655e-08,
        -6.071559422491142e-09,
        -4.958316272535821e-09,
        3.1694572114891155e-09,
        -3.616762890173644e-11,
        -3.334573727159537e-10,
    ),
)
FAR = Part(
    5.0,
    (4.8499064013749065, 2.5250314973122448e-16),
    (
        1.0103004651943055,
        -0.00013872089842680788,
        -0.00021502518740633325,
        7.598401191111806e-05,
        -1.966172701138912e-05,
        4.4971864237317555e-06,
        -9.585138795939296e-07,
        1.9420945819131222e-07,
        -3.753518033931907e-08,
        6.76687965455899e-09,
        -1.0157928224801706e-09,
        4.7073617567779085e-11,
        5.957358018287063e-11,
        -3.995481423115957e-11,
        1.906744852141906e-11,
        -7.0605381935622834e-12,
        1.3575252180766817e-12,
    ),
)


def erfinv(x: Real) -> Real:
    """The number whose erf is `x`: infinite at -1 and 1, NaN beyond."""
    if x.format is F32:
        return erfinv(x.widened()).narrowed()
    size = abs(x)
    w = -log((1.0 - size) * (1.0 + size))
    near = x * NEAR.value(w.at_most(NEAR_LIMIT))
    root = w.at_least(NEAR_LIMIT).sqrt()
    tail = select(root < FAR_LIMIT, MIDDLE.value(root), FAR.value(root))
    tail = select(size.equals(1.0), math.inf, tail)
    return select(w < NEAR_LIMIT, near, tail.with_sign_of(x))


FUNCTIONS = (MathFunction("erfinv", 1, erfinv, 1.0, 2.0, "of log(1 - x**2); inf at 1, NaN above"),)

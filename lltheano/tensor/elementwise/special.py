"""Special functions: the gamma function and its relatives, error functions and their inverses,
Bessel functions.

Integers are converted to a float that suits their width; float16 and float32 are computed in
float64 and rounded once. `erfcx`, `erfinv`, `i0`, `i1` and `zeta` are kernels of this package; the
others are SciPy's, the C functions that it publishes. `docs/accuracy.md` has the errors of each,
measured. The derivatives are from the NIST Digital Library of Mathematical Functions (DLMF); each
is cited by its equation. With respect to the order of a Bessel function and the s of `zeta` there
is none here, and a gradient that asks for it is an error.
"""

import math
from collections.abc import Callable, Sequence

from lltheano.graph.core import Variable
from lltheano.graph.gradient_types import undefined
from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.arithmetic import round_half_to_even, sqr
from lltheano.tensor.elementwise.arities import Binary, TensorLike, Unary
from lltheano.tensor.elementwise.comparison import cast, gt, lt, switch
from lltheano.tensor.elementwise.logarithmic_products import xlogy0
from lltheano.tensor.elementwise.op import number_like
from lltheano.tensor.elementwise.transcendental import cos, exp, log, sin
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import f64
from lltheano_ir.nodes import Value

__all__ = [
    "chi2sf",
    "erfcinv",
    "erfcx",
    "erfinv",
    "gamma",
    "gammainc",
    "gammainc_slope",
    "gammaincc",
    "gammal",
    "gammaln",
    "gammau",
    "i0",
    "i1",
    "iv",
    "j0",
    "j1",
    "jv",
    "polygamma",
    "psi",
    "tri_gamma",
    "zeta",
]

Slope = Callable[[TensorVariable, TensorVariable], TensorVariable]


def _function(name: str, summary: str, slope: Slope, example: str, parameter: str = "a") -> Unary:
    """A function of one operand; `slope` gives its derivative from operand and result."""
    return Unary(
        name,
        summary,
        1,
        rules.continuous,
        name,
        lambda inputs, output, g: [g * slope(inputs[0], output)],
        example=example,
        parameters=(parameter,),
    )


def _in_order(
    name: str,
    summary: str,
    parameters: tuple[str, str],
    slope: Slope,
    example: str,
    order_slope: Slope | None = None,
) -> Binary:
    """A function of an order or shape and an argument; `slope` is its derivative in the latter, and
    `order_slope` that in the former, if there is one.
    """

    def gradient(
        inputs: Sequence[TensorVariable], output: TensorVariable, g: TensorVariable
    ) -> list[TensorVariable | Variable | None]:
        why = f"{name} has no derivative with respect to {parameters[0]}, {inputs[0].describe()}"
        first = g * order_slope(*inputs) if order_slope else undefined(why)
        return [first, g * slope(*inputs)]

    return Binary(
        name,
        summary,
        2,
        rules.continuous,
        name,
        gradient,
        example=example,
        parameters=parameters,
    )


def _number(value: float, like: TensorVariable) -> TensorVariable:
    """A constant that does not raise the precision of `like`."""
    return constant(value, dtype=upgrade_to_float(like.dtype))


_ERFCX_SLOPE = (1.0, -3.0, 15.0, -105.0, 945.0, -10395.0, 135135.0)
"""The derivative of DLMF 7.12.1 is ``-1 / (x**2 sqrt(pi))`` times this series in 1 / (2 x**2)."""


def _slope_of_erfcx(x: TensorVariable, y: TensorVariable) -> TensorVariable:
    """``2 x y - 2 / sqrt(pi)`` (DLMF 7.2.2 and 7.10.1), whose terms cancel for large x; there the
    derivative of the asymptotic series.
    """
    near = x * y * 2 - _number(2 / math.sqrt(math.pi), x)
    far = gt(x, 20 if near.dtype == "float64" else 6)
    square = sqr(switch(far, x, _number(100, x)))
    v = _number(0.5, x) / square
    series = _number(_ERFCX_SLOPE[-1], x)
    for coefficient in reversed(_ERFCX_SLOPE[:-1]):
        series = series * v + _number(coefficient, x)
    return switch(far, series / square * _number(-1 / math.sqrt(math.pi), x), near)


erfcx = _function(
    "erfcx",
    "exp(a * a) * erfc(a), without overflow for large a",
    _slope_of_erfcx,
    ">>> T.erfcx([0.0, 100.0]).eval().round(6)\narray([1.      , 0.005642])",
)
erfinv = _function(
    "erfinv",
    "the inverse of erf, for -1 <= a <= 1",
    # The reciprocal of DLMF 7.10.1
    lambda x, y: exp(y * y) * _number(math.sqrt(math.pi) / 2, x),
    ">>> T.erfinv([0.0, 0.5, 1.0]).eval().round(4)\narray([0.    , 0.4769,    inf])",
)
erfcinv = _function(
    "erfcinv",
    "the inverse of erfc, for 0 <= a <= 2",
    lambda x, y: exp(y * y) * _number(-math.sqrt(math.pi) / 2, x),
    ">>> T.erfcinv([0.5, 1e-10]).eval().round(4)\narray([0.4769, 4.5728])",
)
gamma = _function(
    "gamma",
    "the gamma function, (a - 1)! at positive integers, NaN at negative ones",
    lambda x, y: y * psi(x),  # DLMF 5.2.2
    ">>> T.gamma([5.0, 0.5]).eval().round(4)\narray([24.    ,  1.7725])",
)
gammaln: Unary = _function(
    "gammaln",
    "log(abs(gamma(a))), without overflow for large a",
    lambda x, y: psi(x),  # DLMF 5.2.2
    ">>> T.gammaln([5.0, 200.0]).eval().round(4)\narray([  3.1781, 857.9337])",
)
psi: Unary = _function(
    "psi",
    "the digamma function, the derivative of log(gamma(a))",
    lambda x, y: tri_gamma(x),  # DLMF 5.15.1
    ">>> T.psi([1.0, 0.5]).eval().round(4)\narray([-0.5772, -1.9635])",
)


def _grad_zeta(
    inputs: Sequence[TensorVariable], output: TensorVariable, g: TensorVariable
) -> list[TensorVariable | Variable | None]:
    s, q = inputs
    why = f"zeta has no derivative with respect to s, {s.describe()}"
    return [undefined(why), -g * s * zeta(s + 1, q)]  # DLMF 25.11.17


zeta: Binary = Binary(
    "zeta",
    "the Hurwitz zeta function, the sum of (q + k) ** -s over k = 0, 1, ..., for s > 1 and q > 0",
    2,
    rules.continuous,
    "zeta",
    _grad_zeta,
    example=">>> T.zeta(2.0, [1.0, 0.5]).eval().round(4)\narray([1.6449, 4.9348])",
    parameters=("s", "q"),
)


def _emit_tri_gamma(builder: Builder, values: Sequence[Value]) -> Value:
    """``zeta(2, x)``, and by reflection below zero (DLMF 5.15.2, 5.15.6), in f64."""
    x = builder.cast(values[0], f64)
    positive = builder.elementwise("gt", x, number_like(builder, x, 0))
    other = builder.elementwise("sub", number_like(builder, x, 1), x)
    inside = builder.elementwise("select", positive, x, other)
    sums = builder.elementwise("zeta", number_like(builder, x, 2), inside)
    # The distance to the next integer is exact, so that pi times it is as good as x is.
    fraction = builder.elementwise("sub", x, builder.elementwise("rint", x))
    turned = builder.elementwise("mul", number_like(builder, x, math.pi), fraction)
    ratio = builder.elementwise(
        "div", number_like(builder, x, math.pi), builder.elementwise("sin", turned)
    )
    square = builder.elementwise("mul", ratio, ratio)
    reflected = builder.elementwise("sub", square, sums)
    return builder.elementwise("select", positive, sums, reflected)


def _slope_of_tri_gamma(x: TensorVariable, y: TensorVariable) -> TensorVariable:
    """Minus twice ``zeta(3, x)``, and by reflection below zero: the derivative of both sides of
    DLMF 5.15.6.

    What is not chosen is kept finite, so that its own derivative, times zero, is zero.
    """
    positive = gt(x, 0)
    angle = switch(positive, _number(0.25, x), x - round_half_to_even(x)) * _number(math.pi, x)
    sine = sin(angle)
    reflected = cos(angle) / (sine * sine * sine) * _number(2 * math.pi**3, x)
    return -2 * zeta(3, switch(positive, x, 1 - x)) - switch(positive, 0, reflected)


tri_gamma: Unary = Unary(
    "tri_gamma",
    "the trigamma function, the derivative of psi",
    1,
    rules.continuous,
    _emit_tri_gamma,
    lambda inputs, output, g: [g * _slope_of_tri_gamma(inputs[0], output)],
    example=">>> T.tri_gamma([1.0, 0.5]).eval().round(4)\narray([1.6449, 4.9348])",
)


def polygamma(n: int, x: TensorLike) -> TensorVariable:
    """Return the n-th derivative of `psi`, for a number n; NaN for n > 1 where x <= 0.

    ``(-1)**(n + 1) n! zeta(n + 1, x)`` (DLMF 25.11.12). ValueError when n is negative.

    >>> polygamma(2, [1.0, 0.5]).eval().round(4)
    array([ -2.4041, -16.8288])
    """
    if n < 0:
        raise ValueError(f"polygamma needs n >= 0, got {n}")
    if n < 2:
        result: TensorVariable = (psi, tri_gamma)[n](x)
        return result
    x = as_tensor_variable(x)
    return zeta(n + 1, x) * _number(math.factorial(n) * (-1.0) ** (n + 1), x)


def _gamma_density(k: TensorVariable, x: TensorVariable) -> TensorVariable:
    """``exp(-x) x**(k - 1) / gamma(k)``."""
    return exp(xlogy0(k - 1, x) - x - gammaln(k))


gammainc_slope = _in_order(
    "gammainc_slope",
    "the derivative of gammainc(k, x) in k",
    ("k", "x"),
    # The density's derivative in k (DLMF 5.2.2).
    lambda k, x: _gamma_density(k, x) * (log(x) - psi(k)),
    ">>> T.gammainc_slope(2.0, [0.5, 1.0, 50.0]).eval().round(4)\n"
    "array([-0.151 , -0.2762, -0.    ])",
)
gammainc = _in_order(
    "gammainc",
    "the regularised lower incomplete gamma function P(k, x)",
    ("k", "x"),
    _gamma_density,  # DLMF 8.8.13, regularised
    ">>> T.gammainc(2.0, [0.0, 1.0, 50.0]).eval().round(4)\narray([0.    , 0.2642, 1.    ])",
    gammainc_slope,
)
gammaincc = _in_order(
    "gammaincc",
    "the regularised upper incomplete gamma function, 1 - P(k, x) without cancellation",
    ("k", "x"),
    lambda k, x: -_gamma_density(k, x),  # DLMF 8.8.13, regularised
    ">>> T.gammaincc(2.0, [0.0, 1.0, 50.0]).eval().round(4)\narray([1.    , 0.7358, 0.    ])",
    lambda k, x: -gammainc_slope(k, x),
)


def gammal(k: TensorLike, x: TensorLike) -> TensorVariable:
    """Return the lower incomplete gamma function, P(k, x) gamma(k) (DLMF 8.2.4).

    >>> gammal(2.0, [0.0, 1.0]).eval().round(4)
    array([0.    , 0.2642])
    """
    result: TensorVariable = gammainc(k, x) * gamma(k)
    return result


def gammau(k: TensorLike, x: TensorLike) -> TensorVariable:
    """Return the upper incomplete gamma function, Q(k, x) gamma(k) (DLMF 8.2.4).

    >>> gammau(2.0, [0.0, 1.0]).eval().round(4)
    array([1.    , 0.7358])
    """
    result: TensorVariable = gammaincc(k, x) * gamma(k)
    return result


def _emit_chi2sf(builder: Builder, values: Sequence[Value]) -> Value:
    x, k = (builder.cast(value, f64) for value in values)
    inside = builder.elementwise("maximum", x, number_like(builder, x, 0))
    halves = [
        builder.elementwise("mul", number_like(builder, one, 0.5), one) for one in (k, inside)
    ]
    return builder.elementwise("gammaincc", *halves)


def _grad_chi2sf(
    inputs: Sequence[TensorVariable], output: TensorVariable, g: TensorVariable
) -> list[TensorVariable | Variable | None]:
    x, k = inputs
    dtype = upgrade_to_float(x.dtype, k.dtype)
    half = constant(0.5, dtype=dtype)
    halves = (cast(k, dtype) * half, cast(x, dtype) * half)
    slopes = (_gamma_density(*halves), gammainc_slope(*halves))
    in_x, in_k = (switch(lt(x, 0), 0, -g * slope * half) for slope in slopes)
    return [in_x, in_k]


chi2sf: Binary = Binary(
    "chi2sf",
    "the probability that a chi-squared variable of k degrees of freedom exceeds x",
    2,
    rules.continuous,
    _emit_chi2sf,
    _grad_chi2sf,
    example=">>> T.chi2sf([0.0, 3.84, -1.0], 1.0).eval().round(4)\narray([1.  , 0.05, 1.  ])",
    parameters=("x", "k"),
)
j0: Unary = _function(
    "j0",
    "the Bessel function of the first kind of order 0",
    lambda x, y: -j1(x),  # DLMF 10.6.3
    ">>> T.j0([0.0, 1.0]).eval().round(4)\narray([1.    , 0.7652])",
    "x",
)
j1: Unary = _function(
    "j1",
    "the Bessel function of the first kind of order 1",
    lambda x, y: (j0(x) - jv(2, x)) / 2,  # DLMF 10.6.1
    ">>> T.j1([0.0, 1.0]).eval().round(4)\narray([0.    , 0.4401])",
    "x",
)
jv: Binary = _in_order(
    "jv",
    "the Bessel function of the first kind of order v",
    ("v", "x"),
    lambda v, x: (jv(v - 1, x) - jv(v + 1, x)) / 2,  # DLMF 10.6.1
    ">>> T.jv([0.0, 0.5, 3.0], 1.0).eval().round(4)\narray([0.7652, 0.6714, 0.0196])",
)
i0: Unary = _function(
    "i0",
    "the modified Bessel function of the first kind of order 0",
    lambda x, y: i1(x),  # DLMF 10.29.3
    ">>> T.i0([0.0, 1.0]).eval().round(4)\narray([1.    , 1.2661])",
    "x",
)
i1: Unary = _function(
    "i1",
    "the modified Bessel function of the first kind of order 1",
    lambda x, y: (i0(x) + iv(2, x)) / 2,  # DLMF 10.29.1
    ">>> T.i1([0.0, 1.0]).eval().round(4)\narray([0.    , 0.5652])",
    "x",
)
iv: Binary = _in_order(
    "iv",
    "the modified Bessel function of the first kind of order v",
    ("v", "x"),
    lambda v, x: (iv(v - 1, x) + iv(v + 1, x)) / 2,  # DLMF 10.29.1
    ">>> T.iv([0.0, 0.5, 3.0], 1.0).eval().round(4)\narray([1.2661, 0.9377, 0.0222])",
)

"""Functions of each element that compiled code computes by kernels: exponentials, trigonometry and
special functions.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.elementwise.rules import elementwise_op
from lltheano_ir.ops.elementwise.special import (
    SCIPY_FUNCTIONS,
    gammainc_slope,
    hurwitz_zeta,
    inverse_erf,
    modified_bessel,
    scipy_function,
)
from lltheano_ir.ops.traits import Sign, always

__all__ = ["FUNCTIONS"]

_POSITIVE = always(Sign.POSITIVE)


def _at_least_f32(function: Callable[[Array], Any], x: Array) -> Array:
    """Compute f16 in f32, so that it is rounded once."""
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    return np.asarray(function(wide)).astype(x.dtype)


def _sigmoid(x: Array) -> Array:
    """Both branches have an argument of exp that cannot overflow."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, small, x.dtype.type(1)) / (1 + small))


def _softplus(x: Array) -> Array:
    return np.asarray(np.logaddexp(x.dtype.type(0), x))


def _erf(x: Array) -> Array:
    from scipy.special import erf  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    return np.asarray(erf(x))


def _erfc(x: Array) -> Array:
    from scipy.special import erfc  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    return np.asarray(erfc(x))


FUNCTIONS = (
    elementwise_op("cbrt", 1, "f", np.cbrt, "the cube root, negative for negative x", ulp=2.0),
    elementwise_op("exp", 1, "fc", np.exp, "e to the power x", ulp=2.0, sign=_POSITIVE),
    elementwise_op("exp2", 1, "fc", np.exp2, "2 to the power x", ulp=2.0, sign=_POSITIVE),
    elementwise_op(
        "expm1",
        1,
        "fc",
        np.expm1,
        "exp(x) - 1 without cancellation",
        ulp=2.0,
        reaches=(-1.0, math.inf),
    ),
    elementwise_op("log", 1, "fc", np.log, "the natural logarithm", ulp=2.0),
    elementwise_op("log2", 1, "fc", np.log2, "the logarithm to base 2", ulp=2.0),
    elementwise_op("log10", 1, "fc", np.log10, "the logarithm to base 10", ulp=2.0),
    elementwise_op("log1p", 1, "fc", np.log1p, "log(1 + x) without cancellation", ulp=2.0),
    elementwise_op("sin", 1, "fc", np.sin, "the sine of x radians", ulp=2.0, reaches=(-1.0, 1.0)),
    elementwise_op("cos", 1, "fc", np.cos, "the cosine of x radians", ulp=2.0, reaches=(-1.0, 1.0)),
    elementwise_op("tan", 1, "fc", np.tan, "the tangent of x radians", ulp=2.0),
    elementwise_op("arcsin", 1, "fc", np.arcsin, "the inverse sine in radians", ulp=2.0),
    elementwise_op("arccos", 1, "fc", np.arccos, "the inverse cosine in radians", ulp=2.0),
    elementwise_op(
        "arctan", 1, "fc", np.arctan, "the inverse tangent in radians", ulp=2.0, reaches=(-2.0, 2.0)
    ),
    elementwise_op(
        "arctan2", 2, "f", np.arctan2, "the angle of the point (y, x), in radians", ulp=2.0
    ),
    elementwise_op("sinh", 1, "fc", np.sinh, "the hyperbolic sine", ulp=2.0),
    elementwise_op(
        "cosh",
        1,
        "fc",
        np.cosh,
        "the hyperbolic cosine",
        ulp=2.0,
        reaches=(1.0, math.inf),
        sign=_POSITIVE,
    ),
    elementwise_op(
        "tanh", 1, "fc", np.tanh, "the hyperbolic tangent", ulp=2.0, reaches=(-1.0, 1.0)
    ),
    elementwise_op("arcsinh", 1, "fc", np.arcsinh, "the inverse hyperbolic sine", ulp=4.0),
    elementwise_op("arccosh", 1, "fc", np.arccosh, "the inverse hyperbolic cosine", ulp=4.0),
    elementwise_op("arctanh", 1, "fc", np.arctanh, "the inverse hyperbolic tangent", ulp=4.0),
    elementwise_op(
        "sigmoid",
        1,
        "f",
        partial(_at_least_f32, _sigmoid),
        "1 / (1 + exp(-x))",
        ulp=2.0,
        reaches=(0.0, 1.0),
        sign=_POSITIVE,
    ),
    elementwise_op("softplus", 1, "f", _softplus, "log(1 + exp(x))", ulp=2.0, sign=_POSITIVE),
    elementwise_op(
        "erf",
        1,
        "f",
        partial(_at_least_f32, _erf),
        "the error function",
        ulp=2.0,
        reaches=(-1.0, 1.0),
    ),
    elementwise_op(
        "erfc",
        1,
        "f",
        partial(_at_least_f32, _erfc),
        "1 - erf(x) without cancellation",
        ulp=2.0,
        reaches=(0.0, 2.0),
        sign=_POSITIVE,
    ),
    elementwise_op(
        "erfcx",
        1,
        "f",
        scipy_function("erfcx"),
        "exp(x * x) * erfc(x) without overflow",
        ulp=2.0,
        sign=_POSITIVE,
    ),
    elementwise_op(
        "i0",
        1,
        "f",
        modified_bessel(0),
        "the modified Bessel function of the first kind of order 0",
        ulp=2.0,
    ),
    elementwise_op(
        "i1",
        1,
        "f",
        modified_bessel(1),
        "the modified Bessel function of the first kind of order 1",
        ulp=2.0,
    ),
    elementwise_op("erfinv", 1, "f", inverse_erf, "the inverse of erf", ulp=2.0),
    *(
        elementwise_op(name, arity, "f", scipy_function(name), summary, library="scipy.special")
        for name, arity, summary in SCIPY_FUNCTIONS
    ),
    elementwise_op(
        "gammainc_slope",
        2,
        "f",
        gammainc_slope,
        "the derivative of gammainc(x, y) in x",
        ulp=(1.0, 4096.0),
    ),
    elementwise_op(
        "zeta", 2, "f", hurwitz_zeta, "the sum of (y + k) ** -x over all k >= 0", ulp=4.0
    ),
)

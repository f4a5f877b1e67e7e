"""Elementwise functions: roots, exponentials, logarithms, trigonometry, erf, sigmoid.

Integers are converted to a float that suits their width. Those that NumPy has for complex numbers
take them, with its branch cuts: an imaginary part of -0.0 is below a cut. The formulas of the
gradients are the derivatives in the NIST Digital Library of Mathematical Functions, chapters 4 and
7.
"""

import math
from collections.abc import Callable
from typing import Any

from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.arities import Binary, Unary
from lltheano.tensor.elementwise.logarithmic import (
    of_cosh,
    of_erfc,
    of_exp,
    of_exp2,
    of_expm1,
    of_log,
    of_log1p,
    of_log_to_base,
    of_sigmoid,
    of_sinh,
    of_softplus,
    of_sqrt,
    of_tanh,
)
from lltheano.tensor.elementwise.op import number_like, surely
from lltheano.tensor.variables.convert import constant
from lltheano.tensor.variables.promotion import upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "cos",
    "cosh",
    "deg2rad",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "rad2deg",
    "sigmoid",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "tan",
    "tanh",
]

Slope = Callable[[TensorVariable, TensorVariable], TensorVariable]


def _function(
    name: str,
    summary: str,
    slope: Slope,
    rule: rules.Rule = rules.analytic,
    *,
    example: str,
    **facts: Any,
) -> Unary:
    """A function of one operand; `slope` gives its derivative from operand and result."""
    return Unary(
        name,
        summary,
        1,
        rule,
        name,
        lambda inputs, output, g: [g * slope(inputs[0], output)],
        example=example,
        **facts,
    )


def _quotient(
    name: str,
    summary: str,
    divisor: Slope,
    rule: rules.Rule = rules.analytic,
    *,
    example: str,
    **facts: Any,
) -> Unary:
    """A function of one operand whose derivative is 1 / `divisor`."""
    return Unary(
        name,
        summary,
        1,
        rule,
        name,
        lambda inputs, output, g: [g / divisor(inputs[0], output)],
        example=example,
        **facts,
    )


def _square(x: TensorVariable) -> TensorVariable:
    return x * x


def _scaled(x: TensorVariable, factor: float) -> TensorVariable:
    """Multiply by a factor that does not raise the precision of `x`."""
    return x * constant(factor, dtype=upgrade_to_float(x.dtype))


sqrt = _quotient(
    "sqrt",
    "the square root",
    lambda x, y: y * 2,
    example=">>> T.sqrt([4.0, 2.0]).eval().round(4)\narray([2.    , 1.4142])",
    relative_rule=of_sqrt,
    exponential=any,
)
cbrt = _quotient(
    "cbrt",
    "the cube root, negative for negative a",
    lambda x, y: _square(y) * 3,
    rules.continuous,
    example=">>> T.cbrt([27.0, -8.0]).eval()\narray([ 3., -2.])",
)
exp = _function(
    "exp",
    "e to the power a",
    lambda x, y: y,
    example=">>> T.exp([0.0, 1.0]).eval().round(4)\narray([1.    , 2.7183])",
    relative_rule=of_exp,
    exponential=surely,
)
exp2 = _function(
    "exp2",
    "2 to the power a",
    lambda x, y: _scaled(y, math.log(2)),
    example=">>> T.exp2([0.0, 3.0, -1.0]).eval()\narray([1. , 8. , 0.5])",
    relative_rule=of_exp2,
    exponential=surely,
)
expm1 = _function(
    "expm1",
    "exp(a) - 1, accurate near 0",
    lambda x, y: exp(x),
    example=">>> T.expm1(1e-20).eval()\narray(1.e-20)",
    relative_rule=of_expm1,
)
log = _quotient(
    "log",
    "the natural logarithm",
    lambda x, y: x,
    example=">>> T.log([1.0, 10.0]).eval().round(4)\narray([0.    , 2.3026])",
    relative_rule=of_log,
)
log2 = _quotient(
    "log2",
    "the logarithm to base 2",
    lambda x, y: _scaled(x, math.log(2)),
    example=">>> T.log2([1.0, 8.0]).eval()\narray([0., 3.])",
    relative_rule=of_log_to_base(2),
)
log10 = _quotient(
    "log10",
    "the logarithm to base 10",
    lambda x, y: _scaled(x, math.log(10)),
    example=">>> T.log10([1.0, 1000.0]).eval()\narray([0., 3.])",
    relative_rule=of_log_to_base(10),
)
log1p = _quotient(
    "log1p",
    "log(1 + a), accurate near 0",
    lambda x, y: x + 1,
    example=">>> T.log1p(1e-20).eval()\narray(1.e-20)",
    relative_rule=of_log1p,
)
sin: Unary = _function(
    "sin",
    "the sine of a radians",
    lambda x, y: cos(x),
    example=">>> T.sin([0.0, 1.0]).eval().round(4)\narray([0.    , 0.8415])",
)
cos: Unary = _function(
    "cos",
    "the cosine of a radians",
    lambda x, y: -sin(x),
    example=">>> T.cos([0.0, 1.0]).eval().round(4)\narray([1.    , 0.5403])",
)
tan = _function(
    "tan",
    "the tangent of a radians",
    lambda x, y: _square(y) + 1,
    example=">>> T.tan([0.0, 1.0]).eval().round(4)\narray([0.    , 1.5574])",
)
arcsin = _quotient(
    "arcsin",
    "the inverse sine, in radians",
    lambda x, y: sqrt(1 - _square(x)),
    example=">>> T.arcsin([0.0, 1.0]).eval().round(4)\narray([0.    , 1.5708])",
)
arccos = _quotient(
    "arccos",
    "the inverse cosine, in radians",
    lambda x, y: -sqrt(1 - _square(x)),
    example=">>> T.arccos([1.0, 0.0]).eval().round(4)\narray([0.    , 1.5708])",
)
arctan = _quotient(
    "arctan",
    "the inverse tangent, in radians",
    lambda x, y: _square(x) + 1,
    example=">>> T.arctan([0.0, 1.0]).eval().round(4)\narray([0.    , 0.7854])",
)
sinh: Unary = _function(
    "sinh",
    "the hyperbolic sine",
    lambda x, y: cosh(x),
    example=">>> T.sinh([0.0, 1.0]).eval().round(4)\narray([0.    , 1.1752])",
    relative_rule=of_sinh,
)
cosh: Unary = _function(
    "cosh",
    "the hyperbolic cosine",
    lambda x, y: sinh(x),
    example=">>> T.cosh([0.0, 1.0]).eval().round(4)\narray([1.    , 1.5431])",
    relative_rule=of_cosh,
    exponential=surely,
)
tanh = _function(
    "tanh",
    "the hyperbolic tangent",
    lambda x, y: 1 - _square(y),
    example=">>> T.tanh([0.0, 1.0]).eval().round(4)\narray([0.    , 0.7616])",
    relative_rule=of_tanh,
)
arcsinh = _quotient(
    "arcsinh",
    "the inverse hyperbolic sine",
    lambda x, y: sqrt(_square(x) + 1),
    example=">>> T.arcsinh([0.0, 1.0]).eval().round(4)\narray([0.    , 0.8814])",
)
arccosh = _quotient(
    "arccosh",
    "the inverse hyperbolic cosine",
    lambda x, y: sqrt(x - 1) * sqrt(x + 1),
    example=">>> T.arccosh([1.0, 2.0]).eval().round(4)\narray([0.   , 1.317])",
)
arctanh = _quotient(
    "arctanh",
    "the inverse hyperbolic tangent",
    lambda x, y: 1 - _square(x),
    example=">>> T.arctanh([0.0, 0.5]).eval().round(4)\narray([0.    , 0.5493])",
)
sigmoid = _function(
    "sigmoid",
    "1 / (1 + exp(-a))",
    lambda x, y: y * (1 - y),
    rules.continuous,
    example=">>> T.sigmoid([0.0, 2.0]).eval().round(4)\narray([0.5   , 0.8808])",
    relative_rule=of_sigmoid,
    log=lambda x: -softplus(-x),
    exponential=surely,
)
softplus: Unary = _function(
    "softplus",
    "log(1 + exp(a)), accurate everywhere",
    lambda x, y: sigmoid(x),
    rules.continuous,
    example=">>> T.softplus([0.0, 2.0]).eval().round(4)\narray([0.6931, 2.1269])",
    relative_rule=of_softplus,
)
erf = _function(
    "erf",
    "the error function, 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to a",
    lambda x, y: _scaled(exp(-_square(x)), 2 / math.sqrt(math.pi)),
    rules.continuous,
    example=">>> T.erf([0.0, 0.5]).eval().round(4)\narray([0.    , 0.5205])",
)
erfc = _function(
    "erfc",
    "1 - erf(a), accurate for large a",
    lambda x, y: _scaled(exp(-_square(x)), -2 / math.sqrt(math.pi)),
    rules.continuous,
    example=">>> T.erfc([0.0, 0.5]).eval().round(4)\narray([1.    , 0.4795])",
    relative_rule=of_erfc,
    exponential=surely,
)
arctan2: Binary = Binary(
    "arctan2",
    "the angle of the point (b, a), in radians",
    2,
    rules.continuous,
    "arctan2",
    lambda inputs, output, g: [
        g * inputs[1] / (_square(inputs[0]) + _square(inputs[1])),
        -g * inputs[0] / (_square(inputs[0]) + _square(inputs[1])),
    ],
    example=">>> T.arctan2([1.0, -1.0], [0.0, -1.0]).eval().round(4)\narray([ 1.5708, -2.3562])",
)


def _conversion(name: str, summary: str, factor: float, example: str) -> Unary:
    """A multiplication by `factor`, which is rounded to the dtype of the operand."""
    return Unary(
        name,
        summary,
        1,
        rules.continuous,
        lambda builder, values: builder.elementwise(
            "mul", values[0], number_like(builder, values[0], factor)
        ),
        lambda inputs, output, g: [_scaled(g, factor)],
        example=example,
    )


deg2rad = _conversion(
    "deg2rad",
    "degrees converted to radians",
    math.pi / 180,
    ">>> T.deg2rad([0.0, 180.0]).eval().round(4)\narray([0.    , 3.1416])",
)
rad2deg = _conversion(
    "rad2deg",
    "radians converted to degrees",
    180 / math.pi,
    ">>> T.rad2deg([0.0, 1.0]).eval().round(4)\narray([ 0.    , 57.2958])",
)

"""Elementwise functions of the reals: roots, exponentials, logarithms, trigonometry, erf, sigmoid.

Integers are converted to a float that suits their width. The formulas of the gradients are the
derivatives in the NIST Digital Library of Mathematical Functions, chapters 4 and 7.
"""

import math
from collections.abc import Callable

from lltheano.tensor import rules
from lltheano.tensor.convert import as_tensor_variable, constant
from lltheano.tensor.elementwise import Elementwise
from lltheano.tensor.promotion import upgrade_to_float
from lltheano.tensor.variable import TensorVariable

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
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


def _function(name: str, summary: str, slope: Slope, emit: str = "") -> Elementwise:
    """A function of one operand; `slope` gives its derivative from operand and result."""
    return Elementwise(
        name,
        summary,
        1,
        rules.continuous,
        emit or name,
        lambda inputs, output, g: [g * slope(inputs[0], output)],
    )


def _quotient(name: str, summary: str, divisor: Slope) -> Elementwise:
    """A function of one operand whose derivative is 1 / `divisor`."""
    return Elementwise(
        name,
        summary,
        1,
        rules.continuous,
        name,
        lambda inputs, output, g: [g / divisor(inputs[0], output)],
    )


def _square(x: TensorVariable) -> TensorVariable:
    return x * x


def _scaled(x: TensorVariable, factor: float) -> TensorVariable:
    """Multiply by a factor that does not raise the precision of `x`."""
    return x * constant(factor, dtype=upgrade_to_float(x.dtype))


sqrt = _quotient("sqrt", "the square root", lambda x, y: y * 2)
exp = _function("exp", "e to the power x", lambda x, y: y)
exp2 = _function("exp2", "2 to the power x", lambda x, y: _scaled(y, math.log(2)))
expm1 = _function("expm1", "exp(x) - 1, accurate near 0", lambda x, y: exp(x))
log = _quotient("log", "the natural logarithm", lambda x, y: x)
log2 = _quotient("log2", "the logarithm to base 2", lambda x, y: _scaled(x, math.log(2)))
log10 = _quotient("log10", "the logarithm to base 10", lambda x, y: _scaled(x, math.log(10)))
log1p = _quotient("log1p", "log(1 + x), accurate near 0", lambda x, y: x + 1)
sin: Elementwise = _function("sin", "the sine of x radians", lambda x, y: cos(x))
cos: Elementwise = _function("cos", "the cosine of x radians", lambda x, y: -sin(x))
tan = _function("tan", "the tangent of x radians", lambda x, y: _square(y) + 1)
arcsin = _quotient("arcsin", "the inverse sine, in radians", lambda x, y: sqrt(1 - _square(x)))
arccos = _quotient("arccos", "the inverse cosine, in radians", lambda x, y: -sqrt(1 - _square(x)))
arctan = _quotient("arctan", "the inverse tangent, in radians", lambda x, y: _square(x) + 1)
sinh: Elementwise = _function("sinh", "the hyperbolic sine", lambda x, y: cosh(x))
cosh: Elementwise = _function("cosh", "the hyperbolic cosine", lambda x, y: sinh(x))
tanh = _function("tanh", "the hyperbolic tangent", lambda x, y: 1 - _square(y))
arcsinh = _quotient("arcsinh", "the inverse hyperbolic sine", lambda x, y: sqrt(_square(x) + 1))
arccosh = _quotient(
    "arccosh", "the inverse hyperbolic cosine", lambda x, y: sqrt(x - 1) * sqrt(x + 1)
)
arctanh = _quotient("arctanh", "the inverse hyperbolic tangent", lambda x, y: 1 - _square(x))
sigmoid = _function("sigmoid", "1 / (1 + exp(-x))", lambda x, y: y * (1 - y))
softplus = _function("softplus", "log(1 + exp(x)), accurate everywhere", lambda x, y: sigmoid(x))
erf = _function(
    "erf",
    "the error function, 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x",
    lambda x, y: _scaled(exp(-_square(x)), 2 / math.sqrt(math.pi)),
)
erfc = _function(
    "erfc",
    "1 - erf(x), accurate for large x",
    lambda x, y: _scaled(exp(-_square(x)), -2 / math.sqrt(math.pi)),
)
arctan2 = Elementwise(
    "arctan2",
    "the angle of the point (y, x), in radians",
    2,
    rules.continuous,
    "arctan2",
    lambda inputs, output, g: [
        g * inputs[1] / (_square(inputs[0]) + _square(inputs[1])),
        -g * inputs[0] / (_square(inputs[0]) + _square(inputs[1])),
    ],
)


def deg2rad(a: object) -> TensorVariable:
    """Convert degrees to radians."""
    return _scaled(as_tensor_variable(a), math.pi / 180)


def rad2deg(a: object) -> TensorVariable:
    """Convert radians to degrees."""
    return _scaled(as_tensor_variable(a), 180 / math.pi)

"""Elementwise arithmetic: sums, products, quotients, powers, signs, extrema and roundings.

Gradients are those of the real functions; at a tie of `maximum` and `minimum` the first operand
gets all of it, as in Theano.
"""

from collections.abc import Sequence

from lltheano.interfaces.layers import language
from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.arities import Binary, Clip, TensorLike, Unary, Variadic
from lltheano.tensor.elementwise.comparison import cast, compare, eq, ge, gt, le, lt, neq, switch
from lltheano.tensor.elementwise.logarithmic import (
    of_abs,
    of_add,
    of_inv,
    of_mul,
    of_neg,
    of_pow,
    of_selection,
    of_sqr,
    of_sub,
    of_true_div,
)
from lltheano.tensor.elementwise.op import number_like
from lltheano.tensor.elementwise.transcendental import log
from lltheano.tensor.variables.promotion import is_complex
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = [
    "abs_",
    "add",
    "ceil",
    "ceil_intdiv",
    "clip",
    "floor",
    "int_div",
    "inv",
    "maximum",
    "minimum",
    "mod",
    "mul",
    "neg",
    "pow",
    "round",
    "round_half_away_from_zero",
    "round_half_to_even",
    "sgn",
    "sqr",
    "sub",
    "true_div",
    "trunc",
]

Terms = Sequence[TensorVariable | None]
Tensors = Sequence[TensorVariable]


def _is_bool(value: Value) -> bool:
    return value.type.dtype.is_bool


def _emit_add(builder: Builder, values: Sequence[Value]) -> Value:
    return _fold(builder, "or" if _is_bool(values[0]) else "add", values)


def _emit_mul(builder: Builder, values: Sequence[Value]) -> Value:
    return _fold(builder, "and" if _is_bool(values[0]) else "mul", values)


def _fold(builder: Builder, name: str, values: Sequence[Value]) -> Value:
    result = values[0]
    for value in values[1:]:
        result = builder.elementwise(name, result, value)
    return result


def _grad_add(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [g for _ in inputs]


def _grad_sub(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [g, -g]


def _grad_mul(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    others = [
        [operand for index, operand in enumerate(inputs) if index != i] for i in range(len(inputs))
    ]
    return [mul(g, *rest) if rest else g for rest in others]


def _grad_true_div(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    """By the quotient itself: the square of a divisor may overflow."""
    _, y = inputs
    return [g / y, -(g * output) / y]


def _grad_mod(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    x, y = inputs
    return [g, -int_div(x, y) * g]


def _grad_pow(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    """Where the exponent is 0 the slope in x is 0; where x is 0 that in the exponent is."""
    x, y = inputs
    if is_complex(output.dtype):
        x = cast(x, output.dtype)
    in_x = y * pow(x, y - 1)
    if not (isinstance(y, TensorConstant) and y.data.all()):
        in_x = switch(eq(y, 0), 0, in_x)
    in_y = switch(eq(x, 0), 0, output * log(switch(eq(x, 0), 1, x)))
    return [g * in_x, g * in_y]


def _grad_neg(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [-g]


def _grad_abs(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [g * sgn(inputs[0])]


def _grad_sgn(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    """A complex number's direction turns with its angle, a real one's does not; 0 at 0."""
    (z,) = inputs
    if not is_complex(z.dtype):
        return [None]
    size = abs_(z)
    turn = output.real * g.imag - output.imag * g.real
    slope = switch(eq(size, 0), 0, turn / switch(eq(size, 0), 1, size))
    return [language.complex(-slope * output.imag, slope * output.real)]


def _grad_sqr(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [g * inputs[0] * 2]


def _grad_inv(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [-g * output * output]


def _grad_flat(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [None for _ in inputs]


def _grad_extremum(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    """To the first operand where the result is it, a tie included, else to the second."""
    first = eq(output, inputs[0])
    return [switch(first, g, 0), switch(first, 0, g)]


def _grad_clip(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    """To the operand that the result is; a NaN in any of them keeps it from all."""
    x, low, high = inputs
    inside = ge(x, low) & le(x, high)
    below = lt(x, low) & le(low, high)
    above = gt(x, high) | gt(low, high)
    return [switch(inside, g, 0), switch(below, g, 0), switch(above, g, 0)]


def _emit_abs(builder: Builder, values: Sequence[Value]) -> Value:
    return values[0] if _is_bool(values[0]) else builder.elementwise("abs", values[0])


def _emit_sqr(builder: Builder, values: Sequence[Value]) -> Value:
    return _emit_mul(builder, (values[0], values[0]))


def _emit_inv(builder: Builder, values: Sequence[Value]) -> Value:
    one = number_like(builder, values[0], 1)
    return builder.elementwise("div", one, values[0])


def _emit_extremum(builder: Builder, values: Sequence[Value], name: str, order: str) -> Value:
    """Of complex numbers the first, where it is NaN or their order says so, else the second."""
    x, y = values
    if not x.type.dtype.is_complex:
        return builder.elementwise(name, x, y)
    first = builder.elementwise("isnan", x)
    first = builder.elementwise("or", first, compare(builder, order, x, y))
    return builder.elementwise("select", first, x, y)


def _emit_clip(builder: Builder, values: Sequence[Value]) -> Value:
    x, low, high = values
    return builder.elementwise("minimum", builder.elementwise("maximum", x, low), high)


def _emit_rounding(name: str, x: Value, builder: Builder) -> Value:
    return x if x.type.dtype.is_integer or x.type.dtype.is_bool else builder.elementwise(name, x)


def _emit_away(builder: Builder, values: Sequence[Value]) -> Value:
    """Truncate, and add the sign where the fraction, which is exact, is at least a half."""
    (x,) = values
    if not x.type.dtype.is_float:
        return x
    kept = builder.elementwise("trunc", x)
    fraction = builder.elementwise("abs", builder.elementwise("sub", x, kept))
    far = builder.elementwise("ge", fraction, number_like(builder, x, 0.5))
    step = builder.elementwise("sign", x)
    return builder.elementwise("select", far, builder.elementwise("add", kept, step), kept)


def _of_base(known: Sequence[bool]) -> bool:
    """A power of what is positive is."""
    return known[0]


add: Variadic = Variadic(
    "add",
    "a + b + ...; on bool: or",
    1,
    rules.arithmetic,
    _emit_add,
    _grad_add,
    variadic=True,
    example=">>> T.add([1, 2], [10, 20], 100).eval()\narray([111, 122])",
    relative_rule=of_add,
    exponential=any,
)
mul: Variadic = Variadic(
    "mul",
    "a * b * ...; on bool: and",
    1,
    rules.arithmetic,
    _emit_mul,
    _grad_mul,
    variadic=True,
    example=">>> T.mul([1, 2], [3, 4], 5).eval()\narray([15, 40])",
    relative_rule=of_mul,
    exponential=any,
)
sub: Binary = Binary(
    "sub",
    "a - b",
    2,
    rules.signed,
    "sub",
    _grad_sub,
    example=">>> T.sub([1.5, 2.0], [1.0, 4.0]).eval()\narray([ 0.5, -2. ])",
    relative_rule=of_sub,
)
true_div: Binary = Binary(
    "true_div",
    "a / b; integers are divided as floatX",
    2,
    rules.division,
    "div",
    _grad_true_div,
    example=">>> T.true_div([1, 2], 4).eval()\narray([0.25, 0.5 ])",
    relative_rule=of_true_div,
    exponential=any,
)
int_div: Binary = Binary(
    "int_div",
    "floor(a / b); 0 for an integer b of 0",
    2,
    rules.integral,
    "floordiv",
    _grad_flat,
    example=">>> T.int_div([7, -7], 2).eval()\narray([ 3, -4])",
)
mod: Binary = Binary(
    "mod",
    "a - floor(a / b) * b, which has the sign of b",
    2,
    rules.integral,
    "mod",
    _grad_mod,
    example=">>> T.mod([7, -7], 3).eval()\narray([1, 2])",
)
pow: Binary = Binary(  # noqa: A001
    "pow",
    "a to the power b",
    2,
    rules.power,
    "pow",
    _grad_pow,
    example=">>> T.pow([2.0, 9.0], [3.0, 0.5]).eval()\narray([8., 3.])",
    relative_rule=of_pow,
    exponential=_of_base,
)
neg: Unary = Unary(
    "neg",
    "-a",
    1,
    rules.signed,
    "neg",
    _grad_neg,
    example=">>> T.neg([1.5, -2.0]).eval()\narray([-1.5,  2. ])",
    relative_rule=of_neg,
)
abs_: Unary = Unary(
    "abs_",
    "the absolute value of a, of complex numbers with the dtype of their parts",
    1,
    rules.modulus,
    _emit_abs,
    _grad_abs,
    example=">>> T.abs_([1.5, -2.0]).eval()\narray([1.5, 2. ])",
    holomorphic=False,
    relative_rule=of_abs,
    exponential=all,
)
sgn: Unary = Unary(
    "sgn",
    "the sign of a: -1, 0, 1, or NaN for NaN; of complex numbers a / abs(a), 0 for 0",
    1,
    rules.signed,
    "sign",
    _grad_sgn,
    example=">>> T.sgn([-3.0, 0.0, 0.5]).eval()\narray([-1.,  0.,  1.])",
    holomorphic=False,
)
sqr: Unary = Unary(
    "sqr",
    "a * a",
    1,
    rules.arithmetic,
    _emit_sqr,
    _grad_sqr,
    example=">>> T.sqr([3.0, -4.0]).eval()\narray([ 9., 16.])",
    relative_rule=of_sqr,
    exponential=any,
)
inv: Unary = Unary(
    "inv",
    "1 / a",
    1,
    rules.analytic,
    _emit_inv,
    _grad_inv,
    example=">>> T.inv([2.0, 4.0]).eval()\narray([0.5 , 0.25])",
    relative_rule=of_inv,
    exponential=any,
)
maximum: Binary = Binary(
    "maximum",
    "the greater of x and y; NaN where one is NaN; complex numbers by real, then imaginary parts",
    2,
    rules.arithmetic,
    lambda builder, values: _emit_extremum(builder, values, "maximum", "ge"),
    _grad_extremum,
    example=">>> T.maximum([1.0, 5.0], 2.0).eval()\narray([2., 5.])",
    parameters=("x", "y"),
    relative_rule=of_selection,
)
minimum: Binary = Binary(
    "minimum",
    "the lesser of x and y; NaN where one is NaN; complex numbers by real, then imaginary parts",
    2,
    rules.arithmetic,
    lambda builder, values: _emit_extremum(builder, values, "minimum", "le"),
    _grad_extremum,
    example=">>> T.minimum([1.0, 5.0], 2.0).eval()\narray([1., 2.])",
    parameters=("x", "y"),
    relative_rule=of_selection,
)
clip: Clip = Clip(
    "clip",
    "x limited to min ... max; where min is above max it is max",
    3,
    rules.real_numbers,
    _emit_clip,
    _grad_clip,
    example=">>> T.clip([-2.0, 0.5, 3.0], 0, 1).eval()\narray([0. , 0.5, 1. ])",
    parameters=("x", "min", "max"),
    relative_rule=of_selection,
)
floor: Unary = Unary(
    "floor",
    "the greatest whole number not above a",
    1,
    rules.continuous,
    "floor",
    _grad_flat,
    example=">>> T.floor([-1.5, 1.5]).eval()\narray([-2.,  1.])",
)
ceil: Unary = Unary(
    "ceil",
    "the least whole number not below a",
    1,
    rules.continuous,
    "ceil",
    _grad_flat,
    example=">>> T.ceil([-1.5, 1.5]).eval()\narray([-1.,  2.])",
)
trunc: Unary = Unary(
    "trunc",
    "a without its fraction",
    1,
    rules.continuous,
    "trunc",
    _grad_flat,
    example=">>> T.trunc([-1.5, 1.5]).eval()\narray([-1.,  1.])",
)
round_half_to_even: Unary = Unary(
    "round_half_to_even",
    "the nearest whole number, ties to even; integers as they are, complex numbers by parts",
    1,
    rules.arithmetic,
    lambda builder, values: _emit_rounding("rint", values[0], builder),
    _grad_flat,
    example=">>> T.round_half_to_even([0.5, 1.5, 2.5]).eval()\narray([0., 2., 2.])",
)
round_half_away_from_zero: Unary = Unary(
    "round_half_away_from_zero",
    "the nearest whole number, ties away from zero; integers as they are",
    1,
    rules.whole,
    _emit_away,
    _grad_flat,
    example=">>> T.round_half_away_from_zero([0.5, 1.5, 2.5]).eval()\narray([1., 2., 3.])",
)


def round(a: TensorLike, mode: str | None = None) -> TensorVariable:  # noqa: A001 - NumPy's name
    """Round to whole numbers, which keep their dtype.

    `mode` is "half_to_even", the default, or "half_away_from_zero"; otherwise ValueError.

    >>> round([0.5, 1.5, 2.5]).eval(), round([0.5, 1.5, 2.5], "half_away_from_zero").eval()
    (array([0., 2., 2.]), array([1., 2., 3.]))
    """
    chosen = mode or "half_to_even"
    ops = {
        "half_to_even": round_half_to_even,
        "half_away_from_zero": round_half_away_from_zero,
    }
    if chosen not in ops:
        raise ValueError(f"round has modes {', '.join(ops)}, got {mode!r}")
    result: TensorVariable = ops[chosen](a)
    return result


def ceil_intdiv(a: TensorLike, b: TensorLike) -> TensorVariable:
    """Return the quotient of two numbers, rounded up: 1 more than the floor where there is a rest.

    It has the dtype of `int_div`, and is 0 for an integer `b` of 0.

    >>> ceil_intdiv([7, -7], 2).eval(), ceil_intdiv(7.5, 2.0).eval()
    (array([ 4, -3]), array(4., dtype=float32))
    """
    below = int_div(a, b)
    result: TensorVariable = below + cast(neq(mod(a, b), 0), below.dtype)
    return result

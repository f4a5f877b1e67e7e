"""Functions of two numbers that neither overflow nor cancel on the way to their result."""

import math
from collections.abc import Sequence

from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.arithmetic import abs_, maximum, minimum, mod, pow  # noqa: A004
from lltheano.tensor.elementwise.arities import Binary
from lltheano.tensor.elementwise.comparison import cast, eq, isnan, lt, neq, switch
from lltheano.tensor.elementwise.op import Elementwise, number_like
from lltheano.tensor.elementwise.transcendental import sigmoid
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_complex, is_discrete, upcast, upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value

__all__ = [
    "float_power",
    "fmax",
    "fmin",
    "fmod",
    "heaviside",
    "hypot",
    "logaddexp",
    "logaddexp2",
]

Terms = Sequence[TensorVariable | None]
Tensors = Sequence[TensorVariable]


def _wide(builder: Builder, values: Sequence[Value]) -> list[Value]:
    """Operands of a computation in several steps: halves as float32, so that only its result is
    rounded to one.
    """
    single = dtype_of("float32")
    return [
        builder.cast(value, single) if value.type.dtype.name == "f16" else value for value in values
    ]


def _log_of_sum(builder: Builder, values: Sequence[Value], exp: str, scale: float) -> Value:
    """The greater operand, and what the lesser adds to it; at a tie, of infinities too, `scale`
    times log(2). A difference that is NaN is the result, as in NumPy.
    """
    x, y = _wide(builder, values)
    do = builder.elementwise
    distance = do("sub", x, y)
    lesser = do(exp, do("neg", do("abs", distance)))
    added = do("log1p", lesser)
    both = math.log(2) * scale
    if scale != 1:
        added = do("mul", added, number_like(builder, added, scale))
    apart = do("add", do("maximum", x, y), added)
    tied = do("add", x, number_like(builder, x, both))
    return do("select", do("eq", x, y), tied, apart)


def _grad_of_log_of_sum(
    inputs: Tensors, output: TensorVariable, g: TensorVariable, scale: float
) -> Terms:
    """The shares of the operands in the sum, which add up to 1; halves at a tie of infinities."""
    x, y = (cast(operand, output.dtype) for operand in inputs)
    distance = (x - y) * constant(scale, dtype=output.dtype)
    tie = eq(x, y)
    share = switch(tie, 0.5, sigmoid(switch(tie, 0, distance)))
    rest = switch(tie, 0.5, sigmoid(switch(tie, 0, -distance)))
    return [g * share, g * rest]


logaddexp: Binary = Binary(
    "logaddexp",
    "log(exp(a) + exp(b)), without overflow",
    2,
    rules.continuous,
    lambda builder, values: _log_of_sum(builder, values, "exp", 1.0),
    lambda inputs, output, g: _grad_of_log_of_sum(inputs, output, g, 1.0),
    example=">>> T.logaddexp([0.0, 1000.0], [0.0, 1000.0]).eval().round(4)\n"
    "array([6.9310000e-01, 1.0006931e+03])",
)
logaddexp2: Binary = Binary(
    "logaddexp2",
    "log2(2**a + 2**b), without overflow",
    2,
    rules.continuous,
    lambda builder, values: _log_of_sum(builder, values, "exp2", 1 / math.log(2)),
    lambda inputs, output, g: _grad_of_log_of_sum(inputs, output, g, math.log(2)),
    example=">>> T.logaddexp2([0.0, 1000.0], [0.0, 1000.0]).eval()\narray([1.000e+00, 1.001e+03])",
)


def _emit_hypot(builder: Builder, values: Sequence[Value]) -> Value:
    """The modulus of the complex number with these parts."""
    return builder.elementwise("abs", builder.elementwise("complex", *_wide(builder, values)))


def _grad_hypot(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    """The direction of the point, which the origin has none of: 0 there, as `abs` has."""
    nowhere = eq(output, 0)
    divisor = switch(nowhere, 1, output)
    return [g * switch(nowhere, 0, operand / divisor) for operand in inputs]


hypot: Binary = Binary(
    "hypot",
    "the distance of the point (a, b) from the origin, without overflow",
    2,
    rules.continuous,
    _emit_hypot,
    _grad_hypot,
    example=">>> T.hypot([3.0, 3e200], [4.0, 4e200]).eval()\narray([5.e+000, 5.e+200])",
)


def fmax(x: object, y: object) -> TensorVariable:
    """Return the greater of `x` and `y`, and of a number and a NaN the number.

    TypeError for complex numbers.

    >>> fmax([1.0, float("nan")], [0.0, 2.0]).eval()
    array([1., 2.])
    """
    return _number_of(maximum, x, y)


def fmin(x: object, y: object) -> TensorVariable:
    """Return the lesser of `x` and `y`, and of a number and a NaN the number.

    TypeError for complex numbers.

    >>> fmin([1.0, float("nan")], [0.0, 2.0]).eval()
    array([0., 2.])
    """
    return _number_of(minimum, x, y)


def _number_of(op: Elementwise, left: object, right: object) -> TensorVariable:
    x, y = as_tensor_variable(left), as_tensor_variable(right)
    chosen = op(x, y)
    for one, other in ((x, y), (y, x)):
        if not is_discrete(one.dtype):
            chosen = switch(isnan(one), other, chosen)
    return chosen


def fmod(x: object, y: object) -> TensorVariable:
    """Return what is left of `x` by division by `y`, with the sign of `x`, as C's fmod does.

    `mod` and `%` have the sign of `y`. An integer `y` of 0 gives 0. TypeError for complex numbers.

    >>> import lltheano.tensor as T
    >>> fmod([7, -7], 3).eval(), (T.constant([7, -7]) % 3).eval()
    (array([ 1, -1]), array([1, 2]))
    """
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    if is_discrete(upcast(x.dtype, y.dtype)):
        left = mod(x, y)
        opposite = neq(left, 0) & neq(lt(x, 0), lt(y, 0))
        return cast(switch(opposite, left - y, left), left.dtype)
    dtype = upcast(x.dtype, y.dtype)
    # Converted first: what is computed in integers has gradient zero.
    x, y = cast(x, dtype), cast(y, dtype)
    left = mod(abs_(x), abs_(y))
    # Of 0 it is 0 with its sign, or NaN.
    result: TensorVariable = switch(eq(x, 0), x * (1 + left), switch(lt(x, 0), -left, left))
    return cast(result, dtype)


def float_power(x: object, y: object) -> TensorVariable:
    """Return `x` to the power `y`, computed in float64 or complex128.

    >>> float_power([2, 3], -1).eval().round(4)
    array([0.5   , 0.3333])
    """
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    whole = is_complex(x.dtype) or is_complex(y.dtype)
    dtype = "complex128" if whole else "float64"
    result: TensorVariable = pow(cast(x, dtype), cast(y, dtype))
    return result


def heaviside(x1: object, x2: object) -> TensorVariable:
    """Return 0 where `x1` is negative, 1 where it is positive, `x2` where it is 0, NaN for NaN.

    >>> heaviside([-1.0, 0.0, 2.0], 0.5).eval()
    array([0. , 0.5, 1. ])
    """
    x, middle = as_tensor_variable(x1), as_tensor_variable(x2)
    dtype = upgrade_to_float(x.dtype, middle.dtype)
    if is_complex(dtype):
        raise TypeError(f"heaviside: complex numbers have no sign, got {x.describe()}")
    x, middle = cast(x, dtype), cast(middle, dtype)
    side = switch(lt(x, 0), 0, switch(isnan(x), x, 1))
    result: TensorVariable = switch(eq(x, 0), middle, side)
    return cast(result, dtype)

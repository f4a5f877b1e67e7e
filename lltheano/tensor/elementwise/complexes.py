"""Complex numbers: their parts, angle and conjugate, and what makes one of two real numbers.

A real number counts as a complex one without imaginary part. The gradients are those of
`lltheano.gradient.grad` for complex variables; none of these functions has a complex derivative.
"""

from collections.abc import Sequence

from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.arithmetic import abs_, sgn
from lltheano.tensor.elementwise.arities import Binary, Unary
from lltheano.tensor.elementwise.op import number_like
from lltheano.tensor.elementwise.transcendental import cos, sin
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete, upgrade_to_float
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = ["angle", "complex", "complex_from_polar", "conj", "imag", "real"]

Terms = Sequence[TensorVariable | None]
Tensors = Sequence[TensorVariable]


def _emit_real(builder: Builder, values: Sequence[Value]) -> Value:
    (z,) = values
    return builder.elementwise("real", z) if z.type.dtype.is_complex else z


def _emit_imag(builder: Builder, values: Sequence[Value]) -> Value:
    (z,) = values
    if z.type.dtype.is_complex:
        return builder.elementwise("imag", z)
    pattern = z.type.broadcast
    sizes = [
        None if is_broadcastable else builder.dim(z, axis)
        for axis, is_broadcastable in enumerate(pattern)
    ]
    return builder.broadcast(number_like(builder, z, 0), sizes)


def _emit_conj(builder: Builder, values: Sequence[Value]) -> Value:
    (z,) = values
    if not z.type.dtype.is_complex:
        return z
    im = builder.elementwise("neg", builder.elementwise("imag", z))
    return builder.elementwise("complex", builder.elementwise("real", z), im)


def _emit_angle(builder: Builder, values: Sequence[Value]) -> Value:
    (z,) = values
    if z.type.dtype.is_complex:
        im, re = (builder.elementwise(part, z) for part in ("imag", "real"))
        return builder.elementwise("arctan2", im, re)
    return builder.elementwise("arctan2", number_like(builder, z, 0), z)


def _grad_imag(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    return [complex(g.zeros_like(), g) if is_complex(inputs[0].dtype) else None]


def _grad_angle(inputs: Tensors, output: TensorVariable, g: TensorVariable) -> Terms:
    """``i z / |z|**2``, by way of the direction, so that no square overflows."""
    (z,) = inputs
    if not is_complex(z.dtype):
        return [None]
    direction, slope = sgn(z), g / abs_(z)
    return [complex(-slope * direction.imag, slope * direction.real)]


real: Unary = Unary(
    "real",
    "the real part: of real numbers the numbers themselves",
    1,
    rules.modulus,
    _emit_real,
    lambda inputs, output, g: [g],
    example=">>> T.real([1 + 2j, 3]).eval()\narray([1., 3.])",
    parameters=("z",),
    holomorphic=False,
)
imag: Unary = Unary(
    "imag",
    "the imaginary part: of real numbers zeros",
    1,
    rules.modulus,
    _emit_imag,
    _grad_imag,
    example=">>> T.imag([1 + 2j, 3]).eval()\narray([2., 0.])",
    parameters=("z",),
    holomorphic=False,
)
conj: Unary = Unary(
    "conj",
    "the complex conjugate: of real numbers the numbers themselves",
    1,
    rules.arithmetic,
    _emit_conj,
    lambda inputs, output, g: [conj(g)],
    example=">>> T.conj([1 + 2j, 3]).eval()\narray([1.-2.j, 3.-0.j])",
    parameters=("z",),
    holomorphic=False,
)
angle: Unary = Unary(
    "angle",
    "the angle of z in radians, from -pi to pi; of real numbers 0 or pi",
    1,
    rules.angle,
    _emit_angle,
    _grad_angle,
    example=">>> T.angle([1j, -1, 1 + 1j]).eval().round(4)\narray([1.5708, 3.1416, 0.7854])",
    parameters=("z",),
    holomorphic=False,
)
complex: Binary = Binary(  # noqa: A001
    "complex",
    "the complex number with these parts, which are real",
    2,
    rules.parts,
    "complex",
    lambda inputs, output, g: [real(g), imag(g)],
    example=">>> T.complex([1.0, 2.0], 3.0).eval()\narray([1.+3.j, 2.+3.j])",
    parameters=("real", "imag"),
    holomorphic=False,
)


def complex_from_polar(abs: object, angle: object) -> TensorVariable:  # noqa: A002 - Theano's names
    """Return the complex number with this absolute value and this angle in radians.

    It is ``complex(abs * cos(angle), abs * sin(angle))``. TypeError for complex operands.

    >>> complex_from_polar([2.0, 1.0], 0.0).eval()
    array([2.+0.j, 1.+0.j])
    """
    size, turn = as_tensor_variable(abs), as_tensor_variable(angle)
    for one in (size, turn):
        if is_complex(one.dtype):
            raise TypeError(
                f"complex_from_polar: size and angle must be real, got {one.describe()}"
            )
    if is_discrete(turn.dtype):
        turn = turn.astype(upgrade_to_float(turn.dtype))
    result: TensorVariable = complex(size * cos(turn), size * sin(turn))
    return result

"""Elementwise comparison, logic, bits and choice, and conversion of dtypes."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.interfaces.layers import language, scalar_ops
from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.arities import Binary, Switch, Unary
from lltheano.tensor.elementwise.logarithmic import (
    of_selection,
)
from lltheano.tensor.elementwise.op import number_like
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import canonical_dtype, is_complex, is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable, is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.ops.table import OPS
from lltheano_ir.records import record

__all__ = [
    "Cast",
    "and_",
    "cast",
    "eq",
    "ge",
    "gt",
    "invert",
    "isclose",
    "isinf",
    "isnan",
    "le",
    "left_shift",
    "lt",
    "neq",
    "or_",
    "right_shift",
    "switch",
    "tensor_copy",
    "where",
    "xor",
]

Tensors = Sequence[TensorVariable]


def _grad_switch(
    inputs: Tensors, output: TensorVariable, g: TensorVariable
) -> Sequence[TensorVariable | None]:
    condition = inputs[0]
    return [None, switch(condition, g, 0), switch(condition, 0, g)]


def _grad_copy(
    inputs: Tensors, output: TensorVariable, g: TensorVariable
) -> Sequence[TensorVariable | None]:
    return [g]


def compare(builder: Builder, name: str, x: Value, y: Value) -> Value:
    """Compare two values: of one dtype, complex ones by their real and then their imaginary parts,
    as NumPy does, or a signed and an unsigned integer, without conversion to a float.
    """
    laws = OPS[name].laws
    assert laws.exact is not None
    if x.type.dtype is not y.type.dtype:
        if x.type.dtype.name == "u64":
            return compare(builder, laws.mirrored or name, y, x)
        negative = builder.elementwise("lt", x, number_like(builder, x, 0))
        same = builder.elementwise(name, builder.cast(x, y.type.dtype), y)
        if laws.exact(-1, 0):
            return builder.elementwise("or", negative, same)
        return builder.elementwise("and", builder.elementwise("not", negative), same)
    if not x.type.dtype.is_complex or laws.ordering is None:
        return builder.elementwise(name, x, y)
    (re, im), (other_re, other_im) = (
        [builder.elementwise(part, one) for part in ("real", "imag")] for one in (x, y)
    )
    nan = builder.elementwise(
        "or", builder.elementwise("isnan", im), builder.elementwise("isnan", other_im)
    )
    first, second = (other_re, re) if laws.ordering.swapped else (re, other_re)
    before = builder.elementwise(
        "and", builder.elementwise("lt", first, second), builder.elementwise("not", nan)
    )
    tied = builder.elementwise(
        "and",
        builder.elementwise("eq", re, other_re),
        builder.elementwise(name, im, other_im),
    )
    return builder.elementwise("or", before, tied)


def _comparison(name: str, emit: str, summary: str, example: str) -> Binary:
    return Binary(
        name,
        f"{summary}, as bool",
        2,
        rules.comparison,
        lambda builder, values: compare(builder, emit, *values),
        example=example,
    )


eq = _comparison(
    "eq", "eq", "a == b", example=">>> T.eq([1, 2], [1, 3]).eval()\narray([ True, False])"
)
neq = _comparison(
    "neq", "ne", "a != b", example=">>> T.neq([1, 2], [1, 3]).eval()\narray([False,  True])"
)
lt = _comparison(
    "lt", "lt", "a < b", example=">>> T.lt([1, 2], [2, 2]).eval()\narray([ True, False])"
)
le = _comparison(
    "le", "le", "a <= b", example=">>> T.le([1, 2], [2, 2]).eval()\narray([ True,  True])"
)
gt = _comparison(
    "gt", "gt", "a > b", example=">>> T.gt([3, 2], [2, 2]).eval()\narray([ True, False])"
)
ge = _comparison(
    "ge", "ge", "a >= b", example=">>> T.ge([3, 2], [2, 2]).eval()\narray([ True,  True])"
)
isnan: Unary = Unary(
    "isnan",
    "whether a is NaN, as bool",
    1,
    rules.predicate,
    "isnan",
    example=">>> T.isnan([np.nan, 1.0, np.inf]).eval()\narray([ True, False, False])",
)
isinf: Unary = Unary(
    "isinf",
    "whether a is infinite, as bool",
    1,
    rules.predicate,
    "isinf",
    example=">>> T.isinf([np.nan, 1.0, np.inf]).eval()\narray([False, False,  True])",
)
and_: Binary = Binary(
    "and_",
    "a & b, bit by bit",
    2,
    rules.bits,
    "and",
    example=">>> T.and_(6, [3, 12]).eval()\narray([2, 4])",
)
or_: Binary = Binary(
    "or_",
    "a | b, bit by bit",
    2,
    rules.bits,
    "or",
    example=">>> T.or_(6, [3, 12]).eval()\narray([ 7, 14])",
)
xor: Binary = Binary(
    "xor",
    "a ^ b, bit by bit",
    2,
    rules.bits,
    "xor",
    example=">>> T.xor(6, [3, 12]).eval()\narray([ 5, 10])",
)
invert: Unary = Unary(
    "invert",
    "~a, bit by bit; on bool: not",
    1,
    rules.bits,
    "not",
    example=">>> T.invert([0, 6]).eval()\narray([-1, -7])",
)
left_shift: Binary = Binary(
    "left_shift",
    "a << b; 0 when b is the width of a or more",
    2,
    rules.shift,
    "shl",
    example=">>> T.left_shift([1, 3], 2).eval()\narray([ 4, 12])",
)
right_shift: Binary = Binary(
    "right_shift",
    "a >> b, keeping the sign",
    2,
    rules.shift,
    "shr",
    example=">>> T.right_shift([12, -12], 2).eval()\narray([ 3, -3])",
)
switch: Switch = Switch(
    "switch",
    "ift where cond is not zero, else iff",
    3,
    rules.selection,
    "select",
    _grad_switch,
    example=">>> T.switch([True, False], 1.0, 2.0).eval()\narray([1., 2.], dtype=float32)",
    parameters=("cond", "ift", "iff"),
    relative_rule=of_selection,
)
where = switch
tensor_copy: Unary = Unary(
    "tensor_copy",
    "a, as a variable of its own",
    1,
    rules.arithmetic,
    lambda builder, values: values[0],
    _grad_copy,
    example=">>> T.tensor_copy([1.0, 2.0]).eval()\narray([1., 2.])",
    relative_rule=of_selection,
    exponential=any,
)


@record(frozen=True)
class Cast(Op):
    """Convert elements to `dtype`.

    To bool is `x != 0`; to an integer drops the fraction, and gives the nearest end of the range
    to what does not fit (integers wrap around); NaN becomes 0.
    """

    moves = True

    dtype: str

    @property
    def scalar_op(self) -> Any:
        """What the op does to one element, as an op of `lltheano.scalar`."""
        return scalar_ops.scalar_op_of(self)

    def make_node(self, x: Any) -> Apply:
        """Refuse to drop an imaginary part."""
        x = as_tensor_variable(x)
        if is_complex(x.dtype) and not is_complex(self.dtype):
            raise TypeError(
                f"cannot cast {x.describe()} to {self.dtype}: that would drop the imaginary part"
            )
        return Apply(self, [x], [TensorType(self.dtype, x.broadcastable)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient in the operand's dtype; zero when the result is an integer."""
        (x,), (g,) = inputs, output_gradients
        assert is_tensor(x)
        if is_discrete(self.dtype):
            return [zero()]
        if is_complex(self.dtype) and not is_complex(x.dtype):
            g = language.real(g)
        return [g if is_discrete(x.dtype) else cast(g, x.dtype)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.cast(inputs[0], dtype_of(self.dtype))]

    def __str__(self) -> str:
        return f"Cast{{{self.dtype}}}"


def cast(x: object, dtype: Any) -> TensorVariable:
    """Convert the elements of `x` to `dtype` ("floatX" is config.floatX); `x` itself when it has
    it.

    TypeError when that would drop an imaginary part, or when tensors cannot have the dtype.

    >>> cast([-1.7, 300.0], "int8").eval()
    array([ -1, 127], dtype=int8)
    """
    x = as_tensor_variable(x)
    target = canonical_dtype(dtype)
    if x.dtype == target:
        return x
    result: TensorVariable = Cast(target)(x)
    return result


def isclose(
    a: object, b: object, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> TensorVariable:
    """Whether |a - b| <= atol + rtol * |b|, elementwise; equal infinities are close.

    Two NaN are close only with `equal_nan`.

    >>> isclose([1.0, 1.0], [1.0 + 1e-9, 1.1]).eval()
    array([ True, False])
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    # Differences of integers may wrap round; of a float and an integer they do not.
    other = b.astype("float64") if is_discrete(b.dtype) else b
    near = le(abs(a - other), atol + rtol * abs(other)) & ~isinf(other)
    close = near | eq(a, b)
    return close | (isnan(a) & isnan(b)) if equal_nan else close

"""The reducing ops: elements combined along axes by sum, product, maximum, minimum, all or any.

The classes are those that Theano's programs look for: `Sum(axis=0)(x)`, `isinstance(node.op, Sum)`,
`CAReduce(T.maximum)`.
"""

import copy
import typing
from collections.abc import Callable, Sequence

from lltheano.gradient.relative import Facts, Part, logarithm_of
from lltheano.graph.core import Apply, Constant, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.interfaces.layers import language
from lltheano.tensor.shapes.dimshuffle import dimshuffle, normalised_axis, squeezed_type
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import (
    canonical_dtype,
    is_complex,
    is_discrete,
    is_float,
    sum_accumulator,
    sum_dtype,
)
from lltheano.tensor.variables.variable import TensorVariable, is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.ops.table import op_named
from lltheano_ir.ops.traits import Sign

__all__ = [
    "All",
    "Any",
    "CAReduce",
    "CAReduceDtype",
    "Prod",
    "Sum",
    "Supremum",
    "axes_of",
    "keep_axes",
    "merge_last_axes",
    "sum_to_pattern",
]

_KINDS = {
    "add": "add",
    "mul": "mul",
    "maximum": "max",
    "minimum": "min",
    "and_": "and",
    "or_": "or",
}
"""The kind of reduction that each elementwise op combines two elements for."""

_NAMES = {"add": "Sum", "mul": "Prod", "max": "Max", "min": "Min", "and": "And", "or": "Or"}


def axes_of(x: TensorVariable, axis: typing.Any) -> tuple[int, ...]:
    """The axes that an `axis` argument names: all for None, else one or a list, ascending.

    TypeError for what is no integer; ValueError for an axis that there is not, or named twice.
    """
    if axis is None or (isinstance(axis, Constant) and axis.data is None):
        return tuple(range(x.ndim))
    if isinstance(axis, Variable):
        axis = axis.get_scalar_constant_value() if is_tensor(axis) else axis
    given = axis if isinstance(axis, list | tuple) else [axis]
    chosen = [normalised_axis(one, x) for one in given]
    if len(set(chosen)) != len(chosen):
        raise ValueError(f"an axis of {x.describe()} is named twice in {axis!r}")
    return tuple(sorted(chosen))


class CAReduce(Op):
    """Elements combined along axes by a commutative, associative operation of two elements.

    The result has the operand's dtype. Floating sums have one fixed order, whatever the machine.

    Parameters
    ----------
    scalar_op
        The op `add`, `mul`, `maximum`, `minimum`, `and_` or `or_`, of `T` or of `lltheano.scalar`;
        TypeError for any other.
    axis
        The axis or axes that are combined, and which the result lacks; all for None.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> T.CAReduce(T.maximum, axis=1)([[1, 5], [7, 2]]).eval()
    array([5, 7])
    """

    def __init__(self, scalar_op: typing.Any, axis: typing.Any = None) -> None:
        kind = _KINDS.get(str(getattr(scalar_op, "name", scalar_op)))
        if kind is None:
            raise TypeError(f"CAReduce combines by {', '.join(_KINDS)}, got {scalar_op}")
        self.kind = kind
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else axis

    @property
    def scalar_op(self) -> typing.Any:
        """The scalar op that combines two elements."""
        ops = {
            "add": language.add,
            "mul": language.mul,
            "max": language.maximum,
            "min": language.minimum,
            "and": language.and_,
            "or": language.or_,
        }
        return ops[self.kind].scalar_op

    def dtypes(self, x: TensorVariable) -> tuple[str, str]:
        """In which dtype elements are combined, and that of the result."""
        return x.dtype, x.dtype

    def make_node(self, x: typing.Any) -> Apply:
        """The axes must exist, and the elements be ones that can be combined."""
        x = as_tensor_variable(x)
        axes = axes_of(x, self.axis)
        inner, dtype = self.dtypes(x)
        if self.kind in ("max", "min") and is_complex(inner):
            raise TypeError(f"complex numbers have no order, got {x.describe()}")
        if self.kind in ("and", "or") and not is_discrete(inner):
            raise TypeError(f"only bool and integers have bits, got {x.describe()}")
        return Apply(self, [x], [squeezed_type(x.type, axes).clone(dtype=dtype)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Sum: g. Product: g times the product of the others. Extremum: g at every tie. Bits: 0."""
        (x,), (y,), (g,) = inputs, outputs, output_gradients
        assert is_tensor(x)
        if self.kind in ("and", "or") or is_discrete(self.dtypes(x)[1]):
            return [zero()]
        axes = axes_of(x, self.axis)
        wide = keep_axes(g, axes)
        if self.kind == "add":
            return [x.fill(wide)]
        if self.kind == "mul":
            others = self._product_of_others(x, keep_axes(y, axes), axes)
            return [wide * (language.conj(others) if is_complex(others.dtype) else others)]
        return [language.eq(keep_axes(y, axes), x) * wide]

    def is_positive(self, node: Apply, known: Callable[[Variable], bool]) -> bool:
        """A sum, product or extremum of positive numbers is; of none it counts as one too."""
        rule = op_named("reduce").sign
        assert rule is not None
        sign = rule((Sign.POSITIVE,), False, (self.kind, ()))
        return sign is Sign.POSITIVE and known(node.inputs[0])

    def has_exponential(self, node: Apply, known: Callable[[Variable], bool]) -> bool:
        """Of sums."""
        return self.kind == "add" and known(node.inputs[0])

    def relative(
        self, node: Apply, facts: Facts, plain: typing.Any, relative: typing.Any
    ) -> Sequence[Part] | None:
        """Of a sum each exponential gets its share; of a product every factor gets all; of an
        extremum the elements that it is.
        """
        (x,), (y,) = node.inputs, node.outputs
        assert is_tensor(x)
        assert is_tensor(y)
        if relative is None or not is_float(x.dtype) or x.dtype != y.dtype:
            return None
        axes = axes_of(x, self.axis)
        wide, result = keep_axes(relative, axes), keep_axes(y, axes)
        in_x = None if plain is None else typing.cast(TensorVariable, self._plain(node, plain))
        if self.kind == "mul":
            return [Part(x, in_x, x.fill(wide))]
        if self.kind in ("max", "min"):
            return [Part(x, in_x, language.eq(result, x) * wide, masked=True)]
        if self.kind != "add":
            return None
        if facts.is_exponential(x):
            return [Part(x, in_x, wide * self._share(x, result, axes))]
        spread = x.fill(wide / result)
        return [Part(x, spread if in_x is None else in_x + spread)]

    def _share(
        self, x: TensorVariable, total: TensorVariable, axes: tuple[int, ...]
    ) -> TensorVariable:
        """Of exponentials: their share of the sum, by exponents where all of them may underflow."""
        exponent = logarithm_of(x)
        if exponent is None:
            return x / total
        powers = language.exp(exponent)
        share: TensorVariable = powers / keep_axes(Sum(axes)(powers), axes)
        return share

    def _plain(self, node: Apply, g: Variable) -> Variable:
        (term,) = self.L_op(node.inputs, node.outputs, [g])
        return term

    def _product_of_others(
        self, x: TensorVariable, product: TensorVariable, axes: tuple[int, ...]
    ) -> TensorVariable:
        """For each element the product of all others, which division alone cannot give at zeros."""
        is_zero = language.eq(x, 0)
        rest = language.switch(is_zero, x.ones_like(), x)
        product = keep_axes(Prod(axes, x.dtype)(rest), axes)
        zeros = keep_axes(Sum(axes, "int64", "int64")(is_zero), axes)
        without_one = language.switch(is_zero, product, 0)
        with_one = language.switch(language.eq(zeros, 1), without_one, 0)
        return language.switch(language.eq(zeros, 0), product / rest, with_one)

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A reduction of trailing axes becomes one of the last axis alone, whose order is
        blocked.
        """
        (operand,) = node.inputs
        assert is_tensor(operand)
        inner, dtype = self.dtypes(operand)
        x = builder.cast(inputs[0], dtype_of(inner))
        axes = axes_of(operand, self.axis)
        # Of bool the sum is whether any is true, the product whether all are, as of two of them.
        of_bool = {"add": "or", "mul": "and"} if inner == "bool" else {}
        kind = of_bool.get(self.kind, self.ir_kind)
        if len(axes) > 1 and axes == tuple(range(x.rank - len(axes), x.rank)):
            x = merge_last_axes(builder, x, len(axes))
            axes = (x.rank - 1,)
        return [builder.cast(builder.reduce(kind, x, axes), dtype_of(dtype))]

    @property
    def ir_kind(self) -> str:
        """What the IR calls the reduction."""
        return self.kind

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __str__(self) -> str:
        name = _NAMES[self.kind] if type(self) is CAReduce else type(self).__name__
        if self.axis is None:
            return name
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        return f"{name}{{axis={list(axes)}}}"

    def __repr__(self) -> str:
        return str(self)


class Supremum(CAReduce):
    """The greatest element along axes; of no elements the least number there is: -inf for floats.

    >>> import numpy as np
    >>> Supremum(1)(np.zeros((2, 0))).eval()
    array([-inf, -inf])
    """

    def __init__(self, axis: typing.Any = None) -> None:
        super().__init__("maximum", axis)

    @property
    def ir_kind(self) -> str:
        """What the IR calls the reduction."""
        return "sup"


class CAReduceDtype(CAReduce):
    """A reduction by `scalar_op` that gives `dtype`, and combines elements as `acc_dtype`.

    Without `dtype` bool and signed integers give int64, unsigned ones uint64, others their own.
    Without `acc_dtype` it is the result's, but float32 for float16. The op of an application says
    both.

    >>> import lltheano.tensor as T
    >>> CAReduceDtype(T.add, axis=0)(T.bmatrix("x")).type
    TensorType(int64, vector)
    """

    def __init__(
        self,
        scalar_op: typing.Any,
        axis: typing.Any = None,
        dtype: typing.Any = None,
        acc_dtype: typing.Any = None,
    ) -> None:
        super().__init__(scalar_op, axis)
        self.dtype = None if dtype is None else canonical_dtype(dtype)
        self.acc_dtype = None if acc_dtype is None else canonical_dtype(acc_dtype)

    def make_node(self, x: typing.Any) -> Apply:
        """As any reduction; the op of the application says its dtypes."""
        x = as_tensor_variable(x)
        inner, dtype = self.dtypes(x)
        if (self.acc_dtype, self.dtype) == (inner, dtype):
            return super().make_node(x)
        explicit = copy.copy(self)
        explicit.acc_dtype, explicit.dtype = inner, dtype
        return explicit.make_node(x)

    def dtypes(self, x: TensorVariable) -> tuple[str, str]:
        """In which dtype elements are combined, and that of the result."""
        dtype = sum_dtype(x.dtype) if self.dtype is None else self.dtype
        if is_complex(x.dtype) and not is_complex(dtype):
            raise TypeError(f"{x.describe()} is complex and cannot be reduced to {dtype}")
        inner = sum_accumulator(x.dtype, dtype) if self.acc_dtype is None else self.acc_dtype
        return inner, dtype


class Sum(CAReduceDtype):
    """The sum of elements along axes, of `CAReduceDtype`'s parameters. That of nothing is 0.

    >>> Sum(axis=0)([[1, 2], [3, 4]]).eval()
    array([4, 6])
    """

    def __init__(
        self, axis: typing.Any = None, dtype: typing.Any = None, acc_dtype: typing.Any = None
    ) -> None:
        super().__init__("add", axis, dtype, acc_dtype)


class Prod(CAReduceDtype):
    """The product of elements along axes, of `CAReduceDtype`'s parameters. That of nothing is 1.

    `no_zeros_in_input` promises that no element is zero; the gradient is then made by division.

    >>> Prod(axis=1)([[1, 2], [3, 4]]).eval()
    array([ 2, 12])
    """

    def __init__(
        self,
        axis: typing.Any = None,
        dtype: typing.Any = None,
        acc_dtype: typing.Any = None,
        no_zeros_in_input: bool = False,
    ) -> None:
        super().__init__("mul", axis, dtype, acc_dtype)
        self.no_zeros_in_input = no_zeros_in_input

    def _product_of_others(
        self, x: TensorVariable, product: TensorVariable, axes: tuple[int, ...]
    ) -> TensorVariable:
        if self.no_zeros_in_input:
            quotient: TensorVariable = product / x
            return quotient
        return super()._product_of_others(x, product, axes)


class _Truth(CAReduce):
    """Reductions of truth values: what is not zero is true."""

    def dtypes(self, x: TensorVariable) -> tuple[str, str]:
        """Always bool."""
        return "bool", "bool"

    def make_node(self, x: typing.Any) -> Apply:
        """Elements of any dtype, compared with zero."""
        x = as_tensor_variable(x)
        return super().make_node(x if x.dtype == "bool" else language.neq(x, 0))


class All(_Truth):
    """Whether no element along axes is zero; of nothing it is true.

    >>> All(axis=0)([[1, 0], [3, 4]]).eval()
    array([ True, False])
    """

    def __init__(self, axis: typing.Any = None) -> None:
        super().__init__("and_", axis)


class Any(_Truth):
    """Whether an element along axes is not zero; of nothing it is false.

    >>> Any(axis=0)([[0, 0], [3, 0]]).eval()
    array([ True, False])
    """

    def __init__(self, axis: typing.Any = None) -> None:
        super().__init__("or_", axis)


def keep_axes(x: object, axes: Sequence[int]) -> TensorVariable:
    """Put axes of size 1 back where a reduction removed `axes`."""
    x = as_tensor_variable(x)
    if not axes:
        return x
    rest = iter(range(x.ndim))
    rank = x.ndim + len(axes)
    return dimshuffle(x, ["x" if axis in axes else next(rest) for axis in range(rank)])


def merge_last_axes(builder: Builder, x: Value, count: int) -> Value:
    """Reshape so that the last `count` axes are one."""
    first = x.rank - count
    merged = builder.dim(x, first)
    for axis in range(first + 1, x.rank):
        merged = builder.elementwise("mul", merged, builder.dim(x, axis))
    kept = [builder.dim(x, axis) for axis in range(first)]
    return builder.reshape(x, [*kept, merged], (*x.type.broadcast[:first], False))


def sum_to_pattern(gradient: TensorVariable, operand: TensorVariable) -> TensorVariable:
    """Sum `gradient` over the axes along which `operand` was repeated to give the result."""
    pairs = enumerate(zip(operand.broadcastable, gradient.broadcastable, strict=True))
    repeated = tuple(axis for axis, (one, wide) in pairs if one and not wide)
    if not repeated:
        return gradient
    kept = Sum(repeated, gradient.dtype)(gradient)
    return keep_axes(kept, repeated)

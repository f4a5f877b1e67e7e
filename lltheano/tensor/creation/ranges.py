"""Evenly spaced numbers: 0, 1, ..., and `arange`."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.interfaces.layers import language
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import ceil, maximum, sgn
from lltheano.tensor.elementwise.comparison import eq, gt, lt, neq, switch
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.sizes import as_sizes
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import (
    canonical_dtype,
    is_complex,
    is_discrete,
    range_dtype,
    upcast,
)
from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["ARange", "Iota", "arange"]


@record(frozen=True)
class Iota(Op):
    """0, 1, ..., n - 1 as int64."""

    def make_node(self, n: Any) -> Apply:
        """The count is an integer."""
        return Apply(self, as_sizes(n, 1), [TensorType("int64", (False,))()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The count is an integer."""
        return [zero()]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.iota(builder.cast(inputs[0], dtype_of("int64")))]


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> TensorVariable:
    """Return start, start + step, ... up to but without stop; one argument is stop alone.

    The bounds are real scalars, possibly symbolic. The dtype, unless one is named, is that of the
    bounds, for integers int64 (uint64 when a bound is); among other integers a Python int does not
    count. Elements are counted and computed as NumPy does: ceil((stop - start) / step) in float64
    (exactly, of integers), then start, start + step and start + i * ((start + step) - start) in the
    dtype of the result. TypeError for
    bounds with axes or imaginary parts; ValueError for a step of 0, and when it runs for bounds
    that are no numbers or too far apart.

    >>> arange(2, 8, 3).eval().tolist()
    [2, 5]
    >>> arange(0.0, 1.0, 0.4, dtype="float64").eval()
    array([0. , 0.4, 0.8])
    """
    if stop is None:
        start, stop = 0, start
    given = (start, stop, step)
    bounds = _bounds(given)
    name = _range_dtype(given, bounds) if dtype is None else canonical_dtype(dtype)
    result: TensorVariable = ARange(name)(*bounds)
    return result


class ARange(ComposedOp):
    """The op of `arange`: it is applied to start, stop and step, and gives a vector of `dtype`.

    >>> ARange("float32")(0, 5, 2).eval()
    array([0., 2., 4.], dtype=float32)
    """

    __props__ = ("dtype",)

    def __init__(self, dtype: Any) -> None:
        self.dtype = canonical_dtype(dtype)

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Three real scalars; the step is not 0."""
        if len(inputs) != 3:
            raise TypeError(f"ARange takes start, stop and step, got {len(inputs)} operands")
        return _bounds(inputs)

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Integers are counted exactly, others in float64."""
        if all(is_discrete(operand.dtype) for operand in operands):
            from_zero = _is_number(operands[0], 0) and _is_number(operands[2], 1)
            first, last, stride = (operand.astype("int64") for operand in operands)
            if from_zero:
                return _iota(maximum(last, 0)).astype(self.dtype)
            return _integers_from(first, last, stride, self.dtype)
        first, last, stride = (operand.astype("float64") for operand in operands)
        return _spaced(first, stride, _iota(_float_count(last - first, stride)), self.dtype)


def _bounds(values: Sequence[Any]) -> list[TensorVariable]:
    """Start, stop and step as variables."""
    bounds = [_bound(value) for value in values]
    for bound in bounds:
        if bound.ndim or is_complex(bound.dtype):
            raise TypeError(f"arange takes real scalars, got {bound.describe()}")
    if isinstance(bounds[2], TensorConstant) and not bounds[2].data:
        raise ValueError(f"arange needs a step other than 0, got {bounds[2].describe()}")
    return bounds


def _range_dtype(values: Sequence[Any], bounds: Sequence[TensorVariable]) -> str:
    pairs = zip(values, bounds, strict=True)
    counting = [one.dtype for python, one in pairs if not isinstance(python, int)]
    if not counting or not all(map(is_discrete, counting)):
        return range_dtype(*(bound.dtype for bound in bounds))
    dtype = upcast(*counting)
    return dtype if dtype == "uint64" or not is_discrete(dtype) else "int64"


def _is_number(x: TensorVariable, number: int) -> bool:
    return isinstance(x, TensorConstant) and int(x.data) == number


def _integers_from(
    first: TensorVariable, last: TensorVariable, stride: TensorVariable, name: str
) -> TensorVariable:
    if not isinstance(stride, TensorConstant):
        stride = Requirement("value", "arange: the step is 0")(stride, neq(stride, 0))
    distance = last - first
    steps = _iota(maximum(-((-distance) // stride), 0))
    if is_discrete(name):
        return (first + steps * stride).astype(name)
    return _spaced(first, stride, steps, name)


def _float_count(distance: TensorVariable, stride: TensorVariable) -> TensorVariable:
    """The number of elements, where one is counted even if the quotient is too small a float."""
    quotient = distance / stride
    tiny = eq(quotient, 0) & gt(distance * sgn(stride), 0)
    count = switch(tiny, constant(1, dtype=quotient.dtype), ceil(quotient))
    message = "arange: the number of elements is not finite, or greater than any memory"
    count = Requirement("value", message)(count, lt(count, float(1 << 48)))
    return maximum(count, 0).astype("int64")


def _spaced(
    first: TensorVariable, stride: TensorVariable, steps: TensorVariable, name: str
) -> TensorVariable:
    """NumPy's way: the first two are rounded to the dtype, and all others computed from these, for
    float16 in float32.
    """
    wide = {"float16": "float32", "bool": "int64"}.get(name, name)
    begin, second = (one.astype(name).astype(wide) for one in (first, first + stride))
    others = begin + steps.astype(wide) * (second - begin)
    early = switch(eq(steps, 0), begin, second)
    return switch(lt(steps, 2), early, others).astype(name)


def _bound(value: Any) -> TensorVariable:
    """A bound of a range; where it is an element of a shape, that size."""
    x = as_tensor_variable(value)
    known = language.known_element(x)
    return x if known is None else known


def _iota(n: TensorVariable) -> TensorVariable:
    result: TensorVariable = Iota()(n)
    return result

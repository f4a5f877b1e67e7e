"""The op `Reduce`: elements combined along axes by sum, product, maximum, minimum, all or any."""

from collections.abc import Sequence
from typing import Any

from lltheano.dispatch import call
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.dimshuffle import dimshuffle, squeezed_type
from lltheano.tensor.promotion import is_complex, is_discrete
from lltheano.tensor.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Reduce", "keep_axes", "merge_last_axes"]

_NAMES = {"add": "Sum", "mul": "Prod", "max": "Max", "min": "Min", "and": "All", "or": "Any"}


@record(frozen=True)
class Reduce(Op):
    """Combine elements along `axes`, which the result lacks.

    `kind` is add, mul, max, min, and, or. Elements are first converted to `acc_dtype`, the result
    to `dtype`.
    """

    kind: str
    axes: tuple[int, ...]
    dtype: str
    acc_dtype: str

    def make_node(self, x: Any) -> Apply:
        """The axes must be ascending and exist."""
        x = as_tensor_variable(x)
        if self.axes and not 0 <= self.axes[0] <= self.axes[-1] < x.ndim:
            raise ValueError(f"{self}: {x.describe()} has no such axes {self.axes}")
        if self.kind in ("max", "min") and is_complex(x.dtype):
            raise TypeError(f"{self}: complex numbers have no order, got {x.describe()}")
        if self.kind == "mul" and is_complex(self.acc_dtype):
            raise TypeError(f"{self}: complex numbers are not supported here; got {x.describe()}")
        return Apply(self, [x], [squeezed_type(x.type, self.axes).clone(dtype=self.dtype)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Sum: g. Product: g times the product of the others. Extremum: g at every tie. Logic:
        0.
        """
        (x,), (y,), (g,) = inputs, outputs, output_gradients
        assert isinstance(x, TensorVariable)
        if self.kind in ("and", "or") or is_discrete(self.dtype):
            return [zero()]
        wide = keep_axes(g, self.axes)
        if self.kind == "add":
            return [x.fill(wide)]
        if self.kind == "mul":
            return [wide * self._product_of_others(x)]
        return [call("eq", keep_axes(y, self.axes), x) * wide]

    def _product_of_others(self, x: TensorVariable) -> TensorVariable:
        """For each element the product of all others, which division alone cannot give at zeros."""
        none_left = call("eq", x, 0)
        rest = call("switch", none_left, x.ones_like(), x)
        product = keep_axes(Reduce("mul", self.axes, x.dtype, x.dtype)(rest), self.axes)
        zeros = keep_axes(Reduce("add", self.axes, "int64", "int64")(none_left), self.axes)
        without_one: TensorVariable = call("switch", none_left, product, 0)
        with_one = call("switch", call("eq", zeros, 1), without_one, 0)
        others: TensorVariable = call("switch", call("eq", zeros, 0), product / rest, with_one)
        return others

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A reduction of trailing axes becomes one of the last axis alone, whose order is
        blocked.
        """
        x = builder.cast(inputs[0], dtype_of(self.acc_dtype))
        axes = self.axes
        if len(axes) > 1 and axes == tuple(range(x.rank - len(axes), x.rank)):
            x = merge_last_axes(builder, x, len(axes))
            axes = (x.rank - 1,)
        return [builder.cast(builder.reduce(self.kind, x, axes), dtype_of(self.dtype))]

    def __str__(self) -> str:
        return f"{_NAMES[self.kind]}{{axis={list(self.axes)}}}"


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

"""Sums and products of all elements up to each place of an axis, and differences of neighbours."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.elementwise.comparison import eq, neq, switch
from lltheano.tensor.elementwise.complexes import conj
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete, sum_dtype
from lltheano.tensor.variables.variable import TensorVariable, is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["CumOp", "DiffOp", "cumprod", "cumsum", "diff"]

_NAMES = {"add": "Cumsum", "mul": "Cumprod"}


@record(frozen=True)
class CumOp(Op):
    """At each place of `axis` the sum (`mode` add) or the product (mul) of all elements up to it.

    With `axis` None, of the flattened tensor. Elements are combined strictly in order, as NumPy's
    `cumsum` does, in the result's dtype: that of `sum`.

    >>> CumOp(axis=0, mode="mul")([1.0, 2.0, 3.0]).eval()
    array([1., 2., 6.])
    """

    axis: int | None = None
    mode: str = "add"

    def make_node(self, x: Any) -> Apply:
        """The axis must exist."""
        x = as_tensor_variable(x)
        if self.mode not in _NAMES:
            raise ValueError(f"{type(self).__name__} has modes add and mul, got {self.mode!r}")
        dtype = sum_dtype(x.dtype)
        if self.axis is None:
            pattern = (all(x.broadcastable),) if x.ndim else (True,)
            return Apply(self, [x], [x.type.clone(dtype=dtype, broadcastable=pattern)()])
        normalised_axis(self.axis, x)
        return Apply(self, [x], [x.type.clone(dtype=dtype)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The sum of the gradients from each place on; see `_product_gradient` for products."""
        x, y = as_tensor_variable(inputs[0]), as_tensor_variable(outputs[0])
        g = as_tensor_variable(output_gradients[0])
        if is_discrete(x.dtype):
            return [zero()]
        if self.axis is None:
            flat = flatten(x, 1)
            along = CumOp(0, self.mode).L_op([flat], [y], [g])[0]
            return [as_tensor_variable(along).reshape(x.shape, ndim=x.ndim)]
        if self.mode == "add":
            return [_from_the_end(g, self.axis)]
        return [_product_gradient(x, y, g, self.axis)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `cumulate`."""
        (out,) = node.outputs
        assert is_tensor(out)
        x = builder.cast(inputs[0], dtype_of(out.dtype))
        if self.axis is not None:
            return [builder.cumulate(self.mode, x, self.axis % x.rank)]
        size = builder.integer(1)
        for axis in range(x.rank):
            size = builder.elementwise("mul", size, builder.dim(x, axis))
        return [builder.cumulate(self.mode, builder.reshape(x, [size], out.broadcastable), 0)]

    def __str__(self) -> str:
        return f"{_NAMES.get(self.mode, self.mode)}{{axis={self.axis}}}"


def _from_the_end(x: TensorVariable, axis: int) -> TensorVariable:
    """At each place of an axis the sum of all elements from it on."""
    turned = (slice(None),) * (axis % x.ndim) + (slice(None, None, -1),)
    result: TensorVariable = CumOp(axis, "add")(x[turned])
    return result[turned]


def _product_gradient(
    x: TensorVariable, y: TensorVariable, g: TensorVariable, axis: int
) -> TensorVariable:
    """The sum over all places i from j on of g[i] times the product of the others up to i.

    That is y[i] / x[j], where x[j] is not zero. At the first zero it is the product with 1 in its
    place; after it all products contain that zero.
    """
    if is_complex(x.dtype):
        x, y = conj(x), conj(y)
    is_zero = eq(x, 0)
    is_first = is_zero & eq(CumOp(axis, "add")(is_zero), 1)
    without_first = CumOp(axis, "mul")(switch(is_first, x.ones_like(), x))
    ordinary = _from_the_end(g * y, axis) / switch(is_zero, x.ones_like(), x)
    result: TensorVariable = switch(
        is_first,
        _from_the_end(g * without_first, axis),
        switch(is_zero, ordinary.zeros_like(), ordinary),
    )
    return result


def cumsum(x: object, axis: int | None = None) -> TensorVariable:
    """Return at each place of `axis` the sum of all elements up to it.

    With `axis` None the tensor is flattened. The dtype is that of `sum`: bool and signed integers
    give int64, unsigned ones uint64, as in NumPy (Theano declared the operand's own). Floats are
    added strictly in order, as `numpy.cumsum` does, so that the last of them may differ from `sum`
    in the last bits. ValueError for an axis that there is not.

    >>> cumsum([[1, 2], [3, 4]], axis=0).eval()
    array([[1, 2],
           [4, 6]])
    >>> cumsum([[1, 2], [3, 4]]).eval()
    array([ 1,  3,  6, 10])
    """
    result: TensorVariable = CumOp(axis, "add")(x)
    return result


def cumprod(x: object, axis: int | None = None) -> TensorVariable:
    """Return at each place of `axis` the product of all elements up to it; otherwise as `cumsum`.

    The gradient is right where elements are zero, too.

    >>> cumprod([1.0, 2.0, 3.0, 4.0]).eval()
    array([ 1.,  2.,  6., 24.])
    """
    result: TensorVariable = CumOp(axis, "mul")(x)
    return result


def diff(x: object, n: int = 1, axis: int = -1) -> TensorVariable:
    """Return the differences of neighbours along `axis`, taken `n` times.

    The axis becomes `n` shorter, down to nothing. Of bool it is whether neighbours differ, as in
    NumPy; unsigned integers wrap around. `n` is a Python int, ValueError when it is negative.

    >>> diff([1, 4, 9, 16]).eval(), diff([1, 4, 9, 16], n=2).eval()
    (array([3, 5, 7]), array([2, 2]))
    """
    result: TensorVariable = DiffOp(n, axis)(x)
    return result


class DiffOp(ComposedOp):
    """The op of `diff`, whose parameters these are.

    >>> DiffOp(n=2)([1, 4, 9, 16]).eval()
    array([2, 2])
    """

    __props__ = ("n", "axis")

    def __init__(self, n: int = 1, axis: int = -1) -> None:
        if isinstance(n, Variable) or not hasattr(n, "__index__"):
            raise TypeError(f"diff: n must be a Python int, got {n!r}")
        if n < 0:
            raise ValueError(f"diff: n must not be negative, got {n}")
        self.n = int(n)
        self.axis = axis

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Each element but the first minus the one before it, `n` times."""
        (x,) = operands
        before = (slice(None),) * normalised_axis(self.axis, x)
        for _ in range(self.n):
            left, right = x[(*before, slice(None, -1))], x[(*before, slice(1, None))]
            x = neq(right, left) if x.dtype == "bool" else right - left
        return x

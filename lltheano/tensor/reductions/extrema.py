"""The greatest and the least elements along axes, and where they are."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.graph.written import written_as
from lltheano.tensor.elementwise.arithmetic import maximum, minimum
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.reducers.ops import CAReduce, axes_of, keep_axes, merge_last_axes
from lltheano.tensor.shapes.dimshuffle import squeezed_type
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_complex
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "ArgReduce",
    "Argmax",
    "MaxAndArgmax",
    "argmax",
    "argmin",
    "max",
    "max_and_argmax",
    "min",
    "ptp",
]


def max(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Return the greatest element along `axis`: an axis, a list of axes, or all of them.

    It is NaN where there is one, and has the dtype of `x`; with `keepdims` the axes stay, with size
    1. At a tie the gradient goes to each of the elements. Of no elements there is no maximum: a
    ValueError when it runs, as in NumPy. TypeError for complex numbers, which have no order here.

    >>> max([[1, 5], [7, 2]], axis=0).eval()
    array([7, 5])
    """
    return _extremum(maximum, x, axis, keepdims)


def min(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:  # noqa: A001
    """Return the least element along `axis`; otherwise as `max`.

    >>> min([[1, 5], [7, 2]], axis=0).eval()
    array([1, 2])
    """
    return _extremum(minimum, x, axis, keepdims)


def _extremum(op: Op, value: object, axis: Any, keepdims: bool) -> TensorVariable:
    x = as_tensor_variable(value)
    axes = axes_of(x, axis)
    result: TensorVariable = CAReduce(op, axes)(x)
    return keep_axes(result, axes) if keepdims else result


@record(frozen=True)
class ArgReduce(Op):
    """The int64 place of the first max or min along `axes`, counted in row-major order over
    them.
    """

    kind: str
    axes: tuple[int, ...]

    def make_node(self, x: Any) -> Apply:
        """Complex numbers have no order."""
        x = as_tensor_variable(x)
        if is_complex(x.dtype):
            raise TypeError(f"{self}: complex numbers have no order, got {x.describe()}")
        if not self.axes:
            raise ValueError(f"{self} of {x.describe()} needs at least one axis")
        return Apply(self, [x], [squeezed_type(x.type, self.axes).clone(dtype="int64")()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Places change in steps only."""
        return [zero()]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Several axes are moved to the end and merged."""
        (x,) = inputs
        axis = self.axes[0]
        if len(self.axes) > 1:
            kept = [index for index in range(x.rank) if index not in self.axes]
            x = merge_last_axes(builder, builder.dimshuffle(x, [*kept, *self.axes]), len(self.axes))
            axis = x.rank - 1
        return [builder.argreduce(self.kind, x, axis)]

    def __str__(self) -> str:
        return f"Arg{self.kind}{{axis={list(self.axes)}}}"


def _place(kind: str, value: object, axis: Any, keepdims: bool) -> TensorVariable:
    x = as_tensor_variable(value)
    if not x.ndim:
        return written_as(constant(0, dtype="int64"), [x])
    axes = axes_of(x, axis)
    op = Argmax(axes) if kind == "max" else ArgReduce(kind, axes)
    result: TensorVariable = op(x)
    return keep_axes(result, axes) if keepdims else result


class _OverAxes(ComposedOp):
    """What `Argmax` and `MaxAndArgmax` have in common: the axes, all of them for None."""

    __props__ = ("axis",)

    def __init__(self, axis: Any = None) -> None:
        several = isinstance(axis, list | tuple)
        self.axis = axis if axis is None else tuple(axis) if several else (axis,)

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """One tensor that has the axes."""
        (x,) = inputs
        x = as_tensor_variable(x)
        axes_of(x, self.axis)
        return [x]


class Argmax(_OverAxes):
    """The op of `argmax` along axes, a list or all for None.

    >>> Argmax([1])([[1, 5, 5], [7, 2, 0]]).eval()
    array([1, 0])
    """

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The places of the first ones."""
        result: TensorVariable = ArgReduce("max", axes_of(operands[0], self.axis))(*operands)
        return result


class MaxAndArgmax(_OverAxes):
    """The op of `max_and_argmax` along axes, a list or all for None: it has two results.

    >>> [one.eval() for one in MaxAndArgmax([1])([[1, 5, 5], [7, 2, 0]])]
    [array([5, 7]), array([1, 0])]
    """

    def build(self, *operands: TensorVariable) -> Sequence[TensorVariable]:
        """What is not asked for is not computed."""
        (x,) = operands
        axes = axes_of(x, self.axis)
        if not x.ndim:
            return [x, as_tensor_variable(0).astype("int64")]
        return [CAReduce(maximum, axes)(x), ArgReduce("max", axes)(x)]


def argmax(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the int64 place of the greatest element along `axis`: the first one, or the first NaN.

    Over several axes, or all, it counts in row-major order. Of no elements there is none: a
    ValueError when it runs. A tensor without axes has its only element at 0. The gradient is zero.

    >>> argmax([[1, 5, 5], [7, 2, 0]], axis=1).eval()
    array([1, 0])
    """
    return _place("max", x, axis, keepdims)


def argmin(x: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the int64 place of the least element along `axis`; otherwise as `argmax`.

    >>> argmin([[1, 5, 5], [7, 2, 0]], axis=1).eval()
    array([0, 2])
    """
    return _place("min", x, axis, keepdims)


def max_and_argmax(
    a: object, axis: Any = None, keepdims: bool = False
) -> tuple[TensorVariable, TensorVariable]:
    """Return `max` and `argmax`, whose parameters these are.

    >>> [one.eval() for one in max_and_argmax([[1, 5], [7, 2]], axis=1)]
    [array([5, 7]), array([1, 0])]
    """
    x = as_tensor_variable(a)
    axes = axes_of(x, axis)
    greatest, index = MaxAndArgmax(axes)(x)
    if keepdims:
        return keep_axes(greatest, axes), keep_axes(index, axes)
    return greatest, index


def ptp(a: object, axis: Any = None) -> TensorVariable:
    """Return the distance of the greatest from the least element along `axis`: "peak to peak".

    It has the dtype of `a`, in which integers wrap around, as in NumPy.

    >>> ptp([[1, 5], [7, 2]], axis=1).eval()
    array([4, 5])
    """
    return max(a, axis) - min(a, axis)

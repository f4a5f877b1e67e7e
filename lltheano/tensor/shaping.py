"""The same elements under other axes or another broadcast pattern."""

from collections.abc import Sequence
from typing import Any

from lltheano.dispatch import call
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.dimshuffle import normalised_axis
from lltheano.tensor.sizes import SizedOp, as_sizes, dim, is_known_one
from lltheano.tensor.variable import TensorConstant, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record
from lltheano_ir.shapes import known_integer

__all__ = [
    "Rebroadcast",
    "Reshape",
    "SpecifyShape",
    "addbroadcast",
    "flatten",
    "patternbroadcast",
    "reshape",
    "specify_shape",
    "unbroadcast",
]


@record(frozen=True)
class Reshape(SizedOp):
    """The elements in row-major order under new sizes, one of which may be -1: whatever is left."""

    ndim: int

    def make_node(self, x: Any, *sizes: Any) -> Apply:
        """Count what is known of the elements on both sides."""
        x, given = as_tensor_variable(x), as_sizes(list(sizes), self.ndim)
        known = [int(one.data) if isinstance(one, TensorConstant) else None for one in given]
        if known.count(-1) > 1 or any(one is not None and one < -1 for one in known):
            raise ValueError(
                f"reshape of {x.describe()} to {known}: one size may be -1, others not"
            )
        pattern = [one == 1 for one in known]
        if all(x.broadcastable):
            pattern = [one in (1, -1) for one in known]
        return Apply(self, [x, *given], [x.type.clone(broadcastable=pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient under the operand's sizes."""
        x, g = as_tensor_variable(inputs[0]), output_gradients[0]
        back = Reshape(x.ndim)(g, *(dim(x, axis) for axis in range(x.ndim)))
        return [patternbroadcast(back, x.broadcastable), *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A size of -1, known or not, becomes the quotient of the number of elements by the
        others.
        """
        x, *sizes = inputs
        known = [known_integer(one) for one in sizes]
        (out,) = node.outputs
        assert isinstance(out, TensorVariable)
        wanted = list(sizes)
        for place, one in enumerate(known):
            if one == -1 or (one is None and -1 not in known):
                others = [other for i, other in enumerate(sizes) if i != place]
                left = _quotient(builder, x, others)
                wanted[place] = left if one == -1 else _or_left(builder, sizes[place], left)
        return [builder.reshape(x, wanted, out.broadcastable)]

    def __str__(self) -> str:
        return f"Reshape{{{self.ndim}}}"


def _product(builder: Builder, factors: Sequence[Value]) -> Value:
    result = builder.integer(1)
    for factor in factors:
        result = builder.elementwise("mul", result, factor)
    return result


def _quotient(builder: Builder, x: Value, others: Sequence[Value]) -> Value:
    """The number of elements of `x` by the product of the other sizes; 0 when that is 0."""
    count = _product(builder, [builder.dim(x, axis) for axis in range(x.rank)])
    return builder.elementwise("floordiv", count, _product(builder, others))


def _or_left(builder: Builder, size: Value, left: Value) -> Value:
    inferred = builder.elementwise("eq", size, builder.integer(-1))
    return builder.elementwise("select", inferred, left, size)


@record(frozen=True)
class Rebroadcast(Op):
    """The tensor under another broadcast pattern; a size that becomes 1 is checked when it runs."""

    pattern: tuple[bool, ...]

    def make_node(self, x: Any) -> Apply:
        """The pattern must have an entry for each axis."""
        x = as_tensor_variable(x)
        if len(self.pattern) != x.ndim:
            raise ValueError(f"{x.describe()} has {x.ndim} axes, the pattern {len(self.pattern)}")
        return Apply(self, [x], [x.type.clone(broadcastable=self.pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient under the operand's pattern."""
        x = as_tensor_variable(inputs[0])
        return [patternbroadcast(output_gradients[0], x.broadcastable)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.rebroadcast(inputs[0], self.pattern)]


@record(frozen=True)
class SpecifyShape(SizedOp):
    """The tensor, with its sizes checked when it runs."""

    def make_node(self, x: Any, *sizes: Any) -> Apply:
        """One size for each axis; a size of 1 makes the axis broadcast."""
        x = as_tensor_variable(x)
        given = as_sizes(list(sizes), x.ndim)
        for axis, one in enumerate(given):
            if isinstance(one, TensorConstant) and x.broadcastable[axis] and int(one.data) != 1:
                raise ValueError(f"axis {axis} of {x.describe()} has size 1, not {int(one.data)}")
        pattern = [
            broad or is_known_one(one) for broad, one in zip(x.broadcastable, given, strict=True)
        ]
        return Apply(self, [x, *given], [x.type.clone(broadcastable=pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient passes unchanged."""
        x = as_tensor_variable(inputs[0])
        back = patternbroadcast(output_gradients[0], x.broadcastable)
        return [back, *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """An assertion for each size."""
        x, *sizes = inputs
        (out,) = node.outputs
        assert isinstance(out, TensorVariable)
        result = x
        for axis, size in enumerate(sizes):
            agrees = builder.elementwise("eq", builder.dim(x, axis), size)
            name = str(node.inputs[0]).replace("{", "{{").replace("}", "}}")
            message = f"specify_shape: axis {axis} of {name} has size {{0}}, not {{1}}"
            numbers = (builder.dim(x, axis), size)
            result = builder.require(result, agrees, message, numbers)
        return [builder.rebroadcast(result, out.broadcastable)]


def reshape(x: object, newshape: Any, ndim: int | None = None) -> TensorVariable:
    """Give the elements of `x`, in row-major order, the sizes `newshape`, one of which may be -1.

    `newshape` is an integer, a list of integers, or an integer vector, each possibly symbolic; a
    symbolic vector of unknown length needs `ndim`. That the number of elements agrees is checked
    when it runs.

    >>> from lltheano.tensor.variable import TensorType
    >>> reshape(TensorType("float64", (False,))("v"), (1, -1)).broadcastable
    (True, False)
    """
    sizes = as_sizes(newshape, ndim)
    result: TensorVariable = Reshape(len(sizes))(x, *sizes)
    return result


def flatten(x: object, ndim: int | None = None, outdim: int | None = None) -> TensorVariable:
    """Merge the trailing axes so that `ndim`, 1 unless given, remain; `outdim` is its old name."""
    x = as_tensor_variable(x)
    rank = next((one for one in (ndim, outdim) if one is not None), 1)
    if not 1 <= rank <= max(x.ndim, 1):
        raise ValueError(f"flatten of {x.describe()} to {rank} axes: it takes 1 to {x.ndim}")
    if rank == x.ndim:
        return x
    kept = [dim(x, axis) for axis in range(rank - 1)]
    rest = [dim(x, axis) for axis in range(rank - 1, x.ndim)]
    return reshape(x, [*kept, call("mul", *rest) if rest else 1])


def patternbroadcast(x: object, broadcastable: Sequence[bool]) -> TensorVariable:
    """Declare which axes of `x` have size 1 and broadcast; checked when it runs.

    `x` itself when nothing changes.
    """
    x = as_tensor_variable(x)
    pattern = tuple(bool(one) for one in broadcastable)
    if pattern == x.broadcastable:
        return x
    result: TensorVariable = Rebroadcast(pattern)(x)
    return result


def addbroadcast(x: object, *axes: int) -> TensorVariable:
    """Declare that `axes` of `x` have size 1 and broadcast; checked when it runs."""
    return _with_axes(x, axes, True)


def unbroadcast(x: object, *axes: int) -> TensorVariable:
    """Declare that `axes` of `x` do not broadcast, though their size may be 1."""
    return _with_axes(x, axes, False)


def _with_axes(x: object, axes: Sequence[int], broadcasts: bool) -> TensorVariable:
    x = as_tensor_variable(x)
    chosen = {normalised_axis(axis, x) for axis in axes}
    pairs = enumerate(x.broadcastable)
    return patternbroadcast(x, [broadcasts if axis in chosen else one for axis, one in pairs])


def specify_shape(x: object, shape: Any) -> TensorVariable:
    """Return `x`, its sizes checked against `shape` when it runs, except where that is None."""
    x = as_tensor_variable(x)
    given = list(shape) if isinstance(shape, list | tuple) else as_sizes(shape, x.ndim)
    sizes = [dim(x, axis) if one is None else one for axis, one in enumerate(given)]
    result: TensorVariable = SpecifyShape()(x, *sizes)
    return result

"""Axes of size 1 that are found when the function runs, where NumPy repeats them: in what is
written to a part of a tensor, among index arrays, and among the operands of `choose`.

A part of step 0 stands for the repetition, so that nothing is copied. Where sizes are known to be
equal, nothing is left of it.
"""

import functools
from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.elementwise.comparison import eq, switch
from lltheano.tensor.shapes.sizes import SizedOp, as_sizes, dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Collapse", "Stretch", "collapsed", "stretched", "stretched_together", "together"]


def stretched(builder: Builder, x: Value, sizes: Sequence[Value], what: str) -> Value:
    """Return `x` under `sizes`: an axis has its size, or 1 and is repeated; a check says which.

    Axes of static size 1 stay as they are.
    """
    axes = [
        axis
        for axis, size in enumerate(sizes)
        if not x.type.broadcast[axis] and builder.dim(x, axis) is not size
    ]
    steps = []
    for axis in axes:
        have, want = builder.dim(x, axis), sizes[axis]
        same = builder.elementwise("eq", have, want)
        fits = builder.elementwise("or", same, builder.elementwise("eq", have, builder.integer(1)))
        message = f"{what}: sizes on axis {axis}, {{0}} and {{1}}, differ"
        x = builder.require(x, fits, message, (have, want), "sizes")
        steps.append(builder.elementwise("select", same, builder.integer(1), builder.integer(0)))
    starts = [builder.integer(0)] * len(axes)
    return builder.slice(x, axes, starts, [sizes[axis] for axis in axes], steps) if axes else x


def stretched_together(builder: Builder, values: Sequence[Value], what: str) -> list[Value]:
    """Return values of one rank, stretched to the sizes that they have together."""
    sizes = []
    for axis in range(values[0].rank):
        have = [builder.dim(value, axis) for value in values if not value.type.broadcast[axis]]
        size = have[0] if have else builder.integer(1)
        for one in have[1:]:
            if one is not size:
                single = builder.elementwise("eq", size, builder.integer(1))
                size = builder.elementwise("select", single, one, size)
        sizes.append(size)
    return [stretched(builder, value, sizes, what) for value in values]


@record(frozen=True)
class Stretch(SizedOp):
    """A tensor under given sizes: an axis of size 1 is repeated, whether it is known to be or not.

    Axes that are known to be of size 1 stay as they are.

    >>> import lltheano.tensor as T
    >>> x = T.dmatrix("x")
    >>> Stretch()(x, 3, 2).eval({x: [[1.0, 2.0]]}).tolist()
    [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]
    """

    moves = True

    def make_node(self, x: Any, *sizes: Any) -> Apply:
        """A size for each axis."""
        x = as_tensor_variable(x)
        return Apply(self, [x, *as_sizes(list(sizes), x.ndim)], [x.type()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The sum over what was repeated."""
        x, g = as_tensor_variable(inputs[0]), as_tensor_variable(output_gradients[0])
        return [collapsed(g, x), *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """See `stretched`."""
        x, *sizes = inputs
        return [stretched(builder, x, sizes, "broadcasting")]

    def __str__(self) -> str:
        return "Stretch"


@record(frozen=True)
class Collapse(SizedOp):
    """A tensor summed to given sizes, each of which is the tensor's own, or 1: what `Stretch` has
    for a gradient. Where all are its own, nothing is added up.

    Axes that are known to be of size 1 stay as they are.

    >>> import lltheano.tensor as T
    >>> x = T.dmatrix("x")
    >>> Collapse()(x, 1, 2).eval({x: [[1.0, 2.0], [3.0, 4.0]]}).tolist()
    [[4.0, 6.0]]
    """

    def make_node(self, x: Any, *sizes: Any) -> Apply:
        """A size for each axis."""
        x = as_tensor_variable(x)
        return Apply(self, [x, *as_sizes(list(sizes), x.ndim)], [x.type()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Repeated over what was summed."""
        x, g = as_tensor_variable(inputs[0]), as_tensor_variable(output_gradients[0])
        wide = Stretch()(g, *(dim(x, axis) for axis in range(x.ndim)))
        return [wide, *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A choice between the tensor and its sums."""
        x, *sizes = inputs
        axes = [axis for axis in range(x.rank) if not x.type.broadcast[axis]]
        equal = [builder.elementwise("eq", builder.dim(x, axis), sizes[axis]) for axis in axes]
        if not axes:
            return [x]
        same = functools.reduce(lambda a, b: builder.elementwise("and", a, b), equal)
        captured = [x, *(sizes[axis] for axis in axes)]
        return list(
            builder.if_over(
                same,
                captured,
                lambda branch: [branch[0]],
                lambda branch: [_summed(builder, branch[0], axes, branch[1:])],
            )
        )

    def __str__(self) -> str:
        return "Collapse"


def _summed(builder: Builder, x: Value, axes: Sequence[int], sizes: Sequence[Value]) -> Value:
    """The sums of pieces of each axis: of all of it where the size is 1, of one element else."""
    pattern = x.type.broadcast
    for axis, size in zip(axes, sizes, strict=True):
        have = [builder.dim(x, index) for index in range(x.rank)]
        count = builder.elementwise("floordiv", have[axis], size)
        pieces = builder.reshape(
            x,
            [*have[:axis], size, count, *have[axis + 1 :]],
            [*pattern[: axis + 1], False, *pattern[axis + 1 :]],
        )
        x = builder.reduce("add", pieces, (axis + 1,))
    return x


def together(operands: Sequence[TensorVariable]) -> list[TensorVariable]:
    """Return operands of one rank, stretched to the sizes that they have together."""
    sizes = []
    for axis in range(operands[0].ndim):
        have = [dim(operand, axis) for operand in operands if not operand.broadcastable[axis]]
        size = have[0] if have else dim(operands[0], axis)
        for one in have[1:]:
            size = switch(eq(size, 1), one, size)
        sizes.append(size)
    wide = sum(not all(operand.broadcastable) for operand in operands)
    return [Stretch()(operand, *sizes) for operand in operands] if wide > 1 else list(operands)


def collapsed(gradient: TensorVariable, x: TensorVariable) -> TensorVariable:
    """Return a gradient of as many axes as `x`, which was stretched, summed to the sizes of `x`."""
    sizes = [dim(x, axis) for axis in range(x.ndim)]
    pairs = zip(x.broadcastable, gradient.broadcastable, strict=True)
    if all(one or other for one, other in pairs):
        return gradient
    for axis in range(x.ndim):
        if gradient.broadcastable[axis]:
            sizes[axis] = dim(gradient, axis)
    result: TensorVariable = Collapse()(gradient, *sizes)
    return result

"""Windows along an axis, and the sum of what windows overlap in: each is the other's gradient."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["OverlapAdd", "Windows", "overlap_add", "windows"]


def _integer(what: str, value: Any) -> TensorVariable:
    number = as_tensor_variable(value)
    if number.ndim or not is_discrete(number.dtype):
        raise TypeError(f"{what} is an integer, got {number.describe()}")
    return number.astype("int64")


@record(frozen=True)
class Windows(Op):
    """Look at windows along an axis, which becomes two: the place in the window, and which one.

    Operands: a tensor; how many places a window has, and how many windows there are; how far apart
    neighbouring places are, and how far windows. Nothing is copied. IndexError for windows that
    reach beyond the axis.

    Attributes
    ----------
    axis
        Along which windows lie.
    """

    axis: int

    def make_node(self, x: Any, length: Any, count: Any, dilation: Any = 1, step: Any = 1) -> Apply:
        """TypeError for numbers that are no integers; ValueError for an axis that there is not."""
        x = as_tensor_variable(x)
        if not 0 <= self.axis < x.ndim:
            raise ValueError(f"{self}: there is no axis {self.axis} in {x.describe()}")
        named = {"length": length, "count": count, "dilation": dilation, "step": step}
        numbers = [_integer(f"{self}: the {name}", one) for name, one in named.items()]
        before, after = x.broadcastable[: self.axis], x.broadcastable[self.axis + 1 :]
        kind = TensorType(x.dtype, (*before, False, False, *after))
        return Apply(self, [x, *numbers], [kind()])

    def L_op(  # noqa: N802
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], output_gradients: Any
    ) -> list[Variable]:
        """What windows give to each element, added up."""
        x, _, _, dilation, step = inputs
        size = as_tensor_variable(x).shape[self.axis]
        (g,) = output_gradients
        back = overlap_add(g, self.axis, size, dilation, step)
        return [back, *(disconnected() for _ in inputs[1:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the elements connect."""
        return [[True], *([False] for _ in node.inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `windows`."""
        x, length, count, dilation, step = inputs
        return [builder.windows(x, self.axis, length, count, dilation, step)]

    def __str__(self) -> str:
        return f"Windows{{{self.axis}}}"


@record(frozen=True)
class OverlapAdd(Op):
    """Add up what windows hold where they overlap: an axis of places and the one of windows after
    it become one.

    Operands: a tensor; the size of the axis that they become; how far apart neighbouring places
    are, and how far windows.

    Attributes
    ----------
    axis
        That of places.
    """

    axis: int

    def make_node(self, x: Any, size: Any, dilation: Any = 1, step: Any = 1) -> Apply:
        """TypeError for numbers that are no integers; ValueError for axes that there are not."""
        x = as_tensor_variable(x)
        if not 0 <= self.axis < x.ndim - 1:
            raise ValueError(f"{self}: there is no axis {self.axis + 1} in {x.describe()}")
        named = {"size": size, "dilation": dilation, "step": step}
        numbers = [_integer(f"{self}: the {name}", one) for name, one in named.items()]
        before, after = x.broadcastable[: self.axis], x.broadcastable[self.axis + 2 :]
        return Apply(self, [x, *numbers], [TensorType(x.dtype, (*before, False, *after))()])

    def L_op(  # noqa: N802
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], output_gradients: Any
    ) -> list[Variable]:
        """Each window looks at the gradient of what it was added to."""
        x, _, dilation, step = inputs
        shape = as_tensor_variable(x).shape
        (g,) = output_gradients
        back = windows(g, self.axis, shape[self.axis], shape[self.axis + 1], dilation, step)
        return [back, *(disconnected() for _ in inputs[1:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the elements connect."""
        return [[True], *([False] for _ in node.inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A loop over the places, which adds to one tensor in place: in this order for each sum."""
        x, size, dilation, step = inputs
        axis = self.axis
        sizes = [builder.dim(x, other) for other in range(x.rank)]
        count = sizes[axis + 1]
        shape = [*sizes[:axis], size, *sizes[axis + 2 :]]
        pattern = (*x.type.broadcast[:axis], False, *x.type.broadcast[axis + 2 :])
        stretched = [None if one else size for one, size in zip(pattern, shape, strict=True)]
        start = builder.broadcast(_zero(builder, x, len(pattern)), stretched)

        def add(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
            place, total, part, many, apart, far = arguments
            first = builder.elementwise("mul", place, apart)
            row = builder.index(part, place, axis)
            added = builder.slice_update(total, row, (axis,), [first], [many], [far], "add")
            return [added], []

        outer = [x, count, dilation, step]
        return list(builder.loop_over(sizes[axis], [start], outer, add))

    def __str__(self) -> str:
        return f"OverlapAdd{{{self.axis}}}"


def _zero(builder: Builder, model: Value, rank: int) -> Value:
    """A zero of a model's dtype under so many axes of size 1."""
    zeros = np.zeros((1,) * rank, model.type.dtype.numpy)
    return builder.constant(zeros, (True,) * rank)


def windows(
    x: Any, axis: int, length: Any, count: Any, dilation: Any = 1, step: Any = 1
) -> TensorVariable:
    """Return `count` windows of `length` elements along an axis, which becomes two.

    >>> windows([0.0, 1.0, 2.0, 3.0], 0, 2, 3).eval()
    array([[0., 1., 2.],
           [1., 2., 3.]])
    """
    result: TensorVariable = Windows(axis)(x, length, count, dilation, step)
    return result


def overlap_add(x: Any, axis: int, size: Any, dilation: Any = 1, step: Any = 1) -> TensorVariable:
    """Return the sums of what windows, along `axis` and the one after it, give to each element.

    >>> overlap_add([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], 0, 4).eval()
    array([0., 2., 4., 3.])
    """
    result: TensorVariable = OverlapAdd(axis)(x, size, dilation, step)
    return result

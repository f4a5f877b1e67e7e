"""Taking a tensor apart along an axis: the op `Split`, the inverse of `Join`."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.shapes.join import join
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.shapes.sizes import as_sizes, is_known_one, known_size
from lltheano.tensor.shapes.symbolic_axes import (
    as_axis,
    known_axis,
    merged,
    run_time_axis,
    split_back,
)
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["Split", "split"]


@record(frozen=True)
class Split(Op):
    """`len_splits` parts of a tensor, one after another along an axis.

    It is applied to the tensor, the axis, which may be a variable, and the vector of the sizes of
    the parts.

    >>> first, rest = Split(2)([1, 2, 3, 4, 5], 0, [2, 3])
    >>> rest.eval()
    array([3, 4, 5])
    """

    len_splits: int

    def make_node(self, x: Any, axis: Any, *splits: Any) -> Apply:
        """The sizes, one by one or as a vector: as many as parts; where all are known, their
        sum.
        """
        x = as_tensor_variable(x)
        axis = as_axis(axis, x)
        index = known_axis(axis)
        whole = splits[0] if len(splits) == 1 and self.len_splits != 1 else list(splits)
        sizes = as_sizes(whole, self.len_splits)
        if index is not None:
            _check_sum(x, index, sizes)
        patterns = [_pattern(x, index, size) for size in sizes]
        parts = [x.type.clone(broadcastable=pattern)() for pattern in patterns]
        return Apply(self, [x, axis, *sizes], parts)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Axis and sizes do not connect."""
        count = len(node.outputs)
        return [[True] * count, *([False] * count for _ in node.inputs[1:])]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradients of the parts, joined."""
        x = as_tensor_variable(inputs[0])
        back = patternbroadcast(join(inputs[1], *output_gradients), x.broadcastable)
        return [back, *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A slice for each part; the sum of the sizes is checked."""
        x, axis, *sizes = inputs
        index = known_axis(node.inputs[1])
        patterns = [as_tensor_variable(output).broadcastable for output in node.outputs]
        if index is not None:
            parts = _slices(builder, x, index, builder.integer(index), sizes)
            return [builder.rebroadcast(*pair) for pair in zip(parts, patterns, strict=True)]
        result = run_time_axis(builder, axis, x.rank, "split")
        parts = _slices(builder, merged(builder, x, result), 1, result, sizes)
        pairs = zip(parts, patterns, strict=True)
        return [split_back(builder, part, x, result, pattern) for part, pattern in pairs]

    def __str__(self) -> str:
        return f"Split{{{self.len_splits}}}"


def _pattern(x: TensorVariable, axis: int | None, size: TensorVariable) -> list[bool]:
    """The pattern of a part: while the axis is not known, no axis is known to have size 1."""
    if axis is None:
        return [False] * x.ndim
    return [*x.broadcastable[:axis], is_known_one(size), *x.broadcastable[axis + 1 :]]


def _slices(
    builder: Builder, x: Value, axis: int, called: Value, sizes: Sequence[Value]
) -> list[Value]:
    """Parts of `x` along an axis, which messages call by the number `called`."""
    zero, step = builder.integer(0), builder.integer(1)
    start, starts = zero, []
    for size in sizes:
        starts.append(start)
        start = builder.elementwise("add", start, builder.elementwise("maximum", size, zero))
    length = builder.dim(x, axis)
    agrees = builder.elementwise("eq", start, length)
    message = "split: the sizes add up to {0}, axis {2} has size {1}"
    checked = builder.require(x, agrees, message, (start, length, called), "sizes")
    return [
        builder.slice(checked, [axis], [first], [size], [step])
        for first, size in zip(starts, sizes, strict=True)
    ]


def _check_sum(x: TensorVariable, axis: int, sizes: Sequence[TensorVariable]) -> None:
    """Find sizes that do not add up, where all are known; negative ones are errors of the call."""
    known = [int(size.data) for size in sizes if isinstance(size, TensorConstant)]
    length = known_size(x, axis)
    if any(one < 0 for one in known) or length is None or len(known) < len(sizes):
        return
    if sum(known) != length:
        raise ValueError(
            f"split: the sizes {known} add up to {sum(known)}, axis {axis} of {x.describe()} has"
            f" size {length}"
        )


def split(
    x: object, splits_size: Any, n_splits: int | None = None, axis: Any = 0
) -> list[TensorVariable]:
    """Return the parts of `x` along `axis` of the sizes `splits_size`, one after another.

    The sizes are a list of integers or an integer vector, possibly symbolic, and add up to the size
    of the axis. `n_splits` says how many there are; only a vector of unknown length needs it.
    ValueError when there are not `n_splits`, or the sizes do not add up, at once where they are
    known, else when it runs.

    >>> first, second = split([1, 2, 3, 4, 5], [2, 3], 2)
    >>> second.eval().tolist()
    [3, 4, 5]
    """
    sizes = as_sizes(splits_size, n_splits)
    result = Split(len(sizes))(x, axis, *sizes, return_list=True)
    return [as_tensor_variable(part) for part in result]

"""Joining tensors along an axis, old or new."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected, zero
from lltheano.interfaces.layers import language
from lltheano.tensor.shapes.dimshuffle import shape_padaxis
from lltheano.tensor.shapes.shaping import flatten, patternbroadcast, reshape
from lltheano.tensor.shapes.sizes import dim, known_size, shape
from lltheano.tensor.shapes.symbolic_axes import (
    as_axis,
    known_axis,
    merged,
    run_time_axis,
    sizes_with,
    split_back,
)
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete, upcast
from lltheano.tensor.variables.variable import TensorType, TensorVariable, is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value

__all__ = [
    "Join",
    "concatenate",
    "horizontal_stack",
    "join",
    "join_",
    "stack",
    "stacklists",
    "vertical_stack",
]


class Join(Op):
    """Tensors one after another along an axis, which is the first input and may be a variable.

    The sizes of the other axes must agree. `view` is kept for Theano's signature: what is a view is
    the compiler's decision.

    >>> Join()(1, [[1, 2], [3, 4]], [[5], [6]]).eval().tolist()
    [[1, 2, 5], [3, 4, 6]]
    """

    moves = True

    __props__ = ()

    def __init__(self, view: int = -1) -> None:
        self.view = view

    def make_node(self, *axis_and_tensors: Any) -> Apply:
        """One rank; an axis other than the joined one broadcasts where it does in any of the
        tensors, and none does while it is not known which is joined.
        """
        if len(axis_and_tensors) < 2:
            raise ValueError("join needs an axis and at least one tensor")
        operands = [as_tensor_variable(tensor) for tensor in axis_and_tensors[1:]]
        if not operands[0].ndim:
            raise TypeError(f"{operands[0].describe()} has no axis to join along; use T.stack")
        if len({operand.ndim for operand in operands}) > 1:
            listed = ", ".join(operand.describe() for operand in operands)
            raise TypeError(f"tensors to be joined must have equally many axes, got {listed}")
        axis = as_axis(axis_and_tensors[0], operands[0])
        index = known_axis(axis)
        dtype = upcast(*(operand.dtype for operand in operands))
        pattern = _pattern(operands, index)
        if index is not None:
            _check_sizes(operands, index)
        return Apply(self, [axis, *operands], [TensorType(dtype, pattern)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The axis does not connect."""
        return [[False], *([True] for _ in node.inputs[1:])]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The part of the gradient where each tensor stood."""
        axis, g = inputs[0], as_tensor_variable(output_gradients[0])
        tensors = [as_tensor_variable(operand) for operand in inputs[1:]]
        if is_discrete(as_tensor_variable(outputs[0]).dtype):
            return [disconnected(), *(zero() for _ in tensors)]
        index = known_axis(axis)
        parts = _parts(g, axis, tensors) if index is None else _slices(g, index, tensors)
        pairs = zip(parts, tensors, strict=True)
        return [disconnected(), *(patternbroadcast(part, x.broadcastable) for part, x in pairs)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """All tensors are brought to one dtype and one pattern first."""
        (out,) = node.outputs
        assert is_tensor(out)
        axis, index = inputs[0], known_axis(node.inputs[0])
        parts = [builder.cast(operand, dtype_of(out.dtype)) for operand in inputs[1:]]
        if len(parts) == 1 and index is not None:
            return parts
        if index is None:
            return [_joined_at_run_time(builder, axis, parts, out.broadcastable)]
        parts = [_rebroadcast(builder, part, index, out.broadcastable) for part in parts]
        return [builder.concatenate(parts, index)]


def _pattern(operands: Sequence[TensorVariable], joined: int | None) -> list[bool]:
    if len(operands) == 1:
        return list(operands[0].broadcastable)
    columns = enumerate(zip(*(operand.broadcastable for operand in operands), strict=True))
    return [joined is not None and axis != joined and any(ones) for axis, ones in columns]


def _check_sizes(operands: Sequence[TensorVariable], joined: int) -> None:
    """Find sizes that do not agree, where they are known."""
    for axis in range(operands[0].ndim if len(operands) > 1 else 0):
        sizes = [known_size(operand, axis) for operand in operands]
        different = {size for size in sizes if size is not None}
        if axis != joined and len(different) > 1:
            listed = ", ".join(operand.describe() for operand in operands)
            raise ValueError(
                f"tensors to be joined must have the same size on axis {axis}, got {listed}"
            )


def _rebroadcast(builder: Builder, x: Value, joined: int, pattern: Sequence[bool]) -> Value:
    own = x.type.broadcast
    return builder.rebroadcast(
        x,
        [
            own[axis] if axis == joined else is_broadcastable
            for axis, is_broadcastable in enumerate(pattern)
        ],
    )


def _joined_at_run_time(
    builder: Builder, axis: Value, parts: Sequence[Value], pattern: Sequence[bool]
) -> Value:
    """Join along an axis that is a value: of three axes each, along the middle one."""
    first, rank = parts[0], parts[0].rank
    index = run_time_axis(builder, axis, rank, "join")
    agreeing = [first, *(_agreeing(builder, first, part, index) for part in parts[1:])]
    flat = builder.concatenate([merged(builder, one, index) for one in agreeing], 1)
    return split_back(builder, flat, first, index, pattern)


def _agreeing(builder: Builder, first: Value, x: Value, joined: Value) -> Value:
    """`x`, checked to have the sizes of the first tensor on the axes that are not joined."""
    result = x
    for axis in range(x.rank):
        sizes = builder.dim(first, axis), builder.dim(x, axis)
        same = builder.elementwise("eq", *sizes)
        free = builder.elementwise("eq", joined, builder.integer(axis))
        message = f"join: sizes on axis {axis}, {{0}} and {{1}}, differ, and axis {{2}} is joined"
        agrees = builder.elementwise("or", same, free)
        result = builder.require(result, agrees, message, (*sizes, joined), "sizes")
    return result


def _slices(
    g: TensorVariable, axis: int, tensors: Sequence[TensorVariable]
) -> list[TensorVariable]:
    """The parts of a gradient along a known axis."""
    terms: list[TensorVariable] = []
    start: Any = 0
    for x in tensors:
        stop = start + dim(x, axis)
        terms.append(g[(slice(None),) * axis + (slice(start, stop),)])
        start = stop
    return terms


def _parts(
    g: TensorVariable, axis: Variable, tensors: Sequence[TensorVariable]
) -> list[TensorVariable]:
    """The parts of a gradient along an axis that is a variable."""
    sizes = [shape(x)[axis] for x in tensors]
    parts: list[TensorVariable] = language.split(g, sizes, len(sizes), axis)
    return parts


def join(axis: Any, *tensors_list: Any) -> TensorVariable:
    """Join tensors along `axis`, an integer or an integer scalar variable, as `concatenate` does.

    The dtype is the one that holds them all. ValueError for no tensors, and for sizes that do not
    agree, where they are known at once, else when it runs; numpy's AxisError, a ValueError and an
    IndexError, for a known axis that there is not, and IndexError when it runs for another;
    TypeError when the numbers of axes differ.

    >>> import lltheano.tensor as T
    >>> i = T.iscalar("i")
    >>> join(i, [[1, 2]], [[3, 4]]).eval({i: -1}).tolist()
    [[1, 2, 3, 4]]
    """
    if not tensors_list:
        raise ValueError("join needs at least one tensor")
    result: TensorVariable = Join()(axis, *tensors_list)
    return result


def join_(*axis_and_tensors: Any) -> TensorVariable:
    """Join tensors, of which the axis is the first argument, as `join` does; Theano's op instance.

    >>> join_(0, [1, 2], [3]).eval().tolist()
    [1, 2, 3]
    """
    return join(*axis_and_tensors)


def concatenate(tensor_list: Sequence[Any], axis: Any = 0) -> TensorVariable:
    """Join a list of tensors along an axis that they have, or flattened when `axis` is None; see
    `join`.

    >>> concatenate([[[1], [2]], [[3], [4]]], axis=1).eval().tolist()
    [[1, 3], [2, 4]]
    """
    if not isinstance(tensor_list, list | tuple):
        raise TypeError(f"concatenate takes a list of tensors, got {tensor_list!r:.80}")
    if axis is None:
        return join(0, *(flatten(one) for one in tensor_list))
    return join(axis, *tensor_list)


def stack(*tensors: Any, axis: Any = 0, **kwargs: Any) -> TensorVariable:
    """Join tensors along a new axis: `stack([a, b], axis=0)`, or in Theano's old form `stack(a,
    b)`; the list may be named, as in `stack(tensors=[a, b])`. The axis may be a variable.

    ValueError for no tensors or an axis that there is not; TypeError when their numbers of axes
    differ.

    >>> stack([[1, 2], [3, 4]], axis=1).eval().tolist()
    [[1, 3], [2, 4]]
    """
    given = [*tensors, kwargs.pop("tensors")] if "tensors" in kwargs else list(tensors)
    if kwargs:
        raise TypeError(f"stack takes tensors and axis, got {', '.join(kwargs)}")
    if given and isinstance(given[0], list | tuple):
        axis = given[1] if len(given) > 1 else axis
        given = list(given[0])
    if not given:
        raise ValueError("stack needs at least one tensor")
    parts = [as_tensor_variable(one) for one in given]
    wanted = as_axis(axis, parts[0], parts[0].ndim + 1)
    return join(wanted, *(_with_new_axis(part, wanted) for part in parts))


def _with_new_axis(x: TensorVariable, axis: TensorVariable) -> TensorVariable:
    index = known_axis(axis)
    if index is not None:
        return shape_padaxis(x, index)
    return reshape(x, sizes_with(x, axis, constant(1, dtype="int64")))


def stacklists(arg: Any) -> TensorVariable:
    """Stack nested lists of tensors: the nesting becomes the leading axes.

    >>> stacklists([[1, 2], [3, 4]]).eval().tolist()
    [[1, 2], [3, 4]]
    """
    if isinstance(arg, list | tuple):
        return stack([stacklists(one) for one in arg])
    return as_tensor_variable(arg)


def horizontal_stack(*args: Any) -> TensorVariable:
    """Join matrices side by side.

    >>> horizontal_stack([[1], [2]], [[3], [4]]).eval().tolist()
    [[1, 3], [2, 4]]
    """
    return join(1, *_matrices(args))


def vertical_stack(*args: Any) -> TensorVariable:
    """Join matrices one below the other.

    >>> vertical_stack([[1, 2]], [[3, 4]]).eval().tolist()
    [[1, 2], [3, 4]]
    """
    return join(0, *_matrices(args))


def _matrices(values: Sequence[Any]) -> list[TensorVariable]:
    matrices = [as_tensor_variable(value) for value in values]
    for matrix in matrices:
        if matrix.ndim != 2:
            raise TypeError(f"expected matrices, got {matrix.describe()}")
    return matrices

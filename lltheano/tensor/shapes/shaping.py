"""The same elements under other axes or another broadcast pattern."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.interfaces.layers import language
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.sizes import SizedOp, as_sizes, dim, is_known_one, known_size
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable, is_tensor
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
    """The elements in row-major order under new sizes, one of which may be -1: whatever is left.

    `name` is kept for Theano's signature.

    >>> Reshape(2)([1, 2, 3, 4], (2, -1)).eval().tolist()
    [[1, 2], [3, 4]]
    """

    moves = True

    ndim: int
    name: str | None = None

    def make_node(self, x: Any, *shape: Any) -> Apply:
        """The sizes, one by one or as a vector. Count what is known of the elements on both
        sides.
        """
        x, sizes = as_tensor_variable(x), as_sizes(_one_by_one(shape), self.ndim)
        known = [int(one.data) if isinstance(one, TensorConstant) else None for one in sizes]
        if known.count(-1) > 1 or any(one is not None and one < -1 for one in known):
            raise ValueError(
                f"reshape of {x.describe()} to {known}: one size may be -1, others not"
            )
        _check_count(x, known)
        pattern = [one == 1 for one in known]
        if all(x.broadcastable):
            pattern = [one in (1, -1) for one in known]
        return Apply(self, [x, *sizes], [x.type.clone(broadcastable=pattern)()])

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
        known = [known_integer(size) for size in sizes]
        (out,) = node.outputs
        assert is_tensor(out)
        lengths = list(sizes)
        for index, one in enumerate(known):
            if one == -1 or (one is None and -1 not in known):
                others = [other for i, other in enumerate(sizes) if i != index]
                lengths[index] = _or_left(builder, x, sizes[index], others)
        return [builder.reshape(x, lengths, out.broadcastable)]

    def __str__(self) -> str:
        return f"Reshape{{{self.ndim}}}"


def _one_by_one(shape: tuple[Any, ...]) -> Any:
    """Sizes given one by one, or as one list or vector."""
    whole = len(shape) == 1 and (isinstance(shape[0], list | tuple) or np.ndim(shape[0]) == 1)
    return shape[0] if whole else list(shape)


def _check_count(x: TensorVariable, sizes: Sequence[int | None]) -> None:
    """Find a number of elements that cannot be arranged so, where all sizes are known."""
    have = [known_size(x, axis) for axis in range(x.ndim)]
    if None in have or None in sizes:
        return
    count = math.prod(one or 0 for one in have)
    others = math.prod(one or 0 for one in sizes if one != -1)
    fits = count == others
    if -1 in sizes:
        fits = others != 0 and count % others == 0
    if not fits:
        raise ValueError(
            f"{x.describe()} has {count} elements, which cannot be reshaped to {list(sizes)}"
        )


def _product(builder: Builder, factors: Sequence[Value]) -> Value:
    result = builder.integer(1)
    for factor in factors:
        result = builder.elementwise("mul", result, factor)
    return result


def _or_left(builder: Builder, x: Value, size: Value, others: Sequence[Value]) -> Value:
    """A size, or where it is -1 the number of elements of `x` by the product of the other sizes; a
    product of 0 leaves it open.
    """
    count = _product(builder, [builder.dim(x, axis) for axis in range(x.rank)])
    product = _product(builder, others)
    inferred = builder.elementwise("eq", size, builder.integer(-1))
    certain = builder.elementwise("ne", product, builder.integer(0))
    fits = builder.elementwise("or", builder.elementwise("not", inferred), certain)
    message = "reshape: a size of -1 is any size where another is 0: write the size that is meant"
    left = builder.elementwise("floordiv", count, product)
    return builder.require(
        builder.elementwise("select", inferred, left, size), fits, message, kind="sizes"
    )


class Rebroadcast(Op):
    """The tensor under another broadcast pattern; a size that becomes 1 is checked when it runs.

    Each of `axis` is a pair: the number of an axis, and whether it broadcasts.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> Rebroadcast((0, True))(TensorType("float64", (False, False))("m")).broadcastable
    (True, False)
    """

    moves = True

    def __init__(self, *axis: tuple[int, bool]) -> None:
        self.axis = tuple(sorted((int(index), bool(broad)) for index, broad in axis))
        indices = [index for index, _ in self.axis]
        if len(set(indices)) != len(indices) or any(index < 0 for index in indices):
            raise ValueError(f"Rebroadcast takes different axes, none of them negative, got {axis}")

    def make_node(self, x: Any) -> Apply:
        """The axes must exist."""
        x = as_tensor_variable(x)
        pattern = list(x.broadcastable)
        for index, broad in self.axis:
            if index >= x.ndim:
                raise ValueError(f"Rebroadcast: {x.describe()} has no axis {index}")
            length = known_size(x, index)
            if broad and length not in (None, 1):
                raise ValueError(
                    f"axis {index} of {x.describe()} has size {length}, so it cannot broadcast"
                )
            pattern[index] = broad
        return Apply(self, [x], [x.type.clone(broadcastable=pattern)()])

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
        return [builder.rebroadcast(inputs[0], as_tensor_variable(node.outputs[0]).broadcastable)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rebroadcast) and self.axis == other.axis

    def __hash__(self) -> int:
        return hash((Rebroadcast, self.axis))

    def __str__(self) -> str:
        return f"Rebroadcast{{{', '.join(f'{axis}: {broad}' for axis, broad in self.axis)}}}"


@record(frozen=True)
class SpecifyShape(SizedOp):
    """The tensor, with its sizes checked when it runs.

    >>> SpecifyShape()([[1, 2]], (1, 2)).eval()
    array([[1, 2]])
    """

    moves = True

    def make_node(self, x: Any, *shape: Any) -> Apply:
        """The sizes, one by one or as a vector; a size of 1 makes the axis broadcast."""
        x = as_tensor_variable(x)
        whole = _one_by_one(shape)
        if isinstance(whole, list | tuple) and len(whole) != x.ndim:
            raise AssertionError(
                f"specify_shape: {len(whole)} sizes for the {x.ndim} axes of {x.describe()}"
            )
        sizes = as_sizes(whole, x.ndim)
        for axis, one in enumerate(sizes):
            have = known_size(x, axis)
            if isinstance(one, TensorConstant) and have not in (None, int(one.data)):
                raise ValueError(
                    f"axis {axis} of {x.describe()} has size {have}, not {int(one.data)}"
                )
        pattern = [
            broad or is_known_one(one) for broad, one in zip(x.broadcastable, sizes, strict=True)
        ]
        return Apply(self, [x, *sizes], [x.type.clone(broadcastable=pattern)()])

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
        assert is_tensor(out)
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

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> reshape(TensorType("float64", (False,))("v"), (1, -1)).broadcastable
    (True, False)
    """
    sizes = as_sizes(newshape, ndim)
    result: TensorVariable = Reshape(len(sizes))(x, *sizes)
    return result


def flatten(x: object, ndim: int | None = None, outdim: int | None = None) -> TensorVariable:
    """Merge the trailing axes so that `ndim`, 1 unless given, remain; `outdim` is its old name.

    Merged axes of which all broadcast make one that does.

    ValueError unless 1 <= ndim <= x.ndim (of a scalar, 1).

    >>> flatten([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], 2).eval().tolist()
    [[1, 2, 3, 4], [5, 6, 7, 8]]
    """
    x = as_tensor_variable(x)
    rank = next((one for one in (ndim, outdim) if one is not None), 1)
    if not 1 <= rank <= max(x.ndim, 1):
        raise ValueError(f"flatten of {x.describe()} to {rank} axes: it takes 1 to {x.ndim}")
    if rank == x.ndim:
        return x
    kept = [dim(x, axis) for axis in range(rank - 1)]
    wide = [axis for axis in range(rank - 1, x.ndim) if not x.broadcastable[axis]]
    rest = [dim(x, axis) for axis in wide]
    return reshape(x, [*kept, language.mul(*rest) if rest else 1])


def patternbroadcast(x: object, broadcastable: Sequence[bool]) -> TensorVariable:
    """Declare which axes of `x` have size 1 and broadcast; checked when it runs.

    `x` itself when nothing changes. ValueError when there is not one entry for each axis, or an
    axis is known to have another size.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> patternbroadcast(TensorType("float64", (False,))("v"), (True,)).broadcastable
    (True,)
    """
    x = as_tensor_variable(x)
    pattern = tuple(bool(is_broadcastable) for is_broadcastable in broadcastable)
    if pattern == x.broadcastable:
        return x
    if len(pattern) != x.ndim:
        raise ValueError(f"{x.describe()} has {x.ndim} axes, the pattern {len(pattern)}")
    result: TensorVariable = Rebroadcast(*enumerate(pattern))(x)
    return result


def addbroadcast(x: object, *axes: int) -> TensorVariable:
    """Declare that `axes` of `x` have size 1 and broadcast; checked when it runs.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> addbroadcast(TensorType("float64", (False, False))("m"), 1).broadcastable
    (False, True)
    """
    return _with_axes(x, axes, True)


def unbroadcast(x: object, *axes: int) -> TensorVariable:
    """Declare that `axes` of `x` do not broadcast, though their size may be 1.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> unbroadcast(TensorType("float64", (True, False))("row"), 0).broadcastable
    (False, False)
    """
    return _with_axes(x, axes, False)


def _with_axes(x: object, axes: Sequence[int], broadcasts: bool) -> TensorVariable:
    x = as_tensor_variable(x)
    chosen = {normalised_axis(axis, x) for axis in axes}
    pairs = enumerate(x.broadcastable)
    return patternbroadcast(x, [broadcasts if axis in chosen else one for axis, one in pairs])


def specify_shape(x: object, shape: Any) -> TensorVariable:
    """Return `x`, its sizes checked against `shape` when it runs, except where that is None.

    `shape` is a list with one entry for each axis, or an integer vector. A size of 1 makes the axis
    broadcast. A size that differs is a ValueError where it is known while the graph is built, an
    AssertionError, as in Theano, when it runs.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> specify_shape(TensorType("float64", (False, False))("m"), (None, 1)).broadcastable
    (False, True)
    """
    x = as_tensor_variable(x)
    lengths = list(shape) if isinstance(shape, list | tuple) else as_sizes(shape, x.ndim)
    sizes = [dim(x, axis) if one is None else one for axis, one in enumerate(lengths)]
    result: TensorVariable = SpecifyShape()(x, *sizes)
    return result

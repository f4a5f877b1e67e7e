"""Elements repeated, moved round, and added at the edges: compositions of slices and broadcasts."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lltheano.errors import ArgumentError
from lltheano.graph.written import is_noted, written_as
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.filled import alloc, zeros
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.arithmetic import maximum, minimum
from lltheano.tensor.elementwise.comparison import eq, ge, or_, tensor_copy
from lltheano.tensor.indexing.functions import inc_subtensor, set_subtensor
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.reductions.cumulative import cumsum
from lltheano.tensor.reductions.functions import all as all_of, sum as sum_of
from lltheano.tensor.shapes.dimshuffle import dimshuffle, normalised_axis, shape_padleft
from lltheano.tensor.shapes.join import join
from lltheano.tensor.shapes.shaping import flatten, reshape
from lltheano.tensor.shapes.sizes import as_sizes, dim, is_known_one, known_size
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["RepeatOp", "broadcast_to", "pad", "repeat", "roll", "tile"]


def broadcast_to(x: object, shape: Any) -> TensorVariable:
    """Return `x` repeated to `shape`, as NumPy does: new axes in front, and axes of size 1.

    `shape` is an integer, a list of integers or an integer vector, each possibly symbolic. An
    axis that has neither the wanted size nor size 1 is a ValueError, where sizes are known at once,
    else when it runs.

    >>> broadcast_to([[1], [2]], (2, 3)).eval().tolist()
    [[1, 1, 1], [2, 2, 2]]
    """
    x, sizes = as_tensor_variable(x), as_sizes(shape)
    for axis in range(x.ndim):
        have = known_size(x, axis)
        want = sizes[len(sizes) - x.ndim + axis] if len(sizes) >= x.ndim else None
        known = getattr(want, "data", None)
        if known is not None and have not in (None, 1, int(known)):
            raise ValueError(
                f"broadcast_to: axis {axis} of {x.describe()} has size {have} where {int(known)} is"
                " wanted"
            )
    return alloc(x, *sizes)


def tile(x: object, reps: Any, ndim: int | None = None) -> TensorVariable:
    """Return `x` repeated as a whole, `reps` times along each axis.

    `reps` is an integer, a list of integers or an integer vector, each possibly symbolic. When
    there are fewer than `x` has axes, they are for the last ones; when there are more, `x` gets new
    axes in front. `ndim` is the number of axes of the result, at least that of both; a symbolic
    vector of unknown length needs it. ValueError when `ndim` is too small or repetitions are no
    integers, and when it runs for negative ones.

    >>> tile([[1, 2], [3, 4]], 2).eval().tolist()
    [[1, 2, 1, 2], [3, 4, 3, 4]]
    >>> tile([1, 2], (2, 1)).eval().tolist()
    [[1, 2], [1, 2]]
    """
    x = as_tensor_variable(x)
    try:
        given = as_sizes(reps) if isinstance(reps, list | tuple) else _repetitions(reps, ndim)
    except TypeError as error:
        raise ArgumentError(f"tile: the numbers of repetitions are integers: {error}") from None
    rank = max(x.ndim, len(given)) if ndim is None else ndim
    if rank < max(x.ndim, len(given)):
        raise ValueError(
            f"tile of {x.describe()} {len(given)} ways cannot have {rank} axes: ndim is too small"
        )
    one = constant(1, dtype="int64")
    times = [one] * (rank - len(given)) + given
    x = shape_padleft(x, rank - x.ndim)
    return _tiled(x, list(range(rank)), times, before=True)


def _repetitions(reps: Any, ndim: int | None) -> list[TensorVariable]:
    variable = as_tensor_variable(reps)
    return as_sizes(variable) if variable.ndim == 0 else as_sizes(variable, _length(variable, ndim))


def _length(vector: TensorVariable, ndim: int | None) -> int | None:
    """The length of a vector of repetitions: what is known of it, else `ndim`."""
    known = known_size(vector, 0)
    return ndim if known is None and ndim is not None else known


def _tiled(
    x: TensorVariable, axes: Sequence[int], times: Sequence[TensorVariable], *, before: bool
) -> TensorVariable:
    """Repeat axes: each gets a new axis, before it to repeat the whole, behind it the elements."""
    repeated = {
        axis: time for axis, time in zip(axes, times, strict=True) if not is_known_one(time)
    }
    if not repeated:
        noted = any(map(is_noted, times))
        return written_as(tensor_copy(x), times) if noted else x
    order: list[Any] = []
    wide: list[TensorVariable] = []
    merged: list[TensorVariable] = []
    for axis in range(x.ndim):
        size, count = dim(x, axis), repeated.get(axis)
        pairs: list[tuple[Any, TensorVariable]] = [(axis, size)]
        if count is not None:
            pairs.insert(0 if before else 1, ("x", count))
            size = size * count
        order.extend(index for index, _ in pairs)
        wide.extend(one for _, one in pairs)
        merged.append(size)
    return written_as(reshape(alloc(dimshuffle(x, order), *wide), merged), times)


def repeat(x: object, repeats: Any, axis: int | None = None) -> TensorVariable:
    """Return `x` with each element (with `axis` None, of the flattened tensor) or each part along
    `axis` repeated.

    `repeats` is an integer, or an integer vector with a number for each of them; both may be
    symbolic. TypeError for other dtypes, ValueError for an axis that there is not, and when it runs
    for negative numbers and for a vector of another length.

    >>> repeat([[1, 2], [3, 4]], 2, axis=1).eval().tolist()
    [[1, 1, 2, 2], [3, 3, 4, 4]]
    >>> repeat([1, 2, 3], [0, 2, 1]).eval().tolist()
    [2, 2, 3]
    """
    result: TensorVariable = RepeatOp(axis)(x, repeats)
    return result


class RepeatOp(ComposedOp):
    """The op of `repeat`: it is applied to the tensor and the numbers of repetitions.

    >>> RepeatOp(axis=0)([[1, 2], [3, 4]], [2, 0]).eval().tolist()
    [[1, 2], [1, 2]]
    """

    moves = True
    omits = True
    __props__ = ("axis",)

    def __init__(self, axis: int | None = None) -> None:
        self.axis = axis

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """A tensor, and an integer or a vector of integers, whose length may be known to be 1."""
        x, times = (as_tensor_variable(operand) for operand in inputs)
        if not is_discrete(times.dtype) or times.ndim > 1:
            raise TypeError(
                f"repeat needs an integer or a vector of integers, got {times.describe()}"
            )
        if self.axis is not None:
            normalised_axis(self.axis, x)
        if times.ndim and times.broadcastable[0]:
            times = dimshuffle(times, ())
        return [x, times if times.ndim else as_sizes([times])[0]]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """One number for all is a broadcast, one for each an index."""
        x, times = operands
        x, axis = (flatten(x), 0) if self.axis is None else (x, self.axis)
        index = normalised_axis(axis, x)
        if times.ndim:
            return x[(slice(None),) * index + (_sources(x, times, index),)]
        return _tiled(x, [index], as_sizes([times]), before=False)


def _sources(x: TensorVariable, times: TensorVariable, axis: int) -> TensorVariable:
    """For each part of the result the index of the part that it repeats.

    Where each part but the first begins, a step up is marked; the running sum of the steps is the
    index. Parts that are repeated no times put their marks on that of the next one.
    """
    times = times.astype("int64")
    count, length = dim(times, 0), dim(x, axis)
    message = "repeat: there are {0} numbers of repetitions for {1} parts"
    times = Requirement("sizes", message)(times, eq(count, length), count, length)
    message = "repeat: a number of repetitions is negative"
    times = Requirement("value", message)(times, all_of(ge(times, 0)))
    ends = cumsum(times)
    total = sum_of(times)
    marks = inc_subtensor(zeros([total + 1], dtype="int64")[ends[:-1]], 1)
    return cumsum(marks[:-1])


def roll(x: object, shift: Any, axis: Any = None) -> TensorVariable:
    """Return `x` with its elements moved `shift` places on along `axis`, and round from the end.

    With `axis` None the tensor is flattened, rolled and given its shape back. A list of shifts
    goes with a list of axes. Shifts are integers, possibly symbolic and of either sign. TypeError
    for other shifts, ValueError for an axis that there is not.

    >>> roll([1, 2, 3, 4], 1).eval().tolist()
    [4, 1, 2, 3]
    >>> roll([[1, 2, 3], [4, 5, 6]], -1, axis=1).eval().tolist()
    [[2, 3, 1], [5, 6, 4]]
    """
    x = as_tensor_variable(x)
    if axis is None:
        sizes = [dim(x, index) for index in range(x.ndim)]
        return reshape(_rolled(flatten(x), _shift(shift), 0), sizes)
    axes = list(axis) if isinstance(axis, list | tuple) else [axis]
    shifts = list(shift) if isinstance(shift, list | tuple) else [shift] * len(axes)
    if len(shifts) != len(axes):
        raise ValueError(f"roll got {len(shifts)} shifts for {len(axes)} axes")
    for one, position in zip(shifts, axes, strict=True):
        x = _rolled(x, _shift(one), normalised_axis(position, x))
    return x


def _shift(value: object) -> TensorVariable:
    x = as_tensor_variable(value)
    if x.ndim or not is_discrete(x.dtype):
        raise TypeError(f"roll needs shifts that are integers, got {x.describe()}")
    return x.astype("int64")


def _rolled(x: TensorVariable, shift: TensorVariable, axis: int) -> TensorVariable:
    if x.broadcastable[axis]:
        return x
    size = dim(x, axis)
    cut = size - shift % size
    before = (slice(None),) * axis
    return join(axis, x[(*before, slice(cut, None))], x[(*before, slice(None, cut))])


def _edge(indices: TensorVariable, size: TensorVariable) -> TensorVariable:
    return minimum(maximum(indices, 0), size - 1)


def _wrap(indices: TensorVariable, size: TensorVariable) -> TensorVariable:
    return indices % size


def _reflect(indices: TensorVariable, size: TensorVariable) -> TensorVariable:
    """There and back again, the ends once."""
    period = 2 * (size - 1)
    inside = indices % period
    return minimum(inside, period - inside)


def _symmetric(indices: TensorVariable, size: TensorVariable) -> TensorVariable:
    """There and back again, the ends twice."""
    inside = indices % (2 * size)
    return minimum(inside, 2 * size - 1 - inside)


_SOURCES: dict[str, Callable[[TensorVariable, TensorVariable], TensorVariable]] = {
    "edge": _edge,
    "reflect": _reflect,
    "symmetric": _symmetric,
    "wrap": _wrap,
}


def pad(
    x: object, pad_width: Any, mode: str = "constant", constant_values: object = 0
) -> TensorVariable:
    """Return `x` with elements added before and after each axis, as NumPy's `pad` does.

    `pad_width` is a number, a pair (before, after), or a pair for each axis; all may be symbolic.
    With mode "constant" the new elements are `constant_values`, one value for all; with "edge" the
    last element, with "wrap" those from the other end, with "reflect" and "symmetric" the tensor
    mirrored at its last element or behind it. ValueError for other modes, and when it runs for
    negative widths and for an axis without elements that is to be continued.

    >>> pad([1, 2, 3], (2, 1)).eval().tolist()
    [0, 0, 1, 2, 3, 0]
    >>> pad([1, 2, 3], 2, mode="reflect").eval().tolist()
    [3, 2, 1, 2, 3, 2, 1]
    """
    x = as_tensor_variable(x)
    widths = [tuple(as_sizes(list(pair))) for pair in _pairs(x, pad_width)]
    if mode == "constant":
        return _surrounded(x, widths, as_tensor_variable(constant_values))
    if mode not in _SOURCES:
        raise ValueError(f"pad has modes constant, {', '.join(_SOURCES)}, got {mode!r}")
    for axis, (before, after) in enumerate(widths):
        size = dim(x, axis)
        message = f"pad: axis {axis} has no elements to continue"
        continues = or_(ge(size, 1), eq(before + after, 0))
        size = Requirement("value", message)(size, continues)
        indices = arange(_width(before) + size + _width(after)) - before
        x = x[(slice(None),) * axis + (_SOURCES[mode](indices, size),)]
    return x


def _pairs(x: TensorVariable, value: Any) -> list[Any]:
    """For each axis the widths before and after."""
    if not isinstance(value, list | tuple | np.ndarray):
        return [(value, value)] * x.ndim
    pairs = list(value)
    nested = [isinstance(pair, list | tuple | np.ndarray) for pair in pairs]
    if not any(nested):
        pairs = [pairs * 2 if len(pairs) == 1 else pairs]
    pairs = pairs * x.ndim if len(pairs) == 1 else pairs
    if len(pairs) != x.ndim or any(len(pair) != 2 for pair in pairs):
        raise ValueError(
            f"pad of {x.describe()} needs a number, a pair, or {x.ndim} pairs, got {value}"
        )
    return pairs


def _width(width: TensorVariable) -> TensorVariable:
    message = "pad: a width is {0}, which is negative"
    result: TensorVariable = Requirement("value", message)(width, ge(width, 0), width)
    return result


def _surrounded(
    x: TensorVariable, widths: Sequence[tuple[TensorVariable, ...]], value: TensorVariable
) -> TensorVariable:
    sizes = [
        _width(before) + dim(x, axis) + _width(after) for axis, (before, after) in enumerate(widths)
    ]
    inner = tuple(slice(before, before + dim(x, axis)) for axis, (before, _) in enumerate(widths))
    frame = alloc(value.astype(x.dtype), *sizes)
    return set_subtensor(frame[inner], x)

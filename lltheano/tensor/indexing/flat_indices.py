"""Indices of a tensor's axes as indices into its elements in one row, and back."""

from collections.abc import Sequence
from typing import Any

from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import maximum, minimum
from lltheano.tensor.elementwise.comparison import and_, ge, lt
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.reductions.functions import all as all_of
from lltheano.tensor.shapes.dimshuffle import padded
from lltheano.tensor.shapes.sizes import as_sizes
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = ["RavelMultiIndex", "UnravelIndex", "ravel_multi_index", "unravel_index"]

_MODES = ("raise", "wrap", "clip")


def _integers(name: str, value: object) -> TensorVariable:
    x = as_tensor_variable(value)
    if not is_discrete(x.dtype) and not (isinstance(x, TensorConstant) and not x.data.size):
        raise TypeError(f"{name} needs indices that are integers, got {x.describe()}")
    return x.astype("int64")


def _in_order(name: str, sizes: Sequence[TensorVariable], order: str) -> list[int]:
    """The axes, the one that varies fastest last."""
    if order not in ("C", "F"):
        raise ValueError(f"{name} has the orders C and F, got {order!r}")
    axes = list(range(len(sizes)))
    return axes if order == "C" else axes[::-1]


def unravel_index(
    indices: object, dims: Any, order: str = "C", ndim: int | None = None
) -> tuple[TensorVariable, ...]:
    """Return the indices, on each axis of a tensor of the sizes `dims`, of the elements that have
    `indices` in one row.

    The row is in row-major order, or for `order` F in column-major order. `dims` is an integer, a
    list of integers or an integer vector, possibly symbolic; a vector of unknown length needs
    `ndim`. TypeError for indices that are no integers; ValueError for another order, and when it
    runs for an index that is negative or not below the number of elements.

    >>> rows, columns = unravel_index([22, 41, 37], (7, 6))
    >>> rows.eval().tolist(), columns.eval().tolist()
    ([3, 6, 6], [4, 5, 1])
    """
    sizes = as_sizes(dims, ndim)
    return tuple(UnravelIndex(len(sizes), order)(indices, *sizes, return_list=True))


class UnravelIndex(ComposedOp):
    """The op of `unravel_index`: it is applied to the indices and the sizes, and has a result for
    each of the `ndim` axes.

    >>> [one.eval().tolist() for one in UnravelIndex(2)([22, 41, 37], (7, 6))]
    [[3, 6, 6], [4, 5, 1]]
    """

    __props__ = ("ndim", "order")

    def __init__(self, ndim: int, order: str = "C") -> None:
        self.ndim = ndim
        self.order = order

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Integers, and the sizes, one by one or as a vector."""
        indices, *given = inputs
        sizes = as_sizes(given[0] if len(given) == 1 else given, self.ndim)
        return [_integers("unravel_index", indices), *sizes]

    def build(self, *operands: TensorVariable) -> Sequence[TensorVariable]:
        """Remainders and quotients, the axis that varies fastest first."""
        indices, *sizes = operands
        axes = _in_order("unravel_index", sizes, self.order)
        count: TensorVariable = constant(1, dtype="int64")
        for size in sizes:
            count = count * size
        inside = all_of(and_(ge(indices, 0), lt(indices, count)))
        message = "unravel_index: an index is negative or not below {0}, the number of elements"
        indices = Requirement("value", message)(indices, inside, count)
        results: dict[int, TensorVariable] = {}
        for position, axis in enumerate(reversed(axes)):
            last = position == len(axes) - 1
            results[axis] = indices if last else indices % sizes[axis]
            indices = indices // sizes[axis]
        return [results[axis] for axis in range(len(axes))]


def ravel_multi_index(
    multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C"
) -> TensorVariable:
    """Return where the elements at `multi_index`, indices for each axis of a tensor of the sizes
    `dims`, are in one row.

    The indices broadcast together; the row is in row-major order, or for `order` F in column-major
    order. `mode`, or a list with one for each axis, says what an index out of range does: "raise" a
    ValueError, as in NumPy also for a negative one, "wrap" around, or be "clip"ped. TypeError for
    indices that are no integers; ValueError for another mode or order, and when there is not one
    size for each axis.

    >>> ravel_multi_index(([3, 6, 6], [4, 5, 1]), (7, 6)).eval().tolist()
    [22, 41, 37]
    """
    given = list(multi_index) if isinstance(multi_index, list | tuple) else [*multi_index]
    result: TensorVariable = RavelMultiIndex(mode, order)(*given, as_sizes(dims, len(given)))
    return result


class RavelMultiIndex(ComposedOp):
    """The op of `ravel_multi_index`: it is applied to the indices of each axis, and the sizes.

    >>> RavelMultiIndex()([3, 6, 6], [4, 5, 1], (7, 6)).eval().tolist()
    [22, 41, 37]
    """

    __props__ = ("mode", "order")

    def __init__(self, mode: Any = "raise", order: str = "C") -> None:
        self.mode = tuple(mode) if isinstance(mode, list | tuple) else mode
        self.order = order

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Integers of one rank, and as many sizes: the last operand, or half of the operands."""
        variables = list(inputs)
        listed = (
            isinstance(variables[-1], list | tuple) or as_tensor_variable(variables[-1]).ndim == 1
        )
        count = len(variables) - 1 if listed or len(variables) == 2 else len(variables) // 2
        sizes = as_sizes(variables[-1] if listed else variables[count:], count)
        return [
            *padded([_integers("ravel_multi_index", variable) for variable in variables[:count]]),
            *sizes,
        ]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Products and sums, the axis that varies slowest first."""
        count = len(operands) // 2
        parts, sizes = operands[:count], operands[count:]
        modes = self.mode if isinstance(self.mode, tuple) else (self.mode,) * count
        if len(modes) != count or any(mode not in _MODES for mode in modes):
            raise ValueError(f"ravel_multi_index has modes raise, wrap and clip, got {self.mode!r}")
        index: TensorVariable = constant(0, dtype="int64")
        for axis in _in_order("ravel_multi_index", sizes, self.order):
            index = index * sizes[axis] + _inside(parts[axis], axis, sizes[axis], modes[axis])
        return index


def _inside(index: TensorVariable, axis: int, size: TensorVariable, mode: str) -> TensorVariable:
    if mode == "wrap":
        return index % size
    if mode == "clip":
        return minimum(maximum(index, 0), size - 1)
    inside = all_of(and_(ge(index, 0), lt(index, size)))
    message = f"ravel_multi_index: an index of axis {axis} is negative or not below {{0}}"
    result: TensorVariable = Requirement("value", message)(index, inside, size)
    return result

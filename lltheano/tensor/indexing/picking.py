"""Elements picked by index: NumPy's and Theano's functions beside the brackets."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.tensor.assertion import Requirement
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.arithmetic import maximum, minimum
from lltheano.tensor.elementwise.comparison import and_, eq, ge, lt, switch
from lltheano.tensor.elementwise.stretching import together
from lltheano.tensor.indexing.checks import in_dtype
from lltheano.tensor.indexing.functions import inc_subtensor, set_subtensor, subtensor
from lltheano.tensor.indexing.ops import AdvancedIncSubtensor1, AdvancedSubtensor1
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.reductions.functions import all as all_of
from lltheano.tensor.shapes.dimshuffle import dimshuffle, normalised_axis, padded, shape_padleft
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete, upcast
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = [
    "Choose",
    "FillDiagonal",
    "FillDiagonalOffset",
    "advanced_inc_subtensor",
    "advanced_inc_subtensor1",
    "advanced_set_subtensor",
    "advanced_set_subtensor1",
    "advanced_subtensor",
    "advanced_subtensor1",
    "choose",
    "fill_diagonal",
    "fill_diagonal_offset",
    "take",
]


def advanced_subtensor1(x: object, ilist: object) -> TensorVariable:
    """Return the parts of `x` that the vector `ilist` names on the first axis, as `x[ilist]` does.

    >>> advanced_subtensor1([5, 6, 7], [2, 0]).eval().tolist()
    [7, 5]
    """
    result: TensorVariable = AdvancedSubtensor1()(x, ilist)
    return result


def advanced_inc_subtensor1(x: object, y: object, ilist: object) -> TensorVariable:
    """Return `x` with the parts that the vector `ilist` names on the first axis increased by `y`;
    see `inc_subtensor`.

    >>> advanced_inc_subtensor1([5, 6, 7], 10, [2, 2]).eval().tolist()
    [5, 6, 27]
    """
    result: TensorVariable = AdvancedIncSubtensor1()(x, y, ilist)
    return result


def advanced_set_subtensor1(x: object, y: object, ilist: object) -> TensorVariable:
    """Return `x` with the parts that the vector `ilist` names on the first axis replaced by `y`;
    see `set_subtensor`.

    >>> advanced_set_subtensor1([5, 6, 7], 0, [2, 0]).eval().tolist()
    [0, 6, 0]
    """
    result: TensorVariable = AdvancedIncSubtensor1(set_instead_of_inc=True)(x, y, ilist)
    return result


def advanced_subtensor(x: object, *args: Any) -> TensorVariable:
    """Return `x[args]`, Theano's name for it where some of the arguments are arrays or masks.

    >>> advanced_subtensor([[1, 2], [3, 4]], [0, 1], [1, 0]).eval().tolist()
    [2, 3]
    """
    return subtensor(x, args)


def advanced_inc_subtensor(x: object, y: object, *args: Any) -> TensorVariable:
    """Return `x` with the part `x[args]` increased by `y`; see `inc_subtensor`.

    >>> advanced_inc_subtensor([1, 2, 3], 10, [0, 0]).eval().tolist()
    [21, 2, 3]
    """
    return inc_subtensor(subtensor(x, args), y)


def advanced_set_subtensor(x: object, y: object, *args: Any) -> TensorVariable:
    """Return `x` with the part `x[args]` replaced by `y`; see `set_subtensor`.

    >>> advanced_set_subtensor([1, 2, 3], 10, [0, 2]).eval().tolist()
    [10, 2, 10]
    """
    return set_subtensor(subtensor(x, args), y)


def take(a: object, indices: Any, axis: int | None = None, mode: str = "raise") -> TensorVariable:
    """Return the parts of `a` at `indices` of an axis; of the flattened tensor when `axis` is None.

    `indices` may have any number of axes, which stand in the place of `axis`. `mode` says what an
    index out of range does: "raise" an IndexError, "wrap" around, or be "clip"ped, where all below
    0 are 0. TypeError for indices that are no integers, ValueError for another mode or axis.

    >>> take([[1, 2, 3], [4, 5, 6]], [[0, 4]], axis=1, mode="wrap").eval().tolist()
    [[[1, 2]], [[4, 5]]]
    >>> take([1, 2, 3], [-7, 7], mode="clip").eval().tolist()
    [1, 3]
    """
    a, chosen = as_tensor_variable(a), _integers("take", indices)
    if axis is None:
        a, axis = flatten(a), 0
    index = normalised_axis(axis, a)
    chosen = _in_range("take", chosen, dim(a, index), mode)
    return subtensor(a, (slice(None),) * index + (chosen,))


def _integers(name: str, indices: object) -> TensorVariable:
    """Indices as int64, empty lists and bools among them."""
    x = as_tensor_variable(indices)
    if not is_discrete(x.dtype) and not (isinstance(x, TensorConstant) and not x.data.size):
        raise TypeError(f"{name} needs indices that are integers, got {x.describe()}")
    return x if x.dtype == "int64" else x.astype("int64")


def _in_range(
    name: str, indices: TensorVariable, size: TensorVariable, mode: str
) -> TensorVariable:
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"{name} has modes raise, wrap and clip, got {mode!r}")
    if mode == "wrap":
        return indices % size
    return minimum(maximum(indices, 0), size - 1) if mode == "clip" else indices


def choose(a: object, choices: Any, out: None = None, mode: str = "raise") -> TensorVariable:
    """Return for each element of `a` that of the choice which it numbers.

    `choices` is a list of tensors, or one tensor whose first axis numbers them; all broadcast with
    `a`, and the dtype is the one that holds them all. `mode` says what a number out of range does:
    "raise" a ValueError, as in NumPy, "wrap" around, or be "clip"ped. `out` is kept for Theano's
    signature and must be None.

    >>> choose([0, 1, 0, 1], [[1, 2, 3, 4], [10, 20, 30, 40]]).eval().tolist()
    [1, 20, 3, 40]
    >>> choose([[3], [-1]], [7, 8], mode="clip").eval().tolist()
    [[8], [7]]
    """
    if out is not None:
        raise TypeError(f"choose does not write to `out`; it returns the result, got {out!r:.60}")
    result: TensorVariable = Choose(mode)(a, choices)
    return result


class Choose(ComposedOp):
    """The op of `choose`: it is applied to the numbers, and to the choices, or one tensor whose
    first axis numbers them.

    >>> Choose("wrap")([0, 1, 2], [5, 6, 7], [50, 60, 70]).eval().tolist()
    [5, 60, 7]
    """

    __props__ = ("mode",)

    def __init__(self, mode: str = "raise") -> None:
        self.mode = mode

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """The numbers, and the choices one by one, or all in one tensor."""
        numbers, *choices = inputs
        listed = len(choices) == 1 and isinstance(choices[0], list | tuple)
        variables = [as_tensor_variable(choice) for choice in (choices[0] if listed else choices)]
        if not variables:
            raise ValueError("choose needs at least one choice")
        if listed and len(variables) == 1:
            variables = [shape_padleft(variables[0])]
        if len(variables) == 1 and not variables[0].ndim:
            raise TypeError(f"choose needs a list of choices, got {variables[0].describe()}")
        return [_integers("choose", numbers), *variables]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """A switch for each of a few choices; a look-up in one tensor."""
        numbers, *choices = operands
        if len(choices) == 1:
            (table,) = choices
            return _looked_up(_choosable(numbers, dim(table, 0), self.mode), table)
        count = constant(len(choices), dtype="int64")
        return _switched(_choosable(numbers, count, self.mode), choices)


def _choosable(numbers: TensorVariable, count: TensorVariable, mode: str) -> TensorVariable:
    if mode != "raise":
        return _in_range("choose", numbers, count, mode)
    inside = all_of(and_(ge(numbers, 0), lt(numbers, count)))
    message = "choose: a number is not below {0}, the number of choices, or is negative"
    result: TensorVariable = Requirement("value", message)(numbers, inside, count)
    return result


def _switched(numbers: TensorVariable, choices: Sequence[TensorVariable]) -> TensorVariable:
    """One of a few tensors for each element."""
    dtype = upcast(*(choice.dtype for choice in choices))
    numbers, *given = together(padded([numbers, *(choice.astype(dtype) for choice in choices)]))
    # The last is what is left, and makes the sizes those of all together.
    result = given[-1]
    for number, one in reversed(list(enumerate(given[:-1]))):
        result = switch(eq(numbers, number), one, result)
    return result


def _looked_up(numbers: TensorVariable, table: TensorVariable) -> TensorVariable:
    """Elements of a table at numbers of its first axis and at their own place on the others."""
    rank = max(numbers.ndim, table.ndim - 1)
    table = dimshuffle(table, [0, *["x"] * (rank - table.ndim + 1), *range(1, table.ndim)])
    numbers = shape_padleft(numbers, rank - numbers.ndim)
    zero = constant(np.zeros((1,) * rank, dtype=np.int64))
    own = [
        zero if table.broadcastable[axis] else indices
        for axis, indices in enumerate(_places(table)[1:], start=1)
    ]
    own = [one if one is zero else dimshuffle(one, range(1, rank + 1)) for one in own]
    return subtensor(table, (numbers, *own))


def fill_diagonal(a: object, val: object) -> TensorVariable:
    """Return `a` with `val`, without axes, on the main diagonal.

    `a` has at least two axes; when it has more they must be of one size, and the diagonal is where
    all indices are equal. ValueError for fewer axes, and for sizes that differ when it runs;
    TypeError for a value that has axes or would lose precision.

    >>> fill_diagonal([[1, 2, 3], [4, 5, 6]], 0).eval().tolist()
    [[0, 2, 3], [4, 0, 6]]
    """
    result: TensorVariable = FillDiagonal()(a, val)
    return result


class FillDiagonal(ComposedOp):
    """The op of `fill_diagonal`: it is applied to the tensor and the value.

    >>> FillDiagonal()([[1, 2], [3, 4]], 0).eval().tolist()
    [[0, 2], [3, 0]]
    """

    __props__ = ()

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """A tensor of two axes or more, and a value of its dtype."""
        a, val = inputs
        return [*_diagonal_arguments("fill_diagonal", a, val)]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The value where all indices are equal."""
        a, value = operands
        if a.ndim > 2:
            a = _with_equal_sizes(a)
        first, *others = _places(a)
        on = eq(first, others[0])
        for other in others[1:]:
            on = and_(on, eq(first, other))
        return switch(on, value, a)


def fill_diagonal_offset(a: object, val: object, offset: Any) -> TensorVariable:
    """Return the matrix `a` with `val`, without axes, on a diagonal: the one `offset` places above
    the main one, or below it when that is negative.

    The offset may be symbolic; one that leaves the matrix changes nothing. Errors as for
    `fill_diagonal`.

    >>> fill_diagonal_offset([[1, 2, 3], [4, 5, 6]], 0, 1).eval().tolist()
    [[1, 0, 3], [4, 5, 0]]
    """
    result: TensorVariable = FillDiagonalOffset()(a, val, offset)
    return result


class FillDiagonalOffset(ComposedOp):
    """The op of `fill_diagonal_offset`: it is applied to the matrix, the value and the offset.

    >>> FillDiagonalOffset()([[1, 2], [3, 4]], 0, 1).eval().tolist()
    [[1, 0], [3, 4]]
    """

    __props__ = ()

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """A matrix, a value of its dtype, and an integer."""
        a, value = _diagonal_arguments("fill_diagonal_offset", *inputs[:2])
        if a.ndim != 2:
            raise ValueError(f"fill_diagonal_offset needs a matrix, got {a.describe()}")
        return [a, value, _integers("fill_diagonal_offset", inputs[2])]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The value where the column is the row and the offset."""
        a, value, offset = operands
        rows, columns = _places(a)
        return switch(eq(rows + offset, columns), value, a)


def _diagonal_arguments(name: str, a: object, val: object) -> tuple[TensorVariable, TensorVariable]:
    a, value = as_tensor_variable(a), as_tensor_variable(val)
    if a.ndim < 2:
        raise ValueError(f"{name} needs at least two axes, got {a.describe()}")
    if value.ndim:
        raise TypeError(f"{name} fills with one value, which has no axes, got {value.describe()}")
    return a, in_dtype(value, a)


def _with_equal_sizes(a: TensorVariable) -> TensorVariable:
    result: TensorVariable = a
    message = "fill_diagonal needs axes of one size, got {0} and {1}"
    for axis in range(1, a.ndim):
        sizes = dim(a, 0), dim(a, axis)
        result = Requirement("sizes", message)(result, eq(*sizes), *sizes)
    return result


def _places(a: TensorVariable) -> list[TensorVariable]:
    """For each axis its indices, so that they broadcast together to the shape."""
    indices: list[TensorVariable] = []
    for axis in range(a.ndim):
        order: list[Any] = ["x"] * a.ndim
        order[axis] = 0
        indices.append(dimshuffle(arange(dim(a, axis)), order))
    return indices

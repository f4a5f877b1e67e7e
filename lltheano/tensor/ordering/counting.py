"""How often elements occur: counts of small integers, and the different elements of a tensor."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.assertion import Assert, Requirement
from lltheano.tensor.creation.filled import ones, zeros
from lltheano.tensor.elementwise.arithmetic import maximum
from lltheano.tensor.elementwise.comparison import eq, ge, isnan, neq
from lltheano.tensor.indexing.functions import inc_subtensor, set_subtensor
from lltheano.tensor.indexing.selection import flatnonzero
from lltheano.tensor.ordering.sorting import ArgSort
from lltheano.tensor.reductions.cumulative import cumsum, diff
from lltheano.tensor.reductions.functions import all as all_, any as any_
from lltheano.tensor.shapes.dimshuffle import normalised_axis
from lltheano.tensor.shapes.join import concatenate
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_complex, is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["LexSort", "Unique", "bincount", "unique"]


def bincount(
    x: object, weights: Any = None, minlength: Any = None, assert_nonneg: bool = False
) -> TensorVariable:
    """Return how often each of 0, 1, ... occurs in the integer vector `x`.

    The result has an element for each integer up to the greatest of `x`, and at least `minlength`
    (an integer, possibly symbolic). Without `weights` it is int64; with `weights`, a vector of the
    length of `x`, those of equal elements are added: floats in their own dtype, integers as float64
    (NumPy makes all of them float64, Theano none). The gradient of a weight is that of its count.

    TypeError when `x` is no vector of integers; ValueError when it runs for a negative element or
    weights of another length. With `assert_nonneg` a negative element is an AssertionError.

    >>> bincount([1, 1, 3]).eval()
    array([0, 2, 0, 1])
    >>> bincount([1, 1, 3], weights=[0.5, 1.0, 2.0], minlength=6).eval()
    array([0. , 1.5, 0. , 2. , 0. , 0. ])
    """
    x = as_tensor_variable(x)
    if x.ndim != 1 or not is_discrete(x.dtype):
        raise TypeError(f"bincount counts a vector of integers, got {x.describe()}")
    indices = _not_negative(x.astype("int64"), assert_nonneg)
    size = _least_size(indices)
    if minlength is not None:
        size = maximum(size, _length(minlength))
    if weights is None:
        return inc_subtensor(zeros([size], dtype="int64")[indices], 1)
    weights = as_tensor_variable(weights)
    if weights.ndim != 1 or is_complex(weights.dtype):
        raise TypeError(f"the weights of bincount are a real vector, got {weights.describe()}")
    if is_discrete(weights.dtype):
        weights = weights.astype("float64")
    have, want = dim(weights, 0), dim(indices, 0)
    message = "bincount: {0} weights for {1} elements"
    weights = Requirement("sizes", message)(weights, eq(have, want), have, want)
    return inc_subtensor(zeros([size], dtype=weights.dtype)[indices], weights)


def _not_negative(indices: TensorVariable, asserted: bool) -> TensorVariable:
    message = "bincount: an element is negative"
    check = Assert(message) if asserted else Requirement("value", message)
    checked: TensorVariable = check(indices, all_(ge(indices, 0)))
    return checked


def _least_size(indices: TensorVariable) -> TensorVariable:
    """One more than the greatest element; 0 where there is none."""
    above_all = concatenate([indices, constant([-1], dtype="int64")])
    size: TensorVariable = above_all.max() + 1
    return size


def _length(value: Any) -> TensorVariable:
    length = as_tensor_variable(value)
    if length.ndim or not is_discrete(length.dtype):
        raise TypeError(f"the minlength of bincount is an integer, got {length.describe()}")
    message = "bincount: minlength is {0}; it must not be negative"
    checked: TensorVariable = Requirement("value", message)(length, ge(length, 0), length)
    return checked.astype("int64")


@record(frozen=True)
class LexSort(Op):
    """The order of the rows of a matrix: by their first elements, then by their second, and on."""

    def make_node(self, x: Any) -> Apply:
        """A matrix of real numbers."""
        x = as_tensor_variable(x)
        if x.ndim != 2 or is_complex(x.dtype):
            raise TypeError(f"{self} orders the rows of a real matrix, got {x.describe()}")
        return Apply(self, [x], [TensorType("int64", (False,))()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Places change in steps only."""
        return [zero()]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A stable sort by each column, the last one first."""
        (x,) = inputs
        first = builder.iota(builder.dim(x, 0))

        def body(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
            number, order, rows = arguments
            last = builder.elementwise("sub", builder.dim(rows, 1), builder.integer(1))
            column = builder.index(rows, builder.elementwise("sub", last, number), 1)
            sorted_so_far = builder.gather(column, [order], [0])
            return [builder.gather(order, [builder.argsort(sorted_so_far)], [0])], []

        return list(builder.loop_over(builder.dim(x, 1), [first], [x], body))

    def __str__(self) -> str:
        return "LexSort"


class Unique:
    """The different elements of a tensor: `unique` with its options given beforehand.

    >>> values, counts = Unique(return_counts=True)([3, 1, 3])
    >>> values.eval(), counts.eval()
    (array([1, 3]), array([1, 2]))
    """

    def __init__(
        self,
        return_index: bool = False,
        return_inverse: bool = False,
        return_counts: bool = False,
        axis: int | None = None,
    ) -> None:
        self.return_index = return_index
        self.return_inverse = return_inverse
        self.return_counts = return_counts
        self.axis = axis

    def __call__(self, x: object, return_list: bool = False) -> Any:
        """Return what `unique` returns; several variables, or with `return_list` one, as a list."""
        wanted = self.return_index, self.return_inverse, self.return_counts
        result = unique(x, *wanted, axis=self.axis)
        if isinstance(result, tuple):
            return list(result)
        return [result] if return_list else result


def unique(
    ar: object,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
) -> Any:
    """Return the different elements of a tensor in ascending order, a vector.

    With `axis` it is the different parts along that axis, in the order of their elements. On
    request a tuple is returned that has behind them, in this order: `return_index`, the place of
    the first of each in the flattened tensor or along the axis; `return_inverse`, for each element
    or part the place of its like in the result, in the shape of `ar` or as a vector;
    `return_counts`, how often each occurs. The places and counts are int64.

    All NaNs count as one and come last, unless `equal_nan` is False; parts along an axis that have
    a NaN differ from all others, as in NumPy. TypeError for complex numbers.

    >>> unique([3, 1, 3, 2]).eval()
    array([1, 2, 3])
    >>> values, inverse = unique([3, 1, 3, 2], return_inverse=True)
    >>> values[inverse].eval()
    array([3, 1, 3, 2])
    >>> unique([[1, 2], [1, 1], [1, 2]], axis=0).eval()
    array([[1, 1],
           [1, 2]])
    """
    ar = as_tensor_variable(ar)
    if is_complex(ar.dtype):
        raise TypeError(f"unique: complex numbers have no order, got {ar.describe()}")
    results: list[TensorVariable]
    if axis is None:
        flat = flatten(ar, 1)
        order = as_tensor_variable(ArgSort()(flat))
        ordered = flat[order]
        first = _is_first(neq(ordered[1:], ordered[:-1]), ordered, equal_nan)
        values, starts = _chosen(ordered, first)
        shape = [dim(ar, index) for index in range(ar.ndim)]
    else:
        position = normalised_axis(axis, ar)
        parts = ar.dimshuffle([position, *(index for index in range(ar.ndim) if index != position)])
        rows = flatten(parts, 2) if parts.ndim > 1 else parts.dimshuffle(0, "x")
        order = as_tensor_variable(LexSort()(rows))
        differs = any_(neq(rows[order][1:], rows[order][:-1]), axis=1)
        first = _is_first(differs, order, equal_nan=False)
        kept, starts = _chosen(order, first)
        values = parts[kept].dimshuffle([*range(1, position + 1), 0, *range(position + 1, ar.ndim)])
        shape = [dim(ar, position)]
    results = [values]
    if return_index:
        results.append(order[starts])
    if return_inverse:
        numbers = cumsum(first) - 1
        results.append(
            set_subtensor(zeros([dim(order, 0)], "int64")[order], numbers).reshape(shape)
        )
    if return_counts:
        ends = concatenate([starts, dim(order, 0).dimshuffle("x")])
        results.append(diff(ends))
    return tuple(results) if len(results) > 1 else values


def _is_first(differs: TensorVariable, ordered: TensorVariable, equal_nan: bool) -> TensorVariable:
    """Which elements, in order, differ from the one before; the first of all does."""
    if equal_nan and not is_discrete(ordered.dtype):
        differs = differs & ~(isnan(ordered[1:]) & isnan(ordered[:-1]))
    return concatenate([ones([1], "bool"), differs])[: dim(ordered, 0)]


def _chosen(
    ordered: TensorVariable, first: TensorVariable
) -> tuple[TensorVariable, TensorVariable]:
    starts = flatnonzero(first)
    return ordered[starts], starts

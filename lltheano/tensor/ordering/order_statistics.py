"""Elements by their rank along an axis: the median, and the k greatest or least."""

from collections.abc import Callable, Sequence
from typing import Any

from lltheano.graph.core import Variable
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.arithmetic import abs_, mul
from lltheano.tensor.elementwise.comparison import isnan, switch
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.ordering.sorting import ArgSort, Sort, along
from lltheano.tensor.reducers.ops import axes_of, keep_axes
from lltheano.tensor.reductions.functions import mean
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.shapes.symbolic_axes import is_none
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import canonical_dtype, is_discrete
from lltheano.tensor.variables.variable import TensorConstant, TensorVariable

__all__ = ["TopKOp", "argtopk", "median", "topk", "topk_and_argtopk"]


def median(a: object, axis: Any = None, keepdims: bool = False) -> TensorVariable:
    """Return the middle element along `axis` in ascending order; the mean of the two middle ones.

    `axis` is an axis, a list of axes, or None for all; with `keepdims` they stay, with size 1. It
    is NaN where there is a NaN, and of no elements. Integers give float64. The gradient goes to the
    middle elements. TypeError for complex numbers.

    >>> median([[3, 1, 2], [4, 9, 6]], axis=1).eval()
    array([2., 6.])
    >>> median([3.0, 1.0, 2.0, 10.0]).eval()
    array(2.5)
    """
    a = as_tensor_variable(a)
    a = a.astype("float64") if is_discrete(a.dtype) else a
    axes = axes_of(a, axis)
    kept = [index for index in range(a.ndim) if index not in axes]
    sizes = [dim(a, one) for one in kept]
    length = mul(*(dim(a, dimension) for dimension in axes)) if axes else 1
    rows = a.dimshuffle([*kept, *axes]).reshape([*sizes, length], ndim=len(kept) + 1)
    result = _middle(rows)
    return keep_axes(result, axes) if keepdims else result


def _middle(rows: TensorVariable) -> TensorVariable:
    ordered: TensorVariable = Sort()(rows)
    size = dim(ordered, ordered.ndim - 1)
    before = (slice(None),) * (ordered.ndim - 1)
    middle = mean(ordered[(*before, slice((size - 1) // 2, size // 2 + 1))], axis=-1)
    greatest = mean(ordered[(*before, slice(-1, None))], axis=-1)
    result: TensorVariable = switch(isnan(greatest), greatest, middle)
    return result


def topk(
    x: object,
    kth: Any,
    axis: Any = -1,
    sorted: bool = True,  # noqa: A002 - Theano's parameter
    idx_dtype: Any = "int64",
) -> TensorVariable:
    """Return the `kth` greatest elements along `axis`, or the -`kth` least where it is negative.

    They are in ascending order, whatever `sorted` says; NaN is greater than any number. `kth` is an
    integer or an integer scalar, neither 0 nor greater than the axis: a ValueError when it runs.
    `idx_dtype` is that of `argtopk`. With `axis` None the tensor is flattened.

    >>> topk([5, 1, 4, 2], 2).eval(), topk([5, 1, 4, 2], -2).eval()
    (array([4, 5]), array([1, 2]))
    """
    result: TensorVariable = TopKOp(axis, sorted, idx_dtype, return_indices=False)(x, kth)
    return result


def argtopk(
    x: object,
    kth: Any,
    axis: Any = -1,
    sorted: bool = True,  # noqa: A002 - Theano's parameter
    idx_dtype: Any = "int64",
) -> TensorVariable:
    """Return the indices of what `topk`, whose parameters these are, returns, as `idx_dtype`.

    >>> argtopk([5, 1, 4, 2], 2).eval()
    array([2, 0])
    """
    result: TensorVariable = TopKOp(axis, sorted, idx_dtype, return_values=False)(x, kth)
    return result


def topk_and_argtopk(
    x: object,
    kth: Any,
    axis: Any = -1,
    sorted: bool = True,  # noqa: A002 - Theano's parameter
    idx_dtype: Any = "int64",
) -> list[TensorVariable]:
    """Return `topk` and `argtopk`, whose parameters these are.

    >>> [one.eval() for one in topk_and_argtopk([5, 1, 4, 2], 2)]
    [array([4, 5]), array([2, 0])]
    """
    return [*TopKOp(axis, sorted, idx_dtype)(x, kth)]


class TopKOp(ComposedOp):
    """The op of `topk` and `argtopk`, whose parameters these are: it is applied to the tensor and
    k, and returns values, or indices, or both.

    >>> TopKOp(return_values=False)([5, 1, 4, 2], 2).eval()
    array([2, 0])
    """

    __props__ = ("axis", "sorted", "return_values", "return_indices", "idx_dtype")

    def __init__(
        self,
        axis: int | None = -1,
        sorted: bool = True,  # noqa: A002 - Theano's parameter
        idx_dtype: Any = "int64",
        return_values: bool = True,
        return_indices: bool = True,
    ) -> None:
        if isinstance(axis, Variable):
            axis = (
                None if is_none(axis) else int(as_tensor_variable(axis).get_scalar_constant_value())
            )
        if not (return_values or return_indices):
            raise ValueError("TopKOp: neither values nor indices are asked for")
        self.axis = axis
        self.sorted = bool(sorted)
        self.idx_dtype = canonical_dtype(idx_dtype)
        self.return_values = bool(return_values)
        self.return_indices = bool(return_indices)
        if not is_discrete(self.idx_dtype) or self.idx_dtype == "bool":
            raise TypeError(f"argtopk gives indices of an integer dtype, got {idx_dtype!r}")

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """A tensor and an integer other than 0."""
        x, kth = inputs
        count = as_tensor_variable(kth)
        if count.ndim or not is_discrete(count.dtype) or count.dtype == "bool":
            raise TypeError(f"topk takes an integer k, got {count.describe()}")
        if isinstance(count, TensorConstant) and not count.data:
            raise ValueError("topk of 0 elements: k must not be 0")
        return [as_tensor_variable(x), count]

    def build(self, *operands: TensorVariable) -> Sequence[TensorVariable]:
        """The last, or the first, of the sorted ones."""
        x, count = operands
        results = []
        if self.return_values:
            results.append(_topk(x, count, self.axis, Sort()))
        if self.return_indices:
            results.append(_topk(x, count, self.axis, ArgSort()).astype(self.idx_dtype))
        return results


def _topk(
    x: TensorVariable,
    count: TensorVariable,
    axis: int | None,
    op: Callable[[TensorVariable], TensorVariable],
) -> TensorVariable:
    def chosen(rows: TensorVariable) -> TensorVariable:
        size = dim(rows, rows.ndim - 1)
        number = count.astype("int64")
        wanted = abs_(number)
        fits = (wanted > 0) & (wanted <= size)
        message = "topk: k is {0} for an axis of size {1}"
        wanted = Requirement("value", message)(wanted, fits, number, size)
        first = (number > 0) * (size - wanted)
        index = (slice(None),) * (rows.ndim - 1)
        result: TensorVariable = op(rows)[(*index, slice(first, first + wanted))]
        return result

    return along(x, axis, chosen)

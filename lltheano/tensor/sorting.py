"""Elements in order along an axis: sorting, the places of sorted elements, and the k greatest."""

from collections.abc import Callable, Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.arithmetic import abs_
from lltheano.tensor.assertion import Assert
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.creation import arange
from lltheano.tensor.dimshuffle import normalised_axis, swapaxes
from lltheano.tensor.index_functions import set_subtensor
from lltheano.tensor.promotion import canonical_dtype, is_complex, is_discrete
from lltheano.tensor.shaping import flatten
from lltheano.tensor.sizes import dim
from lltheano.tensor.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "ArgSort",
    "Sort",
    "argsort",
    "argtopk",
    "sort",
    "topk",
    "topk_and_argtopk",
]

_KINDS = ("quicksort", "mergesort", "heapsort", "stable")


class _Ordering(Op):
    """What `Sort` and `ArgSort` have in common."""

    def make_node(self, x: Any) -> Apply:
        """A tensor of real numbers with at least one axis."""
        x = as_tensor_variable(x)
        if is_complex(x.dtype):
            raise TypeError(
                f"{self}: complex numbers have no order, got {x.describe()}; sort a real key, such"
                " as abs(x), and index with its argsort"
            )
        if not x.ndim:
            raise ValueError(f"{self}: {x.describe()} has no axis to sort along")
        return Apply(self, [x], [x.type.clone(dtype=self._dtype(x))()])

    def _dtype(self, x: TensorVariable) -> str:
        return x.dtype

    def __str__(self) -> str:
        return type(self).__name__


@record(frozen=True)
class Sort(_Ordering):
    """The elements along the last axis in ascending order, stable, NaN last."""

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Each gradient goes back to where its element came from."""
        x, g = as_tensor_variable(inputs[0]), as_tensor_variable(output_gradients[0])
        if is_discrete(x.dtype):
            return [zero()]
        return [set_subtensor(g.zeros_like()[_places(ArgSort()(x))], g)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.sort(inputs[0])]


@record(frozen=True)
class ArgSort(_Ordering):
    """The int64 indices that put the last axis in ascending order, stable, NaN last."""

    def _dtype(self, x: TensorVariable) -> str:
        return "int64"

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Places change in steps only."""
        return [zero()]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.argsort(inputs[0])]


def _places(last: TensorVariable) -> tuple[TensorVariable, ...]:
    """Indices of every axis, of which those of the last are `last`: together they name each
    element once.
    """
    rank = last.ndim
    rows = []
    for axis in range(rank - 1):
        pattern: list[Any] = ["x"] * rank
        pattern[axis] = 0
        rows.append(arange(dim(last, axis)).dimshuffle(pattern))
    return (*rows, last)


def _along(
    x: TensorVariable, axis: int | None, op: Callable[[TensorVariable], TensorVariable]
) -> TensorVariable:
    """Apply an op of the last axis to `axis`; to the flattened tensor for None."""
    if isinstance(axis, TensorVariable):
        axis = int(axis.get_scalar_constant_value())
    if axis is None:
        return op(flatten(x, 1))
    place = normalised_axis(axis, x)
    return swapaxes(op(swapaxes(x, place, -1)), place, -1)


def _check_kind(name: str, kind: Any, order: Any) -> None:
    if kind is not None and kind not in _KINDS:
        raise ValueError(f"{name} has kinds {', '.join(_KINDS)}, got {kind!r}")
    if order is not None:
        raise ValueError(f"{name}: tensors have no fields, so order must be None, got {order!r}")


def sort(
    a: object, axis: int | None = -1, kind: str = "quicksort", order: Any = None
) -> TensorVariable:
    """Return the elements along `axis` in ascending order; of the flattened tensor for None.

    NaN comes last. Every `kind` that NumPy has gives the same: the sort is always stable, and takes
    a time linear in the size (a radix sort). `order` must be None. The gradient of an element goes
    back to where it came from.

    TypeError for complex numbers; ValueError for an axis that there is not.

    >>> sort([[3, 1, 2], [9, 8, 7]]).eval()
    array([[1, 2, 3],
           [7, 8, 9]])
    >>> sort([3.0, float("nan"), 1.0], axis=0).eval()
    array([ 1.,  3., nan])
    """
    _check_kind("sort", kind, order)
    return _along(as_tensor_variable(a), axis, Sort())


def argsort(
    a: object, axis: int | None = -1, kind: str = "quicksort", order: Any = None
) -> TensorVariable:
    """Return the int64 indices that put the elements along `axis` in ascending order.

    The parameters are those of `sort`. Equal elements keep their order, and so do NaNs, which come
    last.

    >>> argsort([30, 10, 20, 10]).eval()
    array([1, 3, 2, 0])
    """
    _check_kind("argsort", kind, order)
    return _along(as_tensor_variable(a), axis, ArgSort())


def topk(
    x: object,
    kth: Any,
    axis: int | None = -1,
    sorted: bool = True,  # noqa: A002 - Theano's parameter
    idx_dtype: Any = "int64",
) -> TensorVariable:
    """Return the `kth` greatest elements along `axis`, or the -`kth` least where it is negative.

    They are in ascending order, whatever `sorted` says; NaN is greater than any number. `kth` is an
    integer or an integer scalar, neither 0 nor greater than the axis: an AssertionError when it
    runs. `idx_dtype` is that of `argtopk`. With `axis` None the tensor is flattened.

    >>> topk([5, 1, 4, 2], 2).eval(), topk([5, 1, 4, 2], -2).eval()
    (array([4, 5]), array([1, 2]))
    """
    return _topk(as_tensor_variable(x), kth, axis, Sort())


def argtopk(
    x: object,
    kth: Any,
    axis: int | None = -1,
    sorted: bool = True,  # noqa: A002 - Theano's parameter
    idx_dtype: Any = "int64",
) -> TensorVariable:
    """Return the indices of what `topk`, whose parameters these are, returns, as `idx_dtype`.

    >>> argtopk([5, 1, 4, 2], 2).eval()
    array([2, 0])
    """
    dtype = canonical_dtype(idx_dtype)
    if not is_discrete(dtype) or dtype == "bool":
        raise TypeError(f"argtopk gives indices of an integer dtype, got {idx_dtype!r}")
    return _topk(as_tensor_variable(x), kth, axis, ArgSort()).astype(dtype)


def topk_and_argtopk(
    x: object,
    kth: Any,
    axis: int | None = -1,
    sorted: bool = True,  # noqa: A002 - Theano's parameter
    idx_dtype: Any = "int64",
) -> list[TensorVariable]:
    """Return `topk` and `argtopk`, whose parameters these are.

    >>> [one.eval() for one in topk_and_argtopk([5, 1, 4, 2], 2)]
    [array([4, 5]), array([2, 0])]
    """
    x = as_tensor_variable(x)
    return [topk(x, kth, axis, sorted, idx_dtype), argtopk(x, kth, axis, sorted, idx_dtype)]


def _topk(
    x: TensorVariable, kth: Any, axis: int | None, op: Callable[[TensorVariable], TensorVariable]
) -> TensorVariable:
    count = as_tensor_variable(kth)
    if count.ndim or not is_discrete(count.dtype) or count.dtype == "bool":
        raise TypeError(f"topk takes an integer k, got {count.describe()}")
    if isinstance(kth, int) and not kth:
        raise ValueError("topk of 0 elements: k must not be 0")

    def chosen(rows: TensorVariable) -> TensorVariable:
        size = dim(rows, rows.ndim - 1)
        few_enough = Assert("topk: k must be at least 1 and at most the size of the axis")
        number = count.astype("int64")
        wanted = few_enough(abs_(number), abs_(number) <= size, abs_(number) > 0)
        first = (number > 0) * (size - wanted)
        index = (slice(None),) * (rows.ndim - 1)
        result: TensorVariable = op(rows)[(*index, slice(first, first + wanted))]
        return result

    return _along(x, axis, chosen)

"""Elements in order along an axis, and the places of the sorted elements."""

from collections.abc import Callable, Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.indexing.functions import set_subtensor
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.shapes.dimshuffle import swapaxes
from lltheano.tensor.shapes.shaping import flatten
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.shapes.symbolic_axes import along_variable, as_axis, is_none, known_axis
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "ArgSort",
    "ArgSortOp",
    "Sort",
    "SortOp",
    "along",
    "argsort",
    "sort",
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

    moves = True

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


def along(
    x: TensorVariable, axis: Any, op: Callable[[TensorVariable], TensorVariable]
) -> TensorVariable:
    """Apply an op of the last axis to `axis`, possibly a variable; to the flattened tensor for
    None.
    """
    if is_none(axis):
        return op(flatten(x, 1))
    wanted = as_axis(axis, x)
    index = known_axis(wanted)
    if index is None:
        return along_variable(x, wanted, lambda one, middle: along(one, middle, op))
    return swapaxes(op(swapaxes(x, index, -1)), index, -1)


def _check_kind(name: str, kind: Any, order: Any) -> None:
    if kind is not None and kind not in _KINDS:
        raise ValueError(f"{name} has kinds {', '.join(_KINDS)}, got {kind!r}")
    if order is not None:
        raise ValueError(f"{name}: tensors have no fields, so order must be None, got {order!r}")


def sort(a: object, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> TensorVariable:
    """Return the elements along `axis` in ascending order; of the flattened tensor for None. The
    axis may be a variable.

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
    return _ordered(SortOp(kind, order), a, axis)


def argsort(
    a: object, axis: Any = -1, kind: str = "quicksort", order: Any = None
) -> TensorVariable:
    """Return the int64 indices that put the elements along `axis` in ascending order.

    The parameters are those of `sort`. Equal elements keep their order, and so do NaNs, which come
    last.

    >>> argsort([30, 10, 20, 10]).eval()
    array([1, 3, 2, 0])
    """
    _check_kind("argsort", kind, order)
    return _ordered(ArgSortOp(kind, order), a, axis)


def _ordered(op: Op, value: object, axis: Any) -> TensorVariable:
    a = as_tensor_variable(value)
    result: TensorVariable = op(flatten(a, 1), -1) if is_none(axis) else op(a, axis)
    return result


class _OrderingAlong(ComposedOp):
    """What `SortOp` and `ArgSortOp` have in common: they are applied to a tensor and an axis."""

    __props__ = ("kind", "order")

    def __init__(self, kind: str = "quicksort", order: Any = None) -> None:
        _check_kind(type(self).__name__, kind, order)
        self.kind = kind
        self.order = order

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """A tensor, and the last axis unless another is given."""
        x = as_tensor_variable(inputs[0])
        axis = inputs[1] if len(inputs) > 1 else -1
        if is_none(axis):
            x, axis = flatten(x, 1), 0
        return [x, as_axis(axis, x)]


class SortOp(_OrderingAlong):
    """The op of `sort`: it is applied to a tensor and an axis, which may be a variable.

    >>> SortOp("quicksort")([[3, 1, 2]], 1).eval()
    array([[1, 2, 3]])
    """

    moves = True

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The axis becomes the last one, and goes back."""
        return along(operands[0], operands[1], Sort())


class ArgSortOp(_OrderingAlong):
    """The op of `argsort`: it is applied to a tensor and an axis, which may be a variable.

    >>> ArgSortOp("quicksort")([[3, 1, 2]], 1).eval()
    array([[1, 2, 0]])
    """

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The axis becomes the last one, and goes back."""
        return along(operands[0], operands[1], ArgSort())

"""Reordering, dropping and adding axes: the op `DimShuffle` and the functions that are cases of
it.
"""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "DimShuffle",
    "dimshuffle",
    "expand_dims",
    "normalised_axis",
    "padded",
    "shape_padaxis",
    "shape_padleft",
    "shape_padright",
    "squeeze",
    "swapaxes",
    "transpose",
]


@record(frozen=True)
class DimShuffle(Op):
    """Put axes in another order: axis i of the result is `order[i]` of the operand, or new when
    None.

    An axis that is left out must be broadcastable.
    """

    order: tuple[int | None, ...]

    def make_node(self, x: Any) -> Apply:
        """Check that the order fits the operand."""
        x = as_tensor_variable(x)
        kept = [axis for axis in self.order if axis is not None]
        for axis in kept:
            if not 0 <= axis < x.ndim:
                raise ValueError(f"dimshuffle{self.order}: {x.describe()} has no axis {axis}")
        if len(set(kept)) != len(kept):
            raise ValueError(f"dimshuffle{self.order} of {x.describe()} names an axis twice")
        for axis in set(range(x.ndim)) - set(kept):
            if not x.broadcastable[axis]:
                raise ValueError(
                    f"dimshuffle{self.order} would drop axis {axis} of {x.describe()}, which is not"
                    " known to be of size 1"
                )
        pattern = [axis is None or x.broadcastable[axis] for axis in self.order]
        return Apply(self, [x], [x.type.clone(broadcastable=pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The axes go back where they were."""
        (x,), (g,) = inputs, output_gradients
        assert isinstance(x, TensorVariable)
        places = {axis: place for place, axis in enumerate(self.order) if axis is not None}
        return [DimShuffle(tuple(places.get(axis) for axis in range(x.ndim)))(g)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.dimshuffle(inputs[0], self.order)]

    def __str__(self) -> str:
        return (
            f"DimShuffle{{{','.join('x' if axis is None else str(axis) for axis in self.order)}}}"
        )


def dimshuffle(x: object, pattern: Sequence[Any]) -> TensorVariable:
    """Put the axes of `x` in the order of `pattern`, in which "x" stands for a new axis of size 1.

    An axis left out must be broadcastable. ValueError otherwise, or when an axis is named twice.

    >>> from lltheano.tensor.variable import TensorType
    >>> m = TensorType("float64", (False, True))("m")
    >>> dimshuffle(m, ("x", 0)).broadcastable
    (True, False)
    """
    x = as_tensor_variable(x)
    order = tuple(None if one == "x" else normalised_axis(one, x) for one in pattern)
    if order == tuple(range(x.ndim)):
        return x
    result: TensorVariable = DimShuffle(order)(x)
    return result


def normalised_axis(axis: Any, x: TensorVariable, ndim: int | None = None) -> int:
    """Return `axis` counted from the front; ValueError when there is none such, TypeError for no
    int.
    """
    rank = x.ndim if ndim is None else ndim
    if isinstance(axis, Variable) or not hasattr(axis, "__index__"):
        raise TypeError(f"an axis of {x.describe()} must be a Python int, got {axis!r}")
    number = int(axis.__index__())
    if not -rank <= number < rank:
        raise ValueError(f"{x.describe()} has {rank} axes and no axis {number}")
    return number % rank


def padded(variables: Sequence[TensorVariable]) -> list[TensorVariable]:
    """Return the variables with axes of size 1 in front, so that all have as many as the
    longest.
    """
    rank = max((one.ndim for one in variables), default=0)
    return [shape_padleft(one, rank - one.ndim) for one in variables]


def shape_padleft(t: object, n_ones: int = 1) -> TensorVariable:
    """Add `n_ones` axes of size 1 in front."""
    t = as_tensor_variable(t)
    return dimshuffle(t, ["x"] * n_ones + list(range(t.ndim))) if n_ones else t


def shape_padright(t: object, n_ones: int = 1) -> TensorVariable:
    """Add `n_ones` axes of size 1 at the end."""
    t = as_tensor_variable(t)
    return dimshuffle(t, list(range(t.ndim)) + ["x"] * n_ones)


def shape_padaxis(t: object, axis: int) -> TensorVariable:
    """Add an axis of size 1 at position `axis` of the result."""
    t = as_tensor_variable(t)
    order: list[Any] = list(range(t.ndim))
    order.insert(normalised_axis(axis, t, t.ndim + 1), "x")
    return dimshuffle(t, order)


expand_dims = shape_padaxis


def transpose(x: object, axes: Sequence[int] | None = None) -> TensorVariable:
    """Put the axes in the order `axes`, or reverse them.

    >>> from lltheano.tensor.variable import TensorType
    >>> transpose(TensorType("int8", (False, True))("m")).broadcastable
    (True, False)
    """
    x = as_tensor_variable(x)
    order = list(range(x.ndim))[::-1] if axes is None else list(axes)
    if len(order) != x.ndim:
        raise ValueError(f"transpose of {x.describe()} got {len(order)} axes, not {x.ndim}")
    return dimshuffle(x, order)


def swapaxes(x: object, axis1: int, axis2: int) -> TensorVariable:
    """Exchange two axes."""
    x = as_tensor_variable(x)
    order = list(range(x.ndim))
    first, second = normalised_axis(axis1, x), normalised_axis(axis2, x)
    order[first], order[second] = order[second], order[first]
    return dimshuffle(x, order)


def squeeze(x: object) -> TensorVariable:
    """Drop the axes that are broadcastable, that is known to be of size 1."""
    x = as_tensor_variable(x)
    return dimshuffle(x, [axis for axis in range(x.ndim) if not x.broadcastable[axis]])


def squeezed_type(kind: TensorType, axes: Sequence[int]) -> TensorType:
    """The type without the given axes."""
    return kind.clone(
        broadcastable=[one for axis, one in enumerate(kind.broadcastable) if axis not in axes]
    )

"""Reordering, dropping and adding axes: the op `DimShuffle` and the functions that are cases of
it.
"""

from collections.abc import Sequence
from typing import Any

from numpy.exceptions import AxisError

from lltheano.graph.core import Apply, Op, Variable
from lltheano.interfaces.layers import language
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import INTEGER_DTYPES
from lltheano.tensor.variables.variable import TensorConstant, TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = [
    "DimShuffle",
    "dimshuffle",
    "expand_dims",
    "shape_padaxis",
    "shape_padleft",
    "shape_padright",
    "squeeze",
    "swapaxes",
    "transpose",
]


class DimShuffle(Op):
    """Put axes in another order: axis i of the result is axis `new_order[i]` of the operand, or new
    when that is "x".

    `input_broadcastable` is the broadcast pattern of the operands that it is made for; an axis that
    is left out must be broadcastable. `inplace` is kept for Theano's signature: nothing is copied.

    >>> from lltheano.tensor.variables.convert import constant
    >>> DimShuffle((False, False), (1, "x", 0))(constant([[1, 2], [3, 4]])).eval().tolist()
    [[[1, 3]], [[2, 4]]]
    """

    moves = True

    def __init__(
        self, input_broadcastable: Sequence[bool], new_order: Sequence[Any], inplace: bool = True
    ) -> None:
        self.input_broadcastable = tuple(
            bool(is_broadcastable) for is_broadcastable in input_broadcastable
        )
        self.order = tuple(None if _is_new(axis) else int(axis) for axis in new_order)
        self.new_order = tuple("x" if one is None else one for one in self.order)
        self._check()

    def _check(self) -> None:
        ndim = len(self.input_broadcastable)
        kept = [axis for axis in self.order if axis is not None]
        for axis in kept:
            if not 0 <= axis < ndim:
                raise ValueError(f"dimshuffle{self.new_order} of {ndim} axes: there is no {axis}")
        if len(set(kept)) != len(kept):
            raise ValueError(f"dimshuffle{self.new_order} names an axis twice")
        for axis in sorted(set(range(ndim)) - set(kept)):
            if not self.input_broadcastable[axis]:
                raise ValueError(
                    f"dimshuffle{self.new_order} would drop axis {axis}, which is not known to be"
                    " of size 1"
                )

    def make_node(self, x: Any) -> Apply:
        """Check that the order fits the operand."""
        x = as_tensor_variable(x)
        if x.ndim != len(self.input_broadcastable):
            raise TypeError(
                f"dimshuffle{self.new_order} is for {len(self.input_broadcastable)} axes, got"
                f" {x.describe()}"
            )
        for axis in set(range(x.ndim)) - set(self.order):
            if not x.broadcastable[axis]:
                raise ValueError(
                    f"dimshuffle{self.new_order} would drop axis {axis} of {x.describe()}, which is"
                    " not known to be of size 1"
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
        x, g = as_tensor_variable(inputs[0]), as_tensor_variable(output_gradients[0])
        indices = {axis: index for index, axis in enumerate(self.order) if axis is not None}
        back = [indices.get(axis, "x") for axis in range(x.ndim)]
        return [DimShuffle(g.broadcastable, back)(g)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.dimshuffle(inputs[0], self.order)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DimShuffle) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return self.input_broadcastable, self.order

    def __str__(self) -> str:
        return f"DimShuffle{{{','.join(map(str, self.new_order))}}}"


def dimshuffle(x: object, pattern: Sequence[Any]) -> TensorVariable:
    """Put the axes of `x` in the order of `pattern`, in which "x" stands for a new axis of size 1.

    An axis left out must be broadcastable. ValueError otherwise, or when an axis is named twice.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> m = TensorType("float64", (False, True))("m")
    >>> dimshuffle(m, ("x", 0)).broadcastable
    (True, False)
    """
    x = as_tensor_variable(x)
    order = tuple(
        is_broadcastable if _is_new(is_broadcastable) else normalised_axis(is_broadcastable, x)
        for is_broadcastable in pattern
    )
    if order == tuple(range(x.ndim)):
        return x
    kept = [axis for axis in order if axis != "x"]
    if len(set(kept)) != len(kept):
        raise ValueError(f"dimshuffle{order} of {x.describe()} names an axis twice")
    for axis in range(x.ndim):
        if axis not in kept and not x.broadcastable[axis]:
            raise ValueError(
                f"dimshuffle{order} would drop axis {axis} of {x.describe()}, which is not known to"
                " be of size 1"
            )
    result: TensorVariable = DimShuffle(x.broadcastable, order)(x)
    return result


def _is_new(entry: Any) -> bool:
    return isinstance(entry, str) and entry == "x"


def normalised_axis(axis: Any, x: TensorVariable, ndim: int | None = None) -> int:
    """Return `axis` counted from the front; numpy's AxisError, a ValueError and an IndexError,
    when there is none such, TypeError for no int. A constant without axes is one.

    >>> import lltheano.tensor as T
    >>> normalised_axis(-1, T.dmatrix())
    1
    """
    rank = x.ndim if ndim is None else ndim
    if isinstance(axis, TensorConstant) and not axis.ndim and axis.dtype in INTEGER_DTYPES:
        axis = int(axis.data)
    if isinstance(axis, Variable) or not hasattr(axis, "__index__"):
        raise TypeError(f"an axis of {x.describe()} must be a Python int, got {axis!r}")
    number = int(axis.__index__())
    if not -rank <= number < rank:
        raise AxisError(f"{x.describe()} has {rank} axes and no axis {number}")
    return number % rank


def padded(variables: Sequence[TensorVariable]) -> list[TensorVariable]:
    """Return the variables with axes of size 1 in front, so that all have as many as the
    longest.

    >>> import lltheano.tensor as T
    >>> [one.type for one in padded([T.dvector(), T.dmatrix()])]
    [TensorType(float64, row), TensorType(float64, matrix)]
    """
    rank = max((variable.ndim for variable in variables), default=0)
    return [shape_padleft(variable, rank - variable.ndim) for variable in variables]


def shape_padleft(t: object, n_ones: int = 1) -> TensorVariable:
    """Add `n_ones` axes of size 1 in front.

    >>> import lltheano.tensor as T
    >>> shape_padleft(T.dvector(), 2).type
    TensorType(float64, (True, True, False))
    """
    t = as_tensor_variable(t)
    return dimshuffle(t, ["x"] * n_ones + list(range(t.ndim))) if n_ones else t


def shape_padright(t: object, n_ones: int = 1) -> TensorVariable:
    """Add `n_ones` axes of size 1 at the end.

    >>> import lltheano.tensor as T
    >>> shape_padright(T.dvector()).type
    TensorType(float64, col)
    """
    t = as_tensor_variable(t)
    return dimshuffle(t, list(range(t.ndim)) + ["x"] * n_ones)


def shape_padaxis(t: object, axis: int | Sequence[int]) -> TensorVariable:
    """Add an axis of size 1 at position `axis` of the result, or at several.

    >>> shape_padaxis([1.0, 2.0], 1).eval().tolist()
    [[1.0], [2.0]]
    >>> shape_padaxis([1.0, 2.0], (0, -1)).eval().shape
    (1, 2, 1)
    """
    t = as_tensor_variable(t)
    given = axis if isinstance(axis, list | tuple) else [axis]
    rank = t.ndim + len(given)
    indices = {normalised_axis(one, t, rank) for one in given}
    if len(indices) != len(given):
        raise ValueError(f"a new axis of {t.describe()} is named twice in {axis!r}")
    old = iter(range(t.ndim))
    return dimshuffle(t, ["x" if index in indices else next(old) for index in range(rank)])


expand_dims = shape_padaxis


def transpose(x: object, axes: Sequence[int] | None = None) -> TensorVariable:
    """Put the axes in the order `axes`, or reverse them; the reverse of `x` is called `x.T`.

    >>> from lltheano.tensor.variables.variable import TensorType
    >>> transpose(TensorType("int8", (False, True))("m")).broadcastable
    (True, False)
    """
    x = as_tensor_variable(x)
    reverse = list(range(x.ndim))[::-1]
    order = reverse if axes is None else list(axes)
    if len(order) != x.ndim:
        raise ValueError(f"transpose of {x.describe()} got {len(order)} axes, not {x.ndim}")
    result = dimshuffle(x, order)
    if order == reverse and x.name is not None and result is not x:
        result.name = f"{x.name}.T"
    return result


def swapaxes(y: object, axis1: int, axis2: int) -> TensorVariable:
    """Exchange two axes; numpy's AxisError, an IndexError and a ValueError, for a missing one.

    >>> swapaxes([[1, 2], [3, 4]], 0, 1).eval().tolist()
    [[1, 3], [2, 4]]
    """
    x = as_tensor_variable(y)
    order = list(range(x.ndim))
    first, second = normalised_axis(axis1, x), normalised_axis(axis2, x)
    order[first], order[second] = order[second], order[first]
    return dimshuffle(x, order)


def squeeze(x: object, axis: int | Sequence[int] | None = None) -> TensorVariable:
    """Drop the axes that are broadcastable, that is known to be of size 1; or those of `axis`.

    An axis that is named, but not known to be of size 1, is checked when it runs: a ValueError if
    it has another size. Other axes whose size happens to be 1 stay: NumPy would drop them.

    >>> squeeze([[[1], [2]]]).eval().tolist()
    [1, 2]
    """
    x = as_tensor_variable(x)
    if axis is None:
        return dimshuffle(x, [index for index in range(x.ndim) if not x.broadcastable[index]])
    named = [axis] if not isinstance(axis, list | tuple) else axis
    dropped = {normalised_axis(one, x) for one in named}
    single = language.addbroadcast(x, *sorted(dropped))
    return dimshuffle(single, [index for index in range(x.ndim) if index not in dropped])


def squeezed_type(kind: TensorType, axes: Sequence[int]) -> TensorType:
    """The type without the given axes."""
    return kind.clone(
        broadcastable=[
            is_broadcastable
            for axis, is_broadcastable in enumerate(kind.broadcastable)
            if axis not in axes
        ]
    )

"""Axes moved and reversed, in NumPy's ways, and memory laid out in rows."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.indexing.functions import subtensor
from lltheano.tensor.shapes.dimshuffle import dimshuffle, normalised_axis
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["CpuContiguous", "cpu_contiguous", "flip", "moveaxis", "rollaxis"]


def moveaxis(a: object, source: Any, destination: Any) -> TensorVariable:
    """Return `a` with the axes `source` at the positions `destination`, the others in their order.

    Each is an axis or a list of axes, negative ones counted from the end. ValueError for an axis
    that there is not or that is named twice, and for lists of different lengths.

    >>> moveaxis([[[1, 2, 3]], [[4, 5, 6]]], 0, -1).eval().tolist()
    [[[1, 4], [2, 5], [3, 6]]]
    """
    a = as_tensor_variable(a)
    taken, targets = _axes(a, source), _axes(a, destination)
    if len(taken) != len(targets):
        raise ValueError(f"moveaxis got {len(taken)} axes for {len(targets)} positions")
    others = iter(axis for axis in range(a.ndim) if axis not in taken)
    moved = dict(zip(targets, taken, strict=True))
    return dimshuffle(a, [moved[p] if p in moved else next(others) for p in range(a.ndim)])


def _axes(a: TensorVariable, value: Any) -> list[int]:
    axes = [normalised_axis(one, a) for one in (value if _is_list(value) else [value])]
    if len(set(axes)) != len(axes):
        raise ValueError(f"an axis of {a.describe()} is named twice: {value}")
    return axes


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def rollaxis(x: object, axis: int, start: int = 0) -> TensorVariable:
    """Return `x` with `axis` moved back until it stands before the axis `start`.

    ValueError for an axis or a position that there is not.

    >>> rollaxis([[[1, 2, 3]], [[4, 5, 6]]], 2).eval().tolist()
    [[[1], [4]], [[2], [5]], [[3], [6]]]
    """
    x = as_tensor_variable(x)
    moved = normalised_axis(axis, x)
    position = normalised_axis(start, x, x.ndim + 1) if start >= 0 else normalised_axis(start, x)
    order = [index for index in range(x.ndim) if index != moved]
    order.insert(position - (position > moved), moved)
    return dimshuffle(x, order)


def flip(m: object, axis: int | Sequence[int] | None = None) -> TensorVariable:
    """Return `m` with its elements in reverse order along `axis`: one, several, or, if None, all.

    ValueError for an axis that there is not or that is named twice.

    >>> flip([[1, 2], [3, 4]], 1).eval().tolist()
    [[2, 1], [4, 3]]
    """
    m = as_tensor_variable(m)
    axes = range(m.ndim) if axis is None else _axes(m, axis)
    back = slice(None, None, -1)
    return subtensor(m, tuple(back if index in axes else slice(None) for index in range(m.ndim)))


@record(frozen=True)
class CpuContiguous(Op):
    """The tensor itself, Theano's op for one laid out in rows in memory.

    What a function computes and returns is laid out in rows anyway, and one that it is given in
    another layout is read as it is: there is nothing to do.

    >>> CpuContiguous()([[1, 2], [3, 4]]).eval().flags.c_contiguous
    True
    """

    moves = True

    def make_node(self, x: Any) -> Apply:
        """Any tensor."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient itself."""
        return [output_gradients[0]]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The operand."""
        return [inputs[0]]

    def __str__(self) -> str:
        return "CpuContiguous"


cpu_contiguous = CpuContiguous()

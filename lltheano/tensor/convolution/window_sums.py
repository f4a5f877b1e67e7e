"""What windows hold, combined, and what they give back: the maximum or the sum over each window."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected, zero
from lltheano.tensor.convolution.geometry import padded
from lltheano.tensor.convolution.windows import windows
from lltheano.tensor.elementwise.arithmetic import maximum
from lltheano.tensor.elementwise.comparison import eq, switch
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.reductions.extrema import max as greatest
from lltheano.tensor.shapes.shaping import patternbroadcast
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = ["OverWindows", "Spans"]


@record(frozen=True)
class Spans:
    """Windows by axis: how many elements one has, what lies before the first element of the tensor,
    how far apart windows are, and how many there are. Integers, or integer variables.
    """

    lengths: Sequence[Any]
    before: Sequence[Any]
    steps: Sequence[Any]
    counts: Sequence[Any]

    @property
    def numbers(self) -> list[Any]:
        """All of them, as operands."""
        return [*self.lengths, *self.before, *self.steps, *self.counts]

    @staticmethod
    def of(numbers: Sequence[Any]) -> "Spans":
        """Those of which these are the numbers."""
        axes = len(numbers) // 4
        return Spans(*(numbers[part * axes : (part + 1) * axes] for part in range(4)))


class OverWindows(ComposedOp):
    """The greatest element of each window along the last axes, or the sum; what reaches beyond the
    tensor does not count. Operands: a tensor, and the numbers of `Spans`.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Windows and a reduction."""
        x, *numbers = operands
        spans = Spans.of(numbers)
        patches = _patches(x, spans, _nothing(x.dtype) if self.kind == "max" else 0)
        places = _places(x, spans)
        if self.kind == "max":
            return greatest(patches, axis=places)
        total: TensorVariable = patches.sum(axis=places, dtype=x.dtype, acc_dtype=x.dtype)
        return total

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the tensor connects."""
        return [[index == 0] for index, _ in enumerate(node.inputs)]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Each window gives its number to all elements, or to the greatest."""
        x, *numbers = map(as_tensor_variable, inputs)
        (y,), (g,) = (map(as_tensor_variable, one) for one in (outputs, output_gradients))
        if is_discrete(x.dtype):
            return [zero(), *(disconnected() for _ in numbers)]
        spans = Spans.of(numbers)
        axes = len(spans.lengths)
        flat = [_planes(one, axes) for one in ((x, y, g) if self.kind == "max" else (g,))]
        sizes = [x.shape[x.ndim - axes + axis] for axis in range(axes)]
        told = [*spans.lengths, *spans.before, *spans.steps]
        op = SpreadMax() if self.kind == "max" else Spread()
        back = op(*flat, *([] if self.kind == "max" else sizes), *told)
        shape = [x.shape[axis] for axis in range(x.ndim)]
        given = back if x.ndim == axes + 2 else back.reshape(shape, ndim=x.ndim)
        return [
            patternbroadcast(given, x.broadcastable),
            *(disconnected() for _ in numbers),
        ]

    def __str__(self) -> str:
        return f"OverWindows{{{self.kind}}}"


def _planes(x: TensorVariable, axes: int) -> TensorVariable:
    """A tensor under two axes and the spatial ones."""
    if x.ndim == axes + 2:
        return x
    sizes = [x.shape[axis] for axis in range(x.ndim)]
    count: Any = 1
    for size in sizes[: x.ndim - axes]:
        count = count * size
    result: TensorVariable = x.reshape((count, 1, *sizes[x.ndim - axes :]), ndim=axes + 2)
    return result


def _places(x: TensorVariable, spans: Spans) -> tuple[int, ...]:
    """The axes along which the places of windows lie."""
    first = x.ndim - len(spans.lengths)
    return tuple(first + 2 * axis for axis, _ in enumerate(spans.lengths))


def _patches(x: TensorVariable, spans: Spans, beyond: Any) -> TensorVariable:
    """Windows of a tensor, with a number for what is beyond it."""
    first = x.ndim - len(spans.lengths)
    parts = list(zip(spans.lengths, spans.before, spans.steps, spans.counts, strict=True))
    sides = []
    for axis, (length, before, step, count) in enumerate(parts, start=first):
        reached = (count - 1) * step + length - before
        sides.append((before, maximum(reached - x.shape[axis], 0)))
    x = padded(x, sides, first, beyond)
    for place, (length, _, step, count) in enumerate(parts):
        x = windows(x, first + 2 * place, length, count, 1, step)
    return x


def _nothing(dtype: str) -> TensorVariable:
    """What no element is below."""
    if is_discrete(dtype):
        return constant(np.iinfo(dtype).min if dtype != "bool" else False, dtype=dtype)
    return constant(-np.inf, dtype=dtype)


@record(frozen=True)
class Spread(Op):
    """Give each number to all elements of its window, and add up.

    Operands: a tensor of two axes and spatial ones; by axis the sizes of the result, lengths of
    windows, what lies before, and steps.
    """

    def make_node(self, g: Any, *numbers: Any) -> Apply:
        """A tensor, and integers."""
        g = as_tensor_variable(g)
        axes = len(numbers) // 4
        kind = TensorType(g.dtype, (*g.broadcastable[:2], *(False,) * axes))
        return Apply(self, [g, *_integers(numbers)], [kind()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The sum over each window."""
        g, *numbers = map(as_tensor_variable, inputs)
        axes = g.ndim - 2
        counts = [g.shape[2 + axis] for axis in range(axes)]
        total = OverWindows("sum")(*output_gradients, *numbers[axes:], *counts)
        back = patternbroadcast(total, g.broadcastable)
        return [back, *(disconnected() for _ in numbers)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the tensor connects."""
        return [[index == 0] for index, _ in enumerate(node.inputs)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `spread`."""
        g, *numbers = inputs
        axes = len(numbers) // 4
        parts = [numbers[part * axes : (part + 1) * axes] for part in range(4)]
        return [builder.spread(g, *parts)]


@record(frozen=True)
class SpreadMax(Op):
    """Give each number to those elements of its window that are the greatest, and add up.

    Operands: a tensor, the greatest elements of windows and what each gives, all of two axes and
    spatial ones; by axis the lengths of windows, what lies before, and steps.
    """

    def make_node(self, x: Any, y: Any, g: Any, *numbers: Any) -> Apply:
        """Three tensors, and integers."""
        x, y, g = map(as_tensor_variable, (x, y, g))
        kind = TensorType(x.dtype, (*x.broadcastable[:2], *(False,) * (x.ndim - 2)))
        return Apply(self, [x, y, g, *_integers(numbers)], [kind()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The sum over those elements; which they are changes in steps only."""
        x, y, g, *numbers = map(as_tensor_variable, inputs)
        (back,) = map(as_tensor_variable, output_gradients)
        counts = [g.shape[2 + axis] for axis in range(g.ndim - 2)]
        spans = Spans.of([*numbers, *counts])
        order = [0, 1]
        for axis in range(g.ndim - 2):
            order += ["x", 2 + axis]  # type: ignore[list-item]
        same = eq(_patches(x, spans, _nothing(x.dtype)), y.dimshuffle(*order))
        chosen = switch(same, _patches(back, spans, 0), constant(0, dtype=g.dtype))
        total = chosen.sum(axis=_places(x, spans), dtype=g.dtype, acc_dtype=g.dtype)
        return [zero(), zero(), patternbroadcast(total, g.broadcastable)] + [
            disconnected() for _ in numbers
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The tensors connect."""
        return [[index < 3] for index, _ in enumerate(node.inputs)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op `spread_max`."""
        x, y, g, *numbers = inputs
        axes = len(numbers) // 3
        parts = [numbers[part * axes : (part + 1) * axes] for part in range(3)]
        return [builder.spread_max((x, y, g), *parts)]


def _integers(numbers: Sequence[Any]) -> list[TensorVariable]:
    return [as_tensor_variable(one).astype("int64") for one in numbers]

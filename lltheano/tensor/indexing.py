"""Reading and replacing parts of tensors: the ops `Subtensor` and `IncSubtensor`.

One op serves all of NumPy's forms but masks: integers, slices with any bounds and steps, new axes,
and arrays of integers, mixed. Its template holds the form, its inputs the symbolic bounds and the
arrays.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.convert import as_tensor_variable, constant
from lltheano.tensor.dimshuffle import normalised_axis, shape_padleft
from lltheano.tensor.elementwise import sum_to_pattern
from lltheano.tensor.index_lowering import read_part, write_part
from lltheano.tensor.index_template import Part, Point, Template, parse_index
from lltheano.tensor.join import Join, stack
from lltheano.tensor.promotion import is_discrete, upcast
from lltheano.tensor.shaping import flatten, patternbroadcast
from lltheano.tensor.sizes import Shape, dim
from lltheano.tensor.variable import TensorConstant, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "IncSubtensor",
    "Subtensor",
    "inc_subtensor",
    "set_subtensor",
    "subtensor",
    "take",
]


def _indexed_pattern(
    x: TensorVariable, template: Template, variables: Sequence[TensorVariable]
) -> list[bool]:
    """The broadcast pattern of `x[...]`."""
    arrays = [one for one in variables if one.ndim]
    rank = max((one.ndim for one in arrays), default=0)
    chosen = [True] * rank
    for one in arrays:
        for place, broad in enumerate(reversed(one.broadcastable), start=1):
            chosen[-place] &= broad
    pattern: list[bool] = [] if template.arrays_together else list(chosen)
    advanced = template.advanced
    for place, (entry, axis) in enumerate(zip(template.entries, template.axes(), strict=True)):
        if axis is None:
            pattern.append(True)
        elif isinstance(entry, Part):
            pattern.append(entry.is_full and x.broadcastable[axis])
        elif template.arrays_together and place == advanced[0]:
            pattern.extend(chosen)
    return pattern


def _values(builder: Builder, inputs: Sequence[Value]) -> list[Value]:
    return [builder.cast(one, dtype_of("int64")) for one in inputs]


@record(frozen=True)
class Subtensor(Op):
    """The part of a tensor that a template and its variables name."""

    template: Template

    def make_node(self, x: Any, *variables: Any) -> Apply:
        """The variables are integers, as many as the template asks for."""
        x = as_tensor_variable(x)
        given = [as_tensor_variable(one) for one in variables]
        _check_points(x, self.template)
        pattern = _indexed_pattern(x, self.template, given)
        return Apply(self, [x, *given], [x.type.clone(broadcastable=pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient added into zeros where the part came from; an index taken twice gets
        both.
        """
        x, g = as_tensor_variable(inputs[0]), as_tensor_variable(output_gradients[0])
        zeros = x.zeros_like(dtype=g.dtype)
        into = IncSubtensor(self.template, "add")(zeros, g, *inputs[1:])
        return [into, *(disconnected() for _ in inputs[1:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Bounds and indices do not connect."""
        return [[True], *([False] for _ in node.inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Slices, gathers and reordered axes; see `index_lowering`."""
        (out,) = node.outputs
        assert isinstance(out, TensorVariable)
        part = read_part(builder, self.template, inputs[0], _values(builder, inputs[1:]))
        return [builder.rebroadcast(part, out.broadcastable)]

    def __str__(self) -> str:
        return f"Subtensor{self.template}"


@record(frozen=True)
class IncSubtensor(Op):
    """A tensor with the part that a template names replaced (`mode` set) or increased (add) by a
    value.
    """

    template: Template
    mode: str

    def make_node(self, x: Any, value: Any, *variables: Any) -> Apply:
        """The value must broadcast to the part and convert to the tensor's dtype without loss."""
        x, value = as_tensor_variable(x), as_tensor_variable(value)
        given = [as_tensor_variable(one) for one in variables]
        _check_points(x, self.template)
        pattern = _indexed_pattern(x, self.template, given)
        if value.ndim > len(pattern):
            raise ValueError(
                f"{value.describe()} has {value.ndim} axes and cannot be written to the part"
                f" {self.template} of {x.describe()}, which has {len(pattern)}"
            )
        value = shape_padleft(_in_dtype(value, x), len(pattern) - value.ndim)
        return Apply(self, [x, value, *given], [x.type()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """What was replaced has no influence; the value gets the gradient of the part, summed."""
        value, g = as_tensor_variable(inputs[1]), as_tensor_variable(output_gradients[0])
        rest = inputs[2:]
        kept = g
        if self.mode == "set":
            kept = IncSubtensor(self.template, "set")(g, constant(0, dtype=g.dtype), *rest)
        part = Subtensor(self.template)(g, *rest)
        into_value = patternbroadcast(sum_to_pattern(part, value), value.broadcastable)
        return [kept, into_value, *(disconnected() for _ in rest)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Bounds and indices do not connect."""
        return [[True], [True], *([False] for _ in node.inputs[2:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Updates of slices, scatters and reordered axes; see `index_lowering`."""
        x, value, *rest = inputs
        (out,) = node.outputs
        assert isinstance(out, TensorVariable)
        value = builder.cast(value, dtype_of(out.dtype))
        given = _values(builder, rest)
        return [write_part(builder, self.template, x, value, given, self.mode)]

    def __str__(self) -> str:
        return f"{'Set' if self.mode == 'set' else 'Inc'}Subtensor{self.template}"


def _check_points(x: TensorVariable, template: Template) -> None:
    """Find an index that is out of range whatever the sizes: on an axis of size 1."""
    for entry, axis in zip(template.entries, template.axes(), strict=True):
        if not isinstance(entry, Point) or not isinstance(entry.index, int) or axis is None:
            continue
        if x.broadcastable[axis] and entry.index not in (0, -1):
            raise IndexError(
                f"index {entry.index} is out of range on axis {axis} of {x.describe()}, of size 1"
            )


def _in_dtype(value: TensorVariable, x: TensorVariable) -> TensorVariable:
    if value.dtype == x.dtype:
        return value
    if isinstance(value, TensorConstant):
        with np.errstate(all="ignore"):
            converted = value.data.astype(x.dtype)
        if not is_discrete(x.dtype) or np.array_equal(converted, value.data):
            return constant(converted)
    elif upcast(value.dtype, x.dtype) == x.dtype:
        return value.astype(x.dtype)
    raise TypeError(
        f"{value.describe()} would lose precision when written into {x.describe()}; cast it with"
        f" .astype({x.dtype!r})"
    )


def subtensor(x: object, index: Any) -> TensorVariable:
    """Return `x[index]`, with `index` as NumPy has it, masks excepted.

    The part of a shape or a stack at a known place is the size or the element itself.
    """
    x = as_tensor_variable(x)
    template, variables = parse_index(x, index)
    found = _element(x, template)
    if found is not None:
        return found
    result: TensorVariable = Subtensor(template)(x, *variables)
    return result


def _element(x: TensorVariable, template: Template) -> TensorVariable | None:
    """The known element, or the stack of known elements, of a vector made of sizes or scalars."""
    if x.owner is None or x.ndim != 1 or len(template.entries) != 1:
        return None
    (entry,) = template.entries
    elements = _elements(x)
    if elements is None:
        return None
    if isinstance(entry, Point) and isinstance(entry.index, int):
        if not -len(elements) <= entry.index < len(elements):
            raise IndexError(f"index {entry.index} of {x.describe()}, of length {len(elements)}")
        return elements[entry.index]
    if isinstance(entry, Part):
        bounds: tuple[Any, ...] = (entry.start, entry.stop, entry.step)
        if all(one is None or isinstance(one, int) for one in bounds):
            chosen = elements[slice(*bounds)]
            return stack(chosen) if chosen else constant(np.zeros(0, dtype=x.dtype))
    return None


def _elements(x: TensorVariable) -> list[TensorVariable] | None:
    node = x.owner
    if node is None:
        return None
    if isinstance(node.op, Shape):
        source = as_tensor_variable(node.inputs[0])
        return [dim(source, axis) for axis in range(source.ndim)]
    if isinstance(node.op, Join):
        parts = [_single(as_tensor_variable(one), x.dtype) for one in node.inputs]
        known = [one for one in parts if one is not None]
        return known if len(known) == len(parts) else None
    return None


def _single(x: TensorVariable, dtype: str) -> TensorVariable | None:
    """The scalar of which `x` is a vector of length 1."""
    if x.broadcastable[0] and x.dtype == dtype:
        return x.dimshuffle()
    return None


def set_subtensor(
    x: object, y: object, inplace: bool = False, tolerate_inplace_aliasing: bool = False
) -> TensorVariable:
    """Return `a` with the part `x = a[...]` replaced by `y`, which broadcasts to it.

    `a` itself does not change. The last two parameters are kept for Theano's signature: the
    compiler works in place wherever that cannot be noticed. TypeError when `x` is not an indexing
    expression.

    >>> from lltheano.tensor.variable import TensorType
    >>> v = TensorType("float64", (False,))("v")
    >>> set_subtensor(v[:2], 0).owner.inputs[0]
    v
    """
    return _updated(x, y, "set")


def inc_subtensor(
    x: object,
    y: object,
    inplace: bool = False,
    set_instead_of_inc: bool = False,
    tolerate_inplace_aliasing: bool = False,
) -> TensorVariable:
    """Return `a` with the part `x = a[...]` increased by `y`; an index taken twice is increased
    twice.

    With `set_instead_of_inc` it is `set_subtensor`, where the other parameters are explained too.
    """
    return _updated(x, y, "set" if set_instead_of_inc else "add")


def _updated(x: object, y: object, mode: str) -> TensorVariable:
    if (
        not isinstance(x, TensorVariable)
        or x.owner is None
        or not isinstance(x.owner.op, Subtensor)
    ):
        raise TypeError(
            "set_subtensor and inc_subtensor take an indexing expression such as a[1:3] as their"
            f" first argument, got {x.describe() if isinstance(x, Variable) else x!r:.80}"
        )
    source, *variables = x.owner.inputs
    op = IncSubtensor(x.owner.op.template, mode)
    result: TensorVariable = op(source, y, *variables)
    return result


def take(a: object, indices: Any, axis: int | None = None, mode: str = "raise") -> TensorVariable:
    """Return the parts of `a` at `indices` of an axis; of the flattened tensor when `axis` is None.

    `mode` says what an index out of range does: "raise" an IndexError, "wrap" around, or be
    "clip"ped.
    """
    a, indices = as_tensor_variable(a), as_tensor_variable(indices)
    if axis is None:
        a, axis = flatten(a), 0
    place = normalised_axis(axis, a)
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"take has modes raise, wrap and clip, got {mode!r}")
    if mode == "wrap":
        indices = indices % dim(a, place)
    if mode == "clip":
        indices = indices.clip(0, dim(a, place) - 1)
    return a[(slice(None),) * place + (indices,)]

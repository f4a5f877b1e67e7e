"""The ops that read and replace parts of tensors.

One pair of ops serves all of NumPy's forms: integers, slices with any bounds and steps, new axes,
arrays of integers and masks, mixed. A template holds the form, the inputs are the symbolic bounds,
the arrays and the masks. What Theano calls advanced indexing has classes of its own, so that
`isinstance` tells the forms apart.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.creation.filled import zeros
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.comparison import eq, switch
from lltheano.tensor.elementwise.stretching import collapsed
from lltheano.tensor.indexing.checks import checked_pattern, filled, fitted_value, may_repeat
from lltheano.tensor.indexing.lowering import read_part, write_part
from lltheano.tensor.indexing.template import ARRAY, FULL, Entry, Mask, Point, Template
from lltheano.tensor.reducers.ops import sum_to_pattern
from lltheano.tensor.shapes.dimshuffle import dimshuffle
from lltheano.tensor.shapes.shaping import patternbroadcast, reshape
from lltheano.tensor.shapes.sizes import dim, size
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.variable import TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "IncSubtensor",
    "Subtensor",
]

_GREATEST = np.iinfo(np.int64).max


class _Indexing(Op):
    """An op on a tensor, perhaps a value, and the variables of an indexing expression."""

    omits = True
    leading = 1

    @abstractmethod
    def form(self, x: TensorVariable) -> Template:
        """The template for an operand."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Bounds and indices do not connect."""
        return [[index < self.leading] for index in range(len(node.inputs))]

    def __str__(self) -> str:
        return type(self).__name__


class _Reading(_Indexing):
    """The part of a tensor that a template and its variables name."""

    moves = True

    def make_node(self, x: Any, *variables: Any) -> Apply:
        """The variables are integers or masks, as many as the template asks for."""
        x = as_tensor_variable(x)
        operands = [as_tensor_variable(variable) for variable in variables]
        template = self.form(x)
        pattern = checked_pattern(x, template, operands)
        return Apply(self, [x, *operands], [x.type.clone(broadcastable=pattern)()])

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
        into = increase(x.zeros_like(dtype=g.dtype), g, self.form(x), inputs[1:])
        return [into, *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Slices, gathers and reordered axes; see `index_lowering`."""
        x, out = as_tensor_variable(node.inputs[0]), as_tensor_variable(node.outputs[0])
        part = read_part(builder, self.form(x), inputs[0], _values(builder, inputs[1:]))
        return [builder.rebroadcast(part, out.broadcastable)]


@record(frozen=True)
class Subtensor(_Reading):
    """NumPy's basic indexing: integers, slices and new axes.

    >>> import lltheano.tensor as T
    >>> isinstance(T.dmatrix()[1:, 0].owner.op, Subtensor)
    True
    """

    template: Template

    def form(self, x: TensorVariable) -> Template:
        """The template."""
        return self.template

    def __str__(self) -> str:
        return f"Subtensor{self.template}"


@record(frozen=True)
class AdvancedSubtensor(_Reading):
    """NumPy's advanced indexing: with arrays of integers or masks.

    >>> import lltheano.tensor as T
    >>> isinstance(T.dmatrix()[:, [2, 0]].owner.op, AdvancedSubtensor)
    True
    """

    template: Template

    def form(self, x: TensorVariable) -> Template:
        """The template."""
        return self.template

    def __str__(self) -> str:
        return f"AdvancedSubtensor{self.template}"


@record(frozen=True)
class AdvancedSubtensor1(_Reading):
    """The parts that a vector of integers names on the first axis, as in `x[ilist]`.

    `sparse_grad` is kept for Theano's signature: gradients are dense.

    >>> import lltheano.tensor as T
    >>> isinstance(T.dmatrix()[[2, 0]].owner.op, AdvancedSubtensor1)
    True
    >>> AdvancedSubtensor1()(T.constant([5, 6, 7]), [2, 0]).eval().tolist()
    [7, 5]
    """

    sparse_grad: bool = False

    def form(self, x: TensorVariable) -> Template:
        """An array, and the whole of the other axes."""
        return _rows(x)


class _Writing(_Indexing):
    """A tensor with a part replaced or increased by a value."""

    leading = 2
    set_instead_of_inc: bool

    @property
    def moves(self) -> bool:  # type: ignore[override] # of the class in other ops
        """Whether elements are replaced, not added to."""
        return self.set_instead_of_inc

    def make_node(self, x: Any, value: Any, *variables: Any) -> Apply:
        """The value must broadcast to the part and convert to the tensor's dtype without loss."""
        x, value = as_tensor_variable(x), as_tensor_variable(value)
        operands = [as_tensor_variable(variable) for variable in variables]
        template = self.form(x)
        pattern = checked_pattern(x, template, operands)
        value = fitted_value(value, x, template, operands, pattern)
        return Apply(self, [x, value, *operands], [x.type()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """What was replaced has no influence; the value gets the gradient of the part, summed. Of
        values written to one place only the last one counts.
        """
        x, value = as_tensor_variable(inputs[0]), as_tensor_variable(inputs[1])
        g, rest = as_tensor_variable(output_gradients[0]), inputs[2:]
        template = self.form(x)
        part, kept = read(g, template, rest), g
        if self.set_instead_of_inc:
            kept = replace(g, constant(0, dtype=g.dtype), template, rest)
            part = _where_last(part, x, template, [as_tensor_variable(one) for one in rest])
        into_value = collapsed(sum_to_pattern(part, value), value)
        into_value = patternbroadcast(into_value, value.broadcastable)
        return [kept, into_value, *(disconnected() for _ in rest)]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Updates of slices, scatters and reordered axes; see `index_lowering`."""
        x, value, *rest = inputs
        template = self.form(as_tensor_variable(node.inputs[0]))
        value = builder.cast(value, x.type.dtype)
        mode = "set" if self.set_instead_of_inc else "add"
        return [write_part(builder, template, x, value, _values(builder, rest), mode)]


@record(frozen=True)
class IncSubtensor(_Writing):
    """A tensor with a part that basic indexing names increased, or replaced."""

    template: Template
    set_instead_of_inc: bool = False

    def form(self, x: TensorVariable) -> Template:
        """The template."""
        return self.template

    def __str__(self) -> str:
        return f"{'Set' if self.set_instead_of_inc else 'Inc'}Subtensor{self.template}"


@record(frozen=True)
class AdvancedIncSubtensor(_Writing):
    """A tensor with a part that advanced indexing names increased, or replaced."""

    template: Template
    set_instead_of_inc: bool = False

    def form(self, x: TensorVariable) -> Template:
        """The template."""
        return self.template

    def __str__(self) -> str:
        return f"Advanced{'Set' if self.set_instead_of_inc else 'Inc'}Subtensor{self.template}"


@record(frozen=True)
class AdvancedIncSubtensor1(_Writing):
    """A tensor with the parts that a vector names on the first axis increased, or replaced.

    `inplace` is kept for Theano's signature: the compiler works in place wherever that cannot be
    noticed.

    >>> import lltheano.tensor as T
    >>> AdvancedIncSubtensor1()(T.constant([1, 2, 3]), [10, 20], [2, 2]).eval().tolist()
    [1, 2, 33]
    """

    inplace: bool = False
    set_instead_of_inc: bool = False

    def form(self, x: TensorVariable) -> Template:
        """An array, and the whole of the other axes."""
        return _rows(x)


def read(x: TensorVariable, template: Template, variables: Sequence[Any]) -> TensorVariable:
    """Apply the op that reads the part."""
    op: Op = Subtensor(template)
    if template.has_arrays:
        op = AdvancedSubtensor1() if _are_rows(template, variables) else AdvancedSubtensor(template)
    result: TensorVariable = op(x, *variables)
    return result


def increase(x: Any, value: Any, template: Template, variables: Sequence[Any]) -> TensorVariable:
    """Apply the op that increases the part."""
    return _write(x, value, template, variables, False)


def replace(x: Any, value: Any, template: Template, variables: Sequence[Any]) -> TensorVariable:
    """Apply the op that replaces the part."""
    return _write(x, value, template, variables, True)


def _write(
    x: Any, value: Any, template: Template, variables: Sequence[Any], sets: bool
) -> TensorVariable:
    op: Op = IncSubtensor(template, sets)
    if template.has_arrays:
        op = AdvancedIncSubtensor(template, sets)
        if _are_rows(template, variables):
            op = AdvancedIncSubtensor1(set_instead_of_inc=sets)
    result: TensorVariable = op(x, value, *variables)
    return result


def _rows(x: TensorVariable) -> Template:
    return Template((ARRAY,) + (FULL,) * (x.ndim - 1))


def _are_rows(template: Template, variables: Sequence[Any]) -> bool:
    """Whether the index is one vector, on the first axis."""
    first, *rest = template.entries
    return first == ARRAY and variables[0].ndim == 1 and all(one == FULL for one in rest)


def _values(builder: Builder, inputs: Sequence[Value]) -> list[Value]:
    """Bounds and indices as i64, masks as they are; what i64 does not hold is out of range."""
    values: list[Value] = []
    for operand in inputs:
        value = operand
        if value.type.dtype.name == "u64":
            most = builder.constant(np.full((1,) * value.rank, _GREATEST, np.uint64))
            value = builder.elementwise("minimum", value, most)
        values.append(value if value.type.dtype.is_bool else builder.cast(value, dtype_of("int64")))
    return values


def _where_last(
    part: TensorVariable,
    x: TensorVariable,
    template: Template,
    variables: Sequence[TensorVariable],
) -> TensorVariable:
    """The part with zeros where a later value is written to the same place.

    Each place of the indexed axes is marked with the position of what is written there; whoever
    finds its own mark was the last.
    """
    if not may_repeat(template, variables):
        return part
    entries: list[Entry] = []
    sizes: list[TensorVariable] = []
    indices: list[TensorVariable] = []
    for entry, axis, taken in filled(template, variables):
        if entry == ARRAY or isinstance(entry, Mask | Point):
            entries.append(entry)
            indices.extend(taken)
            width = entry.ndim if isinstance(entry, Mask) else 1
            sizes.extend(dim(x, (axis or 0) + index) for index in range(width))
    form = Template(tuple(entries))
    marks = zeros(sizes, dtype="int64")
    model = read(marks, form, indices)
    positions = reshape(arange(size(model)), [dim(model, axis) for axis in range(model.ndim)])
    last = eq(read(replace(marks, positions, form, indices), form, indices), positions)
    return switch(_beside(last, part, template), part, constant(0, dtype=part.dtype))


def _beside(last: TensorVariable, part: TensorVariable, template: Template) -> TensorVariable:
    """What belongs to the axes of the indices, with axes of size 1 for those of the part."""
    before = 0
    if template.arrays_together:
        before = template.advanced[0]
    after = part.ndim - before - last.ndim
    return dimshuffle(last, ["x"] * before + list(range(last.ndim)) + ["x"] * after)

"""Joining tensors along an axis, old or new."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.dimshuffle import normalised_axis, shape_padaxis
from lltheano.tensor.promotion import is_discrete, upcast
from lltheano.tensor.shaping import patternbroadcast
from lltheano.tensor.sizes import dim
from lltheano.tensor.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "Join",
    "concatenate",
    "horizontal_stack",
    "join",
    "stack",
    "stacklists",
    "vertical_stack",
]


@record(frozen=True)
class Join(Op):
    """Tensors one after another along `axis`; the sizes of the other axes must agree."""

    axis: int

    def make_node(self, *tensors: Any) -> Apply:
        """One rank; an axis other than the joined one broadcasts where it does in any of the
        tensors.
        """
        given = [as_tensor_variable(one) for one in tensors]
        if len({one.ndim for one in given}) > 1:
            found = ", ".join(one.describe() for one in given)
            raise TypeError(f"join needs tensors with equally many axes, got {found}")
        dtype = upcast(*(one.dtype for one in given))
        pairs = enumerate(zip(*(one.broadcastable for one in given), strict=True))
        pattern = [
            any(ones) if axis != self.axis else len(given) == 1 and ones[0] for axis, ones in pairs
        ]
        return Apply(self, given, [TensorType(dtype, pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The part of the gradient where each tensor stood."""
        g = as_tensor_variable(output_gradients[0])
        if is_discrete(as_tensor_variable(outputs[0]).dtype):
            return [zero() for _ in inputs]
        terms: list[Variable] = []
        start: Any = 0
        for one in inputs:
            x = as_tensor_variable(one)
            stop = start + dim(x, self.axis)
            part = g[(slice(None),) * self.axis + (slice(start, stop),)]
            terms.append(patternbroadcast(part, x.broadcastable))
            start = stop
        return terms

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """All tensors are brought to one dtype and one pattern first."""
        (out,) = node.outputs
        assert isinstance(out, TensorVariable)
        kinds = [one.type.broadcast for one in inputs]
        parts = [
            builder.rebroadcast(
                builder.cast(one, dtype_of(out.dtype)),
                [
                    pattern[axis] if axis == self.axis else out.broadcastable[axis]
                    for axis in range(out.ndim)
                ],
            )
            for one, pattern in zip(inputs, kinds, strict=True)
        ]
        return [parts[0] if len(parts) == 1 else builder.concatenate(parts, self.axis)]

    def __str__(self) -> str:
        return f"Join{{{self.axis}}}"


def join(axis: int, *tensors_list: Any) -> TensorVariable:
    """Join tensors along `axis`, as `concatenate` does.

    The dtype is the one that holds them all. ValueError for no tensors or no such axis; TypeError
    when their numbers of axes differ; that the sizes agree is checked when it runs.
    """
    if not tensors_list:
        raise ValueError("join needs at least one tensor")
    tensors = [as_tensor_variable(one) for one in tensors_list]
    if not tensors[0].ndim:
        raise TypeError(f"{tensors[0].describe()} has no axis to join along; use T.stack")
    result: TensorVariable = Join(normalised_axis(axis, tensors[0]))(*tensors)
    return result


def concatenate(tensor_list: Sequence[Any], axis: int = 0) -> TensorVariable:
    """Join a list of tensors along an axis that they have; see `join`.

    >>> from lltheano.tensor.variable import TensorType
    >>> a, b = (TensorType("float64", (False, False))(name) for name in "ab")
    >>> concatenate([a, b], axis=1).ndim
    2
    """
    if not isinstance(tensor_list, list | tuple):
        raise TypeError(f"concatenate takes a list of tensors, got {tensor_list!r:.80}")
    return join(axis, *tensor_list)


def stack(*tensors: Any, axis: int = 0) -> TensorVariable:
    """Join tensors along a new axis: `stack([a, b], axis=0)`, or in Theano's old form `stack(a,
    b)`.
    """
    given = tensors
    if tensors and isinstance(tensors[0], list | tuple):
        given = tuple(tensors[0])
        axis = tensors[1] if len(tensors) > 1 else axis
    if not given:
        raise ValueError("stack needs at least one tensor")
    parts = [shape_padaxis(as_tensor_variable(one), axis) for one in given]
    return join(axis, *parts)


def stacklists(arg: Any) -> TensorVariable:
    """Stack nested lists of tensors: the nesting becomes the leading axes."""
    if isinstance(arg, list | tuple):
        return stack([stacklists(one) for one in arg])
    return as_tensor_variable(arg)


def horizontal_stack(*args: Any) -> TensorVariable:
    """Join matrices side by side."""
    return join(1, *_matrices(args))


def vertical_stack(*args: Any) -> TensorVariable:
    """Join matrices one below the other."""
    return join(0, *_matrices(args))


def _matrices(given: Sequence[Any]) -> list[TensorVariable]:
    matrices = [as_tensor_variable(one) for one in given]
    for one in matrices:
        if one.ndim != 2:
            raise TypeError(f"expected matrices, got {one.describe()}")
    return matrices

"""Joining tensors along an axis, old or new."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import zero
from lltheano.tensor.convert import as_tensor_variable
from lltheano.tensor.dimshuffle import normalised_axis, shape_padaxis
from lltheano.tensor.promotion import is_discrete, upcast
from lltheano.tensor.shaping import flatten, patternbroadcast
from lltheano.tensor.sizes import dim, known_size
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
    "join_",
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
        _check_sizes(given, self.axis)
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


def _check_sizes(given: Sequence[TensorVariable], joined: int) -> None:
    """Find sizes that do not agree, where they are known."""
    for axis in range(given[0].ndim if len(given) > 1 else 0):
        sizes = [known_size(one, axis) for one in given]
        different = {one for one in sizes if one is not None}
        if axis != joined and len(different) > 1:
            found = ", ".join(one.describe() for one in given)
            raise ValueError(f"join needs tensors with the same size on axis {axis}, got {found}")


def join(axis: Any, *tensors_list: Any) -> TensorVariable:
    """Join tensors along `axis`, an integer or a constant, as `concatenate` does.

    The dtype is the one that holds them all. ValueError for no tensors, no such axis, and sizes
    that do not agree, where they are known at once, else when it runs; TypeError when the numbers
    of axes differ.

    >>> join(0, [1, 2], [3]).eval().tolist()
    [1, 2, 3]
    """
    if not tensors_list:
        raise ValueError("join needs at least one tensor")
    tensors = [as_tensor_variable(one) for one in tensors_list]
    if not tensors[0].ndim:
        raise TypeError(f"{tensors[0].describe()} has no axis to join along; use T.stack")
    result: TensorVariable = Join(normalised_axis(axis, tensors[0]))(*tensors)
    return result


def join_(*axis_and_tensors: Any) -> TensorVariable:
    """Join tensors, of which the axis is the first argument, as `join` does; Theano's op instance.

    >>> join_(0, [1, 2], [3]).eval().tolist()
    [1, 2, 3]
    """
    return join(*axis_and_tensors)


def concatenate(tensor_list: Sequence[Any], axis: Any = 0) -> TensorVariable:
    """Join a list of tensors along an axis that they have, or flattened when `axis` is None; see
    `join`.

    >>> concatenate([[[1], [2]], [[3], [4]]], axis=1).eval().tolist()
    [[1, 3], [2, 4]]
    """
    if not isinstance(tensor_list, list | tuple):
        raise TypeError(f"concatenate takes a list of tensors, got {tensor_list!r:.80}")
    if axis is None:
        return join(0, *(flatten(one) for one in tensor_list))
    return join(axis, *tensor_list)


def stack(*tensors: Any, axis: int = 0, **kwargs: Any) -> TensorVariable:
    """Join tensors along a new axis: `stack([a, b], axis=0)`, or in Theano's old form `stack(a,
    b)`; the list may be named, as in `stack(tensors=[a, b])`.

    ValueError for no tensors or an axis that there is not; TypeError when their numbers of axes
    differ.

    >>> stack([[1, 2], [3, 4]], axis=1).eval().tolist()
    [[1, 3], [2, 4]]
    """
    given = [*tensors, kwargs.pop("tensors")] if "tensors" in kwargs else list(tensors)
    if kwargs:
        raise TypeError(f"stack takes tensors and axis, got {', '.join(kwargs)}")
    if given and isinstance(given[0], list | tuple):
        axis = given[1] if len(given) > 1 else axis
        given = list(given[0])
    if not given:
        raise ValueError("stack needs at least one tensor")
    parts = [shape_padaxis(as_tensor_variable(one), axis) for one in given]
    return join(axis, *parts)


def stacklists(arg: Any) -> TensorVariable:
    """Stack nested lists of tensors: the nesting becomes the leading axes.

    >>> stacklists([[1, 2], [3, 4]]).eval().tolist()
    [[1, 2], [3, 4]]
    """
    if isinstance(arg, list | tuple):
        return stack([stacklists(one) for one in arg])
    return as_tensor_variable(arg)


def horizontal_stack(*args: Any) -> TensorVariable:
    """Join matrices side by side.

    >>> horizontal_stack([[1], [2]], [[3], [4]]).eval().tolist()
    [[1, 3], [2, 4]]
    """
    return join(1, *_matrices(args))


def vertical_stack(*args: Any) -> TensorVariable:
    """Join matrices one below the other.

    >>> vertical_stack([[1, 2]], [[3, 4]]).eval().tolist()
    [[1, 2], [3, 4]]
    """
    return join(0, *_matrices(args))


def _matrices(given: Sequence[Any]) -> list[TensorVariable]:
    matrices = [as_tensor_variable(one) for one in given]
    for one in matrices:
        if one.ndim != 2:
            raise TypeError(f"expected matrices, got {one.describe()}")
    return matrices

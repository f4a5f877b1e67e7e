"""Reading, replacing and increasing parts of tensors, in the forms that users write."""

from collections.abc import Sequence
from typing import Any

from lltheano.graph.core import Apply, Variable
from lltheano.tensor.indexing.known_values import known_elements
from lltheano.tensor.indexing.ops import (
    AdvancedSubtensor,
    AdvancedSubtensor1,
    Subtensor,
    increase,
    read,
    replace,
)
from lltheano.tensor.indexing.template import FULL, Point, Template, parse_index
from lltheano.tensor.shapes.dimshuffle import DimShuffle, dimshuffle, shape_padleft
from lltheano.tensor.shapes.shaping import Rebroadcast, Reshape, patternbroadcast, reshape
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorVariable, is_tensor

__all__ = [
    "inc_subtensor",
    "set_subtensor",
    "subtensor",
]

_READS = (Subtensor, AdvancedSubtensor, AdvancedSubtensor1)
_FORMS = (*_READS, Rebroadcast, DimShuffle, Reshape)


def subtensor(x: object, index: Any) -> TensorVariable:
    """Return `x[index]`, with `index` in any form that NumPy has.

    These are integers, slices with bounds and steps of any sign, None, an ellipsis, arrays and
    lists of integers, and masks of bool; all but None and the ellipsis may be symbolic. The axes
    that arrays and masks replace stand where they stood when they are neighbours, else in front.
    A mask without axes is a symbolic one or `numpy.bool_(True)`: a Python bool is refused, as it is
    often the result of `v == w`.

    IndexError for too many indices, when the graph is built; for an index out of range, a mask of
    another shape, or arrays that do not broadcast, then or when it runs. TypeError for what is no
    index, ValueError for a slice with step 0.

    >>> import numpy as np
    >>> from lltheano.tensor.variables.convert import constant
    >>> x = constant(np.arange(12).reshape(3, 4))
    >>> subtensor(x, np.s_[::-2, [0, -1]]).eval().tolist()
    [[8, 11], [0, 3]]
    >>> subtensor(x, x > 8).eval().tolist()
    [9, 10, 11]
    """
    x = as_tensor_variable(x)
    template, variables = parse_index(x, index)
    _check_known(x, template)
    return read(x, template, variables)


def _check_known(x: TensorVariable, template: Template) -> None:
    """An index into a vector of known length, such as a shape."""
    (entry, *others) = template.entries or (FULL,)
    if others or not isinstance(entry, Point) or not isinstance(entry.index, int) or x.ndim != 1:
        return
    elements = known_elements(x)
    if elements is not None and not -len(elements) <= entry.index < len(elements):
        raise IndexError(f"index {entry.index} of {x.describe()}, of length {len(elements)}")


def set_subtensor(
    x: object,
    y: object,
    inplace: bool = False,
    tolerate_inplace_aliasing: bool = False,
) -> TensorVariable:
    """Return `a` with the part `x = a[...]` replaced by `y`, which broadcasts to it.

    `a` itself does not change. The part may be in any form that `subtensor` takes; of values for
    one place the last one stays. Its axes may have been reordered, or the part been reshaped. The
    last two parameters are kept for Theano's signature: the compiler works in place wherever that
    cannot be noticed.

    `y` is converted to the dtype of `a`, as NumPy does, even where that loses precision. Axes of
    size 1 of `y` are repeated, whether that size is known or found when the function runs.

    TypeError when `x` is not an indexing expression, or complex numbers are written to real ones;
    ValueError when `y` has too many axes; when it runs, the errors of `subtensor`, and a
    ValueError when the sizes do not agree.

    >>> from lltheano.tensor.variables.convert import constant
    >>> a = constant([1, 2, 3, 4])
    >>> set_subtensor(a[1:3], 0).eval().tolist()
    [1, 0, 0, 4]
    >>> set_subtensor(a[a > 2], [7, 8]).eval().tolist()
    [1, 2, 7, 8]
    """
    return _updated(x, y, True)


def inc_subtensor(
    x: object,
    y: object,
    inplace: bool = False,
    set_instead_of_inc: bool = False,
    tolerate_inplace_aliasing: bool = False,
    ignore_duplicates: bool = False,
) -> TensorVariable:
    """Return `a` with the part `x = a[...]` increased by `y`.

    A place that is named twice is increased twice, as by `numpy.add.at`; with `ignore_duplicates`
    once, by the last of its values, as by `a[...] += y` in NumPy. With `set_instead_of_inc` it is
    `set_subtensor`, where the other parameters and the errors are explained too.

    >>> from lltheano.tensor.variables.convert import constant
    >>> a = constant([10, 20, 30])
    >>> inc_subtensor(a[[0, 0, 2]], [1, 2, 3]).eval().tolist()
    [13, 20, 33]
    >>> inc_subtensor(a[[0, 0, 2]], [1, 2, 3], ignore_duplicates=True).eval().tolist()
    [12, 20, 33]
    """
    if ignore_duplicates and not set_instead_of_inc:
        part, _ = _part(x)
        return _updated(x, increase(part, y, _all_of(part), ()), True)
    return _updated(x, y, set_instead_of_inc)


def _part(x: object) -> tuple[TensorVariable, Apply]:
    """What is to be written to, and how it is read."""
    if is_tensor(x) and x.owner is not None and isinstance(x.owner.op, _FORMS):
        return x, x.owner
    found = x.describe() if isinstance(x, Variable) else f"{x!r:.80}"
    raise TypeError(
        "set_subtensor and inc_subtensor take an indexing expression such as a[1:3] as their first"
        f" argument, got {found}"
    )


def _updated(x: object, y: object, sets: bool) -> TensorVariable:
    (part, node), value = _part(x), as_tensor_variable(y)
    source, variables = as_tensor_variable(node.inputs[0]), node.inputs[1:]
    if isinstance(node.op, _READS):
        write = replace if sets else increase
        return write(source, value, node.op.form(source), variables)
    if value.ndim > part.ndim:
        raise ValueError(
            f"{value.describe()} has {value.ndim} axes and cannot be written to {part.describe()},"
            f" which has {part.ndim}"
        )
    if isinstance(node.op, Rebroadcast):
        return _updated(source, value, sets)
    if isinstance(node.op, DimShuffle):
        return _updated(source, _shuffled_back(value, node.op.order, source.ndim), sets)
    sizes = [dim(source, axis) for axis in range(source.ndim)]
    back = reshape(replace(part, value, _all_of(part), ()), sizes)
    return _updated(source, patternbroadcast(back, source.broadcastable), sets)


def _all_of(x: TensorVariable) -> Template:
    return Template((FULL,) * x.ndim)


def _shuffled_back(value: TensorVariable, order: Sequence[int | None], ndim: int) -> TensorVariable:
    """A value for a part with its axes reordered as one for the part itself."""
    value = shape_padleft(value, len(order) - value.ndim)
    pattern = [
        broad or axis is None for broad, axis in zip(value.broadcastable, order, strict=True)
    ]
    indices = {axis: index for index, axis in enumerate(order) if axis is not None}
    back = [indices.get(axis, "x") for axis in range(ndim)]
    return dimshuffle(patternbroadcast(value, pattern), back)

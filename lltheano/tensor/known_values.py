"""Values and lengths that are known while the graph is built."""

from typing import Any

from numpy.typing import NDArray

from lltheano.errors import NotScalarConstantError
from lltheano.graph.written import written_as
from lltheano.tensor.comparison import Cast
from lltheano.tensor.convert import as_tensor_variable, constant
from lltheano.tensor.creation import Alloc, Fill
from lltheano.tensor.dimshuffle import DimShuffle, dimshuffle
from lltheano.tensor.elementwise import Elementwise
from lltheano.tensor.index_template import Entry, Part, Point
from lltheano.tensor.indexing import IncSubtensor, Subtensor
from lltheano.tensor.join import Join
from lltheano.tensor.sizes import Shape, dim
from lltheano.tensor.variable import TensorConstant, TensorVariable

__all__ = [
    "get_scalar_constant_value",
    "get_vector_length",
    "known_element",
    "known_elements",
]


_MOST_ELEMENTS = 64
"""Constants with more elements are data, not sizes."""


def get_scalar_constant_value(
    orig_v: Any,
    elemwise: bool = True,
    only_process_constants: bool = False,
    max_recur: int = 10,
) -> NDArray[Any]:
    """Return the one value of a scalar or of all elements of a tensor, as an array without axes.

    It is looked for in constants of one element, behind reordered and repeated axes, in shapes and
    what was joined, and with `elemwise` behind casts; through at most `max_recur` ops, with
    `only_process_constants` none. NotScalarConstantError when the value is not known while the
    graph is built.

    >>> from lltheano.tensor.convert import constant
    >>> int(get_scalar_constant_value(constant(3).astype("float32")))
    3
    """
    variable = as_tensor_variable(orig_v)
    casts: list[str] = []
    for _ in range(0 if only_process_constants else max_recur):
        source = _source(variable, elemwise)
        if source is None:
            break
        if source.dtype != variable.dtype:
            casts.append(variable.dtype)
        variable = source
    if not isinstance(variable, TensorConstant) or variable.data.size != 1:
        raise NotScalarConstantError(f"the value of {variable.describe()} is not known yet")
    value = variable.data.reshape(())
    for dtype in reversed(casts):
        value = value.astype(dtype)
    return value


def _source(variable: TensorVariable, through_casts: bool) -> TensorVariable | None:
    """The operand from which an op that moves or repeats elements takes them."""
    if variable.owner is None:
        return None
    op, inputs = variable.owner.op, variable.owner.inputs
    if isinstance(op, DimShuffle | Alloc) or (isinstance(op, Cast) and through_casts):
        return as_tensor_variable(inputs[0])
    if isinstance(op, Subtensor):
        return known_element(variable)
    return as_tensor_variable(inputs[1]) if isinstance(op, Fill) else None


def known_element(x: TensorVariable) -> TensorVariable | None:
    """Return what a scalar is that was read at a known place of a shape, of what was joined, or of
    a short constant.

    None when `x` is nothing of the kind.

    >>> from lltheano.tensor.variable import TensorType
    >>> m = TensorType("float64", (False, True))("m")
    >>> known_element(m.shape[-1])
    TensorConstant{1}
    """
    if x.ndim or x.owner is None or not isinstance(x.owner.op, Subtensor):
        return None
    source = as_tensor_variable(x.owner.inputs[0])
    elements = known_elements(source) if source.ndim == 1 else None
    if elements is None:
        return None
    (entry,) = x.owner.op.template.entries
    if isinstance(entry, Point) and isinstance(entry.index, int):
        return written_as(elements[entry.index], [source])
    return None


def known_elements(x: TensorVariable) -> list[TensorVariable] | None:
    """Return the elements of a vector made of sizes or scalars, of a short constant, or of a part
    of such with known bounds; None when they are not known one by one.

    >>> import lltheano.tensor as T
    >>> x = T.dmatrix("x")
    >>> known_elements(x.shape)
    [Shape_i{0}, Shape_i{1}]
    """
    parts: list[slice] = []
    node = x.owner
    while node is not None and isinstance(node.op, Subtensor):
        source = as_tensor_variable(node.inputs[0])
        bounds = _known_part(node.op.template.entries) if source.ndim == 1 else None
        if bounds is None:
            return None
        parts.append(bounds)
        x, node = source, source.owner
    elements = _all_elements(x)
    if elements is not None:
        for one in reversed(parts):
            elements = elements[one]
    return elements


def _known_part(entries: tuple[Entry, ...]) -> slice | None:
    """The slice that entries for one axis amount to, if its bounds are known."""
    (entry,) = entries if len(entries) == 1 else (None,)
    if not isinstance(entry, Part):
        return None
    bounds: tuple[Any, ...] = (entry.start, entry.stop, entry.step)
    return slice(*bounds) if all(one is None or isinstance(one, int) for one in bounds) else None


def _all_elements(x: TensorVariable) -> list[TensorVariable] | None:
    if isinstance(x, TensorConstant) and x.data.size <= _MOST_ELEMENTS:
        return [constant(one) for one in x.data]
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
    if not x.broadcastable[0] or x.dtype != dtype:
        return None
    return constant(x.data[0]) if isinstance(x, TensorConstant) else dimshuffle(x, ())


def get_vector_length(v: object) -> int:
    """Return the length of a vector where it is known while the graph is built; ValueError
    otherwise.

    It is known of constants, shapes, what is joined of such, their parts, and what is computed from
    them element by element.

    >>> from lltheano.tensor.variable import TensorType
    >>> get_vector_length(TensorType("float64", (False, False))("m").shape * 2)
    2
    """
    v = as_tensor_variable(v)
    if v.ndim != 1:
        raise TypeError(
            f"{v.describe()} is not a vector, so it cannot be unpacked or iterated over"
        )
    length = _length(v)
    if length is None:
        raise ValueError(
            f"the length of {v.describe()} is not known yet, so it cannot be unpacked or iterated"
            " over; use scan, or index it"
        )
    return length


def _length(v: TensorVariable) -> int | None:
    through = (Elementwise, Cast, IncSubtensor)
    while v.owner is not None and isinstance(v.owner.op, through) and not v.broadcastable[0]:
        given = [as_tensor_variable(one) for one in v.owner.inputs]
        v = next(one for one in given if one.ndim == 1 and not one.broadcastable[0])
    if v.broadcastable[0]:
        return 1
    if isinstance(v, TensorConstant):
        return int(v.data.shape[0])
    elements = known_elements(v)
    if elements is not None:
        return len(elements)
    if v.owner is None or not isinstance(v.owner.op, Join):
        return None
    lengths = [_length(as_tensor_variable(one)) for one in v.owner.inputs]
    return None if None in lengths else sum(one or 0 for one in lengths)

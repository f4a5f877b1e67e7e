"""Tensors from nothing but sizes, numbers and the shape of another tensor."""

from collections.abc import Sequence
from typing import Any

from lltheano.config import config
from lltheano.dispatch import call
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected, zero
from lltheano.tensor.arithmetic import ceil, maximum
from lltheano.tensor.comparison import eq, ge
from lltheano.tensor.convert import as_tensor_variable, constant
from lltheano.tensor.dimshuffle import padded, shape_padleft
from lltheano.tensor.elementwise import sum_to_pattern
from lltheano.tensor.promotion import canonical_dtype, is_discrete, range_dtype
from lltheano.tensor.sizes import Dim, SizedOp, as_sizes, dim, is_known_one
from lltheano.tensor.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "Alloc",
    "Fill",
    "Iota",
    "alloc",
    "arange",
    "eye",
    "fill",
    "full",
    "identity_like",
    "ones",
    "ones_like",
    "tri",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


@record(frozen=True)
class Alloc(SizedOp):
    """A value repeated to given sizes. Axes whose size is the constant 1 broadcast."""

    def make_node(self, value: Any, *sizes: Any) -> Apply:
        """The value must have no more axes than there are sizes."""
        value, given = as_tensor_variable(value), as_sizes(list(sizes))
        if value.ndim > len(given):
            raise ValueError(
                f"alloc of {value.describe()} needs {value.ndim} sizes, got {len(given)}"
            )
        value = shape_padleft(value, len(given) - value.ndim)
        pattern = [is_known_one(one) for one in given]
        return Apply(self, [value, *given], [value.type.clone(broadcastable=pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The sum over the axes along which the value was repeated."""
        value, g = as_tensor_variable(inputs[0]), as_tensor_variable(output_gradients[0])
        return [sum_to_pattern(g, value), *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A broadcast, with a check of the axes that are not repeated."""
        value, *sizes = inputs
        (out,) = node.outputs
        assert isinstance(out, TensorVariable)
        stretched = [
            size if value.type.broadcast[axis] and not out.broadcastable[axis] else None
            for axis, size in enumerate(sizes)
        ]
        checked = _require_sizes(builder, value, sizes, "alloc")
        return [builder.rebroadcast(builder.broadcast(checked, stretched), out.broadcastable)]


def _require_sizes(builder: Builder, x: Value, sizes: Sequence[Value], what: str) -> Value:
    """Check that the axes of `x` that are not static 1 have the given sizes."""
    result = x
    for axis, size in enumerate(sizes):
        if not x.type.broadcast[axis]:
            agrees = builder.elementwise("eq", builder.dim(x, axis), size)
            message = f"{what}: axis {axis} of the value has size {{0}} where {{1}} is wanted"
            numbers = (builder.dim(x, axis), size)
            result = builder.require(result, agrees, message, numbers, "sizes")
    return result


@record(frozen=True)
class Fill(Op):
    """A value repeated to the shape of a model, whose elements are not looked at."""

    def make_node(self, model: Any, value: Any) -> Apply:
        """Model and value broadcast together."""
        model, value = padded([as_tensor_variable(model), as_tensor_variable(value)])
        pairs = zip(model.broadcastable, value.broadcastable, strict=True)
        pattern = [one and other for one, other in pairs]
        return Apply(self, [model, value], [value.type.clone(broadcastable=pattern)()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The sum over the axes along which the value was repeated."""
        value, g = as_tensor_variable(inputs[1]), as_tensor_variable(output_gradients[0])
        return [disconnected(), sum_to_pattern(g, value)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The model does not connect."""
        return [[False], [True]]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A broadcast to the model's sizes, with a check of the axes that both have."""
        model, value = inputs
        sizes = [builder.dim(model, axis) for axis in range(model.rank)]
        wide = [not one for one in model.type.broadcast]
        own = [
            size if w else builder.dim(value, i)
            for i, (size, w) in enumerate(zip(sizes, wide, strict=True))
        ]
        checked = _require_sizes(builder, value, own, "fill")
        stretched = [
            size if w and one else None
            for size, w, one in zip(sizes, wide, value.type.broadcast, strict=True)
        ]
        return [builder.broadcast(checked, stretched)]


@record(frozen=True)
class Iota(Op):
    """0, 1, ..., n - 1 as int64."""

    def make_node(self, n: Any) -> Apply:
        """The count is an integer."""
        return Apply(self, as_sizes(n, 1), [TensorType("int64", (False,))()])

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The count is an integer."""
        return [zero()]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return [builder.iota(builder.cast(inputs[0], dtype_of("int64")))]


def alloc(val: object, *shapes: Any) -> TensorVariable:
    """Return `val` repeated to the sizes `shapes`; axes whose size is the constant 1 broadcast.

    >>> alloc(0.0, 3, 1).broadcastable
    (False, True)
    """
    result: TensorVariable = Alloc()(val, *shapes)
    return result


def _filled(value: int, shape: Any, dtype: Any) -> TensorVariable:
    name = config.floatX if dtype is None else canonical_dtype(dtype)
    return alloc(constant(value, dtype=name), *as_sizes(shape))


def zeros(shape: Any, dtype: Any = None) -> TensorVariable:
    """Return zeros of the given sizes, of dtype floatX unless one is named."""
    return _filled(0, shape, dtype)


def ones(shape: Any, dtype: Any = None) -> TensorVariable:
    """Return ones of the given sizes, of dtype floatX unless one is named."""
    return _filled(1, shape, dtype)


def full(shape: Any, fill_value: object, dtype: Any = None) -> TensorVariable:
    """Return `fill_value` repeated to the given sizes."""
    value = as_tensor_variable(fill_value)
    return alloc(value if dtype is None else value.astype(dtype), *as_sizes(shape))


def fill(a: object, b: object) -> TensorVariable:
    """Return `b` repeated to the shape of `a`, in the dtype of `b`."""
    result: TensorVariable = Fill()(a, b)
    return result


def zeros_like(model: object, dtype: Any = None, opt: bool = False) -> TensorVariable:
    """Return zeros of the shape of `model`, and of its dtype unless one is named.

    `opt` is kept for Theano's signature: the zeros are never computed where they are not needed.
    """
    return _filled_like(model, 0, dtype)


def ones_like(model: object, dtype: Any = None, opt: bool = False) -> TensorVariable:
    """Return ones of the shape and dtype of `model`, with the parameters of `zeros_like`."""
    return _filled_like(model, 1, dtype)


def _filled_like(model: object, value: int, dtype: Any) -> TensorVariable:
    model = as_tensor_variable(model)
    return fill(model, constant(value, dtype=model.dtype if dtype is None else dtype))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> TensorVariable:
    """Return start, start + step, ... up to but without stop; one argument is stop alone.

    The dtype is that of the bounds, integers as int64, unless one is named. The bounds may be
    symbolic; they must be real scalars.
    """
    if stop is None:
        start, stop = 0, start
    bounds = [_bound(one) for one in (start, stop, step)]
    for one in bounds:
        if one.ndim:
            raise TypeError(f"arange takes scalars, got {one.describe()}")
    name = range_dtype(*(one.dtype for one in bounds)) if dtype is None else canonical_dtype(dtype)
    first, last, stride = bounds
    whole = all(is_discrete(one.dtype) for one in bounds)
    if whole:
        first, last, stride = (one.astype("int64") for one in bounds)
    if whole and start == 0 and step == 1:
        return _iota(last if _is_size(last) else maximum(last, 0)).astype(name)
    distance = last - first
    count = -((-distance) // stride) if whole else ceil(distance / stride).astype("int64")
    steps = _iota(maximum(count, 0))
    return (first + steps.astype(first.dtype if whole else name) * stride).astype(name)


def _bound(given: Any) -> TensorVariable:
    """A bound of a range; where it is an element of a shape, that size."""
    x = as_tensor_variable(given)
    known: TensorVariable | None = call("known_element", x)
    return x if known is None else known


def _is_size(x: TensorVariable) -> bool:
    """Whether `x` is the size of an axis, which is not negative."""
    return x.owner is not None and isinstance(x.owner.op, Dim)


def _iota(n: TensorVariable) -> TensorVariable:
    result: TensorVariable = Iota()(n)
    return result


def eye(n: object, m: object = None, k: Any = 0, dtype: Any = None) -> TensorVariable:
    """Return n rows and m (n unless given) columns with ones on diagonal `k`, zeros elsewhere."""
    rows, columns = arange(n), arange(n if m is None else m)
    on = eq(rows.dimshuffle(0, "x") + k, columns.dimshuffle("x", 0))
    return on.astype(config.floatX if dtype is None else dtype)


def identity_like(x: object) -> TensorVariable:
    """Return a matrix of the shape of the matrix `x` with ones on the main diagonal."""
    x = as_tensor_variable(x)
    return eye(dim(x, 0), dim(x, 1), 0, x.dtype)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> TensorVariable:  # noqa: N803
    """Return N rows and M (N unless given) columns with ones at and below diagonal `k`."""
    rows, columns = arange(N), arange(N if M is None else M)
    below = ge(rows.dimshuffle(0, "x") + k, columns.dimshuffle("x", 0))
    return below.astype(config.floatX if dtype is None else dtype)


def tril(m: object, k: Any = 0) -> TensorVariable:
    """Return the matrix `m` with zeros above diagonal `k`."""
    m = as_tensor_variable(m)
    return m * tri(dim(m, 0), dim(m, 1), k, m.dtype)


def triu(m: object, k: Any = 0) -> TensorVariable:
    """Return the matrix `m` with zeros below diagonal `k`."""
    m = as_tensor_variable(m)
    return m * (1 - tri(dim(m, 0), dim(m, 1), k - 1, m.dtype))

"""Tensors from nothing but sizes, numbers and the shape of another tensor."""

from collections.abc import Sequence
from typing import Any

from lltheano.config import config
from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.creation.ranges import arange
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.elementwise.stretching import collapsed, stretched
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.reducers.ops import sum_to_pattern
from lltheano.tensor.shapes.dimshuffle import padded, shape_padleft
from lltheano.tensor.shapes.sizes import SizedOp, as_sizes, dim, is_known_one
from lltheano.tensor.variables.convert import as_tensor_variable, constant
from lltheano.tensor.variables.promotion import canonical_dtype
from lltheano.tensor.variables.variable import TensorVariable, is_tensor
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "Alloc",
    "Eye",
    "Fill",
    "alloc",
    "eye",
    "fill",
    "full",
    "full_like",
    "identity_like",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


@record(frozen=True)
class Alloc(SizedOp):
    """A value repeated to given sizes. Axes whose size is the constant 1 broadcast."""

    moves = True

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
        back = collapsed(sum_to_pattern(g, value), value)
        return [back, *(disconnected() for _ in inputs[1:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """A broadcast, with a check of the axes that are not known to be repeated."""
        value, *sizes = inputs
        (out,) = node.outputs
        assert is_tensor(out)
        repeated = [
            size if value.type.broadcast[axis] and not out.broadcastable[axis] else None
            for axis, size in enumerate(sizes)
        ]
        wide = stretched(builder, value, sizes, "alloc of a value")
        return [builder.rebroadcast(builder.broadcast(wide, repeated), out.broadcastable)]


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

    moves = True

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
        wide = [not is_broadcastable for is_broadcastable in model.type.broadcast]
        own = [
            size if w else builder.dim(value, i)
            for i, (size, w) in enumerate(zip(sizes, wide, strict=True))
        ]
        checked = _require_sizes(builder, value, own, "fill")
        stretched = [
            size if w and is_broadcastable else None
            for size, w, is_broadcastable in zip(sizes, wide, value.type.broadcast, strict=True)
        ]
        return [builder.broadcast(checked, stretched)]


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
    """Return zeros of the given sizes, of dtype floatX unless one is named.

    `shape` is an integer, a list of integers, or an integer vector of known length, each possibly
    symbolic; axes whose size is the constant 1 broadcast.

    >>> zeros((2, 3), dtype="int8").eval().tolist()
    [[0, 0, 0], [0, 0, 0]]
    """
    return _filled(0, shape, dtype)


def ones(shape: Any, dtype: Any = None) -> TensorVariable:
    """Return ones of the given sizes, of dtype floatX unless one is named; see `zeros`.

    >>> ones(3).eval()
    array([1., 1., 1.])
    """
    return _filled(1, shape, dtype)


def full(shape: Any, fill_value: object, dtype: Any = None) -> TensorVariable:
    """Return `fill_value` repeated to the given sizes, in its own dtype unless one is named.

    >>> full((2, 2), 7, dtype="int32").eval().tolist()
    [[7, 7], [7, 7]]
    """
    value = as_tensor_variable(fill_value)
    return alloc(value if dtype is None else value.astype(dtype), *as_sizes(shape))


def fill(a: object, b: object) -> TensorVariable:
    """Return `b` repeated to the shape of `a`, in the dtype of `b`.

    The two broadcast together: an axis of size 1 of `a` is repeated to that of `b`, too.

    >>> fill([1, 2, 3], 0.5).eval().tolist()
    [0.5, 0.5, 0.5]
    """
    result: TensorVariable = Fill()(a, b)
    return result


def zeros_like(model: object, dtype: Any = None, opt: bool = False) -> TensorVariable:
    """Return zeros of the shape of `model`, and of its dtype unless one is named.

    `opt` is kept for Theano's signature: the zeros are never computed where they are not needed.

    >>> zeros_like([1, 2]).eval().tolist()
    [0, 0]
    """
    return _filled_like(model, 0, dtype)


def ones_like(model: object, dtype: Any = None, opt: bool = False) -> TensorVariable:
    """Return ones of the shape and dtype of `model`, with the parameters of `zeros_like`.

    >>> ones_like([0.5, 2]).eval().tolist()
    [1.0, 1.0]
    """
    return _filled_like(model, 1, dtype)


def full_like(a: object, fill_value: object, dtype: Any = None) -> TensorVariable:
    """Return `fill_value` repeated to the shape of `a`, in the dtype of `a` unless one is named.

    >>> full_like([1, 2], 7).eval().tolist()
    [7, 7]
    """
    model = as_tensor_variable(a)
    value = as_tensor_variable(fill_value).astype(model.dtype if dtype is None else dtype)
    return fill(model, value)


def _filled_like(model: object, value: int, dtype: Any) -> TensorVariable:
    model = as_tensor_variable(model)
    return fill(model, constant(value, dtype=model.dtype if dtype is None else dtype))


def eye(n: object, m: object = None, k: Any = 0, dtype: Any = None) -> TensorVariable:
    """Return n rows and m (n unless given) columns with ones on diagonal `k`, zeros elsewhere.

    Diagonals above the main one, 0, are positive; all arguments may be symbolic. The dtype is
    floatX unless one is named.

    >>> eye(2, 3, 1, dtype="int8").eval().tolist()
    [[0, 1, 0], [0, 0, 1]]
    """
    result: TensorVariable = Eye(dtype)(n, n if m is None else m, k)
    return result


class Eye(ComposedOp):
    """The op of `eye`: it is applied to the numbers of rows and columns, and the diagonal's.

    The dtype is floatX unless one is named.

    >>> Eye("int8")(2, 3, 1).eval().tolist()
    [[0, 1, 0], [0, 0, 1]]
    """

    __props__ = ("dtype",)

    def __init__(self, dtype: Any = None) -> None:
        self.dtype = canonical_dtype(config.floatX if dtype is None else dtype)

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """Three integers."""
        return as_sizes(list(inputs), 3)

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Ones where the column is that of the diagonal."""
        n, m, k = operands
        rows, columns = arange(n), arange(m)
        return eq(rows.dimshuffle(0, "x") + k, columns.dimshuffle("x", 0)).astype(self.dtype)


def identity_like(x: object) -> TensorVariable:
    """Return a matrix of the shape and dtype of the matrix `x` with ones on the main diagonal.

    >>> identity_like([[5, 6], [7, 8]]).eval().tolist()
    [[1, 0], [0, 1]]
    """
    x = as_tensor_variable(x)
    return eye(dim(x, 0), dim(x, 1), 0, x.dtype)

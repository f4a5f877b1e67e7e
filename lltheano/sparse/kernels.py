"""Products with the components of a sparse matrix, as ops of tensors.

These are the only ops of sparse matrices that the compiler knows; all others are expressions of
tensors.
"""

from collections.abc import Sequence
from typing import Any

import lltheano.tensor as T
from lltheano.graph import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = ["csc_dot", "csr_dot", "csr_sampled_dot"]


class CsrDot(Op):
    """The product of a matrix in compressed rows with a dense matrix or vector.

    Operands: `data`, `indices`, `indptr`, the rows of the other operand as many as this has
    columns, all of one dtype.

    >>> csr_dot([2.0], [1], [0, 0, 1], [[3.0], [4.0]]).eval().tolist()
    [[0.0], [8.0]]
    """

    __props__ = ()

    def make_node(self, data: Any, indices: Any, indptr: Any, other: Any) -> Apply:
        """The result has as many axes as the other operand."""
        operands = list(map(as_tensor_variable, (data, indices, indptr, other)))
        result = TensorType(operands[0].dtype, (False, *operands[3].broadcastable[1:]))
        return Apply(self, operands, [result()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The compiler's op."""
        data, indices, indptr, other = inputs
        return [builder.csr_dot(data, other, indices, indptr)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Indices do not count."""
        return [[True], [False], [False], [True]]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Of the entries the elements of g b' at their places; of the other operand A' g."""
        data, indices, indptr, other = map(as_tensor_variable, inputs)
        (slope,) = map(as_tensor_variable, output_gradients)
        of_data = csr_sampled_dot(indices, indptr, _columns(slope), _columns(T.conj(other)))
        of_other = csc_dot(T.conj(data), indices, indptr, slope, other.shape[0])
        return [of_data, disconnected(), disconnected(), of_other]


class CscDot(Op):
    """The product of a matrix in compressed columns, of so many rows, with a dense one.

    >>> csc_dot([2.0], [1], [0, 0, 1], [[3.0], [4.0]], 2).eval().tolist()
    [[0.0], [8.0]]
    """

    __props__ = ()

    def make_node(self, data: Any, indices: Any, indptr: Any, other: Any, rows: Any) -> Apply:
        """The result has as many axes as the other operand."""
        operands = list(map(as_tensor_variable, (data, indices, indptr, other)))
        count = as_tensor_variable(rows).astype("int64")
        result = TensorType(operands[0].dtype, (False, *operands[3].broadcastable[1:]))
        return Apply(self, [*operands, count], [result()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The compiler's op."""
        data, indices, indptr, other, rows = inputs
        return [builder.csc_dot(data, other, indices, indptr, rows)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Indices do not count."""
        return [[True], [False], [False], [True], [False]]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Of the entries the elements of b g' at their places; of the other operand A' g."""
        data, indices, indptr, other, _ = map(as_tensor_variable, inputs)
        (slope,) = map(as_tensor_variable, output_gradients)
        of_data = csr_sampled_dot(indices, indptr, _columns(T.conj(other)), _columns(slope))
        of_other = csr_dot(T.conj(data), indices, indptr, slope)
        return [of_data, disconnected(), disconnected(), of_other, disconnected()]


class CsrSampledDot(Op):
    """The elements of x y' at the places of the entries of a matrix in compressed rows.

    >>> csr_sampled_dot([1], [0, 0, 1], [[1.0], [2.0]], [[3.0], [4.0]]).eval()
    array([8.])
    """

    __props__ = ()

    def make_node(self, indices: Any, indptr: Any, x: Any, y: Any) -> Apply:
        """A vector with an element for each entry."""
        operands = list(map(as_tensor_variable, (indices, indptr, x, y)))
        return Apply(self, operands, [TensorType(operands[2].dtype, (False,))()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The compiler's op."""
        indices, indptr, x, y = inputs
        return [builder.csr_sampled_dot(x, y, indices, indptr)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Indices do not count."""
        return [[False], [False], [True], [True]]

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Products with the matrix whose entries are the gradient."""
        indices, indptr, x, y = map(as_tensor_variable, inputs)
        (slope,) = map(as_tensor_variable, output_gradients)
        of_x = csr_dot(slope, indices, indptr, T.conj(y))
        of_y = csc_dot(slope, indices, indptr, T.conj(x), y.shape[0])
        return [disconnected(), disconnected(), of_x, of_y]


def _columns(x: TensorVariable) -> TensorVariable:
    """A vector as a matrix of one column."""
    return x.dimshuffle(0, "x") if x.ndim == 1 else x


def csr_dot(data: Any, indices: Any, indptr: Any, other: Any) -> TensorVariable:
    """Apply `CsrDot`."""
    result: TensorVariable = CsrDot()(data, indices, indptr, other)
    return result


def csc_dot(data: Any, indices: Any, indptr: Any, other: Any, rows: Any) -> TensorVariable:
    """Apply `CscDot`."""
    result: TensorVariable = CscDot()(data, indices, indptr, other, rows)
    return result


def csr_sampled_dot(indices: Any, indptr: Any, x: Any, y: Any) -> TensorVariable:
    """Apply `CsrSampledDot`."""
    result: TensorVariable = CsrSampledDot()(indices, indptr, x, y)
    return result

"""The Python operators and the methods of a sparse variable.

Each is the function of sparse matrices of the same name with the variable as its first argument;
what it computes is said there. `*` is the product of elements, as between tensors; the product of
matrices is `dot`. `==` and `!=` compare identity, so that variables can be keys of dictionaries.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lltheano.graph import Variable
from lltheano.graph.boundary import guard_methods
from lltheano.interfaces.layers import matrices

if TYPE_CHECKING:
    from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["SparseOperators"]


@guard_methods
class SparseOperators(Variable):
    """Operators and methods."""

    type: Any
    ndim: int = 2
    broadcastable: tuple[bool, bool] = (False, False)
    __array_ufunc__: Callable[..., Any] | None = None
    """Arrays leave `array * x` to `x`."""

    @property
    def dtype(self) -> str:
        """The dtype of the entries."""
        return str(self.type.dtype)

    @property
    def format(self) -> str:
        """The format of the matrix."""
        return str(self.type.format)

    @property
    def shape(self) -> "TensorVariable":
        """The numbers of rows and columns, a vector of int64."""
        result: TensorVariable = matrices.csm_properties(self)[3].astype("int64")
        return result

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        """The transpose."""
        return matrices.transpose(self)

    transpose = property(lambda self: lambda: matrices.transpose(self))
    """The transpose."""

    def astype(self, dtype: Any) -> Any:
        """Return the matrix with entries of another dtype."""
        return matrices.cast(self, dtype)

    def toarray(self) -> Any:
        """Return the matrix as a tensor."""
        return matrices.dense_from_sparse(self)

    def sum(self, axis: int | None = None, sparse_grad: bool = False) -> Any:
        """Return the sum, or the sums of columns (axis 0) or rows (1)."""
        return matrices.sp_sum(self, axis=axis, sparse_grad=sparse_grad)

    def zeros_like(self, dtype: Any = None) -> Any:
        """Return a matrix of the same shape without entries."""
        zeros = matrices.sp_zeros_like(self)
        return zeros if dtype is None or dtype == zeros.dtype else zeros.astype(dtype)

    def ones_like(self, dtype: Any = None) -> Any:
        """Return a matrix with ones for entries."""
        ones = matrices.sp_ones_like(self)
        return ones if dtype is None or dtype == ones.dtype else ones.astype(dtype)

    def dot(self, other: Any) -> Any:
        """Return the product of matrices; sparse if both are."""
        return matrices.structured_dot(self, other)

    def __dot__(self, other: Any) -> Any:
        return matrices.structured_dot(self, other)

    def __rdot__(self, other: Any) -> Any:
        return matrices.structured_dot(other, self)

    def __matmul__(self, other: Any) -> Any:
        return matrices.structured_dot(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return matrices.structured_dot(other, self)

    def __neg__(self) -> Any:
        return matrices.neg(self)

    def __add__(self, other: Any) -> Any:
        return matrices.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return matrices.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return matrices.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return matrices.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return matrices.mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return matrices.mul(other, self)

    def __lt__(self, other: Any) -> Any:
        return matrices.lt(self, other)

    def __le__(self, other: Any) -> Any:
        return matrices.le(self, other)

    def __gt__(self, other: Any) -> Any:
        return matrices.gt(self, other)

    def __ge__(self, other: Any) -> Any:
        return matrices.ge(self, other)

    def __getitem__(self, index: Any) -> Any:
        return matrices.item(self, index)

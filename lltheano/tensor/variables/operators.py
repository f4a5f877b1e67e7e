"""The Python operators and the methods of a tensor variable.

Each is the tensor function of the same name with the variable as its first argument; what it
computes is said there. `==` and `!=` are not among them: they compare identity, as for any object,
so that variables can be keys of dictionaries; the elementwise comparisons are `T.eq` and `T.neq`.
Of a number or an array, which a variable is never identical with, they are an error: the program
means its value.
"""

import functools
import numbers
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from lltheano.config import config
from lltheano.graph.boundary import guard_methods
from lltheano.graph.core import CompoundType, Variable
from lltheano.interfaces.layers import language
from lltheano.tensor.variables.transfer import transfer

if TYPE_CHECKING:
    from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["TensorOperators", "compared", "named"]

Operator = TypeVar("Operator", bound=Callable[..., Any])


def named(x: Any) -> str:
    """A variable by its name, if it has one or is a leaf; what ops it is made of says nothing."""
    return "the expression" if x.name is None and x.owner is not None else str(x)


def compared(x: object, other: object) -> TypeError:
    """The error for `x == other` where the other is no variable."""
    return TypeError(
        f"== and != ask whether {named(x)} is the same variable, and {other!r:.60} is "
        "none; its value is"
        " not known yet. Compare elements with T.eq(x, y) and T.neq(x, y), choose by them with"
        " T.switch or ifelse, check them when it runs with lltheano.tensor.opt.Assert"
    )


def _has_value(other: object) -> bool:
    """Whether it is a number, an array, or a list of numbers and variables."""
    if isinstance(other, list | tuple):
        return bool(other) and all(
            isinstance(one, TensorOperators) or _has_value(one) for one in other
        )
    return isinstance(other, numbers.Number | np.ndarray | np.generic)


def _unless_sparse(operator: Operator) -> Operator:
    """An operator that leaves what it does with a sparse matrix to that."""

    @functools.wraps(operator)
    def applied(self: Any, other: Any) -> Any:
        if isinstance(other, Variable) and isinstance(other.type, CompoundType):
            return NotImplemented
        return operator(self, other)

    return cast(Operator, applied)


@guard_methods
class TensorOperators(Variable):
    """Operators and methods."""

    ndim: int

    def __eq__(self, other: object) -> bool:
        if self is not other and config.variables_as_values == "raise" and _has_value(other):
            raise compared(self, other)
        return self is other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        is_condition = self.owner is not None and getattr(self.type, "dtype", None) == "bool"
        if config.variables_as_values == "object" and not is_condition:
            return True  # as any object: programs ask so whether there is a variable, or None
        raise TypeError(
            f"{named(self)} has no value yet, so it is neither true nor false; use T.switch "
            "or ifelse"
            " instead of if, T.and_ and T.or_ instead of `and` and `or`, and note that a chain such"
            " as 0 < x < 1 is two comparisons"
        )

    def __len__(self) -> int:
        raise TypeError(
            f"the size of {named(self)} is not known yet; use .shape[0], which is symbolic"
        )

    def __contains__(self, item: object) -> bool:
        raise TypeError(
            f"the elements of {named(self)} are not known yet, so `in` cannot look through "
            "them; use"
            " T.any(T.eq(x, item)), which is symbolic"
        )

    def __index__(self) -> int:
        raise TypeError(
            f"{named(self)} has no value yet, so it is no Python int. For range(n) there is "
            "T.arange(n),"
            " for a shape T.zeros((n, m)), for an index into an array T.constant(array)[i]; for a"
            " value use x.eval({...})"
        )

    def __float__(self) -> float:
        raise TypeError(
            f"{named(self)} has no value yet, so it is no Python number. Use the function "
            "of T for that of"
            " math, and x.astype(dtype) to convert it; for a value use x.eval({...})"
        )

    __int__ = __index__
    __complex__ = __float__

    def __format__(self, specification: str) -> str:
        if specification:
            raise TypeError(
                f"{named(self)} has no value yet, so it cannot be written as {specification!r}; use"
                " lltheano.printing.Print, or x.eval({...})"
            )
        return str(self)

    def __pos__(self) -> "TensorVariable":
        return language.tensor_copy(self)

    def __neg__(self) -> "TensorVariable":
        return language.neg(self)

    def __abs__(self) -> "TensorVariable":
        return language.abs_(self)

    def __invert__(self) -> "TensorVariable":
        return language.invert(self)

    @_unless_sparse
    def __add__(self, other: Any) -> "TensorVariable":
        return language.add(self, other)

    def __radd__(self, other: Any) -> "TensorVariable":
        return language.add(other, self)

    @_unless_sparse
    def __sub__(self, other: Any) -> "TensorVariable":
        return language.sub(self, other)

    def __rsub__(self, other: Any) -> "TensorVariable":
        return language.sub(other, self)

    @_unless_sparse
    def __mul__(self, other: Any) -> "TensorVariable":
        return language.mul(self, other)

    def __rmul__(self, other: Any) -> "TensorVariable":
        return language.mul(other, self)

    @_unless_sparse
    def __truediv__(self, other: Any) -> "TensorVariable":
        return language.true_div(self, other)

    def __rtruediv__(self, other: Any) -> "TensorVariable":
        return language.true_div(other, self)

    # What Python 2 called for `/`; programs of that time call it by name.
    __div__ = __truediv__
    __rdiv__ = __rtruediv__

    def __floordiv__(self, other: Any) -> "TensorVariable":
        return language.int_div(self, other)

    def __rfloordiv__(self, other: Any) -> "TensorVariable":
        return language.int_div(other, self)

    def __mod__(self, other: Any) -> "TensorVariable":
        return language.mod(self, other)

    def __rmod__(self, other: Any) -> "TensorVariable":
        return language.mod(other, self)

    def __divmod__(self, other: Any) -> "tuple[TensorVariable, TensorVariable]":
        return language.int_div(self, other), language.mod(self, other)

    def __rdivmod__(self, other: Any) -> "tuple[TensorVariable, TensorVariable]":
        return language.int_div(other, self), language.mod(other, self)

    def __ceil__(self) -> "TensorVariable":
        return language.ceil(self)

    def __floor__(self) -> "TensorVariable":
        return language.floor(self)

    def __trunc__(self) -> "TensorVariable":
        return language.trunc(self)

    def __pow__(self, other: Any) -> "TensorVariable":
        return language.pow(self, other)

    def __rpow__(self, other: Any) -> "TensorVariable":
        return language.pow(other, self)

    def __and__(self, other: Any) -> "TensorVariable":
        return language.and_(self, other)

    def __rand__(self, other: Any) -> "TensorVariable":
        return language.and_(other, self)

    def __or__(self, other: Any) -> "TensorVariable":
        return language.or_(self, other)

    def __ror__(self, other: Any) -> "TensorVariable":
        return language.or_(other, self)

    def __xor__(self, other: Any) -> "TensorVariable":
        return language.xor(self, other)

    def __rxor__(self, other: Any) -> "TensorVariable":
        return language.xor(other, self)

    def __lshift__(self, other: Any) -> "TensorVariable":
        return language.left_shift(self, other)

    def __rshift__(self, other: Any) -> "TensorVariable":
        return language.right_shift(self, other)

    @_unless_sparse
    def __lt__(self, other: Any) -> "TensorVariable":
        return language.lt(self, other)

    @_unless_sparse
    def __le__(self, other: Any) -> "TensorVariable":
        return language.le(self, other)

    @_unless_sparse
    def __gt__(self, other: Any) -> "TensorVariable":
        return language.gt(self, other)

    @_unless_sparse
    def __ge__(self, other: Any) -> "TensorVariable":
        return language.ge(self, other)

    @_unless_sparse
    def __matmul__(self, other: Any) -> "TensorVariable":
        return language.matmul(self, other)

    def __rmatmul__(self, other: Any) -> "TensorVariable":
        return language.matmul(other, self)

    @_unless_sparse
    def __dot__(self, other: Any) -> "TensorVariable":
        return language.dot(self, other)

    def __rdot__(self, other: Any) -> "TensorVariable":
        return language.dot(other, self)

    def __getitem__(self, index: Any) -> "TensorVariable":
        return language.subtensor(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            f"{named(self)} stands for a value and cannot be written to; x[...].set(y) and "
            "x[...].inc(y),"
            " or T.set_subtensor(x[...], y) and T.inc_subtensor(x[...], y), return the changed"
            " tensor"
        )

    def __iter__(self) -> Iterator["TensorVariable"]:
        """Iterate over the elements of a vector whose length is known, such as a shape."""
        length: int = language.get_vector_length(self)
        return iter([self[position] for position in range(length)])

    @property
    def shape(self) -> "TensorVariable":
        """The sizes of the axes, an int64 vector."""
        return language.shape(self)

    @property
    def size(self) -> "TensorVariable":
        """The number of elements, an int64 scalar."""
        return language.size(self)

    @property
    def T(self) -> "TensorVariable":  # noqa: N802 - NumPy's name
        """The variable with its axes in reverse order."""
        return language.transpose(self)

    @property
    def mT(self) -> "TensorVariable":  # noqa: N802 - NumPy's name
        """The variable with its last two axes exchanged."""
        return language.matrix_transpose(self)

    def set(self, value: Any) -> "TensorVariable":
        """Of a part `x[...]`: return `x` with the part replaced; see `set_subtensor`."""
        return language.set_subtensor(self, value)

    def inc(self, value: Any) -> "TensorVariable":
        """Of a part `x[...]`: return `x` with the part increased; see `inc_subtensor`."""
        return language.inc_subtensor(self, value)

    @property
    def real(self) -> "TensorVariable":
        """The real part."""
        return language.real(self)

    @property
    def imag(self) -> "TensorVariable":
        """The imaginary part."""
        return language.imag(self)

    def astype(self, dtype: Any) -> "TensorVariable":
        """Convert the elements to `dtype`; see `cast`."""
        return language.cast(self, dtype)

    def dimshuffle(self, *pattern: Any) -> "TensorVariable":
        """Reorder, drop and add axes: positions of axes, and "x" for a new one of size 1."""
        if len(pattern) == 1 and isinstance(pattern[0], list | tuple):
            pattern = tuple(pattern[0])
        return language.dimshuffle(self, pattern)

    def reshape(self, shape: Any, ndim: int | None = None) -> "TensorVariable":
        """Give the elements other axes; see `reshape`."""
        return language.reshape(self, shape, ndim=ndim)

    def flatten(self, ndim: int = 1) -> "TensorVariable":
        """Merge the trailing axes so that `ndim` remain."""
        return language.flatten(self, ndim)

    def ravel(self) -> "TensorVariable":
        """Merge all axes into one."""
        return language.flatten(self, 1)

    def transpose(self, *axes: Any) -> "TensorVariable":
        """Put the axes in the given order, or reverse it."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], list | tuple)):
            return language.transpose(self, axes[0])
        return language.transpose(self, axes or None)

    def swapaxes(self, axis1: int, axis2: int) -> "TensorVariable":
        """Exchange two axes."""
        return language.swapaxes(self, axis1, axis2)

    def squeeze(self, axis: Any = None) -> "TensorVariable":
        """Drop the axes of static size 1, or those of `axis`; see `squeeze`."""
        return language.squeeze(self, axis)

    def copy(self, name: str | None = None) -> "TensorVariable":
        """Return the same value as a new variable."""
        result = language.tensor_copy(self)
        if name is not None:
            vars(result)["name"] = name
        return result

    def sum(
        self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
    ) -> "TensorVariable":
        """Add the elements along `axis`; see `sum`."""
        return language.sum(self, axis, dtype, keepdims, acc_dtype)

    def prod(
        self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
    ) -> "TensorVariable":
        """Multiply the elements along `axis`; see `prod`."""
        return language.prod(self, axis, dtype, keepdims, acc_dtype)

    def mean(
        self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
    ) -> "TensorVariable":
        """Average the elements along `axis`; see `mean`."""
        return language.mean(self, axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def var(
        self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
    ) -> "TensorVariable":
        """The variance along `axis`; see `var`."""
        return language.var(self, axis, ddof, keepdims, corrected)

    def std(
        self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
    ) -> "TensorVariable":
        """The standard deviation along `axis`; see `std`."""
        return language.std(self, axis, ddof, keepdims, corrected)

    def max(self, axis: Any = None, keepdims: bool = False) -> "TensorVariable":
        """The greatest element along `axis`."""
        return language.max(self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> "TensorVariable":
        """The least element along `axis`."""
        return language.min(self, axis, keepdims)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> "TensorVariable":
        """The position of the greatest element along `axis`."""
        return language.argmax(self, axis, keepdims)

    def argmin(self, axis: Any = None, keepdims: bool = False) -> "TensorVariable":
        """The position of the least element along `axis`."""
        return language.argmin(self, axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> "TensorVariable":
        """Whether an element along `axis` is not zero."""
        return language.any(self, axis, keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> "TensorVariable":
        """Whether no element along `axis` is zero."""
        return language.all(self, axis, keepdims)

    def nonzero(self, return_matrix: bool = False) -> Any:
        """The indices of the elements that are not zero; see `nonzero`."""
        return language.nonzero(self, return_matrix)

    def nonzero_values(self) -> "TensorVariable":
        """The elements that are not zero."""
        return language.nonzero_values(self)

    def sort(
        self, axis: int | None = -1, kind: str = "quicksort", order: Any = None
    ) -> "TensorVariable":
        """The elements along `axis` in ascending order; see `sort`."""
        return language.sort(self, axis, kind, order)

    def argsort(
        self, axis: int | None = -1, kind: str = "quicksort", order: Any = None
    ) -> "TensorVariable":
        """The indices that put the elements along `axis` in ascending order; see `argsort`."""
        return language.argsort(self, axis, kind, order)

    def cumsum(self, axis: int | None = None) -> "TensorVariable":
        """The sums of all elements up to each place; see `cumsum`."""
        return language.cumsum(self, axis)

    def compress(self, a: Any, axis: int | None = None) -> "TensorVariable":
        """The parts of `a` along `axis` for which the variable, a vector, is not zero."""
        return language.compress(self, a, axis)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> "TensorVariable":
        """Where the elements of `v` belong in the variable, a sorted vector; see `searchsorted`."""
        return language.searchsorted(self, v, side, sorter)

    def cumprod(self, axis: int | None = None) -> "TensorVariable":
        """The products of all elements up to each place; see `cumprod`."""
        return language.cumprod(self, axis)

    def norm(self, L: Any, axis: Any = None, keepdims: bool = False) -> "TensorVariable":  # noqa: N803
        """The L-norm along `axis`: (sum |x|^L)^(1/L)."""
        return language.norm(self, L, axis, keepdims)

    def ptp(self, axis: Any = None) -> "TensorVariable":
        """The distance of the greatest from the least element along `axis`."""
        return language.ptp(self, axis)

    def dot(left, right: Any) -> "TensorVariable":  # noqa: N805 - Theano's name
        """The dot product with `right`."""
        return language.dot(left, right)

    def diagonal(self, offset: Any = 0, axis1: int = 0, axis2: int = 1) -> "TensorVariable":
        """The elements with equal indices on two axes; see `diagonal`."""
        return language.diagonal(self, offset, axis1, axis2)

    def trace(self) -> "TensorVariable":
        """The sum of the elements on the diagonal of a matrix."""
        return language.trace(self)

    def clip(self, a_min: Any, a_max: Any) -> "TensorVariable":
        """Limit the elements to `a_min` ... `a_max`."""
        return language.clip(self, a_min, a_max)

    def round(self, mode: str | None = None) -> "TensorVariable":
        """Round to whole numbers; see `round`."""
        return language.round(self, mode)

    def trunc(self) -> "TensorVariable":
        """Drop the fractions."""
        return language.trunc(self)

    def conj(self) -> "TensorVariable":
        """The complex conjugate."""
        return language.conj(self)

    conjugate = conj

    def transfer(self, target: str) -> "TensorVariable":
        """The variable on a device: on "cpu", where everything is."""
        moved: TensorVariable = transfer(self, target)
        return moved

    def fill(self, value: Any) -> "TensorVariable":
        """Return a tensor of the same shape in which every element is `value`."""
        return language.fill(self, value)

    # Theano's signatures call these methods' variable the model.
    def zeros_like(model, dtype: Any = None) -> "TensorVariable":  # noqa: N805
        """Return zeros of the same shape, and of the same dtype unless one is named."""
        return language.zeros_like(model, dtype)

    def ones_like(model, dtype: Any = None) -> "TensorVariable":  # noqa: N805
        """Return ones of the same shape, and of the same dtype unless one is named."""
        return language.ones_like(model, dtype)

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> "TensorVariable":
        """The parts at `indices` of an axis, or of the flattened tensor."""
        return language.take(self, indices, axis, mode)

    def choose(self, choices: Any, out: None = None, mode: str = "raise") -> "TensorVariable":
        """For each element that of the choice which it numbers; see `choose`."""
        return language.choose(self, choices, out, mode)

    def repeat(self, repeats: Any, axis: int | None = None) -> "TensorVariable":
        """Repeat each element along an axis; see `repeat`."""
        return language.repeat(self, repeats, axis)

    def get_scalar_constant_value(self) -> Any:
        """The value, where it is known while the graph is built; NotScalarConstantError
        otherwise.
        """
        return language.get_scalar_constant_value(self)

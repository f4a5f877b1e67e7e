"""The Python operators and the methods of a tensor variable.

Each is the tensor function of the same name with the variable as its first argument; what it
computes is said there. `==` and `!=` are not among them: they compare identity, as for any object,
so that variables can be keys of dictionaries; the elementwise comparisons are `T.eq` and `T.neq`.
Of a number or an array, which a variable is never identical with, they are an error: the program
means its value.
"""

import numbers
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import numpy as np

from lltheano.dispatch import call
from lltheano.graph.boundary import guard_methods
from lltheano.tensor.variables.transfer import transfer

__all__ = ["TensorOperators", "compared", "named"]

V = TypeVar("V")


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


@guard_methods
class TensorOperators(Generic[V]):
    """Operators and methods; `V` is the class of their results."""

    ndim: int

    def __eq__(self, other: object) -> bool:
        if self is not other and _has_value(other):
            raise compared(self, other)
        return self is other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = object.__hash__

    def _call(self, name: str, *arguments: Any, **options: Any) -> V:
        result: V = call(name, self, *arguments, **options)
        return result

    def _swapped(self, name: str, left: Any) -> V:
        result: V = call(name, left, self)
        return result

    def __bool__(self) -> bool:
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

    def __pos__(self) -> V:
        return self._call("tensor_copy")

    def __neg__(self) -> V:
        return self._call("neg")

    def __abs__(self) -> V:
        return self._call("abs_")

    def __invert__(self) -> V:
        return self._call("invert")

    def __add__(self, other: Any) -> V:
        return self._call("add", other)

    def __radd__(self, other: Any) -> V:
        return self._swapped("add", other)

    def __sub__(self, other: Any) -> V:
        return self._call("sub", other)

    def __rsub__(self, other: Any) -> V:
        return self._swapped("sub", other)

    def __mul__(self, other: Any) -> V:
        return self._call("mul", other)

    def __rmul__(self, other: Any) -> V:
        return self._swapped("mul", other)

    def __truediv__(self, other: Any) -> V:
        return self._call("true_div", other)

    def __rtruediv__(self, other: Any) -> V:
        return self._swapped("true_div", other)

    # What Python 2 called for `/`; programs of that time call it by name.
    __div__ = __truediv__
    __rdiv__ = __rtruediv__

    def __floordiv__(self, other: Any) -> V:
        return self._call("int_div", other)

    def __rfloordiv__(self, other: Any) -> V:
        return self._swapped("int_div", other)

    def __mod__(self, other: Any) -> V:
        return self._call("mod", other)

    def __rmod__(self, other: Any) -> V:
        return self._swapped("mod", other)

    def __divmod__(self, other: Any) -> tuple[V, V]:
        return self._call("int_div", other), self._call("mod", other)

    def __rdivmod__(self, other: Any) -> tuple[V, V]:
        return self._swapped("int_div", other), self._swapped("mod", other)

    def __ceil__(self) -> V:
        return self._call("ceil")

    def __floor__(self) -> V:
        return self._call("floor")

    def __trunc__(self) -> V:
        return self._call("trunc")

    def __pow__(self, other: Any) -> V:
        return self._call("pow", other)

    def __rpow__(self, other: Any) -> V:
        return self._swapped("pow", other)

    def __and__(self, other: Any) -> V:
        return self._call("and_", other)

    def __rand__(self, other: Any) -> V:
        return self._swapped("and_", other)

    def __or__(self, other: Any) -> V:
        return self._call("or_", other)

    def __ror__(self, other: Any) -> V:
        return self._swapped("or_", other)

    def __xor__(self, other: Any) -> V:
        return self._call("xor", other)

    def __rxor__(self, other: Any) -> V:
        return self._swapped("xor", other)

    def __lshift__(self, other: Any) -> V:
        return self._call("left_shift", other)

    def __rshift__(self, other: Any) -> V:
        return self._call("right_shift", other)

    def __lt__(self, other: Any) -> V:
        return self._call("lt", other)

    def __le__(self, other: Any) -> V:
        return self._call("le", other)

    def __gt__(self, other: Any) -> V:
        return self._call("gt", other)

    def __ge__(self, other: Any) -> V:
        return self._call("ge", other)

    def __matmul__(self, other: Any) -> V:
        return self._call("matmul", other)

    def __rmatmul__(self, other: Any) -> V:
        return self._swapped("matmul", other)

    def __dot__(self, other: Any) -> V:
        return self._call("dot", other)

    def __rdot__(self, other: Any) -> V:
        return self._swapped("dot", other)

    def __getitem__(self, index: Any) -> V:
        return self._call("subtensor", index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            f"{named(self)} stands for a value and cannot be written to; x[...].set(y) and "
            "x[...].inc(y),"
            " or T.set_subtensor(x[...], y) and T.inc_subtensor(x[...], y), return the changed"
            " tensor"
        )

    def __iter__(self) -> Iterator[V]:
        """Iterate over the elements of a vector whose length is known, such as a shape."""
        length: int = call("get_vector_length", self)
        return iter([self[position] for position in range(length)])

    @property
    def shape(self) -> V:
        """The sizes of the axes, an int64 vector."""
        return self._call("shape")

    @property
    def size(self) -> V:
        """The number of elements, an int64 scalar."""
        return self._call("size")

    @property
    def T(self) -> V:  # noqa: N802 - NumPy's name
        """The variable with its axes in reverse order."""
        return self._call("transpose")

    @property
    def mT(self) -> V:  # noqa: N802 - NumPy's name
        """The variable with its last two axes exchanged."""
        return self._call("matrix_transpose")

    def set(self, value: Any) -> V:
        """Of a part `x[...]`: return `x` with the part replaced; see `set_subtensor`."""
        return self._call("set_subtensor", value)

    def inc(self, value: Any) -> V:
        """Of a part `x[...]`: return `x` with the part increased; see `inc_subtensor`."""
        return self._call("inc_subtensor", value)

    @property
    def real(self) -> V:
        """The real part."""
        return self._call("real")

    @property
    def imag(self) -> V:
        """The imaginary part."""
        return self._call("imag")

    def astype(self, dtype: Any) -> V:
        """Convert the elements to `dtype`; see `cast`."""
        return self._call("cast", dtype)

    def dimshuffle(self, *pattern: Any) -> V:
        """Reorder, drop and add axes: positions of axes, and "x" for a new one of size 1."""
        if len(pattern) == 1 and isinstance(pattern[0], list | tuple):
            pattern = tuple(pattern[0])
        return self._call("dimshuffle", pattern)

    def reshape(self, shape: Any, ndim: int | None = None) -> V:
        """Give the elements other axes; see `reshape`."""
        return self._call("reshape", shape, ndim=ndim)

    def flatten(self, ndim: int = 1) -> V:
        """Merge the trailing axes so that `ndim` remain."""
        return self._call("flatten", ndim)

    def ravel(self) -> V:
        """Merge all axes into one."""
        return self._call("flatten", 1)

    def transpose(self, *axes: Any) -> V:
        """Put the axes in the given order, or reverse it."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], list | tuple)):
            return self._call("transpose", axes[0])
        return self._call("transpose", axes or None)

    def swapaxes(self, axis1: int, axis2: int) -> V:
        """Exchange two axes."""
        return self._call("swapaxes", axis1, axis2)

    def squeeze(self, axis: Any = None) -> V:
        """Drop the axes of static size 1, or those of `axis`; see `squeeze`."""
        return self._call("squeeze", axis)

    def copy(self, name: str | None = None) -> V:
        """Return the same value as a new variable."""
        result = self._call("tensor_copy")
        if name is not None:
            vars(result)["name"] = name
        return result

    def sum(
        self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
    ) -> V:
        """Add the elements along `axis`; see `sum`."""
        return self._call("sum", axis, dtype, keepdims, acc_dtype)

    def prod(
        self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
    ) -> V:
        """Multiply the elements along `axis`; see `prod`."""
        return self._call("prod", axis, dtype, keepdims, acc_dtype)

    def mean(
        self, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
    ) -> V:
        """Average the elements along `axis`; see `mean`."""
        return self._call("mean", axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)

    def var(
        self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
    ) -> V:
        """The variance along `axis`; see `var`."""
        return self._call("var", axis, ddof, keepdims, corrected)

    def std(
        self, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
    ) -> V:
        """The standard deviation along `axis`; see `std`."""
        return self._call("std", axis, ddof, keepdims, corrected)

    def max(self, axis: Any = None, keepdims: bool = False) -> V:
        """The greatest element along `axis`."""
        return self._call("max", axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> V:
        """The least element along `axis`."""
        return self._call("min", axis, keepdims)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> V:
        """The position of the greatest element along `axis`."""
        return self._call("argmax", axis, keepdims)

    def argmin(self, axis: Any = None, keepdims: bool = False) -> V:
        """The position of the least element along `axis`."""
        return self._call("argmin", axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> V:
        """Whether an element along `axis` is not zero."""
        return self._call("any", axis, keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> V:
        """Whether no element along `axis` is zero."""
        return self._call("all", axis, keepdims)

    def nonzero(self, return_matrix: bool = False) -> Any:
        """The indices of the elements that are not zero; see `nonzero`."""
        return self._call("nonzero", return_matrix)

    def nonzero_values(self) -> V:
        """The elements that are not zero."""
        return self._call("nonzero_values")

    def sort(self, axis: int | None = -1, kind: str = "quicksort", order: Any = None) -> V:
        """The elements along `axis` in ascending order; see `sort`."""
        return self._call("sort", axis, kind, order)

    def argsort(self, axis: int | None = -1, kind: str = "quicksort", order: Any = None) -> V:
        """The indices that put the elements along `axis` in ascending order; see `argsort`."""
        return self._call("argsort", axis, kind, order)

    def cumsum(self, axis: int | None = None) -> V:
        """The sums of all elements up to each place; see `cumsum`."""
        return self._call("cumsum", axis)

    def compress(self, a: Any, axis: int | None = None) -> V:
        """The parts of `a` along `axis` for which the variable, a vector, is not zero."""
        return self._call("compress", a, axis)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> V:
        """Where the elements of `v` belong in the variable, a sorted vector; see `searchsorted`."""
        return self._call("searchsorted", v, side, sorter)

    def cumprod(self, axis: int | None = None) -> V:
        """The products of all elements up to each place; see `cumprod`."""
        return self._call("cumprod", axis)

    def norm(self, L: Any, axis: Any = None, keepdims: bool = False) -> V:  # noqa: N803
        """The L-norm along `axis`: (sum |x|^L)^(1/L)."""
        return self._call("norm", L, axis, keepdims)

    def ptp(self, axis: Any = None) -> V:
        """The distance of the greatest from the least element along `axis`."""
        return self._call("ptp", axis)

    def dot(left, right: Any) -> V:  # noqa: N805 - Theano's name
        """The dot product with `right`."""
        return left._call("dot", right)

    def diagonal(self, offset: Any = 0, axis1: int = 0, axis2: int = 1) -> V:
        """The elements with equal indices on two axes; see `diagonal`."""
        return self._call("diagonal", offset, axis1, axis2)

    def trace(self) -> V:
        """The sum of the elements on the diagonal of a matrix."""
        return self._call("trace")

    def clip(self, a_min: Any, a_max: Any) -> V:
        """Limit the elements to `a_min` ... `a_max`."""
        return self._call("clip", a_min, a_max)

    def round(self, mode: str | None = None) -> V:
        """Round to whole numbers; see `round`."""
        return self._call("round", mode)

    def trunc(self) -> V:
        """Drop the fractions."""
        return self._call("trunc")

    def conj(self) -> V:
        """The complex conjugate."""
        return self._call("conj")

    conjugate = conj

    def transfer(self, target: str) -> V:
        """The variable on a device: on "cpu", where everything is."""
        moved: V = transfer(self, target)
        return moved

    def fill(self, value: Any) -> V:
        """Return a tensor of the same shape in which every element is `value`."""
        return self._call("fill", value)

    # Theano's signatures call these methods' variable the model.
    def zeros_like(model, dtype: Any = None) -> V:  # noqa: N805
        """Return zeros of the same shape, and of the same dtype unless one is named."""
        return model._call("zeros_like", dtype)

    def ones_like(model, dtype: Any = None) -> V:  # noqa: N805
        """Return ones of the same shape, and of the same dtype unless one is named."""
        return model._call("ones_like", dtype)

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> V:
        """The parts at `indices` of an axis, or of the flattened tensor."""
        return self._call("take", indices, axis, mode)

    def choose(self, choices: Any, out: None = None, mode: str = "raise") -> V:
        """For each element that of the choice which it numbers; see `choose`."""
        return self._call("choose", choices, out, mode)

    def repeat(self, repeats: Any, axis: int | None = None) -> V:
        """Repeat each element along an axis; see `repeat`."""
        return self._call("repeat", repeats, axis)

    def get_scalar_constant_value(self) -> Any:
        """The value, where it is known while the graph is built; NotScalarConstantError
        otherwise.
        """
        return call("get_scalar_constant_value", self)

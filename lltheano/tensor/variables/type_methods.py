"""What programs ask of a tensor type besides its values: comparison, memory, sizes, conversion."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lltheano.graph.core import Variable
from lltheano.interfaces.layers import language
from lltheano.tensor.variables.promotion import real_dtype

if TYPE_CHECKING:
    pass

__all__ = ["TypeMethods", "values_eq", "values_eq_approx"]

TOLERANCES = {"float16": (1e-2, 5e-3), "float32": (1e-5, 1e-5), "float64": (1e-5, 1e-8)}
"""The relative and the absolute error that `values_eq_approx` allows in each dtype."""


def values_eq(a: Any, b: Any, force_same_dtype: bool = True) -> bool:
    """Whether two arrays have the same shape, dtype (unless told otherwise) and elements; NaN
    equals NaN.

    >>> values_eq(np.array([1.0, np.nan]), np.array([1.0, np.nan]))
    True
    """
    first, second = np.asarray(a), np.asarray(b)
    if first.shape != second.shape or (force_same_dtype and first.dtype != second.dtype):
        return False
    return bool(np.array_equal(first, second, equal_nan=_has_nan(first) and _has_nan(second)))


def _has_nan(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "fc" and bool(np.isnan(array).any())


def values_eq_approx(
    a: Any,
    b: Any,
    allow_remove_inf: bool = False,
    allow_remove_nan: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
) -> bool:
    """Whether two arrays have the same shape and dtype, and elements that are close.

    Floats may differ by `atol + rtol * |b|`: relatively 1e-5 and absolutely 1e-8, or in float32
    1e-5, in float16 1e-2 and 5e-3, unless named; NaN and infinities are equal to themselves. With
    `allow_remove_inf`, where `a` is infinite anything will do; with `allow_remove_nan` where it is
    NaN.

    >>> values_eq_approx(np.array([1.0]), np.array([1.0 + 1e-9]))
    True
    >>> values_eq_approx(np.array([np.nan]), np.array([1.0]), allow_remove_nan=True)
    True
    """
    first, second = np.asarray(a), np.asarray(b)
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if first.dtype.kind not in "fc":
        return bool(np.array_equal(first, second))
    relative, absolute = TOLERANCES[real_dtype(first.dtype.name)]
    relative = relative if rtol is None else rtol
    absolute = absolute if atol is None else atol
    close = np.isclose(first, second, rtol=relative, atol=absolute, equal_nan=True)
    if allow_remove_inf:
        close |= np.isinf(first)
    if allow_remove_nan:
        close |= np.isnan(first)
    return bool(close.all())


class TypeMethods:
    """Methods of `TensorType`."""

    values_eq = staticmethod(values_eq)
    values_eq_approx = staticmethod(values_eq_approx)
    context_name = "cpu"
    filter_checks_isfinite = False

    def value_zeros(self: Any, shape: Sequence[int] | int) -> NDArray[Any]:
        """Return an array of zeros of the type's dtype.

        >>> import lltheano.tensor as T
        >>> T.dmatrix.value_zeros((1, 2))
        array([[0., 0.]])
        """
        return np.zeros(shape, dtype=self.dtype)

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Whether two arrays may overlap in memory; what is no array does not.

        >>> x = np.zeros(3)
        >>> TypeMethods.may_share_memory(x, x[1:]), TypeMethods.may_share_memory(x, 1)
        (True, False)
        """
        both = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
        return bool(both and np.may_share_memory(a, b))

    def filter_variable(self: Any, other: Any, allow_convert: bool = True) -> Variable:
        """Return `other` as a variable of this type, under its broadcast pattern if
        `allow_convert`; TypeError when it cannot be.

        >>> import lltheano.tensor as T
        >>> T.dcol.filter_variable(T.dmatrix("m")).broadcastable
        (False, True)
        """
        if not isinstance(other, Variable):
            made: Variable = self.make_constant(other)
            return made
        if other.type == self:
            return other
        converted = self.convert_variable(other) if allow_convert else None
        if converted is None or converted.type != self:
            raise TypeError(f"{other.describe()} is not, and cannot become, {self!r}")
        result: Variable = converted
        return result

    def convert_variable(self: Any, var: Any) -> Variable | None:
        """Return a variable that differs from this type in its broadcast pattern as one of this
        type; None when it differs in more.

        >>> import lltheano.tensor as T
        >>> T.drow.convert_variable(T.dmatrix("m")).broadcastable
        (True, False)
        >>> T.drow.convert_variable(T.fmatrix())
        """
        kind = var.type
        if kind == self:
            result: Variable = var
            return result
        fits = isinstance(kind, TypeMethods) and kind.dtype == self.dtype and kind.ndim == self.ndim  # type: ignore[attr-defined]
        return language.patternbroadcast(var, self.broadcastable) if fits else None

    def is_super(self: Any, otype: Any) -> bool:
        """Whether every value of another type is one of this.

        >>> import lltheano.tensor as T
        >>> T.dmatrix.is_super(T.drow), T.drow.is_super(T.dmatrix)
        (True, False)
        """
        if not isinstance(otype, type(self)) or otype.dtype != self.dtype:
            return False
        pairs = zip(self.broadcastable, otype.broadcastable, strict=False)
        return otype.ndim == self.ndim and all(not own or other for own, other in pairs)

    def get_shape_info(self, obj: Any) -> tuple[int, ...]:
        """Return what `get_size` asks of a value: its shape.

        >>> import lltheano.tensor as T
        >>> T.dmatrix.get_shape_info(np.zeros((2, 3)))
        (2, 3)
        """
        return tuple(obj.shape)

    def get_size(self: Any, shape_info: Sequence[int]) -> int:
        """Return the number of bytes of a value of a shape.

        >>> import lltheano.tensor as T
        >>> T.dmatrix.get_size((2, 3))
        48
        """
        return int(np.prod(shape_info, dtype=np.int64)) * int(np.dtype(self.dtype).itemsize)

"""Tensors as variables: their type, the variables and the constants.

A `TensorType` fixes the dtype and the broadcast pattern, not the sizes. An axis that is
`broadcastable` has size 1 and is repeated against others; any other axis has a size that is known
when the function runs.
"""

import hashlib
import warnings
from collections.abc import Iterable
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from lltheano.config import config
from lltheano.graph.core import Constant, Type, Variable
from lltheano.tensor.variables.numpy_methods import NumpyProtocol
from lltheano.tensor.variables.promotion import canonical_dtype, upcast
from lltheano.tensor.variables.type_methods import TypeMethods
from lltheano_ir.nodes import MAX_RANK

__all__ = ["TensorConstant", "TensorType", "TensorVariable", "is_tensor"]

_PATTERN_NAMES = {
    (): "scalar",
    (False,): "vector",
    (False, False): "matrix",
    (True, False): "row",
    (False, True): "col",
}


class TensorType(TypeMethods, Type):
    """The type of tensors of one dtype and one broadcast pattern.

    Parameters
    ----------
    dtype
        A dtype's name, a NumPy dtype, or "floatX".
    broadcastable
        For each axis whether its size is 1 and it broadcasts.
    name
        What listings call the type.
    sparse_grad
        Kept for Theano's signature: gradients are dense.

    Examples
    --------
    >>> TensorType("float32", (False, True))
    TensorType(float32, col)
    >>> TensorType("int64", (False,) * 3)("counts")
    counts
    """

    def __init__(
        self,
        dtype: Any,
        broadcastable: Iterable[Any],
        name: str | None = None,
        sparse_grad: bool = False,
    ) -> None:
        self.dtype = canonical_dtype(dtype)
        self.broadcastable = tuple(bool(is_broadcastable) for is_broadcastable in broadcastable)
        if len(self.broadcastable) > MAX_RANK:
            raise ValueError(
                f"a tensor has at most {MAX_RANK} axes; got a broadcast pattern for"
                f" {len(self.broadcastable)}"
            )
        self.numpy_dtype: np.dtype[Any] = np.dtype(self.dtype)
        self.name = name

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.broadcastable)

    def make_variable(self, name: str | None = None) -> "TensorVariable":
        """Return a new leaf of this type."""
        if self.dtype == "float64" and config.warn_float64 != "ignore":
            _complain_of_float64()
        return TensorVariable(self, name=name)

    def make_constant(self, data: Any, name: str | None = None) -> "TensorConstant":
        """Return a constant of this type; TypeError when `data` is not a value of it."""
        return TensorConstant(self, data, name)

    def __call__(self, name: str | None = None) -> "TensorVariable":
        """Return a new leaf of this type."""
        return self.make_variable(name)

    def clone(self, dtype: Any = None, broadcastable: Iterable[Any] | None = None) -> "TensorType":
        """Return the type with another dtype or pattern."""
        return TensorType(
            self.dtype if dtype is None else dtype,
            self.broadcastable if broadcastable is None else broadcastable,
        )

    def filter(
        self, data: Any, strict: bool = False, allow_downcast: bool | None = None
    ) -> NDArray[Any]:
        """Return `data` as an array of this type, without a copy where none is needed.

        TypeError when it has another rank, has a size other than 1 on a broadcastable axis, or
        would lose precision. Python numbers and lists may be converted when every element keeps
        its value.
        """
        if strict and not (isinstance(data, np.ndarray) and data.dtype == self.numpy_dtype):
            raise TypeError(f"expected an array of dtype {self.dtype}, got {_summary(data)}")
        array = self._converted(data, allow_downcast)
        if array.ndim != self.ndim:
            raise TypeError(f"expected {self.ndim} axes for {self!r}, got {_summary(array)}")
        for axis, (is_broadcastable, size) in enumerate(
            zip(self.broadcastable, array.shape, strict=True)
        ):
            if is_broadcastable and size != 1:
                raise TypeError(f"axis {axis} of {self!r} has size 1, got {_summary(array)}")
        return array

    def _converted(self, data: Any, allow_downcast: bool | None) -> NDArray[Any]:
        if isinstance(data, Variable):
            raise TypeError(f"expected a value, got the symbolic variable {data.describe()}")
        array = _as_array(data)
        if array.dtype == self.numpy_dtype:
            return array
        if array.dtype.kind not in "biufc":
            raise TypeError(self._refusal(data, array))
        if allow_downcast and array.dtype.kind == "c" and self.numpy_dtype.kind != "c":
            raise TypeError(f"a complex number has no value in {self.dtype}; take its real part")
        if allow_downcast or self._is_safe(data, array, allow_downcast):
            with np.errstate(all="ignore"):
                return array.astype(self.numpy_dtype)
        raise TypeError(self._refusal(data, array))

    def _refusal(self, data: Any, array: NDArray[Any]) -> str:
        """Why `data`, which is `array` to NumPy, is no value of this type."""
        if isinstance(data, int | np.integer) and self.numpy_dtype.kind in "iu":
            limits = np.iinfo(self.numpy_dtype)
            return f"{data} does not fit in {self.dtype}, which holds {limits.min} to {limits.max}"
        if isinstance(data, int) and array.dtype.kind == "O":
            return f"{data!r:.60} does not fit in any integer dtype; write it as a float"
        if array.dtype.kind not in "biufc":
            return f"expected numbers, got {_summary(array)}"
        return (
            f"{_summary(array if array.ndim else data)} would lose precision as {self.dtype};"
            " convert it yourself, or pass allow_downcast=True (allow_input_downcast=True for a"
            " function)"
        )

    def _is_safe(self, data: Any, array: NDArray[Any], allow_downcast: bool | None) -> bool:
        if array.dtype.newbyteorder("=") == self.numpy_dtype:
            return True
        if upcast(self.dtype, array.dtype.newbyteorder("=").name) == self.dtype:
            return True
        if allow_downcast is None and type(data) is float and self.dtype == config.floatX:
            return True
        loses_imaginary_part = array.dtype.kind == "c" and self.numpy_dtype.kind != "c"
        if isinstance(data, np.ndarray) or loses_imaginary_part:
            return False
        with np.errstate(all="ignore"):
            return bool(
                np.array_equal(array.astype(self.numpy_dtype), array, equal_nan=_has_nan(array))
            )

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.dtype, self.broadcastable, self.name))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TensorType)
            and type(self) is type(other)
            and self.dtype == other.dtype
            and self.broadcastable == other.broadcastable
        )

    def __hash__(self) -> int:
        return hash((type(self), self.dtype, self.broadcastable))

    def __repr__(self) -> str:
        if self.name is not None:
            return self.name
        pattern = _PATTERN_NAMES.get(self.broadcastable)
        if pattern is None:
            anywhere = any(self.broadcastable)
            pattern = str(self.broadcastable) if anywhere else f"{self.ndim}D"
        return f"TensorType({self.dtype}, {pattern})"


def _as_array(data: Any) -> NDArray[Any]:
    try:
        return np.asarray(data)
    except ValueError as error:
        raise TypeError(f"expected numbers, got {data!r:.60}: {error}") from None


def _has_nan(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "fc" and bool(np.isnan(array).any())


def _summary(data: Any) -> str:
    if isinstance(data, np.ndarray):
        return f"{data.dtype} of shape {data.shape}"
    return f"{data!r:.60} of type {type(data).__name__}"


def _complain_of_float64() -> None:
    message = "a float64 tensor was made while config.warn_float64 is set"
    if config.warn_float64 == "raise":
        raise TypeError(message)
    if config.warn_float64 == "pdb":
        breakpoint()
    warnings.warn(message, stacklevel=4)


class _Plain(type):
    """The metaclass of `TensorVariable`, which says what its instances are to programs."""

    def __instancecheck__(cls, instance: object) -> bool:
        """Not what only shares the implementation: a constant, or a shared variable."""
        found = super().__instancecheck__(instance)
        return found and (cls is not TensorVariable or instance._is_plain)  # type: ignore[attr-defined]


class TensorVariable(NumpyProtocol, metaclass=_Plain):
    """A variable whose values are tensors; arithmetic on it builds the graph.

    As in Theano `isinstance` tells these from constants and shared variables, though to type
    checkers they are all of this class; `is_tensor` holds of each of them.

    >>> x = TensorType("float64", (False, False))("x")
    >>> x.dtype, x.ndim, (x.T + 1).type
    ('float64', 2, TensorType(float64, matrix))
    """

    type: TensorType
    _is_plain = True

    __hash__ = Variable.__hash__

    @property
    def dtype(self) -> str:
        """The name of the dtype of the elements."""
        return self.type.dtype

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """For each axis whether its size is 1 and it broadcasts."""
        return self.type.broadcastable

    @property
    def ndim(self) -> int:  # type: ignore[override]
        """The number of axes."""
        return len(self.type.broadcastable)


def is_tensor(x: object) -> TypeGuard[TensorVariable]:
    """Whether it is a variable, a constant or a shared variable whose values are tensors.

    >>> is_tensor(TensorType("float64", ()).make_constant(1.0)), is_tensor(1.0)
    (True, False)
    """
    return isinstance(x, NumpyProtocol)


class TensorConstant(TensorVariable, Constant):
    """A tensor whose value is known while the graph is built; `data` is read-only.

    >>> TensorType("float64", (False,)).make_constant([1.0, 2.0]).data
    array([1., 2.])
    """

    _is_plain = False

    def __init__(self, type: TensorType, data: Any, name: str | None = None) -> None:  # noqa: A002
        Variable.__init__(self, type, name=name)
        value = type.filter(data)
        self.data: NDArray[Any] = _frozen(value)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.data.setflags(write=False)

    def signature(self) -> tuple[Any, ...]:
        """Return a key that two constants share exactly when they hold the same value."""
        digest = hashlib.blake2b(self.data.tobytes(), digest_size=16).digest()
        return (self.type, self.data.shape, digest)

    @property
    def value(self) -> NDArray[Any]:
        """The value."""
        return self.data

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.data.size > 4:
            return f"TensorConstant{{{self.dtype} of shape {self.data.shape}}}"
        return f"TensorConstant{{{np.array2string(self.data, separator=', ')}}}"


def _frozen(value: NDArray[Any]) -> NDArray[Any]:
    copy = np.array(value, dtype=value.dtype.newbyteorder("="), order="C", copy=True)
    copy.setflags(write=False)
    return copy

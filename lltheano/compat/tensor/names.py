"""Functions and values of `theano.tensor` that only Theano's programs use."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.compat.scalars import int_or_true_div
from lltheano.errors import EmptyConstantError, NotScalarConstantError
from lltheano.graph import Type
from lltheano.scalar import constant as scalar_constant
from lltheano.tensor import get_scalar_constant_value, int_div, mod, true_div
from lltheano.tensor.indexing.functions import subtensor
from lltheano.tensor.reducers.ops import axes_of, keep_axes
from lltheano.tensor.shapes.sizes import as_sizes, is_known_one
from lltheano.tensor.shapes.symbolic_axes import is_none
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import (
    COMPLEX_DTYPES,
    FLOAT_DTYPES,
    SIGNED_DTYPES,
    UNSIGNED_DTYPES,
    is_discrete,
)
from lltheano.tensor.variables.type_methods import values_eq_approx
from lltheano.tensor.variables.variable import TensorVariable

__all__ = [
    "AdvancedBooleanIndexingError",
    "AdvancedIndexingError",
    "TensorConstantSignature",
    "adv_index_broadcastable_pattern",
    "alloc_validate_shape",
    "check_advanced_indexing_dimensions",
    "check_and_normalize_axes",
    "check_and_reject_bool",
    "check_equal_numpy",
    "constructor",
    "continuous_dtypes",
    "div_proxy",
    "divmod",
    "extract_constant",
    "floor_div",
    "get_idx_list",
    "int_dtypes",
    "is_flat",
    "key_to_cmp",
    "makeKeepDims",
    "make_constant",
    "mod_check",
    "numpy_scalar",
    "uint_dtypes",
    "values_eq_approx_always_true",
    "values_eq_approx_remove_inf",
    "values_eq_approx_remove_inf_nan",
    "values_eq_approx_remove_nan",
]

int_dtypes = list(SIGNED_DTYPES)
uint_dtypes = list(UNSIGNED_DTYPES)
continuous_dtypes = [*FLOAT_DTYPES, *COMPLEX_DTYPES]
floor_div = int_div


class AdvancedIndexingError(TypeError):
    """An index of the basic kind was wanted, and there is an array in it."""


class AdvancedBooleanIndexingError(TypeError):
    """An index of the basic kind was wanted, and there is a mask in it."""


class TensorConstantSignature(tuple[Any, Any]):
    """A type and an array as a key, equal to another of the same elements, NaN included.

    >>> TensorConstantSignature(("int8", np.array([1]))) == TensorConstantSignature(
    ...     ("int8", np.array([1])))
    True
    """

    __slots__ = ()

    def _key(self) -> tuple[Any, ...]:
        kind, data = self
        array = np.asarray(data)
        return (kind, array.dtype, array.shape, array.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorConstantSignature) and self._key() == other._key()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._key())


def div_proxy(x: Any, y: Any) -> TensorVariable:
    """Return the quotient: rounded down of integers, unless `config.int_division` says otherwise.

    >>> div_proxy([7], 2).eval(), div_proxy([7.0], 2).eval()
    (array([3]), array([3.5]))
    """
    first, second = as_tensor_variable(x), as_tensor_variable(y)
    discrete = [is_discrete(one.dtype) for one in (first, second)]
    down = int_or_true_div(*discrete).elementwise is int_div
    return (int_div if down else true_div)(first, second)


def mod_check(x: Any, y: Any) -> TensorVariable:
    """Return the remainder; ComplexError, a TypeError, for complex numbers.

    >>> mod_check([7], 4).eval()
    array([3])
    """
    return mod(x, y)


def divmod(x: Any, y: Any) -> tuple[TensorVariable, TensorVariable]:  # noqa: A001 - Theano's name
    """Return the quotient rounded down, and the remainder.

    >>> [one.eval() for one in divmod([7], 4)]
    [array([1]), array([3])]
    """
    return int_div(x, y), mod(x, y)


def extract_constant(x: Any, elemwise: bool = True, only_process_constants: bool = False) -> Any:
    """Return the one value of `x` where `get_scalar_constant_value` finds it, else `x`.

    >>> import lltheano.tensor as T
    >>> int(extract_constant(T.constant(3))), extract_constant(T.lscalar("n"))
    (3, n)
    """
    try:
        return get_scalar_constant_value(x, elemwise, only_process_constants)
    except NotScalarConstantError:
        return x


def numpy_scalar(data: Any) -> Any:
    """Return an array of one number as it is.

    NotScalarConstantError when it holds several or no number; EmptyConstantError, which is one,
    when it has no elements.

    >>> numpy_scalar(np.array(2.5))
    array(2.5)
    """
    array = np.asarray(data)
    if not array.size:
        raise EmptyConstantError("there are no elements, so there is no value")
    if array.size > 1 or array.dtype.kind not in "biufc":
        raise NotScalarConstantError(f"{data!r:.60} is not one number")
    return data


def is_flat(var: Any, ndim: int | None = None, outdim: int | None = None) -> bool:
    """Whether a variable has `ndim` axes, 1 unless given; `outdim` is an older name of that.

    >>> import lltheano.tensor as T
    >>> is_flat(T.dvector()), is_flat(T.dmatrix())
    (True, False)
    """
    wanted = next((one for one in (ndim, outdim) if one is not None), 1)
    return bool(as_tensor_variable(var).ndim == wanted)


def makeKeepDims(x: Any, y: Any, axis: Any) -> TensorVariable:  # noqa: N802 - Theano's name
    """Return `y`, a reduction of `x` along `axis`, with these axes put back, of size 1.

    >>> import lltheano.tensor as T
    >>> makeKeepDims([[1, 2]], T.sum([[1, 2]], axis=1), 1).eval()
    array([[3]])
    """
    return keep_axes(y, axes_of(as_tensor_variable(x), axis))


def check_and_normalize_axes(x: Any, axis: Any) -> list[int]:
    """Return the axes that an `axis` argument names, ascending; none for None.

    >>> import lltheano.tensor as T
    >>> check_and_normalize_axes(T.dmatrix(), -1), check_and_normalize_axes(T.dmatrix(), None)
    ([1], [])
    """
    return [] if is_none(axis) else list(axes_of(as_tensor_variable(x), axis))


def alloc_validate_shape(shape: Any) -> tuple[list[TensorVariable], list[bool]]:
    """Return sizes as variables, and for each whether it is known to be 1.

    >>> alloc_validate_shape((1, 2))
    ([TensorConstant{1}, TensorConstant{2}], [True, False])
    """
    sizes = as_sizes(shape)
    return sizes, [is_known_one(size) for size in sizes]


def adv_index_broadcastable_pattern(a: Any, idx: Any) -> tuple[bool, ...]:
    """Return the broadcast pattern of `a[idx]`.

    >>> import lltheano.tensor as T
    >>> adv_index_broadcastable_pattern(T.dmatrix(), (None, [0, 1]))
    (True, False, False)
    """
    return subtensor(a, idx).broadcastable


def check_advanced_indexing_dimensions(input: Any, idx_list: Any) -> None:  # noqa: A002
    """Raise IndexError when an index has too many axes, or a mask another size than its axis.

    >>> import lltheano.tensor as T
    >>> check_advanced_indexing_dimensions(T.dvector(), [0, 0])
    Traceback (most recent call last):
    IndexError: ...
    """
    subtensor(input, tuple(idx_list))


def check_and_reject_bool(args_el: Any) -> None:
    """Raise TypeError for a Python or NumPy bool, or an array or variable of them.

    >>> check_and_reject_bool(True)
    Traceback (most recent call last):
    TypeError: a bool is not accepted as an index here, got True
    """
    dtype = getattr(args_el, "dtype", None)
    if isinstance(args_el, bool | np.bool_) or (dtype is not None and str(dtype) == "bool"):
        raise TypeError(f"a bool is not accepted as an index here, got {args_el!r:.60}")


def check_equal_numpy(x: Any, y: Any) -> bool:
    """Whether two values are equal; of arrays, dtype and shape too.

    >>> check_equal_numpy(np.zeros(2), np.zeros(2)), check_equal_numpy(np.zeros(2), np.zeros(3))
    (True, False)
    """
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return x.dtype == y.dtype and x.shape == y.shape and bool(np.all(x == y))
    if isinstance(x, np.random.RandomState) and isinstance(y, np.random.RandomState):
        states = zip(x.get_state(), y.get_state(), strict=True)
        return all(bool(np.all(one == other)) for one, other in states)
    return bool(x == y)


def constructor(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes tensors, which this marks as one for Theano's documentation.

    >>> constructor(abs) is abs
    True
    """
    return f


def key_to_cmp(key: Callable[[Any], Any]) -> Callable[[Any, Any], int]:
    """Return a comparison by keys: negative, 0 or positive, as Python 2 took for sorting.

    >>> key_to_cmp(len)("ab", "abc")
    -1
    """

    def compare(a: Any, b: Any) -> int:
        first, second = key(a), key(b)
        return int(first > second) - int(first < second)

    return compare


def make_constant(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return the entries of an index with integers as constants, those in slices too.

    >>> make_constant((1, slice(2, None)))[0].type
    Scalar(int64)
    """
    return tuple(_constant(argument) for argument in args)


def _constant(entry: Any) -> Any:
    if isinstance(entry, slice):
        return slice(*(_constant(one) for one in (entry.start, entry.stop, entry.step)))
    if isinstance(entry, int | np.integer) and not isinstance(entry, bool):
        return scalar_constant(int(entry), dtype="int64")
    return entry


def get_idx_list(inputs: Sequence[Any], idx_list: Sequence[Any], get_count: bool = False) -> Any:
    """Return an index with the inputs of an application in the places of types.

    `idx_list` has an entry for each axis: an integer, a type, or a slice of such; types stand for
    `inputs[1:]`, in order. With `get_count` it is how many of these are used.

    >>> import lltheano.tensor as T
    >>> x, i = T.dmatrix("x"), T.lscalar("i")
    >>> get_idx_list([x, i], [slice(0, T.lscalar), 3])
    (slice(0, i, None), 3)
    """
    rest = list(inputs[1:])
    count = len(rest)

    def filled(entry: Any) -> Any:
        if isinstance(entry, slice):
            return slice(filled(entry.start), filled(entry.stop), filled(entry.step))
        return rest.pop(0) if isinstance(entry, Type) else entry

    result = tuple(filled(one) for one in idx_list)
    return count - len(rest) if get_count else result


def values_eq_approx_remove_inf(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Compare as `TensorType.values_eq_approx`, with anything where `a` is infinite.

    >>> values_eq_approx_remove_inf(np.array([np.inf]), np.array([1.0]))
    True
    """
    return values_eq_approx(a, b, allow_remove_inf=True)


def values_eq_approx_remove_nan(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Compare as `TensorType.values_eq_approx`, with anything where `a` is NaN.

    >>> values_eq_approx_remove_nan(np.array([np.nan]), np.array([1.0]))
    True
    """
    return values_eq_approx(a, b, allow_remove_nan=True)


def values_eq_approx_remove_inf_nan(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Compare as `TensorType.values_eq_approx`, with anything where `a` is infinite or NaN.

    >>> values_eq_approx_remove_inf_nan(np.array([np.nan, np.inf]), np.zeros(2))
    True
    """
    return values_eq_approx(a, b, allow_remove_inf=True, allow_remove_nan=True)


def values_eq_approx_always_true(a: Any, b: Any) -> bool:
    """Return True, for values that cannot be compared.

    >>> values_eq_approx_always_true(1, 2)
    True
    """
    return True

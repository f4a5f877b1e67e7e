"""Which dtype a computation has: Theano's rules, all in this module.

`docs/promotion.md` has them for every op and pair of dtypes, and says where NumPy differs.

============================  =====================================================================
operands                      dtype
============================  =====================================================================
two of dtypes a, b            NumPy's promotion of a and b: int32 + float32 is float64
Python int                    the least of int8, int16, int32, int64 (then uint64) that holds it
Python float                  floatX when that is below float64; else float32 where exact, or
float64 Python complex                complex128
bool under + - * and sums     not promoted to int by + and * (they are "or" and "and"); no - on bool
comparisons                   bool; uint64 with signed integers exactly
int / int                     floatX; with a float operand NumPy's promotion
exp, sin, ... of integers     8 and 16 bits (and bool) float32, 32 and 64 bits float64
sum, prod                     bool and signed int64, unsigned uint64, others as they are
mean                          integers float64, others as they are
============================  =====================================================================

`cast_policy=numpy+floatX` differs: Python ints are int64, Python floats floatX, and a float64 that
arises from promotion alone becomes floatX.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano.config import config

__all__ = [
    "COMPLEX_DTYPES",
    "DISCRETE_DTYPES",
    "DTYPES",
    "FLOAT_DTYPES",
    "INTEGER_DTYPES",
    "autocast",
    "canonical_dtype",
    "comparison_dtypes",
    "division_dtype",
    "is_complex",
    "is_continuous",
    "is_discrete",
    "is_float",
    "range_dtype",
    "real_dtype",
    "sum_accumulator",
    "sum_dtype",
    "upcast",
    "upgrade_to_float",
]

SIGNED_DTYPES = ("int8", "int16", "int32", "int64")
UNSIGNED_DTYPES = ("uint8", "uint16", "uint32", "uint64")
INTEGER_DTYPES = SIGNED_DTYPES + UNSIGNED_DTYPES
DISCRETE_DTYPES = ("bool", *INTEGER_DTYPES)
FLOAT_DTYPES = ("float16", "float32", "float64")
COMPLEX_DTYPES = ("complex64", "complex128")
DTYPES = DISCRETE_DTYPES + FLOAT_DTYPES + COMPLEX_DTYPES
_KNOWN = frozenset(DTYPES)

_FLOAT_OF_INTEGER = {
    "bool": "float32",
    "int8": "float32",
    "uint8": "float32",
    "int16": "float32",
    "uint16": "float32",
    "int32": "float64",
    "uint32": "float64",
    "int64": "float64",
    "uint64": "float64",
}


def canonical_dtype(dtype: Any) -> str:
    """Return the name of a dtype, given by name, as a NumPy dtype, or as "floatX".

    TypeError for a dtype that tensors cannot have.

    >>> canonical_dtype(np.int32), canonical_dtype("floatX")
    ('int32', 'float64')
    """
    if isinstance(dtype, str):
        if dtype in _KNOWN:
            return dtype
        if dtype == "floatX":
            return str(config.floatX)
    try:
        name = str(np.dtype(dtype).name)
    except TypeError:
        name = str(dtype)
    if name not in DTYPES:
        raise TypeError(f"tensors cannot have dtype {name!r}; they have {', '.join(DTYPES)}")
    return name


def is_discrete(dtype: str) -> bool:
    """Whether the dtype is bool or an integer."""
    return dtype in DISCRETE_DTYPES


def is_float(dtype: str) -> bool:
    """Whether the dtype is a real floating type."""
    return dtype in FLOAT_DTYPES


def is_complex(dtype: str) -> bool:
    """Whether the dtype is complex."""
    return dtype in COMPLEX_DTYPES


def is_continuous(dtype: str) -> bool:
    """Whether the dtype is floating, real or complex."""
    return is_float(dtype) or is_complex(dtype)


def upcast(*dtypes: str) -> str:
    """Return the dtype that holds the values of all the given ones.

    >>> upcast("int8", "int32"), upcast("int32", "float32"), upcast("int16", "float32")
    ('int32', 'float64', 'float32')
    """
    result = _promoted(*dtypes)
    arisen = result == "float64" and "float64" not in dtypes
    if arisen and config.cast_policy == "numpy+floatX":
        return str(config.floatX)
    return result


@functools.cache
def _promoted(*dtypes: str) -> str:
    """NumPy's promotion of some dtypes."""
    return str(np.result_type(*(np.dtype(dtype) for dtype in dtypes)).name)


def comparison_dtypes(*dtypes: str) -> list[str]:
    """Return the dtypes in which operands of these are compared: the one that holds them all.

    No integer holds uint64 and signed ones, and a float would round them: they stay as they are.

    >>> comparison_dtypes("int8", "float32"), comparison_dtypes("int8", "uint64")
    (['float32', 'float32'], ['int64', 'uint64'])
    """
    kinds = set(dtypes)
    if "uint64" in kinds and kinds & set(SIGNED_DTYPES) and all(map(is_discrete, dtypes)):
        return ["uint64" if dtype == "uint64" else "int64" for dtype in dtypes]
    return [upcast(*dtypes)] * len(dtypes)


def upgrade_to_float(*dtypes: str) -> str:
    """Return the dtype in which a function of the reals is computed on operands of these dtypes.

    >>> upgrade_to_float("int8"), upgrade_to_float("int32"), upgrade_to_float("float32")
    ('float32', 'float64', 'float32')
    """
    return upcast(*(_FLOAT_OF_INTEGER.get(dtype, dtype) for dtype in dtypes))


def division_dtype(*dtypes: str) -> str:
    """Return the dtype of `/`.

    >>> division_dtype("int8", "int32"), division_dtype("int8", "float32")
    ('float64', 'float32')
    """
    if all(is_discrete(dtype) for dtype in dtypes):
        return str(config.floatX)
    return upcast(*dtypes)


def real_dtype(dtype: str) -> str:
    """Return the dtype of the parts of a complex dtype; other dtypes as they are."""
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def sum_dtype(dtype: str) -> str:
    """Return the dtype of a sum or product of elements of `dtype`.

    >>> sum_dtype("bool"), sum_dtype("uint8"), sum_dtype("float32")
    ('int64', 'uint64', 'float32')
    """
    if dtype == "bool" or dtype in SIGNED_DTYPES:
        return "int64"
    return "uint64" if dtype in UNSIGNED_DTYPES else dtype


def sum_accumulator(input_dtype: str, result_dtype: str) -> str:
    """Return the dtype in which a sum or product is accumulated: the result's, float16 excepted."""
    if result_dtype == "float16":
        return "float32"
    return upcast(input_dtype, result_dtype) if is_discrete(result_dtype) else result_dtype


def range_dtype(*dtypes: str) -> str:
    """Return the dtype of an arange with bounds of these dtypes.

    >>> range_dtype("int8", "int32"), range_dtype("int8", "float32")
    ('int64', 'float32')
    """
    return sum_dtype(upcast(*dtypes))


def autocast(value: complex) -> np.ndarray[Any, Any]:
    """Return a Python number as an array without axes, of the dtype that it has in expressions.

    OverflowError for an integer that no dtype holds.

    >>> autocast(1).dtype, autocast(300).dtype, autocast(0.5).dtype, autocast(0.1).dtype
    (dtype('int8'), dtype('int16'), dtype('float32'), dtype('float64'))
    """
    if isinstance(value, bool):
        return np.asarray(value)
    if isinstance(value, int):
        return np.asarray(value, dtype=_integer_dtype(value))
    if isinstance(value, float):
        return np.asarray(value, dtype=_float_dtype(value))
    return np.asarray(value, dtype="complex128")


def _integer_dtype(value: int) -> str:
    candidates: Sequence[str] = (*SIGNED_DTYPES, "uint64")
    if config.cast_policy == "numpy+floatX":
        candidates = ("int64", "uint64")
    for dtype in candidates:
        limits = np.iinfo(dtype)
        if limits.min <= value <= limits.max:
            return dtype
    raise OverflowError(f"{value} does not fit in any integer dtype; write it as a float")


def _float_dtype(value: float) -> str:
    floatx = str(config.floatX)
    policy = str(config.autocast_float)
    if policy not in ("floatX", "smallest") and config.cast_policy != "numpy+floatX":
        return policy
    if policy == "floatX" or floatx != "float64" or config.cast_policy == "numpy+floatX":
        return floatx
    with np.errstate(over="ignore"):
        exact = np.isnan(value) or float(np.float32(value)) == value
    return "float32" if exact else "float64"

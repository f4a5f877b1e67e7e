"""Products of matrices and vectors: BLAS, with what it may do besides.

`gemm` is ``c = alpha op(a) op(b) + beta c``, where op exchanges the axes of a matrix or leaves it
as it is, and `gemv` the same with a vector in the place of b. What BLAS defines holds: where beta
is not given, or is 0, the old c is not looked at, and may hold anything; where alpha is 0, a and b
are not.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.routines.extents import Extent, size
from lltheano_ir.loops.routines.record import (
    Access,
    Arrays,
    Element,
    Factor,
    Flag,
    Matched,
    Parameter,
    Routine,
    Settings,
    Shape,
)
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.linalg.matrices import LIBRARY_DTYPES, multiplications

__all__ = ["PRODUCTS"]

_M, _N, _K = size("m"), size("n"), size("k")


def _read(name: str, *sizes: Extent) -> Parameter:
    return Parameter(name, Element.NUMBER, sizes, Access.READ, strided=True)


def _target(settings: Settings, name: str, *sizes: Extent) -> Parameter:
    """What the product is written to, or added to where `beta` is given."""
    access = Access.WRITE if settings["beta"] is None else Access.UPDATE
    return Parameter(name, Element.NUMBER, sizes, access)


def _exchanged(exchanged: bool, *sizes: Extent) -> tuple[Extent, ...]:
    return sizes[::-1] if exchanged else sizes


def _gemm_parameters(settings: Settings, number: DType) -> tuple[Parameter, ...]:
    return (
        _read("a", *_exchanged(settings["transpose_a"], _M, _K)),
        _read("b", *_exchanged(settings["transpose_b"], _K, _N)),
        _target(settings, "c", _M, _N),
    )


def _gemv_parameters(settings: Settings, number: DType) -> tuple[Parameter, ...]:
    matrix = _read("a", *_exchanged(settings["transpose"], _M, _N))
    return matrix, _read("x", _N), _target(settings, "y", _M)


def _ignored(settings: Settings, factors: str, target: str) -> frozenset[str]:
    """The operands that are multiplied by 0, of `factors` or the old target."""
    without = set[str]()
    if settings["alpha"] is not None and settings["alpha"] == 0:
        without.update(factors)
    if settings["beta"] is not None and settings["beta"] == 0:
        without.add(target)
    return frozenset(without)


def _gemm(inputs: Sequence[Array], shapes: Sequence[Shape], settings: Settings) -> Arrays:
    a, b, *old = inputs
    left = a.T if settings["transpose_a"] else a
    right = b.T if settings["transpose_b"] else b
    return (_combined(left, right, old, settings),)


def _gemv(inputs: Sequence[Array], shapes: Sequence[Shape], settings: Settings) -> Arrays:
    a, x, *old = inputs
    return (_combined(a.T if settings["transpose"] else a, x, old, settings),)


def _combined(left: Array, right: Array, old: Sequence[Array], settings: Settings) -> Array:
    alpha, beta = settings["alpha"], settings["beta"]
    with np.errstate(all="ignore"):
        total = np.matmul(left, right)
        if alpha is not None:
            total = np.zeros_like(total) if alpha == 0 else alpha * total
        if old and beta != 0:
            total = total + beta * old[0]
    return np.asarray(total, left.dtype)


def _require_apart(matched: Matched) -> None:
    """What is written must not be an operand as well."""
    *factors, (_, target) = matched
    for parameter, buffer in factors:
        if buffer == target:
            raise ValueError(f"%{target.name} is written while it is read as {parameter.name}")


def _products_of_matrices(shapes: Sequence[Shape]) -> int:
    (a, b), columns = shapes[:2], 1
    if len(b) == 2:
        # Whatever is exchanged, the products are the elements of a for each column of b.
        columns = max(b)
    return int(np.prod(a, dtype=np.int64)) * columns


def _dot(inputs: Sequence[Array], shapes: Sequence[Shape], settings: Settings) -> Arrays:
    with np.errstate(all="ignore"):
        return (np.asarray(np.matmul(*inputs)),)


_FACTORS = (Factor("alpha"), Factor("beta"))

PRODUCTS: Mapping[str, Routine] = {
    "gemm": Routine(
        "gemm",
        "c = alpha op(a) op(b) + beta c, where op exchanges the axes or does not",
        LIBRARY_DTYPES,
        _gemm_parameters,
        _gemm,
        attributes=(*_FACTORS, Flag("transpose_a"), Flag("transpose_b")),
        requires=_require_apart,
        unread=lambda settings: _ignored(settings, "ab", "c"),
        exact=False,
        work=_products_of_matrices,
        flops=2 * _M * _N * _K,
    ),
    "gemv": Routine(
        "gemv",
        "y = alpha op(a) x + beta y, where op exchanges the axes or does not",
        LIBRARY_DTYPES,
        _gemv_parameters,
        _gemv,
        attributes=(*_FACTORS, Flag("transpose")),
        requires=_require_apart,
        unread=lambda settings: _ignored(settings, "ax", "y"),
        exact=False,
        work=_products_of_matrices,
        flops=2 * _M * _N,
    ),
    "dot": Routine(
        "dot",
        "the sum of the products of two vectors",
        LIBRARY_DTYPES,
        lambda settings, number: (
            _read("x", _N),
            _read("y", _N),
            Parameter("sum", Element.NUMBER, (), Access.WRITE),
        ),
        _dot,
        exact=False,
        work=multiplications,
        flops=2 * _N,
    ),
}
"""Each routine by its name."""

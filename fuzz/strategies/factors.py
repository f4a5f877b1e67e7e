"""Programs of one factorisation, with matrices that are hard in one way or another."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz.case import Case
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import DType, c64, c128, f32, f64
from lltheano_ir.nodes import Value, result
from lltheano_ir.ops.linalg.factorisation import TRIANGLES
from lltheano_ir.ops.linalg.sylvester import FORMS
from lltheano_ir.types import ValueType

__all__ = ["FACTORS", "factor_cases"]

Array: TypeAlias = NDArray[Any]

_SIZES = (0, 1, 2, 3, 5, 8, 17, 33, 70)
_WORDS: Mapping[str, tuple[str | tuple[str, ...], ...]] = {
    "triangular_solve": TRIANGLES,
    "svd": ("none", "reduced", "full"),
    "eigh": ("none", "full"),
    "eig": ("none", "full"),
    "sylvester": tuple(product(FORMS, FORMS)),
}
_ANY_SHAPE = ("lu", "qr", "reflectors", "svd")
FACTORS = (
    *("lu", "cholesky", "triangular_solve", "qr", "reflectors", "svd", "eigh", "eig"),
    *("schur", "sylvester"),
)
"""The ops that are drawn."""


@st.composite
def factor_cases(draw: st.DrawFn) -> Case:
    """One op of LAPACK's; the outputs are all its results, those of `reflectors` after qr's."""
    name = draw(st.sampled_from(FACTORS))
    dtype = draw(st.sampled_from((f32, f64, c64, c128)))
    builder = Builder(name)
    rows = draw(st.sampled_from(_SIZES))
    columns = draw(st.sampled_from(_SIZES)) if name in _ANY_SHAPE else rows
    if name == "reflectors":  # as many columns as there are rows, at most
        rows, columns = max(rows, columns), min(rows, columns)
    inputs = [draw(_matrix(dtype, rows, columns))]
    operands = [_parameter(builder, dtype, "a")]
    if name == "triangular_solve":
        inputs.append(draw(_matrix(dtype, rows, draw(st.sampled_from(_SIZES[:5])))))
        operands.append(_parameter(builder, dtype, "b"))
    if name == "sylvester":
        columns = draw(st.sampled_from(_SIZES[:6]))
        inputs = [_quasi_triangle(one) for one in (*inputs, draw(_matrix(dtype, columns, columns)))]
        inputs.append(draw(_matrix(dtype, rows, columns)))
        operands += [_parameter(builder, dtype, "b"), _parameter(builder, dtype, "c")]
    words = draw(st.sampled_from(_WORDS[name])) if name in _WORDS else ()
    words = (words,) if isinstance(words, str) else words
    for number, value in enumerate(_results(builder, name, operands, words)):
        builder.output(value, f"y{number}")
    return Case(builder.program(), tuple(inputs), draw(st.integers(0, 11)))


def _parameter(builder: Builder, dtype: DType, name: str) -> Value:
    return builder.parameter(name, ValueType(dtype, (False, False)))


def _results(
    builder: Builder, name: str, operands: list[Value], words: tuple[str, ...]
) -> list[Value]:
    if name == "reflectors":
        packed, scales = _results(builder, "qr", operands, ())
        return [packed, scales, builder.make(name, (packed, scales))]
    made = builder.make(name, operands, words)
    if len(made.types) == 1:
        return [made]
    return [result(made, number) for number in range(len(made.types))]


@st.composite
def _matrix(draw: st.DrawFn, dtype: DType, rows: int, columns: int) -> Array:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(sorted(_KINDS)))
    scale = draw(st.sampled_from((1.0, 1.0, 1e-6, 1e6)))
    array = np.asarray(_KINDS[kind](random, rows, columns) * scale)
    if dtype.is_complex:
        array = _turned(random, array)
    array = array.astype(dtype.numpy)
    if array.size and draw(st.integers(0, 5)) == 0:
        place = random.integers(0, array.size)
        array.reshape(-1)[place] = draw(st.sampled_from((np.nan, np.inf, -np.inf)))
    return array


def _quasi_triangle(array: Array) -> Array:
    """The upper triangle and, of a real matrix, some elements below the diagonal, none next to
    another: what a Schur form may be. A block there has a pair of conjugate eigenvalues.
    """
    made = np.triu(array)
    if array.dtype.kind == "f" and np.isfinite(array).all():
        for place in range(0, len(array) - 1, 3):
            made[place + 1, place + 1] = made[place, place]
            made[place + 1, place] = -made[place, place + 1]
    return made


def _turned(random: np.random.Generator, array: Array) -> Array:
    """Rows and columns turned by complex units, which keeps what the kind is known for."""
    units = np.exp(2j * np.pi * random.random(max(1, *array.shape)))
    rows, columns = array.shape
    turned = array * units[:rows, None] * units[:columns].conj()
    np.fill_diagonal(turned, np.diag(array))
    return np.asarray(turned)


def _definite(random: np.random.Generator, rows: int, columns: int) -> Array:
    """Symmetric and positive definite where it is square."""
    size = max(rows, columns)
    root = random.standard_normal((size, size))
    return np.asarray((root @ root.T + size * np.eye(size))[:rows, :columns])


def _deficient(random: np.random.Generator, rows: int, columns: int) -> Array:
    """Of half the rank that it could have."""
    inner = min(rows, columns) // 2
    return np.asarray(
        random.standard_normal((rows, inner)) @ random.standard_normal((inner, columns))
    )


def _triangle(random: np.random.Generator, rows: int, columns: int) -> Array:
    """Triangular, and defective: ones on the diagonal."""
    return np.asarray(np.triu(random.standard_normal((rows, columns)), 1) + np.eye(rows, columns))


_KINDS: Mapping[str, Callable[[np.random.Generator, int, int], Array]] = {
    "normal": lambda random, rows, columns: random.standard_normal((rows, columns)),
    "integers": lambda random, rows, columns: random.integers(-2, 3, (rows, columns)) * 1.0,
    "zeros": lambda random, rows, columns: np.zeros((rows, columns)),
    "identity": lambda random, rows, columns: np.eye(rows, columns),
    "definite": _definite,
    "deficient": _deficient,
    "triangle": _triangle,
}

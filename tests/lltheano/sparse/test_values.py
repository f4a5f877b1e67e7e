"""Functions of sparse matrices have the values that SciPy and NumPy have for the same matrices."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import lltheano.sparse as S
import lltheano.tensor as T
from lltheano import function
from tests.lltheano.evaluation import evaluate
from tests.lltheano.sparse.cases import (
    BY_FORMAT,
    CASES,
    COMPARISONS,
    FACTORS,
    as_format,
    dense,
    matrix,
    variables,
)

DENSITIES = {"none": 0.0, "some": 0.4, "all": 1.0}


def compiled(expression: Any, inputs: Any) -> Any:
    return function(inputs, expression, on_unused_input="ignore")


COMPILED = [one for number, one in enumerate(BY_FORMAT) if number % 5 == 0 or "dot" in one[0]]
INTERPRETED = [one for one in BY_FORMAT if one not in COMPILED]


@pytest.mark.parametrize(("name", "format_"), COMPILED)
def test_functions(name: str, format_: str, rng: np.random.Generator) -> None:
    """Of matrices with no entries, with some and with all."""
    ours, theirs = CASES[name]
    x, y = variables(format_, "float64")
    f = compiled(ours(x, y), [x, y])
    for density in DENSITIES.values():
        a, b = (matrix(rng, (3, 4), density, "float64") for _ in range(2))
        found = f(as_format(a, format_), as_format(b, format_))
        np.testing.assert_allclose(dense(found), theirs(a, b), rtol=1e-12, atol=1e-12)
        if sp.issparse(found):
            found.check_format(full_check=True)
            assert found.has_canonical_format


@pytest.mark.parametrize(("name", "format_"), INTERPRETED)
def test_functions_by_the_interpreter(name: str, format_: str, rng: np.random.Generator) -> None:
    """Where the other format is but another expression of the same ops."""
    ours, theirs = CASES[name]
    a, b = (matrix(rng, (3, 4), 0.5, "float64") for _ in range(2))
    given = {T.dvector(letter): as_format(one, format_) for letter, one in (("x", a), ("y", b))}
    x, y = (
        S.CSM(format_, ordered=True)(leaf, one.indices, one.indptr, one.shape)
        for leaf, one in given.items()
    )
    expression = ours(x, y)
    result = expression.toarray() if isinstance(expression, S.SparseVariable) else expression
    found = evaluate(result, {leaf: one.data for leaf, one in given.items()})
    np.testing.assert_allclose(found, theirs(a, b), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "int32", "complex128"])
@pytest.mark.parametrize("name", sorted(set(CASES) - {"structured_maximum", "structured_minimum"}))
def test_other_dtypes(name: str, dtype: str, rng: np.random.Generator) -> None:
    """Where the function is defined on them, by the reference interpreter."""
    ours, theirs = CASES[name]
    a, b = (matrix(rng, (3, 4), 0.5, dtype) for _ in range(2))
    given = {
        T.vector(letter, dtype=dtype): sp.csr_matrix(one) for letter, one in (("x", a), ("y", b))
    }
    x, y = (
        S.CSM("csr", ordered=True)(leaf, one.indices, one.indptr, one.shape)
        for leaf, one in given.items()
    )
    try:
        expression = ours(x, y)
    except TypeError:
        return
    result = expression.toarray() if isinstance(expression, S.SparseVariable) else expression
    assert result.dtype == expression.dtype
    found = evaluate(result, {leaf: one.data for leaf, one in given.items()})
    if dtype == "int32":  # operands that are floats here are integers there
        a, b = a.astype("int64"), b.astype("int64")
        if any(
            word in name for word in ("_d", "_v", "scale", "dot", "usmm", "matmul", " d", "sdg")
        ):
            return
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found, theirs(a, b), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("format_", ["csr", "csc"])
@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons(name: str, format_: str, rng: np.random.Generator) -> None:
    """Sparse of two sparse matrices, dense otherwise; elements that are 0 count."""
    compare, theirs = getattr(S, name), COMPARISONS[name]
    x, y = variables(format_, "float64")
    a = matrix(rng, (3, 4), 0.5, "float64")
    b = np.where(rng.uniform(size=a.shape) < 0.5, a, 0)
    f = compiled([compare(x, y), compare(x, FACTORS), compare(FACTORS, x)], [x, y])
    both, left, right = f(as_format(a, format_), as_format(b, format_))
    assert both.format == format_
    assert both.dtype == left.dtype == right.dtype == np.uint8
    np.testing.assert_array_equal(both.toarray(), theirs(a, b))
    np.testing.assert_array_equal(left, theirs(a, FACTORS))
    np.testing.assert_array_equal(right, theirs(FACTORS, a))


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (4, 0)])
@pytest.mark.parametrize("format_", ["csr", "csc"])
def test_matrices_without_rows_or_columns(format_: str, shape: tuple[int, int]) -> None:
    x, y = variables(format_, "float64")
    results = [x + y, x * y, x.T, x.sum(0), x.sum(1), x.sum(), x.toarray(), S.sqr(x), -x]
    results += [S.vstack([x, y]), S.structured_dot(x, y.T), S.structured_dot(x.T, x.toarray())]
    a = np.zeros(shape)
    wanted = [a, a, a.T, a.sum(0), a.sum(1), a.sum(), a, a, a]
    wanted += [np.vstack([a, a]), a @ a.T, a.T @ a]
    empty = as_format(a, format_)
    for found, one in zip(compiled(results, [x, y])(empty, empty), wanted, strict=True):
        assert dense(found).shape == one.shape
        np.testing.assert_array_equal(dense(found), one)


def test_large_matrices(rng: np.random.Generator) -> None:
    """With more rows than one block of anything has."""
    a = sp.random(3000, 2000, 0.002, format="csr", rng=rng)
    b = sp.random(3000, 2000, 0.002, format="csr", rng=rng)
    x, y = variables("csr", "float64")
    right = rng.normal(size=(2000, 9))
    f = compiled([x + y, x * y, S.true_dot(x, y.T), S.structured_dot(x, right), x.sum(0)], [x, y])
    wanted = [a + b, a.multiply(b), a @ b.T, a @ right, np.asarray(a.sum(0))[0]]
    for found, one in zip(f(a, b), wanted, strict=True):
        np.testing.assert_allclose(dense(found), dense(one), rtol=1e-12, atol=1e-12)


def test_blocks_are_rows_to_compiled_code() -> None:
    """A matrix in BSR comes in, is computed with, and comes out."""
    x = S.bsr_matrix("x", dtype="float64")
    a = sp.bsr_matrix(np.kron(np.eye(2), np.ones((2, 2))))
    found, total = function([x], [x * 2.0, x.sum()])(a)
    assert found.format == "bsr"
    assert total == 8
    np.testing.assert_array_equal(found.toarray(), 2 * a.toarray())


def test_entries_out_of_order_and_twice() -> None:
    """What CSM builds is as it was built; sums and places take it for what it is."""
    x = S.CSM("csr")([1.0, 2.0, 3.0], [2, 0, 2], [0, 3, 3], [2, 3])
    y = S.as_sparse_variable(sp.csr_matrix([[1.0, 1.0, 1.0], [0.0, 0.0, 1.0]]))
    a = np.array([[2.0, 0.0, 4.0], [0.0, 0.0, 0.0]])
    for expression, wanted in (
        (x.toarray(), a),
        (x + y, a + y.data.toarray()),
        (x * y, a),
        (S.structured_dot(x, np.eye(3)), a),
        (S.ensure_sorted_indices(x), a),
        (x.T, a.T),
        (x[0, 2], 4.0),
        (x.sum(0), a.sum(0)),
    ):
        np.testing.assert_array_equal(dense(expression.eval()), wanted)

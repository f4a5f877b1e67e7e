"""Matrices that have not what is asked for: LinAlgError, and nothing has changed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.linalg import LinAlgError

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.tensor import linalg

SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
INDEFINITE = np.array([[1.0, 2.0], [2.0, 1.0]])
WIDE = np.ones((2, 3))

CASES: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "inverse": (linalg.matrix_inverse, SINGULAR, "matrix_inverse: the matrix is singular"),
    "solve": (lambda x: linalg.solve(x, x[0]), SINGULAR, "solve: the matrix is singular"),
    "triangular": (
        lambda x: linalg.solve_lower_triangular(x, x),
        np.array([[1.0, 0.0], [1.0, 0.0]]),
        "solve: the matrix is singular",
    ),
    "cholesky": (linalg.cholesky, INDEFINITE, "cholesky: the matrix is not positive definite"),
    "generalised": (
        lambda x: linalg.eigvalsh(x, x),
        INDEFINITE,
        "the second matrix is not positive definite",
    ),
    "svd": (lambda x: linalg.svd(x)[1], SINGULAR * np.nan, "are all elements finite"),
    "eig": (lambda x: linalg.eig(x)[1].real, SINGULAR * np.nan, "are all elements finite"),
    "eigh": (lambda x: linalg.eigh(x)[0], SINGULAR * np.inf, "are all elements finite"),
    "tensorinv": (lambda x: linalg.tensorinv(x, 1), SINGULAR, "the matrix is singular"),
    **{
        f"wide {op}": (op, WIDE, "takes a square matrix, got 2 rows and 3 columns")
        for op in (linalg.matrix_inverse, linalg.det, linalg.expm, linalg.cholesky)
    },
    "wide eigh": (lambda x: linalg.eigh(x)[0], WIDE, "takes a square matrix, got 2 rows and 3"),
    "wide slogdet": (lambda x: linalg.slogdet(x)[1], WIDE, "takes a square matrix"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_failure_changes_no_state(name: str) -> None:
    """The update would be in place, and comes first in the program."""
    op, bad, message = CASES[name]
    x = T.dmatrix("x")
    state = shared(np.arange(3.0), name="state")
    count = shared(0, name="count")
    run = function([x], op(x), updates=[(state, state * 2 + 1), (count, count + 1)])
    before = state.get_value()
    with pytest.raises(LinAlgError, match=message):
        run(bad)
    np.testing.assert_array_equal(state.get_value(), before)
    assert count.get_value() == 0
    run(np.array([[4.0, 0.0], [0.5, 3.0]]))
    assert count.get_value() == 1


def test_the_message_names_the_line_and_the_shapes() -> None:
    x = T.dmatrix("x")
    inverse = linalg.matrix_inverse(x)
    with pytest.raises(LinAlgError, match=r"(?s)test_failures.py.*matrix_inverse\(x\).*2, 2"):
        function([x], inverse)(SINGULAR)


def test_an_update_that_is_itself_the_failure() -> None:
    a = shared(np.array([[4.0, 2.0], [2.0, 5.0]]), name="a")
    run = function([], updates=[(a, linalg.cholesky(a) - 2)])
    run()
    kept = a.get_value()
    with pytest.raises(LinAlgError):
        run()
    np.testing.assert_array_equal(a.get_value(), kept)


def test_cholesky_may_give_nan_instead() -> None:
    x = T.dmatrix("x")
    run = function([x], linalg.Cholesky(on_error="nan")(x))
    assert np.isnan(run(INDEFINITE)).all()
    with pytest.raises(LinAlgError, match="takes a square matrix"):
        run(WIDE)
    with pytest.raises(ValueError, match="on_error is 'raise' or 'nan', got 'odd'"):
        linalg.Cholesky(on_error="odd")


def test_right_sides_of_another_height() -> None:
    a, b = T.dmatrix("a"), T.dvector("b")
    with pytest.raises((ValueError, IndexError)):
        function([a, b], linalg.solve(a, b))(np.eye(3), np.ones(2))


def test_singular_matrices_have_a_determinant() -> None:
    x = T.dmatrix("x")
    assert function([x], linalg.det(x))(SINGULAR) == 0
    sign, logarithm = function([x], linalg.slogdet(x))(SINGULAR)
    assert (sign, logarithm) == (0, -np.inf)


def test_nan_spreads_through_direct_methods() -> None:
    x = T.dmatrix("x")
    a = np.array([[np.nan, 1.0], [1.0, 2.0]])
    for op in (linalg.matrix_inverse, linalg.det):
        assert np.isnan(function([x], op(x))(a)).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: linalg.Solve("odd"), "A_structure is one of general, .* got 'odd'"),
        (lambda: linalg.QRFull("odd"), "QRFull knows reduced, .* got 'odd'"),
        (lambda: linalg.qr(T.dmatrix(), "odd"), "got 'odd'"),
        (lambda: linalg.Eigh("X"), "UPLO is 'L' or 'U', got 'X'"),
        (lambda: T.diagonal(T.dmatrix("m"), 0, 1, 1), "m .* has no diagonal of axes 1, 1"),
        (lambda: T.diagonal(T.dvector("v")), "a matrix or more, got v"),
        (lambda: T.diag(T.dtensor3("t")), "a vector or a matrix, got t"),
        (lambda: linalg.tensorinv(T.dmatrix("m"), 2), "between 0 and the rank of m"),
        (lambda: linalg.spectral_radius_bound(T.dmatrix(), 0), "a positive int, got 0"),
    ],
)
def test_what_is_known_to_be_wrong_is_refused_at_once(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()

"""The Schur form, and Sylvester's and Lyapunov's equations, compiled, against SciPy's; their
gradients against central differences.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from numpy.linalg import LinAlgError

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.errors import MethodNotDefined
from lltheano.tensor import linalg, slinalg
from tests.lltheano.tensor.linalg.costs import weighted

DTYPES = {"float32": 5e-4, "float64": 1e-10, "complex64": 5e-4, "complex128": 1e-10}
SIZES = (0, 1, 2, 5, 17)
LAYOUTS: tuple[Callable[[Any], Any], ...] = (
    np.ascontiguousarray,
    np.asfortranarray,
    lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    lambda x: np.repeat(x, 2, axis=1)[:, ::2],
)


def general(rng: np.random.Generator, rows: int, columns: int, dtype: str = "float64") -> Any:
    parts = rng.normal(size=(2, rows, columns))
    return (parts[0] + 1j * parts[1] if dtype.startswith("complex") else parts[0]).astype(dtype)


def stable(rng: np.random.Generator, size: int, dtype: str = "float64", radius: float = 0.7) -> Any:
    """Eigenvalues inside the circle of that radius."""
    made = general(rng, size, size, dtype)
    norm = float(np.linalg.norm(made, 2)) if size else 1.0
    return (made * (radius / max(1.0, norm))).astype(dtype)


def wide(array: Any) -> Any:
    return array.astype("complex128" if array.dtype.kind == "c" else "float64")


def close(found: Any, wanted: Any, dtype: str) -> None:
    assert (found.shape, found.dtype) == (wanted.shape, dtype)
    scale = max(1.0, float(np.abs(wanted).max(initial=0)))
    np.testing.assert_allclose(found, wanted, atol=DTYPES[dtype] * scale)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_schur_form(dtype: str, rng: np.random.Generator) -> None:
    x = T.matrix("x", dtype=dtype)
    run = function([x], slinalg.schur(x))
    for size in SIZES:
        a = general(rng, size, size, dtype)
        for arrange in LAYOUTS:
            t, z = run(arrange(a))
            close(z @ t @ z.conj().T, wide(a), dtype)
            close(z @ z.conj().T, np.eye(size), dtype)
            assert not np.tril(t, -2).any()
            below = np.diag(t, -1) != 0
            assert not (below[1:] & below[:-1]).any()
            assert not (dtype.startswith("complex") and below.any())


@pytest.mark.parametrize("dtype", DTYPES)
def test_sylvesters_equation(dtype: str, rng: np.random.Generator) -> None:
    a, b, q = (T.matrix(name, dtype=dtype) for name in "abq")
    run = function([a, b, q], slinalg.solve_sylvester(a, b, q))
    for size in SIZES:
        for columns in (1, 3):
            given = [
                stable(rng, size, dtype),
                stable(rng, columns, dtype),
                general(rng, size, columns, dtype),
            ]
            given[0] = (given[0] + 2 * np.eye(size)).astype(dtype)
            if size:
                wanted = scipy.linalg.solve_sylvester(*map(wide, given))
            else:
                wanted = np.zeros((0, columns))
            for arrange in LAYOUTS:
                close(run(*map(arrange, given)), wanted, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_lyapunovs_equations(dtype: str, rng: np.random.Generator) -> None:
    a, q = T.matrix("a", dtype=dtype), T.matrix("q", dtype=dtype)
    run = function(
        [a, q],
        [
            slinalg.solve_continuous_lyapunov(a - 2 * T.identity_like(a), q),
            *(slinalg.solve_discrete_lyapunov(a, q, how) for how in (None, "direct", "bilinear")),
        ],
    )
    for size in SIZES:
        given = [stable(rng, size, dtype), general(rng, size, size, dtype)]
        left, right = map(wide, given)
        wanted = [right, right]
        if size:
            moved = left - 2 * np.eye(size)
            wanted = [
                scipy.linalg.solve_continuous_lyapunov(moved, right),
                scipy.linalg.solve_discrete_lyapunov(left, right),
            ]
        for arrange in LAYOUTS:
            continuous, *discrete = run(*map(arrange, given))
            close(continuous, wanted[0], dtype)
            for found in discrete:
                close(found, wanted[1], dtype)


def test_dtypes_meet_and_integers_are_doubles() -> None:
    a, q = T.imatrix("a"), T.cmatrix("q")
    x = linalg.solve_continuous_lyapunov(a, q)
    assert x.dtype == "complex128"
    np.testing.assert_allclose(
        x.eval({a: np.array([[1, 2], [0, 1]], "int32"), q: np.full((2, 2), 1j, "complex64")}),
        scipy.linalg.solve_continuous_lyapunov(np.array([[1, 2], [0, 1]]), np.full((2, 2), 1j)),
    )
    with pytest.raises(TypeError, match="solve_sylvester takes a matrix"):
        linalg.solve_sylvester(a, q, T.dvector("v"))
    with pytest.raises(ValueError, match="method is 'direct', 'bilinear' or None, got 'kron'"):
        linalg.solve_discrete_lyapunov(a, q, "kron")


def test_stacks_of_equations(rng: np.random.Generator) -> None:
    a, q = T.dtensor3("a"), T.dtensor3("q")
    given = [np.stack([stable(rng, 3), stable(rng, 3)]), rng.normal(size=(2, 3, 3))]
    found = function([a, q], linalg.solve_discrete_lyapunov(a, q))(*given)
    wanted = [scipy.linalg.solve_discrete_lyapunov(*pair) for pair in zip(*given, strict=True)]
    np.testing.assert_allclose(found, wanted, atol=1e-10)


EQUATIONS: dict[str, tuple[Callable[..., Any], tuple[tuple[int, int], ...]]] = {
    "sylvester": (
        lambda a, b, q: linalg.solve_sylvester(a + 2 * T.identity_like(a), b, q),
        ((3, 3), (2, 2), (3, 2)),
    ),
    "adjoint sylvester": (
        lambda a, b, q: linalg.SolveSylvester(True)(a + 2 * T.identity_like(a), b, q),
        ((3, 3), (2, 2), (3, 2)),
    ),
    "continuous": (
        lambda a, q: linalg.solve_continuous_lyapunov(a - 2 * T.identity_like(a), q),
        ((3, 3), (3, 3)),
    ),
    "adjoint continuous": (
        lambda a, q: linalg.SolveContinuousLyapunov(True)(a - 2 * T.identity_like(a), q),
        ((3, 3), (3, 3)),
    ),
    "discrete": (linalg.solve_discrete_lyapunov, ((3, 3), (3, 3))),
    "direct": (lambda a, q: linalg.solve_discrete_lyapunov(a, q, "direct"), ((3, 3), (3, 3))),
}


def check_gradients(build: Callable[..., Any], values: list[Any]) -> None:
    """The gradient's real part is the slope in the real part, and so for the imaginary part."""
    inputs = [T.matrix(dtype=str(value.dtype)) for value in values]
    cost = build(*inputs)
    run, slopes = function(inputs, cost), function(inputs, T.grad(cost, inputs))(*values)
    for number, (value, slope) in enumerate(zip(values, slopes, strict=True)):
        for place in np.ndindex(value.shape):
            for step, part in ((1e-5, np.real), (1e-5j, np.imag))[: 1 + (value.dtype.kind == "c")]:
                ends = []
                for sign in (1, -1):
                    moved = [np.array(one) for one in values]
                    moved[number][place] += sign * step
                    ends.append(float(run(*moved)))
                wanted = (ends[0] - ends[1]) / 2e-5
                assert part(slope[place]) == pytest.approx(wanted, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("name", EQUATIONS)
def test_gradients(name: str, dtype: str, rng: np.random.Generator) -> None:
    solve, shapes = EQUATIONS[name]
    values = [stable(rng, one[0], dtype) for one in shapes[:-1]] + [
        general(rng, *shapes[-1], dtype)
    ]
    check_gradients(lambda *given: weighted(solve(*given)), values)


@pytest.mark.parametrize("name", ["sylvester", "continuous", "discrete"])
def test_gradients_can_be_differentiated_again(name: str, rng: np.random.Generator) -> None:
    solve, shapes = EQUATIONS[name]
    values = [stable(rng, one[0]) for one in shapes[:-1]] + [general(rng, *shapes[-1])]
    check_gradients(
        lambda *given: weighted(T.grad((solve(*given) ** 2).sum(), given[0])),
        values,
    )


def test_the_schur_form_has_no_gradient() -> None:
    x = T.dmatrix("x")
    with pytest.raises(MethodNotDefined, match="schur has no gradient"):
        T.grad(linalg.schur(x)[0].sum(), x)


OPPOSITE, UNIT = np.diag([1.0, -1.0]), np.diag([2.0, 0.5])
NOWHERE, LONG = np.array([[1.0, np.nan], [0.0, 2.0]]), np.ones((2, 3))
FAILURES: dict[str, tuple[Callable[[Any], Any], Any, type[Exception], str]] = {
    "sylvester": (
        lambda a: linalg.solve_sylvester(a, a, a),
        OPPOSITE,
        LinAlgError,
        "solve_sylvester: a and -b have a common eigenvalue",
    ),
    "continuous": (
        lambda a: linalg.solve_continuous_lyapunov(a, a),
        OPPOSITE,
        LinAlgError,
        "solve_continuous_lyapunov: the equation is singular",
    ),
    "discrete": (
        lambda a: linalg.solve_discrete_lyapunov(a, a),
        UNIT,
        LinAlgError,
        "solve_discrete_lyapunov: the equation is singular",
    ),
    "discrete with -1": (
        lambda a: linalg.solve_discrete_lyapunov(a, a),
        OPPOSITE,
        LinAlgError,
        "solve_discrete_lyapunov: the matrix is singular",
    ),
    "direct": (
        lambda a: linalg.solve_discrete_lyapunov(a, a, "direct"),
        OPPOSITE,
        LinAlgError,
        "solve_discrete_lyapunov: the matrix is singular",
    ),
    "no number": (
        lambda a: linalg.solve_sylvester(a, a, a),
        NOWHERE,
        LinAlgError,
        "solve_sylvester: the Schur form was not found; are all elements finite",
    ),
    "infinity": (
        linalg.schur,
        np.full((2, 2), np.inf),
        LinAlgError,
        "schur: the Schur form was not",
    ),
    "wide": (linalg.schur, LONG, LinAlgError, "schur takes a square matrix, got 2 rows and 3"),
    "sizes": (
        lambda a: linalg.solve_sylvester(a[:2, :2], a[:1, :1], a),
        LONG,
        ValueError,
        "solve_sylvester: q has the sizes 2 and 3, the solution 2 and 1",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_changes_no_state(name: str) -> None:
    build, bad, kind, message = FAILURES[name]
    x, state = T.dmatrix("x"), shared(np.arange(3.0), name="state")
    run = function([x], build(x), updates=[(state, state * 2 + 1)])
    with pytest.raises(kind, match=message):
        run(bad)
    np.testing.assert_array_equal(state.get_value(), np.arange(3.0))


def test_what_is_not_finite_on_the_right_spreads() -> None:
    a, q = T.dmatrix("a"), T.dmatrix("q")
    found = function([a, q], linalg.solve_continuous_lyapunov(a, q))(
        np.eye(3), np.full((3, 3), np.nan)
    )
    assert np.isnan(found).all()

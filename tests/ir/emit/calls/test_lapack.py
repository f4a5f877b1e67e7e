"""Factorisations in loop IR and in native code: what their products are, and where there are none.

Factors are compared as far as they are unique: elements up to sign, bases by their products.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scipy.linalg import lapack
from scipy.optimize import linear_sum_assignment

from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.ops.linalg.sylvester import FORMS
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import Array, Compiled, EntryError, compiled
from tests.ir.loop_pipeline import scheduled
from tests.ir.targets import AVX2

M, V, R, OK = "f64[?,?]", "f64[?]", "real[?]", "bool[]"
RESULTS: dict[str, Sequence[str]] = {
    "lu %a": (M, "i64[?]", "i64[]"),
    "cholesky %a": (M, OK),
    "qr %a": (M, V),
    "svd %a, vectors=none": (R, OK),
    "svd %a, vectors=reduced": (M, R, M, OK),
    "svd %a, vectors=full": (M, R, M, OK),
    "eigh %a, vectors=none": (R, OK),
    "eigh %a, vectors=full": (R, M, OK),
    "eig %a, vectors=none": (R, R, OK),
    "eig %a, vectors=full": (R, R, M, OK),
    "schur %a": (M, M, OK),
}
SQUARE = [name for name in RESULTS if name.split()[0] in ("cholesky", "eigh", "eig", "schur")]
ANY = [name for name in RESULTS if name not in SQUARE]
DTYPES: dict[str, tuple[Any, float]] = {
    "f32": (np.float32, 2e-4),
    "f64": (np.float64, 1e-10),
    "c64": (np.complex64, 2e-4),
    "c128": (np.complex128, 1e-10),
}
REAL = {"c64": "f32", "c128": "f64"}
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "reversed": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
}
TRIANGLES = ("lower", "upper", "unit_lower", "unit_upper")


def source(call: str, types: Sequence[str], dtype: str) -> str:
    outputs = [
        f'output "r{i}" = %0#{i}' if len(types) > 1 else 'output "r0" = %0'
        for i in range(len(types))
    ]
    declared = f"({', '.join(types)})" if len(types) > 1 else types[0]
    text = f"program @f(%a: {M}, %b: {M}) {{ %0: {declared} = {call} {' '.join(outputs)} }}"
    return text.replace("f64", dtype).replace("real", REAL.get(dtype, dtype))


def lowered(text: str) -> LoopFunction:
    """The loop IR, which is well formed and round-trips through its text."""
    function = lower(parse_program(text)).entry
    verify_loops(function)
    assert parse_loops(format_loops(function)) == function
    return function


def native(text: str) -> Compiled:
    return compiled(scheduled(parse_program(text)), AVX2.vector_bytes)


def ways(text: str) -> list[Callable[..., Sequence[Array]]]:
    function = lowered(text)
    return [lambda *arrays: interpret_loops(function, arrays)[0], native(text)]


def matrix(rng: np.random.Generator, *shape: int, dtype: str = "f64") -> Array:
    parts = rng.standard_normal((2, *shape))
    array: Array = (parts[0] + 1j * parts[1] if dtype in REAL else parts[0]).astype(
        DTYPES[dtype][0]
    )
    return array


def definite(rng: np.random.Generator, size: int, dtype: str) -> Array:
    wide = matrix(rng, size, size + 1, dtype="c128" if dtype in REAL else "f64")
    return (wide @ wide.conj().T).astype(DTYPES[dtype][0])


def paired(results: Sequence[Array], wanted: Sequence[Array]) -> list[Array]:
    """Eigenvalues, and the vectors in their columns, in the order of those wanted; any is right."""
    values, right = (real + 1j * imaginary for real, imaginary, *_ in (results, wanted))
    _, order = linear_sum_assignment(np.abs(right[:, None] - values))
    return [one[..., order] if one.ndim else one for one in results]


def check(name: str, results: Sequence[Array], wanted: Sequence[Array], tolerance: float) -> None:
    if name.startswith("eig "):
        results = paired(results, wanted)
    for number, (got, want) in enumerate(zip(results, wanted, strict=True)):
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        if name.endswith("full") and name.startswith("svd") and got.ndim == 2:
            np.testing.assert_allclose(got @ got.conj().T, np.eye(len(got)), atol=tolerance)
            count = len(wanted[1])
            got, want = (x[:, :count] if number == 0 else x[:count] for x in (got, want))
        if got.dtype.kind in "fc":
            got, want = np.abs(got), np.abs(want)
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", RESULTS)
def test_agrees_with_the_reference(name: str, dtype: str, rng: np.random.Generator) -> None:
    text = source(name, RESULTS[name], dtype)
    shapes = (
        [(1, 1), (5, 5), (0, 0)] if name in SQUARE else [(4, 4), (6, 3), (2, 5), (0, 3), (3, 0)]
    )
    for run in ways(text):
        for shape in shapes:
            a = (
                definite(rng, shape[0], dtype)
                if name in SQUARE
                else matrix(rng, *shape, dtype=dtype)
            )
            for given in (a, np.asfortranarray(a), a[::-1].copy()[::-1]):
                wanted = interpret(parse_program(text), [given, given])[0]
                check(name, run(given, given), wanted, DTYPES[dtype][1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_products_of_the_factors_are_the_matrix(dtype: str, rng: np.random.Generator) -> None:
    """Conjugates in the right places: what elements alone, up to their phase, do not tell."""
    a, h = matrix(rng, 5, 5, dtype=dtype), definite(rng, 5, dtype)
    tolerance = 10 * DTYPES[dtype][1]

    def factors(name: str, given: Array) -> Sequence[Array]:
        return native(source(name, RESULTS[name], dtype))(given, given)

    packed, order, _ = factors("lu %a", a)
    lower = np.tril(packed, -1) + np.eye(5)
    np.testing.assert_allclose(lower @ np.triu(packed), a[order], atol=tolerance)
    factor, _ = factors("cholesky %a", h)
    np.testing.assert_allclose(factor @ factor.conj().T, h, atol=tolerance)
    for vectors in ("reduced", "full"):
        u, s, v, _ = factors(f"svd %a, vectors={vectors}", a)
        np.testing.assert_allclose((u * s) @ v, a, atol=tolerance)
    w, q, _ = factors("eigh %a, vectors=full", h)
    np.testing.assert_allclose((q * w) @ q.conj().T, h, atol=tolerance)
    form, z, _ = factors("schur %a", a)
    np.testing.assert_allclose(z @ form @ z.conj().T, a, atol=tolerance)
    real, imaginary, columns, _ = factors("eig %a, vectors=full", a)
    if dtype in REAL:
        np.testing.assert_allclose(a @ columns, columns * (real + 1j * imaginary), atol=tolerance)


@pytest.mark.parametrize("name", SQUARE)
def test_reads_what_it_says_it_reads(name: str, rng: np.random.Generator) -> None:
    """Cholesky factors and symmetric eigenvalues come from the lower triangle alone."""
    text = source(name, RESULTS[name], "f64")
    a = definite(rng, 6, "f64")
    if name.startswith(("eig ", "schur ")):
        a = matrix(rng, 6, 6)
    else:
        a[np.triu_indices(6, 1)] = np.nan
    for run in ways(text):
        check(name, run(a, a), interpret(parse_program(text), [a, a])[0], 1e-8)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize("triangle", TRIANGLES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_solves_triangular_systems(
    dtype: str, triangle: str, layout: str, rng: np.random.Generator
) -> None:
    text = source(f"triangular_solve %a, %b, triangle={triangle}", [M], dtype)
    transposed = (
        f"program @f(%a: {M}, %b: {M}) {{ %0: {M} = dimshuffle %a, order=[1, 0]"
        f' %1: {M} = triangular_solve %0, %b, triangle={triangle} output "x" = %1 }}'
    ).replace("f64", dtype)
    a, b = matrix(rng, 5, 5, dtype=dtype), matrix(rng, 5, 3, dtype=dtype)
    a += 4 * np.eye(5, dtype=a.dtype)
    arrange: Callable[[Array], Array] = LAYOUTS[layout]
    for given, used in ((text, a), (transposed, a.T)):
        read = np.tril(used) if "lower" in triangle else np.triu(used)
        if triangle.startswith("unit"):
            np.fill_diagonal(read, 1)
        for run in ways(given):
            (x,) = run(arrange(a), arrange(b))
            np.testing.assert_allclose(read @ x, b, atol=DTYPES[dtype][1])


@pytest.mark.parametrize("size", [0, 1])
def test_solves_the_smallest_triangular_systems(size: int) -> None:
    for run in ways(source("triangular_solve %a, %b, triangle=lower", [M], "f64")):
        a, b = 2 * np.eye(size), np.ones((size, 3))
        np.testing.assert_array_equal(run(a, b)[0], b / 2)
        np.testing.assert_array_equal(run(a, b[:, :0])[0], b[:, :0])


SYLVESTER = (
    "program @f(%a: {m}, %b: {m}, %c: {m}) {{ %0: ({m}, bool[]) = sylvester %a, %b, %c,"
    ' a={a}, b={b} output "x" = %0#0 output "ok" = %0#1 }}'
)


def sylvester(a: str = "plain", b: str = "plain", dtype: str = "f64") -> str:
    return SYLVESTER.format(m=M.replace("f64", dtype), a=a, b=b)


@pytest.mark.parametrize("b", FORMS)
@pytest.mark.parametrize("a", FORMS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_solves_sylvesters_equation(dtype: str, a: str, b: str, rng: np.random.Generator) -> None:
    for run in ways(sylvester(a, b, dtype)):
        for rows, columns in ((5, 4), (1, 2), (0, 3), (3, 0), (0, 0)):
            left, right = np.triu(matrix(rng, rows, rows, dtype=dtype)), np.eye(columns)
            left += 4 * np.eye(rows, dtype=left.dtype)
            right = (right * 3 + np.triu(matrix(rng, columns, columns), 1)).astype(left.dtype)
            if dtype not in REAL and rows > 2:
                left[2, 1], left[1, 2], left[2, 2] = -1.5, 2, left[1, 1]
            c = matrix(rng, rows, columns, dtype=dtype)
            used = [x if f == "plain" else x.conj().T for x, f in ((left, a), (right, b))]
            for arrange in LAYOUTS.values():
                x, ok = run(arrange(left), arrange(right), arrange(c))
                assert ok
                np.testing.assert_allclose(used[0] @ x + x @ used[1], c, atol=DTYPES[dtype][1])


def test_a_singular_equation_or_one_that_is_not_finite_gives_nan_and_says_so() -> None:
    good, bad = np.diag([1.0, 2.0]), np.diag([3.0, np.nan])
    for run in ways(sylvester()):
        for a, b in ((good, -good), (bad, good), (good, bad)):
            x, ok = run(a, b, np.ones((2, 2)))
            assert not ok
            assert np.isnan(x).all()
        x, ok = run(good, good, np.full((2, 2), np.nan))
        assert ok
        assert np.isnan(x).all()


def test_a_solution_that_overflows_on_the_way_is_scaled() -> None:
    """LAPACK gives x times a scale below 1; the quotient is what is asked for."""
    b, c = np.zeros((1, 1)), np.array([[1e5]])
    for dtype in ("f64", "c128"):
        given = [one.astype(DTYPES[dtype][0]) for one in (np.array([[1e-290]]), b, c)]
        scale = lapack.dtrsyl(*(one.real for one in given))[1]
        assert scale < 1
        for run in ways(sylvester(dtype=dtype)):
            x, ok = run(*given)
            assert ok
            np.testing.assert_allclose(x, [[1e295]])


@pytest.mark.parametrize("shape", [(3, 3), (2, 2)])
def test_a_solution_of_other_sizes_is_refused(
    shape: tuple[int, int], rng: np.random.Generator
) -> None:
    given = [matrix(rng, 2, 2), matrix(rng, 3, 3), matrix(rng, *shape)]
    with pytest.raises(ExecutionError, match="not the shape of a solution"):
        interpret(parse_program(sylvester()), given)
    run = native(sylvester())
    with pytest.raises(EntryError) as failure:
        run(*given)
    assert run.function.sites[failure.value.report[0]].kind == "sizes"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 0)])
def test_reflectors_make_the_orthogonal_factor(
    shape: tuple[int, int], dtype: str, rng: np.random.Generator
) -> None:
    text = (
        f"program @f(%a: {M}) {{ %0: ({M}, {V}) = qr %a %1: {M} = reflectors %0#0, %0#1"
        ' output "q" = %1 output "r" = %0#0 }'
    ).replace("f64", dtype)
    a = matrix(rng, *shape, dtype=dtype)
    for run in ways(text):
        q, packed = run(a)
        r = np.triu(packed)[: shape[1]]
        np.testing.assert_allclose(q.conj().T @ q, np.eye(shape[1]), atol=DTYPES[dtype][1])
        np.testing.assert_allclose(q @ r, a, atol=DTYPES[dtype][1])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", [name for name in RESULTS if name.split()[0] not in ("lu", "qr")])
def test_elements_that_are_not_finite_give_nan_and_say_so(
    name: str, bad: float, rng: np.random.Generator
) -> None:
    a = definite(rng, 4, "f64")
    a[2, 1] = bad
    for run in ways(source(name, RESULTS[name], "f64")):
        *parts, ok = run(a, a)
        assert not ok
        assert all(np.isnan(part).all() for part in parts)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["lu %a", "qr %a"])
def test_direct_factorisations_of_such_elements_end(
    name: str, bad: float, rng: np.random.Generator
) -> None:
    a = matrix(rng, 5, 5)
    a[2, 1] = bad
    factors, *_ = native(source(name, RESULTS[name], "f64"))(a, a)
    assert not np.isfinite(factors).all()


def test_a_matrix_that_is_not_definite_has_no_cholesky_factor() -> None:
    for run in ways(source("cholesky %a", (M, OK), "f64")):
        factor, ok = run(np.diag([1.0, -1.0, 2.0]), np.zeros((1, 1)))
        assert not ok
        assert np.isnan(factor).all()


def test_a_singular_matrix_has_factors_with_a_zero_on_the_diagonal() -> None:
    a = np.array([[0.0, 2.0, 2.0], [0.0, 1.0, 1.0], [0.0, 3.0, 3.0]])
    for run in ways(source("lu %a", RESULTS["lu %a"], "f64")):
        factors, order, _ = run(a, a)
        lower, upper = np.tril(factors, -1) + np.eye(3), np.triu(factors)
        np.testing.assert_allclose(lower @ upper, a[order])
        assert not np.diag(upper).all()


@pytest.mark.parametrize("name", SQUARE)
def test_a_matrix_that_is_not_square_is_refused(name: str, rng: np.random.Generator) -> None:
    text = source(name, RESULTS[name], "f64")
    a = matrix(rng, 3, 4)
    with pytest.raises(ExecutionError, match="square matrix, 3 and 4 differ"):
        interpret(parse_program(text), [a, a])
    run = native(text)
    with pytest.raises(EntryError) as failure:
        run(a, a)
    site, *values = failure.value.report[:3]
    assert (run.function.sites[site].kind, values) == ("sizes", [3, 4])


def test_a_right_side_of_another_height_is_refused(rng: np.random.Generator) -> None:
    run = native(source("triangular_solve %a, %b, triangle=lower", [M], "f64"))
    with pytest.raises(EntryError) as failure:
        run(matrix(rng, 3, 3), matrix(rng, 2, 3))
    assert run.function.sites[failure.value.report[0]].kind == "sizes"


def test_large_matrices_use_blocked_algorithms(rng: np.random.Generator) -> None:
    a = matrix(rng, 150, 130)
    for name in ANY:
        text = source(name, RESULTS[name], "f64")
        check(name, native(text)(a, a), interpret(parse_program(text), [a, a])[0], 1e-7)

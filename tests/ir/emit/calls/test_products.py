"""`gemm` and `gemv` in full: factors, transposes, layouts and sizes, against the interpreter."""

from itertools import product

import numpy as np
import pytest

from lltheano_ir.dtypes import DType, c64, c128, f32, f64
from lltheano_ir.emit.calls import blas, products
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from tests.ir.emit.calls.test_blas import close, layouts
from tests.ir.emit.harness import Array, compiled

DTYPES = (f32, f64, c64, c128)
FACTORS = (0.0, 1.0, -0.5)
SIZES = (0, 1, 5)
TRANSPOSES = [(), ("transpose_a",), ("transpose_b",), ("transpose_a", "transpose_b")]

GEMM = """loops @f(%p: f64[] input, %q: f64[] input, %a: f64[%a0, %a1] strides [%a2, %a3] input,
         %b: f64[%b0, %b1] strides [%b2, %b3] input, %c: f64[%c0, %c1] strides [%c2, %c3] input) {
  load %alpha: f64 = %p[]
  load %beta: f64 = %q[]
  alloc %out: f64[%c0, %c1]
  for %i in %c0 {
    for %j in %c1 {
      load %old: f64 = %c[%i, %j]
      store %out[%i, %j] = %old
    }
  }
  call gemm(%out) from (%a, %b, %out), alpha=%alpha, beta=%beta
  output "out" = %out
}
"""

GEMV = """loops @f(%p: f64[] input, %q: f64[] input, %a: f64[%a0, %a1] strides [%a2, %a3] input,
         %x: f64[%x0] strides [%x1] input, %y: f64[%y0] strides [%y1] input) {
  load %alpha: f64 = %p[]
  load %beta: f64 = %q[]
  alloc %out: f64[%y0]
  for %i in %y0 {
    load %old: f64 = %y[%i]
    store %out[%i] = %old
  }
  call gemv(%out) from (%a, %x, %out), alpha=%alpha, beta=%beta
  output "out" = %out
}
"""


def function(text: str, dtype: DType, *flags: str) -> LoopFunction:
    """The function of a dtype; `flags` are set in its call."""
    settings = "".join(f", {flag}=true" for flag in flags)
    text = text.replace("f64", dtype.name).replace("beta=%beta", f"beta=%beta{settings}")
    parsed = parse_loops(text)
    verify_loops(parsed)
    assert parse_loops(format_loops(parsed)) == parsed
    return parsed


def sample(rng: np.random.Generator, dtype: DType, *shape: int) -> Array:
    values = rng.normal(size=shape) + (1j * rng.normal(size=shape) if dtype.is_complex else 0)
    return np.asarray(values, dtype.numpy)


def number(dtype: DType, value: float) -> Array:
    """A factor; a complex one has an imaginary part, unless it is 0 or 1."""
    odd = dtype.is_complex and value not in (0, 1)
    return np.asarray(value + (0.25j if odd else 0), dtype.numpy)


@pytest.mark.parametrize("piece", [1 << 30, 2])
@pytest.mark.parametrize("flags", TRANSPOSES)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_gemm_is_what_the_interpreter_says(
    dtype: DType,
    flags: tuple[str, ...],
    piece: int,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (blas, products):
        monkeypatch.setattr(module, "PIECE", piece)
    source = function(GEMM, dtype, *flags)
    run = compiled(source)
    for rows, inner, columns in product(SIZES, repeat=3):
        a, b = sample(rng, dtype, rows, inner), sample(rng, dtype, inner, columns)
        a = a.T if "transpose_a" in flags else a
        b = b.T if "transpose_b" in flags else b
        c = sample(rng, dtype, rows, columns)
        for alpha, beta in product(FACTORS, repeat=2):
            given = (number(dtype, alpha), number(dtype, beta), a, b, c)
            (expected,), _ = interpret_loops(source, given)
            close(run(*given)[0], expected)
    assert not run.pool.live


@pytest.mark.parametrize("flags", [(), ("transpose_a", "transpose_b")])
def test_gemm_takes_operands_in_any_layout(
    flags: tuple[str, ...], rng: np.random.Generator
) -> None:
    source = function(GEMM, f64, *flags)
    run = compiled(source)
    a, b, c = (sample(rng, f64, 5, 5) for _ in range(3))
    for left, right, old in product(list(layouts(a)), list(layouts(b)), (c, c[::-1, ::-1])):
        given = (np.float64(2), np.float64(-0.5), left, right, old)
        (expected,), _ = interpret_loops(source, [np.asarray(one) for one in given])
        close(run(*map(np.asarray, given))[0], expected)


@pytest.mark.parametrize("piece", [1 << 30, 2])
@pytest.mark.parametrize("flags", [(), ("transpose",)])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_gemv_is_what_the_interpreter_says(
    dtype: DType,
    flags: tuple[str, ...],
    piece: int,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (blas, products):
        monkeypatch.setattr(module, "PIECE", piece)
    source = function(GEMV, dtype, *flags)
    run = compiled(source)
    for rows, columns in product(SIZES, repeat=2):
        a = sample(rng, dtype, rows, columns)
        x, y = sample(rng, dtype, columns), sample(rng, dtype, rows)
        for matrix, vector in product(list(layouts(a)), list(layouts(x))):
            matrix = matrix.T if flags else matrix
            for alpha, beta in product(FACTORS, repeat=2):
                given = (number(dtype, alpha), number(dtype, beta), matrix, vector, y)
                (expected,), _ = interpret_loops(source, given)
                close(run(*given)[0], expected)
    assert not run.pool.live


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("text", [GEMM, GEMV], ids=["gemm", "gemv"])
def test_what_is_multiplied_by_zero_is_forgotten(
    text: str, dtype: DType, rng: np.random.Generator
) -> None:
    """As BLAS defines: NaN in the destination for beta = 0, in the operands for alpha = 0."""
    run = compiled(function(text, dtype))
    rank = 2 if text is GEMM else 1
    for inner in (0, 3):
        a, b = sample(rng, dtype, 4, inner), sample(rng, dtype, *(inner, 4)[:rank])
        old = np.full((4,) * rank, np.nan, dtype.numpy)
        one, zero = number(dtype, 1), number(dtype, 0)
        close(run(one, zero, a, b, old)[0], a @ b)
        odd = np.full_like(a, np.nan), np.full_like(b, np.inf)
        c = sample(rng, dtype, *old.shape)
        np.testing.assert_array_equal(run(zero, zero, *odd, old)[0], np.zeros_like(old))
        np.testing.assert_array_equal(run(zero, one, *odd, c)[0], c)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_products_without_factors_write_over_anything(
    dtype: DType, rng: np.random.Generator
) -> None:
    text = GEMM.replace(", %out), alpha=%alpha, beta=%beta", ")")
    run = compiled(function(text, dtype))
    a, b = sample(rng, dtype, 3, 4), sample(rng, dtype, 4, 5)
    old = np.full((3, 5), np.nan, dtype.numpy)
    close(run(number(dtype, 3), number(dtype, 3), a, b, old)[0], a @ b)
    close(run(number(dtype, 3), number(dtype, 3), a[:, :0], b[:0], old)[0], 0 * (a @ b))

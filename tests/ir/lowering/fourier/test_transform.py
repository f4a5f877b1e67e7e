"""The Fourier transform in loop IR and in native code against NumPy's."""

import numpy as np
import pytest

from lltheano_ir.abi import Status
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopModule
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import Array, Compiled, EntryError, compiled
from tests.ir.loop_pipeline import PIPELINES, scheduled
from tests.ir.targets import AVX2

TEXT = """program @f(%x: f64[?,?], %y: f64[?,?]) {
  %0: (f64[?,?], f64[?,?]) = fft %x, %y
  output "x" = %0#0
  output "y" = %0#1
}
"""
DTYPES: dict[str, tuple[type, float]] = {"f32": (np.float32, 4e-7), "f64": (np.float64, 1.2e-15)}
"""For each dtype the root mean square error, relative to that of the result, that is allowed."""


def lowered(dtype: str = "f64") -> LoopModule:
    module = lower(parse_program(TEXT.replace("f64", dtype)))
    verify_loops(module)
    assert parse_module(format_loops(module)) == module
    return module


def native(dtype: str) -> Compiled:
    program = parse_program(TEXT.replace("f64", dtype))
    return compiled(scheduled(program), AVX2.vector_bytes)


def rows(rng: np.random.Generator, count: int, length: int, dtype: str) -> tuple[Array, Array]:
    parts: Array = rng.standard_normal((2, count, length)).astype(DTYPES[dtype][0])
    return parts[0], parts[1]


def error(found: Array, wanted: Array) -> float:
    if not wanted.size:
        return 0.0
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 6, 8, 11, 12, 17])
def test_the_loops_mean_the_transform(
    length: int,
    dtype: str,
    pipeline: str,
    rng: np.random.Generator,
) -> None:
    """In the interpreter, which checks every access; 17 is no product of small factors."""
    x, y = rows(rng, 2, length, dtype)
    module = PIPELINES[pipeline](parse_program(TEXT.replace("f64", dtype)), AVX2)
    (real, imaginary), _ = interpret_loops(module, [x, y])
    wanted = np.fft.fft(x.astype("float64") + 1j * y) if length else x + 1j * y
    assert error(real + 1j * imaginary, wanted) <= DTYPES[dtype][1]


def test_transforms_of_one_dtype_share_their_functions() -> None:
    text = """program @fft_plan(%x: f64[?,?], %y: f64[?,?], %z: f32[?,?]) {
      %0: (f64[?,?], f64[?,?]) = fft %x, %y
      %1: (f64[?,?], f64[?,?]) = fft %0#0, %0#1
      %2: (f32[?,?], f32[?,?]) = fft %z, %z
      output "x" = %1#0
      output "z" = %2#0
    }"""
    module = lower(parse_program(text))
    verify_loops(module)
    # The entry has the program's name, whatever it is.
    names = [function.name for function in module.functions]
    assert names == ["fft_plan", "fft_plan.1", "fft.f64", "fft.f32"]


def test_a_long_transform_can_be_stopped(rng: np.random.Generator) -> None:
    run = native("f64")
    x, y = rows(rng, 4, 1 << 15, "f64")
    run(x, y)
    assert run.pool.polls > 4
    run.pool.polls, run.pool.stop_at = 0, run.pool.polls - 2
    with pytest.raises(EntryError) as stopped:
        run(x, y)
    assert stopped.value.status == Status.INTERRUPTED
    assert not run.pool.live


@pytest.mark.parametrize("dtype", DTYPES)
def test_native_code_is_as_exact_as_numpy_at_every_kind_of_length(
    dtype: str, rng: np.random.Generator
) -> None:
    run = native(dtype)
    lengths = [*range(40), 49, 64, 97, 121, 128, 210, 243, 625, 1000, 1001, 1009, 2048, 4099, 10007]
    for length in lengths:
        x, y = rows(rng, 3, length, dtype)
        wanted = np.fft.fft(x.astype("float64") + 1j * y) if length else x + 1j * y
        for arrange in (np.ascontiguousarray, np.asfortranarray, lambda a: a[::-1].copy()[::-1]):
            real, imaginary = run(arrange(x), arrange(y))
            assert real.dtype == DTYPES[dtype][0]
            assert error(real + 1j * imaginary, wanted) <= DTYPES[dtype][1], length


def test_a_long_transform_takes_time_in_proportion(rng: np.random.Generator) -> None:
    x, y = rows(rng, 1, 3 << 16, "f64")
    real, imaginary = native("f64")(x, y)
    assert error(real + 1j * imaginary, np.fft.fft(x + 1j * y)) < 1e-15


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("length", [8, 17])
def test_elements_that_are_not_finite_spread(
    length: int, bad: float, rng: np.random.Generator
) -> None:
    x, y = rows(rng, 2, length, "f64")
    x[0, 3] = bad
    real, _ = native("f64")(x, y)
    assert not np.isfinite(real[0]).any()
    np.testing.assert_allclose(real[1], np.fft.fft(x[1] + 1j * y[1]).real, atol=1e-12)


def test_no_rows_give_none(rng: np.random.Generator) -> None:
    for part in native("f64")(*rows(rng, 0, 5, "f64")):
        assert part.shape == (0, 5)


def test_parts_of_other_sizes_are_refused() -> None:
    x, y = np.ones((2, 3)), np.ones((2, 4))
    with pytest.raises(ExecutionError, match="fft: sizes 3 and 4 differ on axis 1"):
        interpret(parse_program(TEXT), [x, y])
    with pytest.raises(EntryError):
        native("f64")(x, y)

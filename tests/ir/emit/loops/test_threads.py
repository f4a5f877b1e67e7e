"""Parallel loops in machine code: all iterations are done, once, whoever takes which."""

import numpy as np
import pytest

from lltheano_ir.abi import Status
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import verify_loops
from tests.ir.emit.harness import Compiled, EntryError, compiled

ELEMENTS = """loops @f(%x: f64[%n] strides [%s] input, %c: f64[] input) {{
  alloc %y: f64[%n]
  load %a: f64 = %c[]
  for %i in %n, {how} {{
    load %v: f64 = %x[%i]
    let %w: f64 = mul %v, %a
    store %y[%i] = %w
  }}
  output "y" = %y
}}"""


def run_of(text: str) -> Compiled:
    function = parse_loops(text)
    verify_loops(function)
    return compiled(function)


@pytest.mark.parametrize("how", ["vector=4, unroll=2, parallel=8", "parallel=3"])
@pytest.mark.parametrize("size", [0, 1, 5, 15, 16, 17, 100, 1003])
def test_all_elements_are_done(how: str, size: int, rng: np.random.Generator) -> None:
    run = run_of(ELEMENTS.format(how=how))
    grain = int(how.rpartition("=")[2])
    for x in (rng.normal(size=size), rng.normal(size=2 * size)[::2]):
        (found,) = run(x, np.asarray(3.0))
        assert found.tobytes() == (x * 3.0).tobytes()
    assert run.pool.shared == ([(size, grain)] * 2 if size >= 2 * grain else [])


ROWS = """loops @f(%x: f64[%n, %m] strides [%s, 1] input) {
  alloc %y: f64[%n]
  for %i in %n, parallel=1 {
    alloc %t: f64[%m]
    for %j in %m, vector=4 {
      load %v: f64 = %x[%i, %j]
      let %w: f64 = mul %v, %v
      store %t[%j] = %w
    }
    reduce %r: f64 = add %w2 over %k in %m, blocked, vector=4 { load %w2: f64 = %t[%k] }
    store %y[%i] = %r
  }
  output "y" = %y
}"""


def test_each_chunk_has_memory_of_its_own_and_gives_it_back(rng: np.random.Generator) -> None:
    x = rng.normal(size=(230, 37))
    run = run_of(ROWS)
    (wanted,), _ = interpret_loops(parse_loops(ROWS), [x])
    assert run(x)[0].tobytes() == wanted.tobytes()
    assert run.pool.shared == [(230, 1)]


@pytest.mark.parametrize("at", [1, 2, 5])
def test_where_a_chunk_has_no_memory_the_call_fails(at: int, rng: np.random.Generator) -> None:
    run = run_of(ROWS)
    run.pool.fail_at = at
    with pytest.raises(EntryError) as caught:
        run(rng.normal(size=(230, 37)))
    assert caught.value.status == Status.NO_MEMORY
    assert caught.value.report[0] == 37 * 8


def test_the_first_poll_that_says_so_ends_a_parallel_loop() -> None:
    run = run_of(ELEMENTS.format(how="vector=4, parallel=8"))
    for stop in (0, 3):
        run.pool.stop_at = run.pool.polls + stop
        with pytest.raises(EntryError) as caught:
            run(np.zeros(100_000), np.asarray(1.0))
        assert caught.value.status == Status.INTERRUPTED
        assert run.pool.polls == run.pool.stop_at + 1


SUMS = """loops @f(%x: {dtype}[%n] strides [%s] input) {{
  alloc %a: {dtype}[]
  alloc %b: {dtype}[]
  alloc %c: i64[]
  alloc %d: {dtype}[]
  reduce %p: {dtype} = add %v, %q: {dtype} = max %v, %r: i64 = argmin %v, %t: {dtype} = mul %w
      over %i in %n, blocked, vector=4, unroll=2{how} {{
    load %v: {dtype} = %x[%i]
    let %w: {dtype} = mul %v, %v
  }}
  store %a[] = %p
  store %b[] = %q
  store %c[] = %r
  store %d[] = %t
  output "a" = %a
  output "b" = %b
  output "c" = %c
  output "d" = %d
}}"""


@pytest.mark.parametrize("dtype", ["f32", "f64", "i32"])
def test_a_reduction_has_the_same_bits_however_it_is_shared(
    dtype: str, rng: np.random.Generator
) -> None:
    numpy = {"f32": np.float32, "f64": np.float64, "i32": np.int32}[dtype]
    alone = run_of(SUMS.format(dtype=dtype, how=""))
    shared = run_of(SUMS.format(dtype=dtype, how=", parallel=1"))
    for size in (0, 1, 7, 1023, 2048, 4095, 4096, 4097, 70_001, 262_144, 300_000):
        x = rng.uniform(-1.1, 1.1, size) if dtype != "i32" else rng.integers(-9, 9, size)
        for data in (x.astype(numpy), np.repeat(x.astype(numpy), 2)[::2]):
            pairs = zip(shared(data), alone(data), strict=True)
            assert all(one.tobytes() == other.tobytes() for one, other in pairs)
    parts = [extent for extent, _ in shared.pool.shared]
    assert max(parts) > 8
    assert max(parts) <= 64


def test_a_nan_and_a_tie_in_another_part_are_found() -> None:
    run = run_of(SUMS.format(dtype="f64", how=", parallel=1"))
    x = np.ones(100_000)
    x[[60_000, 99_999]] = -1.0
    assert run(x)[2] == 60_000
    x[80_000] = np.nan
    total, most, least, _ = run(x)
    assert np.isnan(total)
    assert np.isnan(most)
    assert least == 80_000

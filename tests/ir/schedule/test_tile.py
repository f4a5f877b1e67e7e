"""Loops over the same rows, tile by tile: the same bits, and only where a row needs no other."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fuzz.comparison import same_bits
from lltheano_ir.decisions import Decision
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import For, LoopFunction, View
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import to_loops
from lltheano_ir.schedule import tile_rows
from lltheano_ir.target import Cache
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import compiled
from tests.ir.targets import AVX2, of_width

SMALL = (Cache(1, 512, 64),)
"""A cache of which tiles of a few rows take half."""

NORMALISED = """program @f(%x: D[?,?], %g: D[?]) {
  %0: D[?] = reduce %x, kind=max, axes=[1]
  %1: D[?,1] = dimshuffle %0, order=[0, new]
  %2: D[?,?] = sub %x, %1
  %3: D[?,?] = mul %2, %2
  %4: D[?] = reduce %3, kind=add, axes=[1]
  %5: D[?] = add %4, %4
  %6: D[?,1] = dimshuffle %5, order=[0, new]
  %7: D[?,?] = div %2, %6
  %8: D[1,?] = dimshuffle %g, order=[new, 0]
  %9: D[?,?] = mul %7, %8
  %10: i64[?] = argreduce %9, kind=max, axis=1
  output "y" = %9
  output "scale" = %5
  output "at" = %10
}"""

THREE_AXES = """program @f(%x: D[?,?,?], %y: D[?,?,?]) {
  %0: D[?,?] = reduce %x, kind=add, axes=[2]
  %1: D[?,?,1] = dimshuffle %0, order=[0, 1, new]
  %2: D[?,?,?] = div %x, %1
  %3: D[?,?,?] = mul %2, %y
  %4: D[?,?] = reduce %3, kind=add, axes=[2]
  %5: D[?,?,1] = dimshuffle %4, order=[0, 1, new]
  %6: D[?,?,?] = sub %y, %5
  %7: D[?,?,?] = mul %2, %6
  output "slope" = %7
}"""

SIZES = [(0, 3), (3, 0), (1, 1), (5, 7), (41, 33), (3, 300)]


@pytest.mark.parametrize("dtype", ["f16", "f32", "f64", "i32"])
def test_normalised_rows_have_the_bits_of_the_reference(
    dtype: str, rng: np.random.Generator
) -> None:
    text = NORMALISED.replace("div", "floordiv") if dtype == "i32" else NORMALISED
    shapes = [((rows, columns), (columns,)) for rows, columns in SIZES if columns]
    _compare(text, dtype, shapes, rng)


def test_rows_of_two_axes_are_those_of_one_loop(rng: np.random.Generator) -> None:
    shapes = [((rows, 3, columns),) * 2 for rows, columns in SIZES]
    _compare(THREE_AXES, "f32", shapes, rng)


def _compare(
    text: str,
    dtype: str,
    shapes: Sequence[tuple[tuple[int, ...], ...]],
    rng: np.random.Generator,
) -> None:
    program = optimise(parse_program(text.replace("D[", f"{dtype}[")))
    noted: list[Decision] = []
    module = to_loops(program, replace(of_width(32), caches=SMALL), decisions=noted)
    assert [one.stage for one in noted if one.taken].count("tile") == 1
    run = compiled(module)
    numpy = np.dtype({"f": "float", "i": "int"}[dtype[0]] + dtype[1:])
    for each in shapes:
        arrays = [_numbers(rng, shape, numpy) for shape in each]
        arrays[0] = np.asfortranarray(arrays[0])
        with np.errstate(all="ignore"):
            expected, _ = interpret(program, arrays)
        for found, other in zip(run(*arrays), expected, strict=True):
            assert same_bits(found, other), each


def _numbers(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype[np.generic]
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """Small numbers, with a NaN, an infinity and both zeros among them where there are such."""
    numbers = rng.integers(-9, 10, shape).astype(dtype)
    if numbers.dtype.kind == "f":
        special = np.array([np.nan, np.inf, -0.0, 0.0], dtype)
        places = rng.random(shape) < 0.02
        numbers[places] = rng.choice(special, int(places.sum()))
    return numbers


APART = """loops @f(%x: f64[%n, 4] strides [%s, %t] input, %k: i64[] input) {{
  site 0 value "negative"
  site 1 value "too great"
  contiguous %a: f64[%n, 4] = %x
  load %k0: i64 = %k[]
  let %more: i64 = add %n, 1
  let %last: i64 = sub %n, 1
  alloc %b: f64[%more, 4]
  {first}
  for %m in 4 {{
    store %b[%n, %m] = f64 7.0
  }}
  for %i in %n {{
    let %back: i64 = sub %last, %i
    for %j in 4 {{
      load %v: f64 = %a[%i, %j]
      let %w: f64 = add %v, f64 1.0
      store %b[{write}, %j] = %w
    }}
  }}
  {between}
  alloc %y: f64[%n, 4]
  for %o in %n {{
    {before}
    for %p in 4 {{
      load %c: f64 = {read}
      load %d: f64 = %a[%o, %p]
      let %e: f64 = sub %d, %c
      store %y[%o, %p] = %e
    }}
  }}
  output "y" = %y
}}"""

CHECK = """load %q: f64 = %b[0, 0]
  let %ok: bool = ge %q, f64 0.0
  check %ok, site=0
  let %small: bool = lt %k0, 3
  check %small, site=1"""

SUM = """reduce %all: f64 = add %part over %q in %n, rows {
    reduce %part: f64 = add %one over %z in 4, blocked { load %one: f64 = %b[%q, %z] }
  }
  alloc %sum: f64[]
  store %sum[] = %all"""

KEPT: dict[str, dict[str, str]] = {
    "another row": {"before": "let %z: i64 = sub %last, %o", "read": "%b[%z, %p]"},
    "a row that is looked up": {"read": "%b[%k0, %p]"},
    "rows written by another number": {"write": "%back", "read": "%b[%k0, %p]"},
    "a column": {"read": "%b[%p, %p]"},
    "the next row by another name": {
        "first": "view %u: f64[%n, 4] = %b, offset=4",
        "read": "%u[%o, %p]",
    },
    "a sum of all rows": {"between": SUM, "read": "%sum[]"},
    "a check of what is made": {"between": CHECK},
}


def _apart(**parts: str) -> LoopFunction:
    usual = {"first": "", "between": "", "before": "", "write": "%i", "read": "%b[%o, %p]"}
    return parse_loops(APART.format_map(usual | parts))


def _is_tiled(function: LoopFunction) -> bool:
    last = [one for one in function.body if isinstance(one, For)][-1]
    return any(isinstance(one, View) for one in last.body)


@pytest.mark.parametrize("name", KEPT)
def test_loops_stay_apart(name: str, rng: np.random.Generator) -> None:
    """What another row makes is needed: one row at a time would be too early."""
    function = _apart(**KEPT[name])
    found = tile_rows(function, replace(AVX2, caches=(Cache(1, 2, 64),)))
    assert not _is_tiled(found)
    verify_loops(found)
    arrays = [rng.random((5, 4)), np.asarray(2)]
    ((expected,), _), ((result,), _) = (interpret_loops(one, arrays) for one in (function, found))
    assert same_bits(result, expected)


def test_of_two_errors_it_is_the_first() -> None:
    """What makes the first one known must not be put off until the other is found."""
    function = _apart(between=CHECK)
    for one in (function, tile_rows(function, AVX2)):
        with pytest.raises(ExecutionError, match="negative"):
            interpret_loops(one, [np.full((3, 4), -5.0), np.asarray(7)])


def test_a_row_of_ones_own_is_no_other() -> None:
    assert _is_tiled(tile_rows(_apart(), AVX2))


def test_memory_from_before_the_commit_point_is_not_allocated_after_it() -> None:
    text = """loops @f(%w: f64[%n, %m] shared) {
      alloc %b: f64[%n]
      commit
      for %i in %n {
        reduce %r: f64 = add %v over %j in %m, blocked { load %v: f64 = %w[%i, %j] }
        store %b[%i] = %r
      }
      for %k in %n {
        for %l in %m {
          load %u: f64 = %w[%k, %l]
          load %d: f64 = %b[%k]
          let %e: f64 = div %u, %d
          store %w[%k, %l] = %e
        }
      }
      update %w = %w
    }"""
    found = tile_rows(parse_loops(text), AVX2)
    assert _is_tiled(found)
    verify_loops(found)

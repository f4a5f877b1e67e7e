"""Sums over leading axes turned row by row: at every border of blocks, tiles and axes the same."""

from dataclasses import replace

import numpy as np
import pytest

from fuzz.comparison import same_bits
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.ops.summation import fold_leading_axes
from lltheano_ir.schedule import interchange_reductions, vectorise
from lltheano_ir.schedule.row_blocks import tile_bytes
from lltheano_ir.target import Cache, Target
from tests.ir.emit.harness import compiled
from tests.ir.targets import AVX2, of_width

ONE_AXIS = """loops @f(%x: f32[%n, %m] strides [%s, %t] input) {
  contiguous %a: f32[%n, %m] = %x
  alloc %y: f32[%m]
  alloc %z: f32[%m]
  for %j in %m {
    reduce %p: f32 = add %v, %q: f32 = max %v over %i in %n, rows {
      load %v: f32 = %a[%i, %j]
    }
    store %y[%j] = %p
    store %z[%j] = %q
  }
  output "y" = %y
  output "z" = %z
}"""

THREE_AXES = """loops @f(%x: f32[%n, %k, %h, %m] strides [%s, %t, %u, %v] input) {
  contiguous %a: f32[%n, %k, %h, %m] = %x
  alloc %y: f32[%m]
  for %j in %m {
    reduce %p: f32 = add %w over %i in %n, %l in %k, %o in %h, rows {
      load %w: f32 = %a[%i, %l, %o, %j]
    }
    store %y[%j] = %p
  }
  output "y" = %y
}"""

MIDDLE_AXIS = """loops @f(%x: f32[%n, %k, 5] strides [%s, %t, %u] input) {
  contiguous %a: f32[%n, %k, 5] = %x
  alloc %y: f32[%n, 5]
  for %i in %n {
    for %j in 5 {
      reduce %p: f32 = add %v over %l in %k, rows {
        load %v: f32 = %a[%i, %l, %j]
      }
      store %y[%i, %j] = %p
    }
  }
  output "y" = %y
}"""

CASES: dict[str, tuple[str, tuple[int, ...], list[tuple[int, ...]]]] = {
    "one axis": (
        ONE_AXIS,
        (0,),
        [(0, 3), (3, 0), (1, 1), (128, 4), (129, 17), (300, 3), (650, 2)],
    ),
    "three axes": (
        THREE_AXES,
        (0, 1, 2),
        [(0, 2, 2, 3), (2, 0, 2, 3), (2, 2, 0, 3), (1, 1, 1, 1), (3, 40, 5, 3), (2, 1, 200, 2)],
    ),
    "a middle axis": (MIDDLE_AXIS, (1,), [(0, 3, 5), (3, 0, 5), (2, 300, 5), (3, 128, 5)]),
}


WIDE = AVX2
NARROW = replace(AVX2, caches=(Cache(1, 256, 64),))
"""Machines whose caches hold the sums of many columns, and of a few."""


def turned(text: str, target: Target = WIDE) -> LoopFunction:
    function = interchange_reductions(parse_loops(text), target)
    verify_loops(function)
    assert parse_loops(format_loops(function)) == function
    assert "reduce" not in format_loops(function)
    return function


@pytest.mark.parametrize("size", [200, 256, 1 << 20, (1 << 20) + 7, 2 << 20])
def test_a_tile_takes_a_share_of_the_second_cache(size: int) -> None:
    caches = (Cache(1, 32 << 10, 64), Cache(2, size, 64), Cache(3, 64 << 20, 64))
    bytes_ = tile_bytes(replace(AVX2, caches=caches))
    assert bytes_.bit_count() == 1
    assert size // 8 < bytes_ <= size // 4


@pytest.mark.parametrize("target", [NARROW, WIDE], ids=["narrow tiles", "wide tiles"])
@pytest.mark.parametrize("name", CASES)
def test_the_interpreter_finds_the_order_of_sums(
    name: str, target: Target, rng: np.random.Generator
) -> None:
    text, axes, shapes = CASES[name]
    function = turned(text, target)
    for shape in shapes:
        x = rng.standard_normal(shape).astype(np.float32)
        found, _ = interpret_loops(function, [x])
        assert same_bits(found[0], fold_leading_axes("add", x, axes))
        if len(found) > 1 and x.size:
            assert same_bits(found[1], x.max(axis=axes))


@pytest.mark.parametrize("target", [NARROW, WIDE], ids=["narrow tiles", "wide tiles"])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("vector_bytes", [16, 64])
def test_compiled_code_keeps_the_order_of_sums(
    name: str, target: Target, vector_bytes: int, rng: np.random.Generator
) -> None:
    text, axes, shapes = CASES[name]
    run = compiled(vectorise(turned(text, target), of_width(vector_bytes)))
    for shape in [*shapes, (1, 3000, 5), (3000, 1, 5), (2000, 7), (3, 700, 5, 30)]:
        if len(shape) != len(shapes[0]) or (name == "a middle axis" and shape[2] != 5):
            continue
        x = rng.standard_normal(shape).astype(np.float32)
        assert same_bits(run(x)[0], fold_leading_axes("add", x, axes))


def test_memory_for_the_tree_grows_with_the_logarithm() -> None:
    """One block has none; an extremum has none at all; there is a tree for each of some tiles."""
    run = compiled(vectorise(turned(ONE_AXIS), AVX2))
    for shape, kept in (
        ((128, 40), 0),
        ((129, 40), 40),
        ((1000, 40), 3 * 40),
        ((129, 70000), 16 * 4416),
    ):
        run.pool.drawn.clear()
        run(np.zeros(shape, np.float32))
        assert sorted(run.pool.drawn) == sorted([4 * kept, 4 * shape[1], 4 * shape[1]])


def test_few_rows_need_no_blocks() -> None:
    shown = format_loops(turned(ONE_AXIS.replace("%n", "100")))
    assert "alloc %b" not in shown
    assert "if" not in shown.split()

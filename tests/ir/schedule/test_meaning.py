"""Loops that look as if they could be scheduled another way, and mean the same after every pass."""

from typing import Any

import numpy as np
import pytest

from fuzz.comparison import same_bits
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import Alloc, For, Let, Reduce, Statement
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.walk import inner_bodies
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.schedule import collapse_loops
from lltheano_ir.text import parse_program
from tests.ir.agreement import agreed
from tests.ir.emit.harness import compiled
from tests.ir.loop_pipeline import loop_stages, scheduled

NEST = """loops @f(%x: f64[%n, %m] shared) {{
  alloc %y: f64[3, 4]
  for %i in 3 {{
    for %j in 4 {{
      store %y[%i, %j] = f64 -1.0
    }}
  }}
  for %i in {rows} {{
    for %j in {columns} {{
      load %v: f64 = %x[{index}]
      store %y[%i, %j] = %v
    }}
  }}
  output "y" = %y
}}"""


@pytest.mark.parametrize(
    ("rows", "columns", "index", "shape"),
    [
        ("%n", "%m", "%i, %j", (3, 4)),
        ("2", "4", "%i, %j", (3, 4)),
        ("3", "2", "%i, %j", (3, 4)),
        ("%n", "%m", "%i, %j", (2, 3)),
        ("3", "3", "%j, %i", (3, 3)),
        ("3", "4", "0, %j", (2, 4)),
        ("3", "4", "%i, 0", (3, 2)),
    ],
)
def test_nests_over_parts_of_buffers(
    rows: str, columns: str, index: str, shape: tuple[int, int]
) -> None:
    before = parse_loops(NEST.format(rows=rows, columns=columns, index=index))
    x = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    ((expected,), _), ((found,), _) = (
        interpret_loops(function, [x]) for function in (before, collapse_loops(before))
    )
    assert same_bits(found, expected)


PRODUCT = """program @f(%x: c128[?,?]) {
  %0: c128[?] = reduce %x, kind=mul, axes=[0]
  output "y" = %0
}"""


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_complex_product_over_rows_has_no_factor_of_its_own(rows: int) -> None:
    """1 * z is not z where a part of z is infinite."""
    program = parse_program(PRODUCT)
    x = np.full((rows, 3), complex(np.inf, 0.0))
    x[:, 1] = complex(0.0, -np.inf)
    x[:, 2] = complex(-0.0, -0.0)
    (expected,), _ = interpret(program, [x])
    for stage, module in loop_stages(program):
        (found,), _ = interpret_loops(module, [x])
        assert same_bits(found, expected), stage
    assert same_bits(compiled(scheduled(program))(x)[0], expected)


REPEATED = """program @f(%x: f64[?], %y: f64[?,?]) {
  %0: f64[?] = exp %x
  %1: f64[1,?] = dimshuffle %0, order=[new, 0]
  %2: f64[?,?] = add %y, %1
  output "z" = %2
}"""
SHARED = """program @f(%x: f64[?], %y: f64[?,?]) {
  %0: f64[?] = exp %x
  %1: f64[?] = dot %y, %0
  %2: f64[] = reduce %0, kind=add, axes=[0]
  output "product" = %1
  output "sum" = %2
}"""


def depths(body: tuple[Statement, ...], op: str, depth: int = 0) -> list[int]:
    """How deep in loops each computation of an op stands."""
    found = []
    for statement in body:
        if isinstance(statement, Let) and statement.op == op:
            found.append(depth)
        inside = depth + isinstance(statement, For | Reduce)
        for inner in inner_bodies(statement):
            found += depths(inner, op, inside)
    return found


@pytest.mark.parametrize("text", [REPEATED, SHARED], ids=["in a larger space", "in memory too"])
def test_an_element_that_takes_long_is_computed_once(text: str) -> None:
    module = scheduled(optimise(parse_program(text)))
    assert depths(module.entry.body, "exp") == [1]


def test_what_was_computed_once_is_right() -> None:
    inputs: list[Any] = [np.array([0.0, 1.0, -1.0]), np.ones((2, 3))]
    for text in (REPEATED, SHARED):
        results = compiled(scheduled(optimise(parse_program(text))))(*inputs)
        expected, _ = interpret(parse_program(text), inputs)
        for found, other in zip(results, expected, strict=True):
            np.testing.assert_allclose(found, other, rtol=1e-15)


ALL = """program @f(%x: f64[?,?], %y: f64[?,?]) {
  %0: f64[?,?] = sub %x, %y
  %1: f64[?,?] = mul %0, %0
  %2: i64[] = dim %x, axis=0
  %3: i64[] = dim %x, axis=1
  %4: i64[] = mul %2, %3
  %5: f64[?] = reshape %1, %4, pattern=[?]
  %6: f64[] = reduce %5, kind=add, axes=[0]
  %7: i64[] = argreduce %5, kind=max, axis=0
  output "y" = %6
  output "z" = %7
}"""


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 300)])
def test_what_is_reduced_over_all_axes_has_no_memory(
    shape: tuple[int, int], rng: np.random.Generator
) -> None:
    agreed(ALL, rng.standard_normal(shape), rng.standard_normal(shape))
    module = scheduled(optimise(parse_program(ALL)))
    allocated = [one.buffer.sizes for one in module.entry.body if isinstance(one, Alloc)]
    assert allocated == [(), ()]

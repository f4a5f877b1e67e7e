"""The bytes that a program moves: a fused chain passes over memory once."""

import pytest

from lltheano_ir.loops.nodes import LoopModule, View
from lltheano_ir.loops.traffic import Traffic, memory_traffic
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import to_loops
from lltheano_ir.text import parse_program
from tests.ir.targets import AVX2

CHAIN = """program @chain(%a: f64[?], %b: f64[?], %c: f64[?], %d: f64[?]) {
  %0: f64[?] = mul %a, %b
  %1: f64[?] = tanh %0
  %2: f64[?] = neg %c
  %3: f64[?] = mul %2, %c
  %4: f64[?] = exp %3
  %5: f64[?] = sin %d
  %6: f64[?] = mul %4, %5
  %7: f64[?] = add %1, %6
  output "y" = %7
}"""

ROWS = """program @rows(%x: f32[?,?], %m: f32[?,?]) {
  %0: f32[?,?] = dot %x, %m
  %1: f32[?] = reduce %0, kind=add, axes=[1]
  output "y" = %1
}"""

NORMALISED = """program @normalised(%x: f32[?,?]) {
  %0: f32[?] = reduce %x, kind=max, axes=[1]
  %1: f32[?,1] = dimshuffle %0, order=[0, new]
  %2: f32[?,?] = sub %x, %1
  output "y" = %2
}"""


def loops(text: str) -> LoopModule:
    return to_loops(optimise(parse_program(text)), AVX2)


def test_a_fused_chain_reads_each_input_once_and_writes_its_output_once() -> None:
    shapes = dict.fromkeys("abcd", (1000,))
    assert memory_traffic(loops(CHAIN), shapes) == Traffic(read=4 * 8000, written=8000)


def test_routines_and_reductions_are_counted() -> None:
    found = memory_traffic(loops(ROWS), {"x": (10, 20), "m": (20, 30)})
    product = 4 * (10 * 20 + 20 * 30)
    assert found == Traffic(read=product + 4 * 10 * 30, written=4 * 10 * 30 + 4 * 10)


def test_a_loop_over_tiles_counts_every_row_once() -> None:
    module = loops(NORMALISED)
    assert any(isinstance(one, View) for each in module.entry.body for one in statements_in(each))
    rows, columns = 100, 1000
    matrix, vector = 4 * rows * columns, 4 * rows
    expected = Traffic(read=2 * matrix + vector, written=matrix + vector)
    assert memory_traffic(module, {"x": (rows, columns)}) == expected


def test_what_depends_on_data_is_refused() -> None:
    text = """program @f(%n: i64[]) {
      %0: i64[?] = iota %n
      %1: i64[?] = mul %0, %0
      output "y" = %1
    }"""
    with pytest.raises(ValueError, match="depends on more than the shapes"):
        memory_traffic(loops(text), {"n": ()})

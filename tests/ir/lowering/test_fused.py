"""What fusion puts into one pass, in loops: values that read the same memory over other spaces."""

from typing import Any

import numpy as np
import pytest

from fuzz.comparison import same_bits
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import compiled
from tests.ir.loop_pipeline import loop_stages

X = np.arange(1.0, 13.0).reshape(3, 4)
TEXTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "a vector and a part of it": (
        """program @f(%x: f64[?]) {
          %one: i64[] = constant 1
          %n: i64[] = dim %x, axis=0
          %m: i64[] = sub %n, %one
          %0: f64[?] = slice %x, %one, %m, %one, axes=[0]
          %1: f64[?] = sqrt %x
          %2: f64[?] = sqrt %0
          output "whole" = %1
          output "part" = %2
        }""",
        (X[0],),
    ),
    "sums along either axis": (
        """program @f(%x: f64[?,?]) {
          %0: f64[?,?] = sqrt %x
          %1: f64[?] = reduce %0, kind=add, axes=[0]
          %2: f64[?] = reduce %0, kind=add, axes=[1]
          %3: f64[] = reduce %0, kind=max, axes=[0, 1]
          output "columns" = %1
          output "rows" = %2
          output "greatest" = %3
        }""",
        (X,),
    ),
    "a matrix and its transpose": (
        """program @f(%x: f64[?,?]) {
          %0: f64[?,?] = dimshuffle %x, order=[1, 0]
          %1: f64[?,?] = sqrt %x
          %2: f64[?,?] = sqrt %0
          output "rows" = %1
          output "columns" = %2
        }""",
        (X,),
    ),
    "a sum that its own terms are divided by": (
        """program @f(%x: f64[?,?]) {
          %0: f64[?,?] = sqrt %x
          %1: f64[?] = reduce %0, kind=add, axes=[1]
          %2: f64[?,1] = dimshuffle %1, order=[0, new]
          %n: i64[] = dim %x, axis=1
          %3: f64[?,?] = broadcast %2, %n, axes=[1]
          %4: f64[?,?] = div %0, %3
          %5: f64[?] = reduce %4, kind=add, axes=[1]
          output "parts" = %4
          output "sum" = %5
        }""",
        (X,),
    ),
    "what is made of a sum, and a sum of that": (
        """program @f(%x: f64[?], %y: f64[?]) {
          %0: f64[] = reduce %x, kind=add, axes=[0]
          %1: f64[1] = dimshuffle %0, order=[new]
          %2: f64[?] = add %y, %1
          %3: f64[] = reduce %2, kind=add, axes=[0]
          %4: f64[1] = dimshuffle %3, order=[new]
          %5: f64[?] = add %x, %4
          output "second" = %2
          output "first" = %5
        }""",
        (X[0], X[1]),
    ),
    "a vector beside each row": (
        """program @f(%x: f64[?,?], %y: f64[?]) {
          %0: f64[?] = sqrt %y
          %1: f64[1,?] = dimshuffle %0, order=[new, 0]
          %2: f64[?,?] = add %x, %1
          %3: f64[?] = add %y, %0
          output "rows" = %2
          output "vector" = %3
        }""",
        (X, X[0]),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_fused_programs_keep_their_spaces_apart(name: str) -> None:
    text, inputs = TEXTS[name]
    program = parse_program(text)
    expected, _ = interpret(program, inputs)
    module = None
    for stage, module in loop_stages(optimise(program)):
        found, _ = interpret_loops(module, inputs)
        assert all(map(same_bits, found, expected)), stage
    assert module is not None
    assert all(map(same_bits, compiled(module)(*inputs), expected))

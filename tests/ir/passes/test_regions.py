"""Results and operands of loops and branches that look alike, and are not the same."""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.interpret import interpret
from lltheano_ir.passes.pipeline import PASSES, optimise
from lltheano_ir.text import parse_program

TEXTS = {
    "what is carried, and the stack of it": """program @f(%n: i64[], %x: f64[], %y: f64[]) {
      %0: (f64[], f64[?]) = loop %n, %x, carried=1
        body(%i: i64[], %h: f64[]) {
          %0: f64[] = add %h, %h
          yield %0, %0
        }
      output "last" = %0#0
      output "all" = %0#1
    }""",
    "two that start differently": """program @f(%n: i64[], %x: f64[], %y: f64[]) {
      %0: (f64[], f64[]) = loop %n, %x, %y, carried=2
        body(%i: i64[], %a: f64[], %b: f64[]) {
          %0: f64[] = add %a, %b
          yield %0, %0
        }
      output "a" = %0#0
      output "b" = %0#1
    }""",
    "one that only another needs": """program @f(%n: i64[], %x: f64[], %y: f64[]) {
      %0: (f64[], f64[], f64[]) = loop %n, %x, %y, %x, carried=3
        body(%i: i64[], %a: f64[], %b: f64[], %c: f64[]) {
          %0: f64[] = add %b, %c
          %1: f64[] = sub %c, %a
          yield %0, %1, %b
        }
      output "a" = %0#0
    }""",
    "one value carried and captured": """program @f(%n: i64[], %x: f64[], %y: f64[]) {
      %0: f64[] = loop %n, %x, %x, %x, carried=1
        body(%i: i64[], %h: f64[], %a: f64[], %b: f64[]) {
          %0: f64[] = mul %a, %b
          %1: f64[] = sub %h, %0
          yield %1
        }
      output "y" = %0
    }""",
    "branches that give the same of different operands": """program @f(
      %n: i64[], %x: f64[], %y: f64[]
    ) {
      %zero: i64[] = constant 0
      %c: bool[] = gt %n, %zero
      %0: (f64[], f64[]) = if %c, %x, %y
        then(%a: f64[], %b: f64[]) { yield %a, %a }
        else(%a: f64[], %b: f64[]) { yield %a, %b }
      output "first" = %0#0
      output "second" = %0#1
    }""",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("count", [0, 1, 4])
def test_every_pass_keeps_them_apart(name: str, count: int) -> None:
    program = parse_program(TEXTS[name])
    arrays: list[Any] = [np.int64(count), np.float64(3.0), np.float64(0.5)]
    expected = [one.tolist() for one in interpret(program, arrays)[0]]
    for after in (*(run(program) for run in PASSES.values()), optimise(program)):
        assert [one.tolist() for one in interpret(after, arrays)[0]] == expected

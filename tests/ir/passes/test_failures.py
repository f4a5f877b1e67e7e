"""A program that fails, fails when it has been rewritten: no error is simplified away.

Of a computation that nothing needs the failure may go; of these something is needed.
"""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.interpret import interpret
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.pipeline import PASSES, optimise
from lltheano_ir.text import parse_program

FAILING: dict[str, tuple[str, tuple[Any, ...]]] = {
    "a condition of another size than both choices": (
        """program @f(%c: bool[?], %x: f64[?]) {
          %0: f64[?] = select %c, %x, %x
          output "y" = %0
        }""",
        (np.ones(2, bool), np.ones(3)),
    ),
    "a loop that cannot run so often, of a value that stays": (
        """program @f(%n: i64[], %x: f64[]) {
          %0: (f64[], f64[]) = loop %n, %x, %x, carried=2
            body(%i: i64[], %a: f64[], %b: f64[]) {
              %0: f64[] = neg %b
              yield %a, %0
            }
          output "y" = %0#0
        }""",
        (np.int64(-1), np.float64(2.0)),
    ),
    "a reshape into more elements, and back": (
        """program @f(%x: f64[?], %n: i64[]) {
          %size: i64[] = dim %x, axis=0
          %0: f64[?] = reshape %x, %n, pattern=[?]
          %1: f64[?] = reshape %0, %size, pattern=[?]
          output "y" = %1
        }""",
        (np.ones(3), np.int64(4)),
    ),
    "a sum with an element too many, of which only the size is needed": (
        """program @f(%x: f64[?], %y: f64[?]) {
          %0: f64[?] = add %x, %y
          %1: f64[?] = sub %0, %x
          output "y" = %1
        }""",
        (np.ones(3), np.ones(4)),
    ),
    "an axis that was declared to have one element": (
        """program @f(%x: f64[?]) {
          %0: f64[1] = rebroadcast %x, pattern=[1]
          %1: f64[?] = rebroadcast %0, pattern=[?]
          output "y" = %1
        }""",
        (np.ones(2),),
    ),
    "an index out of range, of a value that is repeated": (
        """program @f(%x: f64[?], %i: i64[]) {
          %0: f64[] = index %x, %i, axis=0
          %1: f64[1] = dimshuffle %0, order=[new]
          %n: i64[] = constant 3
          %2: f64[?] = broadcast %1, %n, axes=[0]
          output "y" = %2
        }""",
        (np.ones(2), np.int64(2)),
    ),
}
EXACT = [name for name in PASSES if name not in ("stabilise", "cancel")]


@pytest.mark.parametrize("name", FAILING)
def test_it_fails_after_every_pass(name: str) -> None:
    text, inputs = FAILING[name]
    program = parse_program(text)
    arrays = [np.asarray(one) for one in inputs]
    for after in (program, *(PASSES[each](program) for each in EXACT), optimise(program)):
        with pytest.raises(ExecutionError):
            interpret(after, arrays)

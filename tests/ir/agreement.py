"""A program's text against the reference interpreter: as lowered, and after every loop pass."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from fuzz.comparison import same_bits
from lltheano_ir.interpret import evaluate, interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.nodes import operands_first, result as result_of
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.program import Program
from lltheano_ir.text import parse_program
from tests.ir.loop_pipeline import loop_stages

__all__ = ["agreed", "agreed_failure", "failing_kinds", "loop_failure"]


def agreed(text: str, *inputs: Any) -> Sequence[Any]:
    """The results, which must be those of the tensor program after every pass."""
    arrays = [np.asarray(one) for one in inputs]
    program = parse_program(text)
    outputs, updates = interpret(program, arrays)
    expected = [*outputs, *updates]
    for stage, function in loop_stages(program):
        verify_loops(function)
        results = [array for group in interpret_loops(function, arrays) for array in group]
        for result, other in zip(results, expected, strict=True):
            assert same_bits(result, other), stage
    return expected


def agreed_failure(text: str, *inputs: Any) -> ExecutionError:
    """The error, which the tensor program must have too, and the loop IR after every pass."""
    arrays = [np.asarray(one) for one in inputs]
    program = parse_program(text)
    with pytest.raises(ExecutionError):
        interpret(program, arrays)
    return loop_failure(text, *arrays)


def loop_failure(text: str, *inputs: Any) -> ExecutionError:
    """The error with which the loop IR ends after every pass."""
    errors = []
    for _, function in loop_stages(parse_program(text)):
        with pytest.raises(ExecutionError) as caught:
            interpret_loops(function, [np.asarray(one) for one in inputs])
        errors.append(caught.value)
    assert len({str(error) for error in errors}) == 1
    return errors[-1]


def failing_kinds(program: Program, inputs: Sequence[Any]) -> set[str]:
    """The kinds of failure of all values that have none of their own; empty when none fails.

    Which of several independent values fails first is not promised: passes put checks in another
    order. Nor is it inside of a region, for which its own kinds stand that are found first.
    """
    kinds = set()
    for value in operands_first(program.roots):
        root = value if len(value.types) == 1 else result_of(value, 0)
        try:
            evaluate([root], inputs, host=program.host)
        except ExecutionError as error:
            kinds.add(error.kind)
    return kinds

"""The loop IR of a program, before and after each pass over it, means what the program means."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from fuzz.case import Case
from fuzz.comparison import same_bits
from fuzz.strategies.programs import cases
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.nodes import LoopFunction
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.memory.assign import assign_buffers
from lltheano_ir.memory.inplace import update_in_place
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.program import Program
from lltheano_ir.schedule import collapse_loops, interchange_reductions, vectorise
from tests.ir.targets import AVX2

STAGES: dict[str, Callable[[Program], LoopFunction]] = {
    "lower": lower,
    "interchange": lambda program: interchange_reductions(lower(program)),
    "inplace": lambda program: update_in_place(lower(program)),
    "assign": lambda program: assign_buffers(update_in_place(lower(program))),
    "collapse": lambda program: collapse_loops(update_in_place(lower(program))),
    "all": lambda program: vectorise(
        collapse_loops(assign_buffers(update_in_place(interchange_reductions(lower(program))))),
        AVX2,
    ),
}


@pytest.mark.parametrize("stage", STAGES)
@given(case=cases())
@settings(max_examples=40, deadline=None)
def test_loop_ir_agrees_with_the_reference(stage: str, case: Case) -> None:
    function = STAGES[stage](case.program)
    verify_loops(function)
    assert parse_loops(format_loops(function)) == function
    try:
        wanted = interpret(case.program, case.inputs)
    except ExecutionError:
        with pytest.raises(ExecutionError):
            interpret_loops(function, case.inputs, case.program.host)
        return
    found = interpret_loops(function, case.inputs, case.program.host)
    for group, expected in zip(found, wanted, strict=True):
        for one, other in zip(group, expected, strict=True):
            assert same_bits(one, other), (one, other)

"""Programs of all ops, in native code, against the reference interpreter.

Inputs come in any layout, loops in vectors of any width. Programs with ops that are not exact are
compared by their shapes, dtypes and failures only.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import assume, example, given, settings, strategies as st

from fuzz.case import Case
from fuzz.comparison import same_bits
from fuzz.strategies.programs import cases
from fuzz.tolerance import loops_are_exact
from lltheano_ir.emit.context import operand_dtype
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.nodes import Call, Let, LoopModule
from lltheano_ir.loops.routines.table import ROUTINES
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.nodes import has_callback
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.ops.table import OPS
from lltheano_ir.text import parse_program
from tests.ir.agreement import failing_kinds
from tests.ir.emit.harness import Array, EntryError, compiled
from tests.ir.loop_pipeline import PIPELINES
from tests.ir.targets import of_width

LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "packed": lambda x: np.array(x, order="C"),
    "columns": lambda x: np.array(x, order="F"),
    "reversed": lambda x: np.ascontiguousarray(x[..., ::-1])[..., ::-1] if x.ndim else x,
    "stepped": lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x,
}


def inexact_names(module: LoopModule) -> Iterator[str]:
    """What the functions compute that is not exact."""
    for one in (one for function in module.functions for one in function.body):
        for statement in statements_in(one):
            if isinstance(statement, Let) and not _is_exact(statement):
                yield statement.op
            elif isinstance(statement, Call) and not _calls_exact(statement):
                yield statement.callee


def _calls_exact(statement: Call) -> bool:
    return statement.internal or ROUTINES[statement.callee].exact


def _is_exact(statement: Let) -> bool:
    return OPS[statement.op].is_exact(operand_dtype(statement.operands[-1]))


TWO_WRONG_NUMBERS = """program @f(%x: f32[?,1]) {
  %before: i64[] = constant -1
  %one: i64[] = constant 1
  %none: i64[] = constant 0
  %0: f32[?,?] = slice %x, %before, %before, %one, %before, %none, %none, axes=[0, 1]
  output "y" = %0
}"""
"""A slice that leaves its first axis, and has a negative size on the second."""


@pytest.mark.parametrize("pipeline", PIPELINES)
@given(
    case=cases(),
    layout=st.sampled_from(sorted(LAYOUTS)),
    vector_bytes=st.sampled_from([16, 32, 64]),
)
@example(
    case=Case(parse_program(TWO_WRONG_NUMBERS), (np.zeros((0, 1), np.float32),)),
    layout="packed",
    vector_bytes=16,
)
@settings(max_examples=20, deadline=None)
def test_native_code_agrees_with_the_reference(
    pipeline: str, case: Case, layout: str, vector_bytes: int
) -> None:
    assume(not has_callback(*case.program.roots))  # what it calls is the run time's, not here
    module = PIPELINES[pipeline](case.program, of_width(vector_bytes))
    run = compiled(module, vector_bytes)
    arrays = [
        np.array(x) if one.shared else LAYOUTS[layout](x)
        for x, one in zip(case.inputs, module.parameters, strict=True)
    ]
    try:
        outputs, updates = interpret(case.program, case.inputs)
    except ExecutionError:
        with pytest.raises(EntryError) as failure:
            run(*arrays)
        kind = module.sites[failure.value.report[0]].kind
        # Of sizes that differ the compiler says besides whether one might have been repeated.
        assert kind.replace("broadcast", "sizes") in failing_kinds(case.program, case.inputs)
        return
    exact = loops_are_exact(case.program) and not list(inexact_names(module))
    for got, want in zip(run(*arrays), (*outputs, *updates), strict=True):
        assert got.dtype == want.dtype
        assert got.shape == want.shape
        assert not exact or same_bits(got, want), (got, want)

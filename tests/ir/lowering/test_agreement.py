"""The loop IR of a program, before and after each pass over it, means what the program means."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given, settings
from numpy.typing import NDArray

from fuzz.case import Case
from fuzz.comparison import same_bits
from fuzz.strategies.programs import cases
from fuzz.tolerance import decided_by_inexact, loops_are_exact
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.pipeline import run_passes
from tests.ir.loop_pipeline import loop_stages

Results = Sequence[Sequence[NDArray[Any]]]


def arrays_or_none(run: Callable[[], Results]) -> list[NDArray[Any]] | None:
    """The outputs and new values of a run, or None when it failed as it may."""
    try:
        return [array for group in run() for array in group]
    except ExecutionError:
        return None


@pytest.mark.parametrize("passes", [[], ["fuse"]], ids=["as it is", "fused"])
@given(case=cases())
@settings(max_examples=60, deadline=None)
def test_loop_ir_agrees_with_the_reference_after_every_pass(passes: list[str], case: Case) -> None:
    program = run_passes(case.program, passes)
    exact = loops_are_exact(program)
    assume(exact or not decided_by_inexact(program))
    reference = arrays_or_none(partial(interpret, program, case.inputs))
    for stage, module in loop_stages(program):
        verify_loops(module)
        assert parse_module(format_loops(module)) == module, stage
        run = partial(interpret_loops, module, case.inputs, case.program.host)
        results = arrays_or_none(run)
        assert (results is None) == (reference is None), stage
        for result, expected in zip(results or (), reference or (), strict=True):
            assert (result.dtype, result.shape) == (expected.dtype, expected.shape)
            assert not exact or same_bits(result, expected), (stage, result, expected)

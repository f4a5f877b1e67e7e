"""Every pass leaves the meaning of a program as it is, bit for bit; NaNs count as equal."""

from hypothesis import given, settings

from fuzz.case import Case
from fuzz.comparison import same_bits
from fuzz.strategies.programs import cases
from lltheano_ir.interpret import interpret
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.pipeline import PASSES, optimise
from lltheano_ir.program import Program
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.verify import verify

EXACT = [name for name in PASSES if name not in ("stabilise", "cancel", "batch")]


def check(case: Case, after: Program) -> None:
    """A failure may go away with a computation that nothing needs; none may come."""
    verify(after)
    assert parse_program(format_program(after)) == after
    try:
        before = interpret(case.program, case.inputs)
    except ExecutionError:
        return
    for wanted, found in zip(before, interpret(after, case.inputs), strict=True):
        assert all(same_bits(*pair) for pair in zip(wanted, found, strict=True))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=cases(most_steps=12))
def test_passes_keep_the_meaning(case: Case) -> None:
    for name in EXACT:
        after = PASSES[name](case.program)
        check(case, after)
        assert PASSES[name](after) == after, f"{name} had something left to do"
    check(case, optimise(case.program, keep_results=True))
    verify(optimise(case.program))

"""Programs of all ops, in native code, against the reference interpreter.

Inputs come in any layout. Programs with ops that are not exact are compared by their shapes, dtypes and
failures only.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.comparison import same_bits
from fuzz.strategies.programs import Case, cases
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.nodes import Let, LoopFunction
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.lowering.lower import lower
from lltheano_ir.memory.assign import assign_buffers
from lltheano_ir.memory.inplace import update_in_place
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.ops.table import OPS
from lltheano_ir.program import Program
from lltheano_ir.schedule import collapse_loops, vectorise
from tests.ir.emit.harness import Array, EntryError, compiled

STAGES: dict[str, Callable[[Program], LoopFunction]] = {
    "plain": lower,
    "all": lambda program: vectorise(
        collapse_loops(assign_buffers(update_in_place(lower(program)))), 32
    ),
}

LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "packed": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "reversed": lambda x: np.ascontiguousarray(x[..., ::-1])[..., ::-1] if x.ndim else x,
    "stepped": lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x,
}


def inexact_names(function: LoopFunction) -> Iterator[str]:
    """What the function computes that is not exact."""
    for one in function.body:
        for statement in statements_in(one):
            if isinstance(statement, Let) and OPS[statement.op].ulp:
                yield statement.op
            name = getattr(statement, "routine", "copy")
            if name != "copy":
                yield name


@pytest.mark.parametrize("stage", STAGES)
@given(case=cases(), layout=st.sampled_from(sorted(LAYOUTS)))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_native_code_agrees_with_the_reference(stage: str, case: Case, layout: str) -> None:
    function = STAGES[stage](case.program)
    run = compiled(function, 32)
    arrays = [
        np.array(x) if one.shared else LAYOUTS[layout](x)
        for x, one in zip(case.inputs, function.parameters, strict=True)
    ]
    try:
        outputs, updates = interpret(case.program, case.inputs)
    except ExecutionError as error:
        with pytest.raises(EntryError) as failure:
            run(*arrays)
        assert function.sites[failure.value.report[0]].kind == error.kind
        return
    exact = not list(inexact_names(function))
    for got, want in zip(run(*arrays), (*outputs, *updates), strict=True):
        assert got.dtype == want.dtype
        assert got.shape == want.shape
        assert not exact or same_bits(got, want), (got, want)

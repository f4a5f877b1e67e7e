"""Rules of what may fail, and of the commit point: `call`, `callback`, `check`, `commit`."""

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.analysis.alignment import element_alignment
from lltheano_ir.loops.calls import require_arguments
from lltheano_ir.loops.nodes import Call, Callback, Check, Commit
from lltheano_ir.loops.routines.table import routine_of
from lltheano_ir.loops.verify.scope import Scope
from lltheano_ir.ops.control import MAX_REPORTED

__all__ = ["call", "callback", "check", "commit"]


def call(scope: Scope, one: Call) -> None:
    """A call of a routine, or of a function of the module."""
    scope.may_fail(f"the {'function @' if one.internal else 'routine '}{one.callee}")
    for buffer in (*one.outputs, *one.inputs):
        scope.known(buffer)
        alignment, least = scope.alignments[buffer.name], element_alignment(buffer.dtype)
        if alignment < least:
            scope.fail(f"%{buffer.name} has align {alignment}, and a call needs {least}")
    for operand in one.operands:
        scope.operand(operand)
    try:
        (_call_function if one.internal else _call_routine)(scope, one)
    except ValueError as error:
        scope.fail(str(error))
    for buffer in one.outputs:
        scope.writable(buffer)


def _call_routine(scope: Scope, one: Call) -> None:
    routine_of(one).matched(one)


def _call_function(scope: Scope, one: Call) -> None:
    function = scope.functions.get(one.callee)
    if function is None:
        raise ValueError(f"there is no function @{one.callee}")
    require_arguments(one, function)
    written = [scope.base(buffer) for buffer in one.outputs]
    for position, base in enumerate(written):
        others = [*written[:position], *(scope.base(buffer) for buffer in one.inputs)]
        if base in others:
            raise ValueError(f"@{one.callee} may write %{base.name}, which another argument names")


def callback(scope: Scope, one: Callback) -> None:
    """A call of a host function."""
    scope.may_fail(f"the host function {one.name}")
    if one.function < 0:
        scope.fail("host functions are numbered from 0")
    for buffer in one.inputs:
        scope.known(buffer)
    for scalar in one.measured:
        scope.define(scalar)
        if scalar.dtype is not i64 or not any(scalar in each.sizes for each in one.outputs):
            scope.fail(f"%{scalar.name} is not a size of what the function gives")
    for buffer in one.outputs:
        if buffer.strides is not None:
            scope.fail("what a host function gives is row-major, without strides")
        scope.declare(buffer)
        if not scope.depth:
            scope.allocated.add(buffer)


def check(scope: Scope, one: Check) -> None:
    """A condition whose failure ends the call."""
    scope.may_fail("a check")
    if scope.operand(one.condition) is not bool_:
        scope.fail(f"a condition of dtype {one.condition.dtype}")
    if not 0 <= one.site < len(scope.function.sites):
        scope.fail(f"there is no site {one.site}")
    wanted = scope.fields(one.site, scope.function.sites[one.site])
    if wanted > len(one.values):
        scope.fail(f"site {one.site} names {wanted} values, the check gives {len(one.values)}")
    if len(one.values) > MAX_REPORTED:
        scope.fail(f"a check reports at most {MAX_REPORTED} values, got {len(one.values)}")
    for value in one.values:
        scope.index(value)


def commit(scope: Scope, one: Commit) -> None:
    """The commit point."""
    if scope.depth or scope.committed:
        scope.fail("commit stands at the top level, once")
    if not scope.is_entry:
        scope.fail("only the entry has a commit point")
    scope.committed = True

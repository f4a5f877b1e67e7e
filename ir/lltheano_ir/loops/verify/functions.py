"""A function as a whole: its parameters, sites, statements and results."""

from collections.abc import Mapping

from lltheano_ir.loops.analysis.alignment import element_alignment
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Clock,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Last,
    Let,
    Load,
    LoopFunction,
    LoopParameter,
    Rebind,
    Reduce,
    Result,
    Scalar,
    Store,
    Tally,
    View,
)
from lltheano_ir.loops.verify import calls, control, counting, elements, memory, rebinding
from lltheano_ir.loops.verify.scope import Rules, Scope
from lltheano_ir.ops.control import ASSERT_KINDS

__all__ = ["verify_function"]


def verify_function(
    function: LoopFunction, functions: Mapping[str, LoopFunction], *, is_entry: bool
) -> None:
    """Raise LoopVerificationError unless the rules hold of a function of a module."""
    scope = Scope(function, functions, _RULES, is_entry=is_entry)
    for parameter in function.parameters:
        buffer = parameter.buffer
        for operand in (*buffer.sizes, *(buffer.strides or ())):
            known = not scope.is_entry and operand in scope.scalars
            if isinstance(operand, Scalar) and not known:
                scope.define(operand)
        scope.declare(buffer)
        scope.align(buffer, element_alignment(buffer.dtype))
        _parameter(scope, parameter)
    for number, site in enumerate(function.sites):
        if site.kind not in ASSERT_KINDS:
            kinds = ", ".join(ASSERT_KINDS)
            scope.fail(f"site {number} is of kind {site.kind}; the kinds are {kinds}")
        scope.fields(number, site)
    scope.body(function.body)
    scope.statement = None
    _results(scope)


def _parameter(scope: Scope, one: LoopParameter) -> None:
    kind = "shared" if one.shared else "inout" if one.inout else ""
    if kind and one.buffer.strides is not None:
        scope.fail(f"the {kind} parameter %{one.buffer.name} has strides")
    if one.inout and (scope.is_entry or one.shared):
        scope.fail(f"%{one.buffer.name} is inout: only functions that are called have that")
    if one.shared and not scope.is_entry:
        scope.fail(f"%{one.buffer.name} is shared: only the entry has that")
    if not one.inout:
        (scope.shared if one.shared else scope.read_only).add(one.buffer)


def _results(scope: Scope) -> None:
    if scope.function.results and not scope.is_entry:
        scope.fail("only the entry has results")
    taken: set[Buffer] = set()
    for result in scope.function.results:
        own = _own_buffer(scope, result)
        if result.buffer != own and result.buffer not in scope.allocated:
            scope.fail(f"result {result.name!r} is not memory that the function allocated")
        if result.buffer in taken:
            scope.fail(f"result {result.name!r} is the memory of another result")
        taken.add(result.buffer)


def _own_buffer(scope: Scope, result: Result) -> Buffer | None:
    if result.update is None:
        return None
    if not 0 <= result.update < len(scope.function.parameters):
        scope.fail(f"update {result.name!r} names no parameter")
    own = scope.function.parameters[result.update]
    same = own.buffer.dtype is result.buffer.dtype
    if not own.shared or not same or len(own.buffer.sizes) != len(result.buffer.sizes):
        scope.fail(f"update {result.name!r} does not fit its parameter")
    return own.buffer


_RULES: Rules = {
    Let: elements.let,
    Load: elements.load,
    Store: elements.store,
    For: control.for_,
    Reduce: control.reduce,
    If: control.if_,
    Alloc: memory.alloc,
    Constant: memory.constant,
    View: memory.view,
    Contiguous: memory.contiguous,
    Call: calls.call,
    Callback: calls.callback,
    Check: calls.check,
    Last: control.last,
    Rebind: rebinding.rebind,
    Commit: calls.commit,
    Clock: counting.clock,
    Tally: counting.tally,
}

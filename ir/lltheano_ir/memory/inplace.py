"""Which updates may be written straight into their shared parameter, and the commit point.

The new value of a shared parameter is made in fresh memory, to be swapped in when the function
returns. `update_in_place` writes it into the parameter's own memory instead, where that is legal:

1. the new value has the sizes of the old one, and no loop moves it to other memory;
2. every other statement that reads the old value can run before the first write;
3. a loop that writes the new value reads the old one only at the very element that it then writes;
4. nothing that may fail (a check, an allocation, a library call) has to run after the first write;
5. a loop that writes the new value is no slower than memory. Once it writes, a call cannot be
   interrupted, so what takes long is computed in fresh memory, where it can, at little cost.

The body is then ordered: what finds errors first, the computation after it, then `commit`, then the
writes to shared memory. Every decision is recorded with its reason.
"""

from dataclasses import field, replace

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Roots
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Commit,
    For,
    Let,
    Load,
    LoopFunction,
    Reduce,
    Result,
    Statement,
    View,
)
from lltheano_ir.loops.walk import rebound_buffers, rename_buffers, statements_in
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.memory.overwrite import BodyPlan, copies_itself, plan_body
from lltheano_ir.ops.table import OPS
from lltheano_ir.records import record

__all__ = ["update_in_place"]


@record
class _Plan:
    """The body under decision, the sizes that are equal, and the writes chosen so far.

    `rebound` are the names of buffers that loops move to other memory.
    """

    order: BodyPlan
    equal: Equalities
    rebound: frozenset[str]
    renamed: dict[Buffer, Buffer] = field(default_factory=dict)
    committing: set[int] = field(default_factory=set)


def update_in_place(
    function: LoopFunction, decisions: list[Decision] | None = None
) -> LoopFunction:
    """Return `function` with legal updates made in place, ordered round its commit point.

    A function that has a commit point already is ordered, and stays as it is.
    """
    if any(isinstance(statement, Commit) for statement in function.body):
        return function
    rebound = frozenset(target.name for target, _ in rebound_buffers(function.body))
    order = plan_body(function.body, Roots(function.body))
    plan = _Plan(order, Equalities(function.body), rebound)
    for result in function.results:
        if result.update is not None:
            _decide(plan, function, result, decisions if decisions is not None else [])
    body = _ordered(plan)
    results = tuple(
        replace(result, buffer=plan.renamed.get(result.buffer, result.buffer))
        for result in function.results
    )
    return replace(function, body=rename_buffers(body, plan.renamed), results=results)


def _decide(plan: _Plan, function: LoopFunction, result: Result, decisions: list[Decision]) -> None:
    assert result.update is not None
    old = function.parameters[result.update].buffer
    if result.buffer == old:
        decisions.append(Decision("in place", result.name, True, "the update changes nothing"))
        return
    reason = _refusal(plan, result.buffer, old)
    taken = reason is None
    why = reason or "the old value is dead, sizes agree, and nothing can fail after the write"
    decisions.append(Decision("in place", result.name, taken, why))


def _refusal(plan: _Plan, new: Buffer, old: Buffer) -> str | None:
    """Accept the update (and add what it orders to the plan), or say why not."""
    if new.name in plan.rebound:
        return "a loop that makes the new value has it change places with other memory"
    if not plan.equal.same_sizes(new, old):
        return "the new value is not known to have the sizes of the old one"
    order = plan.order
    conflict = order.conflict(new, old)
    if conflict is not None:
        return conflict
    writers = order.writers.get(new.name, set())
    if any(_takes_long(order.body[position]) for position in writers):
        return "the loop that makes the new value takes long, and must stay interruptible"
    after = order.following(writers) | writers
    failing = [position for position in after if order.found[position].may_fail]
    if failing:
        return f"{_describe(order.body[min(failing)])} has to run after the first write"
    order.read_first(new, old)
    plan.committing.update(after)
    plan.renamed[new] = old
    return None


def _takes_long(statement: Statement) -> bool:
    """Whether a loop does more for an element than a few instructions."""
    return isinstance(statement, For) and any(
        isinstance(one, Reduce) or (isinstance(one, Let) and _is_kernel(one))
        for one in statements_in(statement)
    )


def _is_kernel(let: Let) -> bool:
    op = OPS.get(let.op)
    return op is not None and bool(op.library or op.ulp)


def _describe(statement: Statement) -> str:
    match statement:
        case Check():
            return "a check"
        case Call():
            called = "function" if statement.internal else "library routine"
            return f"the {called} {statement.callee}"
        case Callback():
            return f"the host function {statement.name}"
        case _:
            return "an allocation"


def _ordered(plan: _Plan) -> tuple[Statement, ...]:
    """Checks as early as they can be, shared memory written last, the given order otherwise."""
    statements = plan.order.body
    gone = {
        position
        for position, statement in enumerate(statements)
        if isinstance(statement, Alloc) and statement.buffer in plan.renamed
    }
    gone.update(p for p in plan.committing if copies_itself(statements[p], plan.renamed))

    def key(position: int) -> tuple[int, int]:
        if position in plan.committing:
            return 2, position
        return int(not isinstance(statements[position], Let | Load | Check | View)), position

    order = plan.order.order(key)
    early = [p for p in order if p not in plan.committing and p not in gone]
    late = [p for p in order if p in plan.committing and p not in gone]
    body = [statements[position] for position in early]
    if late:
        body += [Commit(), *(statements[position] for position in late)]
    return tuple(body)

"""Rules of loops, reductions and branches, and of how they are scheduled."""

from lltheano_ir.dtypes import DType, bool_, i64
from lltheano_ir.loops.analysis.alignment import element_alignment
from lltheano_ir.loops.analysis.carried import carried_dependence
from lltheano_ir.loops.analysis.threads import thread_obstacle
from lltheano_ir.loops.analysis.vectors import vector_obstacle
from lltheano_ir.loops.builder import number_of
from lltheano_ir.loops.nodes import (
    Buffer,
    For,
    If,
    Last,
    Let,
    Load,
    Order,
    Reduce,
    Schedule,
    Store,
)
from lltheano_ir.loops.verify.scope import Scope
from lltheano_ir.loops.walk import lent_buffers, rebound_buffers
from lltheano_ir.ops.reduction import REDUCTION_KINDS

__all__ = ["for_", "if_", "last", "reduce"]

_MAX_VECTOR = 64
_MAX_UNROLL = 16


def for_(scope: Scope, one: For) -> None:
    """A loop."""
    scope.index(one.extent)
    _schedule(scope, one.schedule)
    if one.sequential and one.schedule != Schedule():
        scope.fail("a sequential loop runs one iteration at a time")
    rebound = {target for target, _ in rebound_buffers((one,))}
    if rebound:
        _forget_views(scope, rebound)
    for target in lent_buffers((one,)):
        least = target.alignment or element_alignment(target.dtype)
        scope.alignments[target.name] = least
    scope.loops.append(one)
    scope.inner(one.body, (one.index,))
    scope.loops.pop()
    _independent(scope, one)
    _may_be_vectors(scope, one)
    _may_be_shared(scope, one)


def _forget_views(scope: Scope, rebound: set[Buffer]) -> None:
    """Views made before a loop still name the memory that its buffers had then."""
    for view in [view for view in scope.buffers if view in scope.bases]:
        if scope.base(view) in rebound:
            scope.buffers.discard(view)


def _independent(scope: Scope, loop: For) -> None:
    carried = None if loop.sequential else carried_dependence(loop)
    if carried is None:
        return
    name = f"%{carried.store.buffer.name}"
    if carried.distance is None:
        scope.fail(f"all iterations write one element of {name}: the loop must be sequential")
    what = "stores to" if isinstance(carried.access, Store) else "loads"
    scope.fail(
        f"an element of {name} that one iteration stores, the iteration"
        f" {abs(carried.distance)} {'after' if carried.distance > 0 else 'before'} it {what}:"
        " the loop must be sequential"
    )


def reduce(scope: Scope, one: Reduce) -> None:
    """A reduction."""
    for extent in one.extents:
        scope.index(extent)
    _schedule(scope, one.schedule)
    if len(one.indices) != len(one.extents) or not one.indices:
        scope.fail("a reduction needs an extent for each index")
    if one.order is Order.BLOCKED and len(one.indices) != 1:
        scope.fail("a blocked reduction has one index")
    for inner in one.body:
        if not isinstance(inner, Let | Load | Reduce):
            scope.fail("the body of a reduction holds let, load and reduce only")
    scalars, buffers = set(scope.scalars), set(scope.buffers)
    for index in one.indices:
        scope.define(index)
    scope.body(one.body)
    for reduction in one.reductions:
        _reduction(scope, reduction.kind, scope.operand(reduction.value), reduction.target.dtype)
    scope.scalars, scope.buffers = scalars, buffers
    for reduction in one.reductions:
        scope.define(reduction.target)
    _may_be_vectors(scope, one)
    _may_be_shared(scope, one)


def _reduction(scope: Scope, kind: str, dtype: DType, target: DType) -> None:
    arg = kind.startswith("arg")
    base = kind.removeprefix("arg")
    if base not in REDUCTION_KINDS or (arg and base not in ("max", "min")):
        scope.fail(f"there is no reduction {kind}")
    if dtype.numpy.kind not in REDUCTION_KINDS[base]:
        scope.fail(f"reduction {kind} is not defined on {dtype}")
    if target is not (i64 if arg else dtype):
        scope.fail(f"reduction {kind} of {dtype} cannot give {target}")


def _may_be_vectors(scope: Scope, loop: For | Reduce) -> None:
    if loop.schedule.vector > 1:
        obstacle = vector_obstacle(loop)
        if obstacle is not None:
            scope.fail(f"the loop has vector={loop.schedule.vector}, but {obstacle}")


def _may_be_shared(scope: Scope, loop: For | Reduce) -> None:
    if loop.schedule.parallel is None:
        return
    if any(outer.schedule.parallel is not None for outer in scope.loops):
        scope.fail("the loop is parallel, and so is one round it")
    obstacle = thread_obstacle(loop, scope.roots.of)
    if obstacle is not None:
        scope.fail(f"the loop is parallel, but {obstacle}")


def _schedule(scope: Scope, schedule: Schedule) -> None:
    vector, unroll = schedule.vector, schedule.unroll
    if schedule.parallel is not None:
        scope.index(schedule.parallel)
        worth = number_of(schedule.parallel)
        if worth is not None and worth < 1:
            scope.fail(f"parallel={worth} is no number of iterations from 1 on")
    if not 1 <= vector <= _MAX_VECTOR or vector & (vector - 1):
        scope.fail(f"vector={vector} is not a power of two from 1 to {_MAX_VECTOR}")
    if not 1 <= unroll <= _MAX_UNROLL:
        scope.fail(f"unroll={unroll} is not from 1 to {_MAX_UNROLL}")
    if unroll > 1 and vector == 1:
        scope.fail(f"unroll={unroll} is for vectors, and the loop has none")


def if_(scope: Scope, one: If) -> None:
    """A branch."""
    if scope.operand(one.condition) is not bool_:
        scope.fail(f"a condition of dtype {one.condition.dtype}")
    scope.inner(one.then)
    scope.inner(one.otherwise)


def last(scope: Scope, one: Last) -> None:
    """What says that a loop ends here."""
    if scope.operand(one.condition) is not bool_:
        scope.fail(f"a condition of dtype {one.condition.dtype}")
    if not scope.loops or not scope.loops[-1].sequential or one not in scope.loops[-1].body:
        scope.fail("last stands in the body of a sequential loop, not in a branch")
    if sum(isinstance(other, Last) for other in scope.loops[-1].body) > 1:
        scope.fail("last stands in the body of a loop once")

"""Which loops several threads share.

The outermost loops that may be shared, and take long enough for it, are given the number of
iterations that is worth a thread: those that take some microseconds by a rough estimate of what an
iteration costs. Where that depends on sizes it is computed in front of the loop. A loop that turns
out to have fewer iterations than two threads are worth runs on the thread that calls.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from lltheano_ir.decisions import Decision
from lltheano_ir.loops.analysis.dependence import Roots
from lltheano_ir.loops.analysis.threads import thread_obstacle
from lltheano_ir.loops.builder import LoopBuilder, number, number_of
from lltheano_ir.loops.nodes import (
    For,
    If,
    Let,
    Load,
    LoopFunction,
    Operand,
    Reduce,
    Scalar,
    Schedule,
    Statement,
    Store,
)
from lltheano_ir.loops.walk import defined_names, inner_bodies, names_made_by
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Cost
from lltheano_ir.records import record

__all__ = ["GRAIN_PICOSECONDS", "share_among_threads"]

GRAIN_PICOSECONDS = 5_000_000
"""What the iterations take that are worth a thread: ten times what it costs to hand them over."""

_PICOSECONDS = {Cost.CHEAP: 300, Cost.SLOW: 2_000, Cost.KERNEL: 10_000}
"""What an op takes on one element; in vectors so much less as there are lanes."""

_PER_BYTE = 10
"""Picoseconds for a byte that is read or written in order."""

_PER_ELEMENT = 500
"""Picoseconds for an element read or written somewhere else than its neighbour in the loop."""

_Factors: TypeAlias = tuple[Operand, ...]
"""Extents of loops one inside the other."""


def share_among_threads(
    function: LoopFunction, decisions: list[Decision] | None = None
) -> LoopFunction:
    """Return `function` with what is worth a thread noted at the loops that may be shared."""
    builder = LoopBuilder(taken=set(defined_names(function)))
    noted: list[Decision] = decisions if decisions is not None else []
    state = _State(builder, Roots(function.body), noted)
    known = {
        one.name
        for parameter in function.parameters
        for one in (*parameter.buffer.sizes, *(parameter.buffer.strides or ()))
        if isinstance(one, Scalar)
    }
    state.emit(function.body, known)
    return replace(function, body=tuple(builder.blocks[0]))


@record(frozen=True, slots=True)
class _State:
    builder: LoopBuilder
    roots: Roots
    decisions: list[Decision]

    def emit(self, body: Iterable[Statement], known: set[str]) -> None:
        """Emit the statements of a body; `known` are the scalars defined before it."""
        inside = set(known)
        for statement in body:
            self.builder.emit(self._shared(statement, inside))
            inside.update(_defined(statement))

    def _shared(self, statement: Statement, known: set[str]) -> Statement:
        match statement:
            case For() if statement.sequential:
                return replace(statement, body=self._inner(statement.body, known, statement.index))
            case For() | Reduce():
                return self._scheduled(statement, known)
            case If():
                then, otherwise = (self._inner(one, known) for one in inner_bodies(statement))
                return replace(statement, then=then, otherwise=otherwise)
            case _:
                return statement

    def _inner(
        self, body: tuple[Statement, ...], known: set[str], *indices: Scalar
    ) -> tuple[Statement, ...]:
        with self.builder.block() as statements:
            self.emit(body, known | {one.name for one in indices})
        return tuple(statements)

    def _scheduled(self, loop: For | Reduce, known: set[str]) -> For | Reduce:
        index = loop.index if isinstance(loop, For) else loop.indices[0]
        subject = f"the loop over %{index.name}"
        obstacle = thread_obstacle(loop, self.roots.of)
        if obstacle is not None:
            self.decisions.append(Decision("threads", subject, False, obstacle))
            return loop
        grain = self._grain(_cost(loop.body, loop.schedule, known), loop.schedule)
        whole = loop.extent if isinstance(loop, For) else loop.extents[0]
        extent, worth = number_of(whole), number_of(grain)
        if extent is not None and worth is not None and extent < 2 * worth:
            reason = f"it ends before {2 * worth} iterations, which are worth two threads"
            self.decisions.append(Decision("threads", subject, False, reason))
            return loop
        reason = f"{'some' if worth is None else worth} iterations are worth a thread"
        self.decisions.append(Decision("threads", subject, True, reason))
        return replace(loop, schedule=replace(loop.schedule, parallel=grain))

    def _grain(self, cost: Mapping[_Factors, int], schedule: Schedule) -> Operand:
        """How many iterations of this cost are worth a thread, in whole rounds of the vectors."""
        unit = schedule.vector * schedule.unroll
        op = self.builder.index_op
        taken: Operand = number(1)
        for factors, picoseconds in cost.items():
            product: Operand = number(min(picoseconds, _LONG))
            for factor in factors:
                times = op("minimum", op("maximum", factor, number(0)), number(_MOST))
                product = op("minimum", op("mul", product, times), number(_LONG))
            taken = op("add", taken, product)
        fixed = number_of(taken)
        if fixed is None:
            return op("maximum", op("floordiv", number(GRAIN_PICOSECONDS), taken), number(1))
        return number(-(-GRAIN_PICOSECONDS // (fixed * unit)) * unit)


_UNKNOWN = 64
"""What the extent of an inner loop is taken for that is not known in front of the loop."""

_MOST = 1 << 20
"""Iterations of an inner loop beyond which it does not matter how many there are."""

_LONG = 1 << 40
"""Picoseconds beyond which it does not matter how long it takes; no product then overflows."""


def _defined(statement: Statement) -> set[str]:
    """The names that later statements of the body see."""
    inside = (one for body in inner_bodies(statement) for one in body)
    return set(names_made_by(statement)).difference(*map(names_made_by, inside))


def _cost(body: Iterable[Statement], schedule: Schedule, known: set[str]) -> Counter[_Factors]:
    """What an iteration takes, in picoseconds: for each product of extents, how much so often."""
    cost: Counter[_Factors] = Counter({(): 0})
    for statement in body:
        match statement:
            case Let():
                op = OPS[statement.op].cost_on(statement.operands[-1].dtype)
                cost[()] += _PICOSECONDS[op] // schedule.vector
            case Load() | Store():
                cost[()] += _access_cost(statement, schedule)
            case For() | Reduce():
                cost.update(_repeated(statement, schedule, known))
            case If():
                branches = [_cost(one, schedule, known) for one in inner_bodies(statement)]
                cost.update(max(branches, key=lambda one: sum(one.values())))
            case _:
                cost[()] += _PER_ELEMENT
    return cost


def _repeated(loop: For | Reduce, outer: Schedule, known: set[str]) -> Counter[_Factors]:
    """What a loop inside takes."""
    # A loop without vectors runs in the lanes of the loop round it, if that has any.
    schedule = max(loop.schedule, outer, key=lambda one: one.vector)
    times, factors = 1, list[Operand]()
    for extent in (loop.extent,) if isinstance(loop, For) else loop.extents:
        fixed = number_of(extent)
        if fixed is not None:
            times *= min(max(fixed, 0), _MOST)
        elif isinstance(extent, Scalar) and extent.name in known:
            factors.append(extent)
        else:
            times *= _UNKNOWN
    inner = _cost(loop.body, schedule, known)
    return Counter({(*key, *factors): times * cost for key, cost in inner.items()})


def _access_cost(access: Load | Store, schedule: Schedule) -> int:
    in_order = _PER_BYTE * access.buffer.dtype.itemsize
    return in_order if schedule.vector > 1 else max(_PER_ELEMENT, in_order)

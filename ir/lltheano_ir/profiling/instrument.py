"""Clocks and counters put between the statements of a program, once all passes are through.

    clock %t0
    ...                             a group of statements, of which one at most is heavy
    clock %t1
    let %d: i64 = sub %t1, %t0
    tally 3, values=[1, %d, ...]

Groups stand in the body of the entry and in the bodies of the program's own loops and branches, so
that a scan is taken apart. Loops over elements stay as they are, with their schedules: the program
is the same but for the clocks. Row 0 is the whole call, and row 1 what lies between the heavy
statements of the body. What a call does before it fails is counted, but for the group in which it
fails.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import LoopBuilder, number
from lltheano_ir.loops.nodes import (
    Alloc,
    Clock,
    For,
    If,
    LoopFunction,
    LoopModule,
    Operand,
    Rebind,
    Scalar,
    Statement,
    Tally,
)
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.loops.walk import defined_names, inner_bodies
from lltheano_ir.profiling.attribution import described, is_heavy, is_program_loop
from lltheano_ir.profiling.regions import Region, RegionKind
from lltheano_ir.profiling.work import work_of
from lltheano_ir.provenance import Origin

__all__ = ["instrument"]

_SETUP = 1
"""The row of what lies between the heavy statements of the body."""


def instrument(
    module: LoopModule, origins: Mapping[str, Origin]
) -> tuple[LoopModule, tuple[Region, ...]]:
    """The module with clocks in its entry, and what each row of its counters counts.

    `origins` is what the names of the entry were made for.
    """
    entry, *others = module.functions
    probes = _Probes(entry, origins)
    result = LoopModule((probes.instrumented(), *others))
    verify_loops(result)
    return result, tuple(probes.regions)


class _Probes:
    """The statements of a function, with clocks, and the regions found so far."""

    def __init__(self, function: LoopFunction, origins: Mapping[str, Origin]) -> None:
        self.function = function
        self.origins = origins
        self.regions = [
            Region(RegionKind.PROGRAM, function.name),
            Region(RegionKind.SETUP, RegionKind.SETUP.value, 0),
        ]
        self.builder = LoopBuilder(taken=set(defined_names(function)))
        self.allocations: list[Statement] = []

    def instrumented(self) -> LoopFunction:
        start = self._clock()
        end = self._body(self.function.body, 0, start)
        elapsed = self.builder.index_op("sub", end, start)
        self.builder.emit(Tally(0, (number(1), elapsed)))
        self.builder.emit(Tally(_SETUP, (number(1), *[number(0)] * 3, self._allocated([]))))
        (body,) = self.builder.blocks
        return replace(self.function, body=tuple(body))

    def _clock(self) -> Scalar:
        now = Scalar(self.builder.fresh("t"), i64)
        self.builder.emit(Clock(now))
        return now

    def _body(self, body: Sequence[Statement], parent: int, since: Scalar) -> Scalar:
        """Emit a body in groups; the time after the last of them."""
        for group in _groups(body, is_whole=parent == 0):
            if is_heavy(group[-1]):
                since = self._group(group, parent, since)
            elif parent == 0:
                since = self._setup(group, since)
            else:
                self._emit(group)
        return since

    def _emit(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            self.builder.emit(statement)

    def _setup(self, group: Sequence[Statement], since: Scalar) -> Scalar:
        """A group between others; all of these have one row."""
        self._emit(group)
        now = self._clock()
        elapsed = self.builder.index_op("sub", now, since)
        self.builder.emit(Tally(_SETUP, (number(0), elapsed)))
        self.allocations += [one for one in group if isinstance(one, Alloc)]
        return now

    def _allocated(self, group: Sequence[Statement]) -> Operand:
        """The bytes that a group allocates, with what was made for it between the groups."""
        made, self.allocations = [*self.allocations, *group], []
        return work_of(made).allocated.emit(self.builder)

    def _group(self, group: Sequence[Statement], parent: int, since: Scalar) -> Scalar:
        row = len(self.regions)
        region = described(group, parent, self.origins)
        self.regions.append(region)
        opened = self._opened(group)
        if opened is not None:
            self.regions[row] = replace(region, has_bytes=False, has_flops=False)
        for statement in group:
            inner = self._inside(statement, row) if statement is opened else statement
            self.builder.emit(inner)
        now = self._clock()
        self._tally(row, group, now, since, has_work=opened is None)
        return now

    def _opened(self, group: Sequence[Statement]) -> Statement | None:
        """The statement that is taken apart: a loop or branch of several things to time."""
        for one in group:
            is_loop = is_program_loop(one, self.origins)
            inner = [each for body in inner_bodies(one) for each in body]
            if (is_loop or isinstance(one, If)) and sum(map(is_heavy, inner)) > 1:
                return one
        return None

    def _inside(self, statement: Statement, row: int) -> Statement:
        """A loop or branch with clocks inside."""
        if isinstance(statement, If):
            then, otherwise = (
                self._timed(body, row) for body in (statement.then, statement.otherwise)
            )
            return replace(statement, then=then, otherwise=otherwise)
        assert isinstance(statement, For)
        return replace(statement, body=self._timed(statement.body, row))

    def _timed(self, body: Sequence[Statement], row: int) -> tuple[Statement, ...]:
        # What is rebound stands last in a body.
        end = len(body) - 1 if body and isinstance(body[-1], Rebind) else len(body)
        if not any(map(is_heavy, body)):
            return tuple(body)
        with self.builder.block() as statements:
            self._body(body[:end], row, self._clock())
        return (*statements, *body[end:])

    def _tally(
        self,
        row: int,
        group: Sequence[Statement],
        now: Scalar,
        since: Scalar,
        *,
        has_work: bool,
    ) -> None:
        elapsed = self.builder.index_op("sub", now, since)
        work = work_of(group)
        figures = [work.bytes, work.flops] if has_work else []
        values: list[Operand] = [one.emit(self.builder) for one in figures] or [number(0)] * 2
        values.append(self._allocated(group))
        self.builder.emit(Tally(row, (number(1), elapsed, *values)))


def _groups(body: Sequence[Statement], *, is_whole: bool) -> Iterator[list[Statement]]:
    """Neighbouring statements, with one heavy one at the end of each group but the last.

    In the body of the function, what comes before a heavy statement is a group of its own; inside a
    loop, where a clock costs as much as such statements, it belongs to what follows.
    """
    group: list[Statement] = []
    for statement in body:
        if is_heavy(statement):
            if is_whole and group:
                yield group
                group = []
            yield [*group, statement]
            group = []
        else:
            group.append(statement)
    if group:
        yield group

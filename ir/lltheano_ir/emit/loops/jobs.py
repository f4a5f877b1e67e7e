"""A reduction as a job: what is reduced over which positions, and what one position gives."""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.context import EmissionContext, operand_dtype
from lltheano_ir.emit.loops.accumulators import Accumulator, State
from lltheano_ir.emit.loops.nests import enter_iteration
from lltheano_ir.loops.nodes import Reduce, Reduction, Statement
from lltheano_ir.records import record

__all__ = ["Job", "elements_at", "flat_registers", "states_like"]


@record(frozen=True, slots=True)
class Job:
    """Reductions that run in one loop over the positions from `begin`, where a block of theirs
    begins, to `end`; `body` is what varies from one to the next.
    """

    reduce: Reduce
    body: tuple[Statement, ...]
    reductions: tuple[Reduction, ...]
    begin: ir.Value
    end: ir.Value

    @property
    def accumulators(self) -> list[Accumulator]:
        """How each reduction is made."""
        return [Accumulator(one.kind, operand_dtype(one.value)) for one in self.reductions]


def elements_at(
    context: EmissionContext,
    job: Job,
    position: ir.Value,
    lanes: int,
    unit_strides: frozenset[str] = frozenset(),
    tail: Sequence[ir.Value] | None = None,
    *,
    multiple: int = 1,
) -> list[State]:
    """What each reduction takes at `position`, a multiple of `multiple`, and in the lanes after
    it.
    """
    inside = context.inside(lanes=lanes, unit_strides=unit_strides, tail=tail)
    enter_iteration(inside, job.reduce.indices[0], position, multiple=multiple)
    inside.emit(job.body)
    pairs = zip(job.accumulators, job.reductions, strict=True)
    return [one.element(inside.register(own.value, lanes), position) for one, own in pairs]


def flat_registers(states: Sequence[State]) -> list[ir.Value]:
    """The registers of all states, one after the other."""
    return [register for state in states for register in state]


def states_like(flat: Sequence[ir.Value], like: Sequence[State]) -> list[State]:
    """Registers put back into states of the same form as `like`."""
    rest = iter(flat)
    return [[next(rest) for _ in state] for state in like]

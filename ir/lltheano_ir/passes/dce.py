"""Dead code: what no result needs.

A value that nothing reaches is gone by itself, since a program names its roots only. What is left
are the regions: results that nobody takes, loop-carried values that only serve themselves, and
operands of which no region reads the argument; and ops that cost less where nobody takes some of
their results.
"""

from collections.abc import Sequence

from lltheano_ir.nodes import (
    Region,
    Value,
    argument,
    inlined,
    make,
    operands_first,
    rebuilt,
    result,
)
from lltheano_ir.ops.definition import Narrowed
from lltheano_ir.ops.regions import RegionForm
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.records import record

__all__ = ["remove_dead"]


def remove_dead(program: Program) -> Program:
    """The program without results and operands of regions that nothing needs.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%c: bool[], %x: f64[], %y: f64[]) {
    ...   %0: (f64[], f64[]) = if %c, %x, %y
    ...     then(%x: f64[], %y: f64[]) { yield %x, %y }
    ...     else(%x: f64[], %y: f64[]) { %0: f64[] = neg %x yield %0, %x }
    ...   output "y" = %0#0
    ... }''')
    >>> print(format_program(remove_dead(program)), end="")
    program @f(%c: bool[], %x: f64[], %y: f64[]) {
      %0: f64[] = if %c, %x
        then(%a0: f64[]) {
          yield %a0
        }
        else(%a0: f64[]) {
          %0: f64[] = neg %a0
          yield %0
        }
      output "y" = %0
    }
    """
    if not any(value.regions or value.op.narrow for value in program.values()):
        return program
    scope = _Scope(dict(program.locations))
    roots = scope.live(program.roots)
    return program if roots == program.roots else program.with_roots(roots, scope.locations)


@record(frozen=True, slots=True)
class _Plan:
    """What to keep of an op with regions: results and arguments by position, the regions so far."""

    results: list[int]
    arguments: list[int]
    bodies: list[tuple[Value, ...]]

    def operands(self, value: Value) -> list[Value]:
        """The operands to keep."""
        positions = value.form.operands_kept(self.results, self.arguments)
        return [value.operands[position] for position in positions]


class _Scope:
    """Trims the ops with regions of one scope."""

    def __init__(self, locations: dict[Value, Location]) -> None:
        self.locations = locations
        self._plans: dict[Value, _Plan] = {}
        self._narrowed: dict[Value, Narrowed] = {}
        self._final: dict[Value, Value] = {}

    def live(self, roots: Sequence[Value]) -> tuple[Value, ...]:
        """What stands for the roots."""
        order = list(operands_first(roots))
        needed = self._needed(roots, order)
        for value in order:
            if value in needed:
                self._final[value] = self._trimmed(value)
                self._note(self._final[value], value)
        return tuple(self._final[root] for root in roots)

    def _needed(self, roots: Sequence[Value], order: Sequence[Value]) -> set[Value]:
        """The values that are needed, found from users to operands, with plans on the way."""
        needed = set(roots)
        taken: dict[Value, set[int]] = {}
        for value in reversed(order):
            if value not in needed:
                continue
            if value.regions:
                plan = self._plans[value] = self._plan(value, taken.get(value, {0}))
                needed.update(plan.operands(value))
                continue
            if value.op.narrow is not None:
                narrowed = value.op.narrow(value.attributes, frozenset(taken[value]))
                if narrowed is not None:
                    self._narrowed[value] = narrowed
            if value.is_result:
                taken.setdefault(value.operands[0], set()).add(value.attributes[0])
            needed.update(value.operands)
        return needed

    def _plan(self, value: Value, taken: set[int]) -> _Plan:
        form = value.form
        kept = _results_needed(value, form, taken)
        bodies = [
            _Scope(self.locations).live([region.results[index] for index in kept])
            for region in value.regions
        ]
        read = {index for body in bodies for index in _arguments_read(body)}
        return _Plan(kept, sorted({*read, *form.arguments_kept(kept)}), bodies)

    def _trimmed(self, value: Value) -> Value:
        if value.is_result and value.operands[0] in self._plans:
            owner, index = value.operands[0], value.attributes[0]
            return result(self._final[owner], self._plans[owner].results.index(index))
        if value.is_result and value.operands[0] in self._narrowed:
            owner, index = value.operands[0], value.attributes[0]
            return result(self._final[owner], self._narrowed[owner][1][index])
        if value in self._narrowed:
            same = [self._final[operand] for operand in value.operands]
            return make(value.op.name, same, self._narrowed[value][0])
        if not value.regions:
            return rebuilt(value, tuple(self._final[operand] for operand in value.operands))
        plan = self._plans[value]
        operands = [self._final[operand] for operand in plan.operands(value)]
        regions = tuple(
            self._renumbered(Region(region.parameters, body), plan.arguments)
            for region, body in zip(value.regions, plan.bodies, strict=True)
        )
        assert value.op.regions is not None
        kept = value.form.kept(plan.results, plan.arguments)
        return make(value.op.name, operands, value.op.regions.attributes(kept), regions)

    def _renumbered(self, region: Region, arguments: Sequence[int]) -> Region:
        """The region with only these of its arguments."""
        passed = [argument(index, one) for index, one in enumerate(region.parameters)]
        for place, index in enumerate(arguments):
            passed[index] = argument(place, region.parameters[index])
        parameters = tuple(region.parameters[index] for index in arguments)
        return Region(parameters, inlined(region, passed, self._note))

    def _note(self, new: Value, old: Value) -> None:
        """Carry the location of a value to what stands for it."""
        place = self.locations.get(old)
        if place is not None:
            self.locations.setdefault(new, place)


def _arguments_read(roots: Sequence[Value]) -> set[int]:
    return {one.attributes[0] for one in operands_first(roots) if one.is_argument}


def _results_needed(value: Value, form: RegionForm, taken: set[int]) -> list[int]:
    """The results to keep: those taken, and what steps hand on that these come to depend on."""
    needed: set[int] = set()
    pending = {*taken, *(() if form.proceeds is None else (form.proceeds,))}
    while pending:
        index = pending.pop()
        needed.add(index)
        for region in value.regions if form.carried else ():
            read = map(form.carried_argument, _arguments_read([region.results[index]]))
            pending |= {one.result for one in read if one is not None} - needed
    return sorted(needed)

"""Dead code: what no result needs.

A value that nothing reaches is gone by itself, since a program names its roots only. What is left
are the regions: results that nobody takes, loop-carried values that only serve themselves, and
operands of which no region reads the argument.
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
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location

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
    if not any(value.regions for value in program.values()):
        return program
    scope = _Scope(dict(program.locations))
    roots = scope.live(program.roots)
    return program if roots == program.roots else program.with_roots(roots, scope.locations)


class _Scope:
    """Trims the ops with regions of one scope, operands first."""

    def __init__(self, locations: dict[Value, Location]) -> None:
        self.locations = locations
        self._final: dict[Value, Value] = {}
        self._places: dict[Value, dict[int, int]] = {}

    def live(self, roots: Sequence[Value]) -> tuple[Value, ...]:
        """What stands for the roots."""
        order = list(operands_first(roots))
        taken: dict[Value, set[int]] = {}
        for value in order:
            if value.op.name == "result":
                taken.setdefault(value.operands[0], set()).add(value.attributes[0])
        for value in order:
            self._final[value] = self._live(value, taken.get(value, {0}))
            self.note(self._final[value], value)
        return tuple(self._final[root] for root in roots)

    def note(self, new: Value, old: Value) -> None:
        """Carry the location of a value to what stands for it."""
        place = self.locations.get(old)
        if place is not None:
            self.locations.setdefault(new, place)

    def _live(self, value: Value, taken: set[int]) -> Value:
        operands = tuple(self._final[operand] for operand in value.operands)
        if value.op.name == "result":
            places = self._places[value.operands[0]]
            return result(operands[0], places[value.attributes[0]])
        if not value.regions:
            return rebuilt(value, operands)
        trimmed, kept = self._trimmed(rebuilt(value, operands), taken)
        self._places[value] = {index: place for place, index in enumerate(kept)}
        return trimmed

    def _trimmed(self, value: Value, taken: set[int]) -> tuple[Value, list[int]]:
        """The op with the results that are needed, and which those are."""
        carried = value.attributes[0] if value.op.name == "loop" else 0
        kept = _needed(value, taken, carried)
        results = [
            _Scope(self.locations).live([region.results[index] for index in kept])
            for region in value.regions
        ]
        read = {index for each in results for index in _arguments_read(each)}
        if value.op.name == "loop":
            read |= {0, *(1 + index for index in kept if index < carried)}
        arguments = sorted(read)
        # The condition of an `if` is not passed to its regions.
        before = 1 if value.op.name == "if" else 0
        operands = (*value.operands[:before], *(value.operands[before + i] for i in arguments))
        regions = tuple(
            self._renumbered(Region(region.parameters, each), arguments)
            for region, each in zip(value.regions, results, strict=True)
        )
        attributes = (sum(index < carried for index in kept),) if value.attributes else ()
        return make(value.op.name, operands, attributes, regions), kept

    def _renumbered(self, region: Region, arguments: Sequence[int]) -> Region:
        """The region with only these of its arguments."""
        passed = [argument(index, one) for index, one in enumerate(region.parameters)]
        for place, index in enumerate(arguments):
            passed[index] = argument(place, region.parameters[index])
        parameters = tuple(region.parameters[index] for index in arguments)
        return Region(parameters, inlined(region, passed, self.note))


def _arguments_read(roots: Sequence[Value]) -> set[int]:
    return {one.attributes[0] for one in operands_first(roots) if one.op.name == "argument"}


def _needed(value: Value, taken: set[int], carried: int) -> list[int]:
    """The results to keep: those taken, and the carried values that these come to depend on."""
    needed: set[int] = set()
    pending = set(taken)
    while pending:
        index = pending.pop()
        needed.add(index)
        for region in value.regions if carried else ():
            read = {one - 1 for one in _arguments_read([region.results[index]])}
            pending |= {one for one in read if 0 <= one < carried} - needed
    return sorted(needed)

"""Sink: what only one branch of an `if` needs is computed in that branch.

A branch that is not chosen then costs nothing, not even its operands, and what it would need cannot
fail. Invariant: nothing is computed more often than before, since a value moves only where all that
use it are in one region of one `if`.
"""

from collections.abc import Mapping, Sequence

from lltheano_ir.nodes import Region, Value, argument, inlined, make, operands_first, rebuilt
from lltheano_ir.ops.regions import RegionForm
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location

__all__ = ["sink"]

_Branch = tuple[Value, int]
"""An `if`, and which of its regions."""


def sink(program: Program) -> Program:
    """The program with work moved into the branches that need it.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%c: bool[], %x: f64[]) {
    ...   %0: f64[] = exp %x
    ...   %1: f64[] = if %c, %0, %x
    ...     then(%e: f64[], %x: f64[]) { yield %e }
    ...     else(%e: f64[], %x: f64[]) { yield %x }
    ...   output "y" = %1
    ... }''')
    >>> print(format_program(sink(program)), end="")
    program @f(%c: bool[], %x: f64[]) {
      %0: f64[] = if %c, %x
        then(%a0: f64[]) {
          %0: f64[] = exp %a0
          yield %0
        }
        else(%a0: f64[]) {
          yield %a0
        }
      output "y" = %0
    }
    """
    if not any(value.regions for value in program.values()):
        return program
    scope = _Scope(dict(program.locations))
    roots = scope.sunk(program.roots)
    return program if roots == program.roots else program.with_roots(roots, scope.locations)


class _Scope:
    """Sinks in one scope, and then in the regions of its ops."""

    def __init__(self, locations: dict[Value, Location]) -> None:
        self.locations = locations

    def sunk(self, roots: Sequence[Value]) -> tuple[Value, ...]:
        """What stands for the roots."""
        order = list(operands_first(roots))
        if not any(value.regions for value in order):
            return tuple(roots)
        moves = _moves(order, roots)
        final: dict[Value, Value] = {}
        for value in order:
            if value not in moves:
                final[value] = self._changed(value, final, moves)
                self._note(final[value], value)
        return tuple(final[root] for root in roots)

    def _changed(
        self, value: Value, final: Mapping[Value, Value], moves: Mapping[Value, _Branch]
    ) -> Value:
        if not value.regions:
            return rebuilt(value, tuple(final[operand] for operand in value.operands))
        if any(branch[0] is value for branch in moves.values()):
            value = self._with_moved(value, moves)
        operands = [final[operand] for operand in value.operands]
        regions = tuple(
            Region(region.parameters, self.sunk(region.results)) for region in value.regions
        )
        return make(value.op.name, operands, value.attributes, regions)

    def _with_moved(self, value: Value, moves: Mapping[Value, _Branch]) -> Value:
        """An `if` that does in its regions what moves there."""
        form = value.form
        assert form.condition is not None
        condition = value.operands[form.condition]
        passed: dict[Value, int] = {}

        def place_of(outer: Value) -> Value:
            return argument(passed.setdefault(outer, len(passed)), outer.type)

        bodies = []
        for number, region in enumerate(value.regions):
            inside: dict[Value, Value] = {}
            read = sorted(_arguments_read(region))
            for one in operands_first([value.operands[form.captured[each]] for each in read]):
                if moves.get(one) == (value, number):
                    moved = tuple(
                        inside[each] if each in inside else place_of(each) for each in one.operands
                    )
                    inside[one] = rebuilt(one, moved)
                    self._note(inside[one], one)
            given: list[Value] = [condition] * len(region.parameters)
            for each in read:
                outer = value.operands[form.captured[each]]
                given[each] = inside[outer] if outer in inside else place_of(outer)
            bodies.append(inlined(region, given, self._note))
        types = tuple(outer.type for outer in passed)
        regions = tuple(Region(types, results) for results in bodies)
        return make(value.op.name, (condition, *passed), value.attributes, regions)

    def _note(self, new: Value, old: Value) -> None:
        location = self.locations.get(old)
        if location is not None:
            self.locations.setdefault(new, location)


def _moves(order: Sequence[Value], roots: Sequence[Value]) -> dict[Value, _Branch]:
    """Where each value moves that does; all that use it are there."""
    users: dict[Value, list[Value]] = {}
    for value in order:
        for operand in value.operands:
            users.setdefault(operand, []).append(value)
    kept = set(roots)
    moves: dict[Value, _Branch] = {}
    for value in reversed(order):
        if value in kept or value.is_argument or value.is_constant:
            continue
        branches = {_branch_of(value, user, moves) for user in users.get(value, ())}
        if len(branches) == 1 and None not in branches:
            (branch,) = branches
            assert branch is not None
            moves[value] = branch
    while True:
        # A result of an op stays with it, and what it was needed for does not move either.
        staying = [
            value
            for value, branch in moves.items()
            if (value.is_result and moves.get(value.operands[0]) != branch)
            or any(_branch_of(value, user, moves) != branch for user in users[value])
        ]
        if not staying:
            return moves
        for value in staying:
            del moves[value]


def _branch_of(value: Value, user: Value, moves: Mapping[Value, _Branch]) -> _Branch | None:
    """In which branch a user needs a value, if it is in one only."""
    if user in moves:
        return moves[user]
    if len(user.regions) < 2:
        return None
    form: RegionForm = user.form
    if form.condition is None or user.operands[form.condition] is value:
        return None
    passed = {each for each, operand in form.captured.items() if user.operands[operand] is value}
    regions = [
        number for number, region in enumerate(user.regions) if passed & _arguments_read(region)
    ]
    return (user, regions[0]) if len(regions) == 1 else None


def _arguments_read(region: Region) -> set[int]:
    return {one.attributes[0] for one in operands_first(region.results) if one.is_argument}

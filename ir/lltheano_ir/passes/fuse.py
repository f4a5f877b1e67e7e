"""Fuse: elementwise work and reductions are gathered into `fused` regions, one pass each.

After the pass every elementwise op with axes and every reduction stands in a region. Inside a
region stand elementwise ops, constants of one element and ops that only move elements; reductions
are results. Equal groups give identical regions. What is fused with what is decided in
`lltheano_ir.passes.fusion.grouping`, and each choice is noted with its reason.
"""

from collections.abc import Mapping
from dataclasses import replace

from lltheano_ir.decisions import Decision
from lltheano_ir.nodes import Region, Value, argument, make, rebuilt, result
from lltheano_ir.passes.fusion.grouping import Group, Grouping
from lltheano_ir.passes.fusion.kinds import is_small_constant
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location

__all__ = ["fuse"]


def fuse(program: Program, decisions: list[Decision] | None = None) -> Program:
    """The program with its elementwise work and reductions in `fused` regions.

    Each choice is appended to `decisions`, if given.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%x: f64[?]) {
    ...   %0: f64[?] = exp %x
    ...   %1: f64[?] = mul %0, %x
    ...   %2: f64[] = reduce %1, kind=add, axes=[0]
    ...   output "y" = %2
    ... }''')
    >>> print(format_program(fuse(program)), end="")
    program @f(%x: f64[?]) {
      %0: f64[] = fused %x
        body(%a0: f64[?]) {
          %0: f64[?] = exp %a0
          %1: f64[?] = mul %0, %a0
          %2: f64[] = reduce %1, kind=add, axes=[0]
          yield %2
        }
      output "y" = %0
    }
    """
    noted: list[Decision] = [] if decisions is None else decisions
    locations = dict(program.locations)
    roots = _Fusion(program.roots, locations, noted).roots
    return program.with_roots(roots, locations)


class _Fusion:
    """The fused form of one scope: `roots` are its roots."""

    def __init__(
        self, roots: tuple[Value, ...], locations: dict[Value, Location], noted: list[Decision]
    ) -> None:
        self._locations = locations
        self._noted = noted
        self._grouping = Grouping(roots)
        self._final: dict[Value, Value] = {}
        self._inputs: dict[Group, list[Value]] = {}
        for value, choice in self._grouping.choices:
            noted.append(replace(choice, location=locations.get(value)))
        for root in roots:
            self._finish(root)
        self.roots = tuple(self._final[root] for root in roots)

    def _finish(self, root: Value) -> None:
        """Find what stands for `root`, groups after their inputs."""
        stack = [root]
        while stack:
            value = stack[-1]
            group = self._grouping.home.get(value)
            needed = value.operands if group is None else self._inputs_of(group)
            missing = [one for one in needed if one not in self._final]
            if value in self._final:
                stack.pop()
            elif missing:
                stack.extend(reversed(missing))
            elif group is None:
                self._keep(value)
            else:
                self._build(group)

    def _note(self, new: Value, old: Value) -> None:
        place = self._locations.get(old)
        if place is not None:
            self._locations.setdefault(new, place)

    def _keep(self, value: Value) -> None:
        operands = tuple(self._final[operand] for operand in value.operands)
        new = rebuilt(value, operands)
        if value.regions and not value.form.runs_once:
            regions = tuple(self._fused_region(region) for region in value.regions)
            new = make(value.op.name, operands, value.attributes, regions)
        self._final[value] = new
        self._note(new, value)

    def _fused_region(self, region: Region) -> Region:
        roots = _Fusion(region.results, self._locations, self._noted).roots
        return Region(region.parameters, roots)

    def _inputs_of(self, group: Group) -> list[Value]:
        """What a group takes from outside, in the order in which its results come to need it."""
        inputs = self._inputs.get(group)
        if inputs is None:
            group.results = [one for one in _inside(group) if one in group.results]
            needed = (
                operand
                for member in _inside(group)
                for operand in member.operands
                if operand not in group.members and not is_small_constant(operand)
            )
            inputs = self._inputs[group] = list(dict.fromkeys(needed))
        return inputs

    def _build(self, group: Group) -> None:
        inputs = self._inputs_of(group)
        passed = list(dict.fromkeys(self._final[one] for one in inputs))
        names: dict[Value, Value] = {
            one: argument(passed.index(self._final[one]), one.type) for one in inputs
        }
        for member in _inside(group):
            names[member] = self._inner(member, names)
        region = Region(
            tuple(one.type for one in passed), tuple(names[one] for one in group.results)
        )
        fused = make("fused", passed, (), (region,))
        self._note(fused, group.results[-1])
        for index, one in enumerate(group.results):
            self._final[one] = result(fused, index)
            self._note(self._final[one], one)

    def _inner(self, member: Value, names: Mapping[Value, Value]) -> Value:
        """A member as it stands in the region."""
        operands = tuple(names.get(operand, operand) for operand in member.operands)
        inner = rebuilt(member, operands)
        self._note(inner, member)
        return inner


def _inside(group: Group) -> list[Value]:
    """The members that the results need, operands first."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack = [(one, False) for one in reversed(group.results)]
    while stack:
        value, expanded = stack.pop()
        if expanded:
            order.append(value)
        elif value not in seen and value in group.members:
            seen.add(value)
            stack.append((value, True))
            stack.extend((operand, False) for operand in reversed(value.operands))
    return order

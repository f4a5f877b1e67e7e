"""Common subexpressions: what interning cannot see.

Equal values are identical from the start (`lltheano_ir.nodes`), so that the classical pass has
nothing left to do inside one scope. What is left are regions: two results of one op that are the
same value of its regions become one result, and an operand that is passed to a region twice is
passed once.
"""

from collections.abc import Sequence

from lltheano_ir.nodes import Region, Value, argument, inlined, make, result
from lltheano_ir.ops.table import OPS
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import RuleContext, RuleSet, rule

__all__ = ["CSE_RULES", "merge_common"]


_WITH_REGIONS = tuple(op.name for op in OPS.values() if op.regions is not None)


@rule("same-result", "op#j -> op#i where its regions give the same for both", "result")
def same_result(value: Value, context: RuleContext) -> Value | None:
    (owner,), (index,) = value.operands, value.attributes
    for earlier in range(index):
        if _is_same(owner, earlier, index):
            return result(owner, earlier)
    return None


def _is_same(owner: Value, first: int, second: int) -> bool:
    if not owner.regions or any(
        one.results[first] is not one.results[second] for one in owner.regions
    ):
        return False
    form = owner.form
    carried, other = form.carried_result(first), form.carried_result(second)
    if carried is None or other is None:
        return carried is other and (first in form.stacked) == (second in form.stacked)
    starts_same = owner.operands[carried.operand] is owner.operands[other.operand]
    return starts_same and len(carried.arguments) == len(other.arguments)


@rule("same-operand", "op(x, x) { a, b } -> op(x) { a, a }", *_WITH_REGIONS)
def same_operand(value: Value, context: RuleContext) -> Value | None:
    """A condition, a count and what is carried stay what they are."""
    form = value.form
    first: dict[Value, int] = {}
    for argument_, operand in form.captured.items():
        first.setdefault(value.operands[operand], argument_)
    if len(first) == len(form.captured):
        return None
    count = len(value.regions[0].parameters)
    same = {one: first[value.operands[operand]] for one, operand in form.captured.items()}
    kept = [one for one in range(count) if same.get(one, one) == one]
    results = range(len(value.regions[0].results))
    places = [kept.index(same.get(one, one)) for one in range(count)]
    operands = [value.operands[one] for one in form.operands_kept(results, kept)]
    regions = tuple(_with_arguments_at(one, places, context) for one in value.regions)
    return make(value.op.name, operands, value.attributes, regions)


def _with_arguments_at(region: Region, places: Sequence[int], context: RuleContext) -> Region:
    """The region with argument i read from place `places[i]`."""
    types = dict(zip(places, region.parameters, strict=True))
    moved = [argument(*pair) for pair in zip(places, region.parameters, strict=True)]
    return Region(
        tuple(types[place] for place in sorted(types)), inlined(region, moved, context.note)
    )


CSE_RULES = RuleSet((same_result, same_operand))


def merge_common(program: Program) -> Program:
    """The program with every value computed once.

    >>> from lltheano_ir.text import format_program, parse_program
    >>> program = parse_program('''program @f(%x: f64[?]) {
    ...   %0: f64[?] = fused %x, %x
    ...     body(%a: f64[?], %b: f64[?]) { %0: f64[?] = mul %a, %b yield %0 }
    ...   output "y" = %0
    ... }''')
    >>> print(format_program(merge_common(program)), end="")
    program @f(%x: f64[?]) {
      %0: f64[?] = fused %x
        body(%a0: f64[?]) {
          %0: f64[?] = mul %a0, %a0
          yield %0
        }
      output "y" = %0
    }
    """
    return rewrite(program, CSE_RULES)

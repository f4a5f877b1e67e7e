"""Common subexpressions: what interning cannot see.

Equal values are identical from the start (`lltheano_ir.nodes`), so that the classical pass has
nothing left to do inside one scope. What is left are regions: two results of one op that are the
same value of its regions become one result, and an operand that is passed to a region twice is
passed once.
"""

from collections.abc import Sequence

from lltheano_ir.nodes import Region, Value, argument, inlined, make, result
from lltheano_ir.program import Program
from lltheano_ir.rewrite.driver import rewrite
from lltheano_ir.rewrite.rules import Context, RuleSet, rule

__all__ = ["CSE_RULES", "merge_common"]


@rule("same-result", "op#j -> op#i where its regions give the same for both", "result")
def same_result(value: Value, context: Context) -> Value | None:
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
    if owner.op.name != "loop":
        return True
    carried: int = owner.attributes[0]
    if second < carried:
        return owner.operands[1 + first] is owner.operands[1 + second]
    return first >= carried


@rule("same-operand", "op(x, x) { a, b } -> op(x) { a, a }", "if", "fused", "loop")
def same_operand(value: Value, context: Context) -> Value | None:
    """The condition, the count and the carried values of a loop stay what they are."""
    fixed = {"if": 1, "fused": 0, "loop": 1}[value.op.name]
    first = fixed + (value.attributes[0] if value.op.name == "loop" else 0)
    passed = value.operands[first:]
    kept = list(dict.fromkeys(passed))
    if len(kept) == len(passed):
        return None
    # A loop's body takes the step's number where the op takes the count.
    before = first if value.op.name == "loop" else 0
    places = [*range(before), *(before + kept.index(one) for one in passed)]
    regions = tuple(_with_arguments_at(one, places) for one in value.regions)
    return make(value.op.name, (*value.operands[:first], *kept), value.attributes, regions)


def _with_arguments_at(region: Region, places: Sequence[int]) -> Region:
    """The region with argument i read from place `places[i]`."""
    types = dict(zip(places, region.parameters, strict=True))
    moved = [argument(*pair) for pair in zip(places, region.parameters, strict=True)]
    return Region(tuple(types[place] for place in sorted(types)), inlined(region, moved))


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

"""Exact identities of what loops give."""

from lltheano_ir.nodes import Value, make, result
from lltheano_ir.rewrite.rules import RuleContext, rule
from lltheano_ir.shapes import integer, known_integer

__all__ = ["LOOP_RULES"]


@rule(
    "last-of-stack",
    "index(stack of what a loop carries, -1) -> what it carries last",
    "index",
)
def last_of_stack(value: Value, context: RuleContext) -> Value | None:
    """The last row of a stack of what a loop hands on is what it handed on last, where it ran. So
    the stack is not kept for that.
    """
    stack, number = value.operands
    if not stack.is_result or value.attributes[0] != 0:
        return None
    loop, position = stack.operands[0], stack.attributes[0]
    if not loop.regions or position not in loop.form.stacked:
        return None
    (body,) = loop.regions
    handed_on = [
        one.result
        for one in loop.form.carried
        if body.results[one.result] is body.results[position]
    ]
    size = make("dim", (stack,), (0,))
    if not handed_on or not _is_last(number, size, context):
        return None
    some = make("gt", (size, integer(0)))
    message = "index: index {0} is out of range on axis 0 of size {1}"
    last = result(loop, handed_on[0])
    return make("assert", (last, some, number, size), ("index", message))


def _is_last(number: Value, size: Value, context: RuleContext) -> bool:
    if known_integer(number) == -1:
        return True
    return context.sizes.same(make("add", (number, integer(1))), size)


LOOP_RULES = (last_of_stack,)

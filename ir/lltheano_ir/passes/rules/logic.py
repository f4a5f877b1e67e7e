"""Exact identities of truth values, comparisons and choices."""

import numpy as np

from lltheano_ir.nodes import Value, inlined, make
from lltheano_ir.ops.regions import Carried
from lltheano_ir.rewrite.patterns import constant, is_number, number_of, operand_of
from lltheano_ir.rewrite.rules import RuleContext, rule
from lltheano_ir.rewrite.sizes import SizeAlgebra

__all__ = ["LOGIC_RULES"]


@rule("select-constant", "select(true, x, y) -> x, select(false, x, y) -> y", "select")
def select_constant(value: Value, context: RuleContext) -> Value | None:
    condition, x, y = value.operands
    known = number_of(condition)
    if known is None:
        return None
    chosen = x if known else y
    return chosen if chosen.type == value.type else None


@rule("select-same", "select(c, x, x) -> x", "select")
def select_same(value: Value, context: RuleContext) -> Value | None:
    condition, x, y = value.operands
    if x is not y or x.type != value.type:
        return None
    # A condition that does not broadcast may be of another size than x, and must then fail.
    pairs = zip(condition.type.broadcast, context.sizes.sizes(condition), strict=True)
    kept = context.sizes.sizes(x)
    same = (one or size is kept[axis] for axis, (one, size) in enumerate(pairs))
    return x if all(same) else None


@rule("select-not", "select(not c, x, y) -> select(c, y, x)", "select")
def select_not(value: Value, context: RuleContext) -> Value | None:
    condition, x, y = value.operands
    inner = operand_of(condition, "not")
    return make("select", (inner, y, x)) if inner is not None else None


@rule("not-not", "not not x -> x", "not")
def not_not(value: Value, context: RuleContext) -> Value | None:
    return operand_of(value.operands[0], "not")


@rule("not-equal", "not (x == y) -> x != y, not (x != y) -> x == y", "not")
def not_equal(value: Value, context: RuleContext) -> Value | None:
    (inner,) = value.operands
    name = inner.op.laws.negated
    return make(name, inner.operands) if name else None


@rule("and-all", "x and true -> x, x & -1 -> x", "and")
def and_all(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    return x if _is_all_ones(y) and x.type == value.type else None


@rule("or-none", "x or false -> x, x | 0 -> x, also xor", "or", "xor")
def or_none(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    return x if is_number(y, 0) and x.type == value.type else None


@rule("absorbing", "x and false -> false, x or true -> true, for a single x", "and", "or")
def absorbing(value: Value, context: RuleContext) -> Value | None:
    y = value.operands[1]
    absorbing = value.op.laws.absorbing
    absorbs = is_number(y, 0) if absorbing == 0 else _is_all_ones(y)
    return y if absorbs and not value.rank else None


def _is_all_ones(value: Value) -> bool:
    number = number_of(value)
    return number is not None and bool(~number == 0)


@rule("compare-sizes", "a < b -> true where the ranges of a and b tell", "lt", "le", "gt", "ge")
def compare_sizes(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    ordering = value.op.laws.ordering
    if ordering is None or not _are_sizes(x):
        return None
    if ordering.swapped:
        x, y = y, x
    low, high = context.sizes.difference(x, y)
    if high < 0 or (high == 0 and not ordering.strict):
        return _truth(True)
    return _truth(False) if low > 0 or (low == 0 and ordering.strict) else None


@rule("equate-sizes", "a == b -> true where a and b are the same size", "eq", "ne")
def equate_sizes(value: Value, context: RuleContext) -> Value | None:
    if not _are_sizes(value.operands[0]):
        return None
    known = _known_equality(context.sizes, *value.operands)
    return None if known is None else _truth(known == value.op.laws.equates)


def _known_equality(sizes: SizeAlgebra, x: Value, y: Value) -> bool | None:
    low, high = sizes.difference(x, y)
    if low == high == 0:
        return True
    return False if low > 0 or high < 0 else None


def _are_sizes(value: Value) -> bool:
    return not value.rank and value.type.dtype.name == "i64"


def _truth(known: bool) -> Value:
    return constant(np.array(known))


@rule("assert-true", "assert(x, true) -> x", "assert")
def assert_true(value: Value, context: RuleContext) -> Value | None:
    x, condition, *_ = value.operands
    return x if number_of(condition) else None


def _taken(value: Value) -> tuple[Value, int]:
    """The op whose result a value is, and which; of an op with several results, none."""
    if value.is_result:
        return value.operands[0], value.attributes[0]
    return value, 0 if len(value.types) == 1 else len(value.types)


@rule("if-constant", "the taken branch of an if whose condition is known", "if", "result")
def if_constant(value: Value, context: RuleContext) -> Value | None:
    owner, index = _taken(value)
    form = owner.form if owner.regions else None
    if form is None or form.condition is None or index == len(owner.types):
        return None
    known = number_of(owner.operands[form.condition])
    if known is None:
        return None
    return inlined(owner.regions[0 if known else 1], form.arguments(owner.operands))[index]


@rule("loop-never", "a loop of no steps -> the carried value", "loop", "result")
def loop_never(value: Value, context: RuleContext) -> Value | None:
    owner, index = _taken(value)
    form = owner.form if owner.regions else None
    if form is None or form.count is None or not is_number(owner.operands[form.count], 0):
        return None
    carried = form.carried_result(index)
    return None if carried is None else _first_value(owner, carried)


def _first_value(owner: Value, carried: Carried) -> Value | None:
    """The value that is carried at first, where it is an operand."""
    return owner.operands[carried.operand] if len(carried.arguments) == 1 else None


@rule("loop-keeps", "a carried value that the body hands on -> its first value", "result", "loop")
def loop_keeps(value: Value, context: RuleContext) -> Value | None:
    owner, index = _taken(value)
    form = owner.form if owner.regions else None
    carried = form.carried_result(index) if form is not None else None
    if form is None or form.count is None or carried is None:
        return None
    least, _ = context.sizes.range(context.sizes.normal(owner.operands[form.count]))
    if least < 0:  # A loop cannot run so often: an error that must stay.
        return None
    handed_on = owner.regions[0].results[index]
    if not handed_on.is_argument or (handed_on.attributes[0],) != carried.arguments:
        return None
    return _first_value(owner, carried)


LOGIC_RULES = (
    select_constant,
    select_same,
    select_not,
    not_not,
    not_equal,
    and_all,
    or_none,
    absorbing,
    compare_sizes,
    equate_sizes,
    assert_true,
    if_constant,
    loop_never,
    loop_keeps,
)

"""The driver: order, fixed point, budget, locations, regions, depth."""

from collections import Counter

import pytest

from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value, argument, make
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.rewrite import RewriteBudgetError, RuleContext, RuleSet, driver, rewrite, rule
from lltheano_ir.rewrite.patterns import is_number, number_of
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.types import INDEX


@rule("neg-neg", "-(-x) -> x", "neg")
def neg_neg(value: Value, context: RuleContext) -> Value | None:
    (inner,) = value.operands
    return inner.operands[0] if inner.op.name == "neg" else None


@rule("abs-to-neg", "abs(x) -> -x", "abs", changes_results=True)
def abs_to_neg(value: Value, context: RuleContext) -> Value | None:
    return make("neg", value.operands)


@rule("neg-to-abs", "-x -> abs(x)", "neg")
def neg_to_abs(value: Value, context: RuleContext) -> Value | None:
    return make("abs", value.operands)


@rule("grow", "sign(x) -> sign(-x)", "sign")
def grow(value: Value, context: RuleContext) -> Value | None:
    return make("sign", (make("neg", value.operands),))


@rule("wrap", "sign(x) -> -sign(x)", "sign")
def wrap(value: Value, context: RuleContext) -> Value | None:
    return make("neg", (value,))


def program(body: str) -> Program:
    return parse_program(f"program @f(%x: i64[]) {{ {body} }}")


def test_what_a_rule_gives_is_rewritten_too() -> None:
    before = program('%0: i64[] = neg %x %1: i64[] = abs %0 %2: i64[] = neg %1 output "y" = %2')
    after = rewrite(before, RuleSet([neg_neg, abs_to_neg]))
    assert after.outputs[0].value is make("neg", (argument(0, INDEX),))


def test_nothing_to_do_gives_the_program_itself() -> None:
    before = program('%0: i64[] = neg %x output "y" = %0')
    assert rewrite(before, RuleSet([neg_neg])) is before
    assert rewrite(before, RuleSet([grow])) is before


def test_firings_are_counted() -> None:
    fired: Counter[str] = Counter()
    before = program('%0: i64[] = neg %x %1: i64[] = neg %0 output "y" = %1')
    rewrite(before, RuleSet([neg_neg]), fired=fired)
    assert fired == {"neg-neg": 1}


def test_rules_that_undo_each_other_are_named() -> None:
    before = program('%0: i64[] = neg %x output "y" = %0')
    with pytest.raises(RewriteBudgetError, match=r"rewriting f does not end.*neg-to-abs \(1\)"):
        rewrite(before, RuleSet([neg_to_abs, abs_to_neg]))


def test_a_rule_that_grows_is_stopped_by_the_budget() -> None:
    before = program('%0: i64[] = sign %x output "y" = %0')
    with pytest.raises(RewriteBudgetError, match=r"grow \(21\)") as caught:
        rewrite(before, RuleSet([grow]), budget=20)
    assert caught.value.fired["grow"] == 21


def test_a_rule_that_wraps_its_own_value_is_stopped() -> None:
    before = program('%0: i64[] = sign %x output "y" = %0')
    with pytest.raises(RewriteBudgetError, match="wrap"):
        rewrite(before, RuleSet([wrap]))


def test_rules_that_change_results_can_be_left_out() -> None:
    rules = RuleSet([neg_neg, abs_to_neg])
    assert [one.name for one in rules.without_changes()] == ["neg-neg"]


def test_regions_are_rewritten_once_and_shared() -> None:
    before = parse_program(
        """program @f(%c: bool[], %x: i64[]) {
          %0: i64[] = if %c, %x
            then(%x: i64[]) { %0: i64[] = neg %x %1: i64[] = neg %0 yield %1 }
            else(%x: i64[]) { %0: i64[] = neg %x %1: i64[] = neg %0 yield %1 }
          output "y" = %0
        }"""
    )
    fired: Counter[str] = Counter()
    after = rewrite(before, RuleSet([neg_neg]), fired=fired)
    assert fired == {"neg-neg": 1}
    then, other = after.outputs[0].value.regions
    assert then is other
    assert "neg" not in format_program(after)


def test_locations_go_from_the_replaced_to_what_replaces() -> None:
    b = Builder("f")
    x = b.parameter("x", INDEX)
    with b.at(Location("train.py", 3, "y")):
        y = b.elementwise("abs", x)
    b.output(b.elementwise("sign", y), "y")
    after = rewrite(b.program(), RuleSet([abs_to_neg]))
    assert after.locations[make("neg", (x,))] == Location("train.py", 3, "y")


def test_a_deep_program_needs_no_recursion() -> None:
    value = argument(0, INDEX)
    for _ in range(20_001):
        value = make("neg", (value,))
    b = Builder("f")
    b.parameter("x", INDEX)
    b.output(value, "y")
    after = rewrite(b.program(), RuleSet([neg_neg]))
    assert after.outputs[0].value is make("neg", (argument(0, INDEX),))


def test_numbers_are_seen_through_movement() -> None:
    source = program(
        """%0: f64[1] = constant [-0.0]
        %1: f64[1,1] = dimshuffle %0, order=[new, 0]
        %2: f64[?,1] = broadcast %1, %x, axes=[0]
        output "y" = %1
        output "z" = %2"""
    )
    value, wide = (output.value for output in source.outputs)
    assert number_of(wide) is None
    assert number_of(value) == 0
    assert is_number(value, -0.0)
    assert not is_number(value, 0.0)
    assert number_of(argument(0, INDEX)) is None


def test_the_budget_counts_the_values_of_regions() -> None:
    pairs = 30
    steps = "".join(
        f" %{3 * k}: i64[] = sign {f'%{3 * k - 1}' if k else '%x'}"
        f" %{3 * k + 1}: i64[] = neg %{3 * k} %{3 * k + 2}: i64[] = neg %{3 * k + 1}"
        for k in range(pairs)
    )
    before = parse_program(
        f"""program @f(%c: bool[], %x: i64[]) {{
          %0: i64[] = if %c, %x
            then(%x: i64[]) {{ {steps} yield %{3 * pairs - 1} }}
            else(%x: i64[]) {{ yield %x }}
          output "y" = %0
        }}"""
    )
    fired: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "_FIRINGS", 0)
        patch.setattr(driver, "_FIRINGS_PER_VALUE", 1)
        rewrite(before, RuleSet([neg_neg]), fired=fired)
    assert fired["neg-neg"] == pairs

"""Products and quotients of exponentials, as one exponential."""

from collections.abc import Sequence
from itertools import permutations

from lltheano_ir.nodes import Value, make
from lltheano_ir.passes.rules.exponentials.bounds import may_grow
from lltheano_ir.passes.rules.exponentials.scaled import (
    Factor,
    Search,
    counted,
    factors_of,
    merged,
    times,
)
from lltheano_ir.passes.rules.shared import stretched
from lltheano_ir.rewrite.patterns import constant_like
from lltheano_ir.rewrite.rules import RuleContext, rule

__all__ = ["PRODUCT_RULES"]


@rule("product-of-exponentials", "(a * exp(x)) / (b * exp(y)) -> (a / b) * exp(x - y)",
      "mul", "div", changes_results=True)  # fmt: skip
def product_of_exponentials(value: Value, context: RuleContext) -> Value | None:
    """Where one factor may overflow and another may vanish. A sum of exponentials counts as the
    greatest of them, times a number that is neither great nor small.
    """
    search = Search(context.sizes)
    found = factors_of(value, search)
    if found is None:
        return None
    factors, negative = found
    if not _may_clash(factors):
        return None
    above, below, exponent = merged(factors)
    result = _product(above, below, exponent, _is_ordinary(factors))
    if negative:
        result = make("neg", (result,))
    return stretched(result, value, context.sizes)


def _may_clash(factors: Sequence[Factor]) -> bool:
    """Whether one of the factors may be infinite where another is 0."""
    return any(
        one.raises and other.lowers and (one.value, one.is_above) != (other.value, other.is_above)
        for one, other in permutations(factors, 2)
    )


def _is_ordinary(factors: Sequence[Factor]) -> bool:
    """Whether the product has no factors but exponentials."""
    return all(one.scaled is not None or one.value.is_constant for one in factors)


def _product(above: Value | None, below: Value | None, exponent: Value, is_ordinary: bool) -> Value:
    """A quotient times the exponential, in two steps where one might overflow or vanish though the
    other factors make up for it.
    """
    if not may_grow(exponent):
        return _over(times(above, make("exp", (exponent,))), below)
    exponent = counted(above, exponent, 0.0)
    if is_ordinary or (above is None and below is None):
        return _over(times(above, make("exp", (exponent,))), below)
    half = make("exp", (make("mul", (exponent, constant_like(0.5, exponent.type))),))
    return make("mul", (_over(times(above, half), below), half))


def _over(above: Value | None, below: Value | None) -> Value:
    assert above is not None
    return above if below is None else make("div", (above, below))


PRODUCT_RULES = (product_of_exponentials,)

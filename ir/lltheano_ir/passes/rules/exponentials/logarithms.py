"""Logarithms of what is made of exponentials, which may over- or underflow where they do not."""

import numpy as np

from lltheano_ir.nodes import Value, make, rebuilt
from lltheano_ir.passes.rules.exponentials.scaled import (
    Factor,
    Search,
    factors_of,
    is_widening,
    scaled,
    times,
)
from lltheano_ir.passes.rules.shared import is_positive, stretched
from lltheano_ir.rewrite.patterns import constant_like, is_one_of, matches, operand_of
from lltheano_ir.rewrite.rules import RuleContext, rule

__all__ = ["LOGARITHM_RULES"]


def _is_exponential(value: Value, context: RuleContext) -> bool:
    """Whether `value` is positive and may over- or underflow, or its elements are of such."""
    if value.type.dtype.is_complex or not is_positive(value):
        return False
    if scaled(value, Search(context.sizes)) is not None:
        return True
    return any(_is_exponential(value.operands[place], context) for place in _moved_operands(value))


@rule("log-of-product", "log(exp(x) * y / s) -> x + log(y) - log(s)", "log", changes_results=True)
def log_of_product(value: Value, context: RuleContext) -> Value | None:
    """Each positive factor that may over- or underflow gets a logarithm of its own."""
    (product,) = value.operands
    if not is_one_of(product, "mul", "div"):
        return None
    found = factors_of(product, Search(context.sizes))
    if found is None:
        return None
    factors, negative = found
    chosen = [one for one in factors if one.scaled is not None and is_positive(one.value)]
    rest = [one for one in factors if one not in chosen]
    if not chosen or (negative and not rest):
        return None
    total = _log_of_rest(rest, negative)
    for one in sorted(chosen, key=lambda one: not one.is_above):
        term = make("log", (one.value,))
        if total is None:
            total = term if one.is_above else make("neg", (term,))
        else:
            total = make("add" if one.is_above else "sub", (total, term))
    assert total is not None
    return stretched(total, value, context.sizes)


def _log_of_rest(rest: list[Factor], negative: bool) -> Value | None:
    above, below = (times(*(one.value for one in rest if one.is_above is side))
                    for side in (True, False))  # fmt: skip
    if above is None and below is None:
        return None
    if below is None:
        assert above is not None
        return make("log", (make("neg", (above,)) if negative else above,))
    divisor = make("neg", (below,)) if negative else below
    if above is None:
        return make("neg", (make("log", (divisor,)),))
    return make("log", (make("div", (above, divisor)),))


@rule("log-of-power", "log(x ** y) -> y * log(x) where x is made of exponentials", "log",
      changes_results=True)  # fmt: skip
def log_of_power(value: Value, context: RuleContext) -> Value | None:
    """A root is a power, too."""
    (power,) = value.operands
    if not is_one_of(power, "pow", "sqrt") or not _is_exponential(power.operands[0], context):
        return None
    base = power.operands[0]
    if base.type.dtype != value.type.dtype:
        return None
    exponent = constant_like(0.5, base.type) if matches(power, "sqrt") else power.operands[1]
    return make("mul", (make("log", (base,)), exponent))


@rule("log-of-sum", "log(sum(exp(x))) -> log(sum(exp(x - m))) + m with m = max(x)", "log",
      changes_results=True)  # fmt: skip
def log_of_sum(value: Value, context: RuleContext) -> Value | None:
    """Of any sum or difference in which exponentials occur, with factors or without."""
    (total,) = value.operands
    is_sum = is_one_of(total, "add", "sub", "sinh", "softplus") or (matches(total, "reduce", "add"))
    found = scaled(total, Search(context.sizes)) if is_sum else None
    if found is None or found.mantissa is None:
        return None
    shifted = make("add", (make("log", (found.mantissa,)), found.exponent))
    return stretched(shifted, value, context.sizes)


@rule("log-one-plus-exponential", "log1p(y) -> softplus(log(y)) where y is made of exponentials",
      "log1p", changes_results=True)  # fmt: skip
def log_one_plus_exponential(value: Value, context: RuleContext) -> Value | None:
    """Y may overflow."""
    (y,) = value.operands
    found = scaled(y, Search(context.sizes)) if not y.type.dtype.is_complex else None
    if found is None or not found.grows or not is_positive(y):
        return None
    return make("softplus", (make("log", (y,)),))


@rule("log-moved", "log(move(y)) -> move(log(y)) where y is made of exponentials", "log",
      changes_results=True)  # fmt: skip
def log_moved(value: Value, context: RuleContext) -> Value | None:
    """`move` is any op that rearranges, chooses or joins elements: log(p)[i, y] and log(p[i, y])
    become one. The logarithm of a product along axes is the sum of the logarithms.
    """
    (moved,) = value.operands
    places = _moved_operands(moved)
    inner = [moved.operands[place] for place in places]
    if not any(_is_exponential(one, context) for one in inner):
        return None
    if len(inner) > 1 and not all(is_positive(one) for one in inner):
        return None
    operands = list(moved.operands)
    for place in places:
        operands[place] = make("log", (operands[place],))
    if matches(moved, "reduce", "mul"):
        return make("reduce", operands, ("add", moved.attributes[1]))
    return rebuilt(moved, tuple(operands))


def _moved_operands(value: Value) -> range:
    """The places of the operands of which a value has the elements, or those to multiply."""
    if value.op.view is not None or is_widening(value) or matches(value, "sort"):
        return range(1)
    if any(matches(value, "reduce", kind) for kind in ("max", "min", "mul")):
        return range(1)
    if is_one_of(value, "concatenate", "maximum", "minimum"):
        return range(len(value.operands))
    return range(1, 3) if value.op.laws.chooses else range(0)


@rule("log-base", "log2(y) -> log(y) / log(2) where y is made of exponentials", "log2", "log10",
      changes_results=True)  # fmt: skip
def log_base(value: Value, context: RuleContext) -> Value | None:
    """And the same of log10."""
    (y,) = value.operands
    if not _is_exponential(y, context):
        return None
    base = np.log(2.0 if matches(value, "log2") else 10.0)
    return make("div", (make("log", (y,)), constant_like(base, value.type)))


@rule("log-cosh", "log(cosh(x)) -> log1p(2 * sinh(x / 2)**2) near 0, else abs(x) - log(2) + ...",
      "log", changes_results=True)  # fmt: skip
def log_cosh(value: Value, context: RuleContext) -> Value | None:
    """Near 0 the hyperbolic cosine is 1, and its logarithm x * x / 2."""
    x = operand_of(value.operands[0], "cosh")
    if x is None or value.type.dtype.is_complex:
        return None
    one, half, two = (constant_like(number, x.type) for number in (1.0, 0.5, 2.0))
    size = make("abs", (x,))
    sine = make("sinh", (make("mul", (make("minimum", (size, one)), half)),))
    near = make("log1p", (make("mul", (make("mul", (sine, sine)), two)),))
    falls = make("exp", (make("mul", (size, constant_like(-2.0, x.type))),))
    less_two = make("sub", (size, constant_like(np.log(2.0), x.type)))
    far = make("add", (make("log1p", (falls,)), less_two))
    return make("select", (make("lt", (size, one)), near, far))


LOGARITHM_RULES = (
    log_cosh,
    log_of_product,
    log_of_power,
    log_of_sum,
    log_moved,
    log_one_plus_exponential,
    log_base,
)

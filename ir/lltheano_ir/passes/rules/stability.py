"""Rewritings that change results, for the better: less rounding, less overflow, no 0 / 0.

Each rule is declared to change results, so that it can be switched off, and is measured at a point
where the old form is bad: `docs/stability.md`, which `tests/docs/stability.py` makes and tests.
Mathematically the two forms are equal wherever the old one is defined.
"""

from collections.abc import Callable

import numpy as np

from lltheano_ir.nodes import Value, make
from lltheano_ir.passes.rules.arithmetic import neg_neg
from lltheano_ir.passes.rules.exponentials.bounds import bounds
from lltheano_ir.passes.rules.exponentials.logarithms import LOGARITHM_RULES
from lltheano_ir.passes.rules.exponentials.products import PRODUCT_RULES
from lltheano_ir.passes.rules.factors import FACTOR_RULES
from lltheano_ir.passes.rules.norms import NORM_RULES
from lltheano_ir.passes.rules.shared import from_one_plus, negated
from lltheano_ir.rewrite.patterns import (
    constant_like,
    is_number,
    is_one_of,
    matches,
    number_of,
    operand_of,
)
from lltheano_ir.rewrite.rules import Rewriter, Rule, RuleContext, rule

__all__ = ["STABILITY_RULES", "reciprocal", "square"]


def _from_one(value: Value) -> Value | None:
    """X of 1 - x."""
    if matches(value, "sub") and is_number(value.operands[0], 1):
        return value.operands[1]
    return None


def _unary(name: str, x: Value, value: Value) -> Value | None:
    """An op on x, unless x is narrower than the value in whose place it would stand."""
    return make(name, (x,)) if x.type == value.type else None


def _of_reals(name: str, summary: str, *ops: str) -> Callable[[Rewriter], Rule]:
    """A rule that changes results and is for real numbers: a complex logarithm is cut, and its
    angle would jump.
    """

    def made(rewriter: Rewriter) -> Rule:
        def guarded(value: Value, context: RuleContext) -> Value | None:
            return None if value.type.dtype.is_complex else rewriter(value, context)

        return rule(name, summary, *ops, changes_results=True)(guarded)

    return made


@_of_reals("log-one-plus", "log(x + 1) -> log1p(x)", "log")
def log_one_plus(value: Value, context: RuleContext) -> Value | None:
    x = from_one_plus(value.operands[0])
    return _unary("log1p", x, value) if x is not None else None


@_of_reals("log-one-minus", "log(1 - x) -> log1p(-x)", "log")
def log_one_minus(value: Value, context: RuleContext) -> Value | None:
    x = _from_one(value.operands[0])
    return _unary("log1p", negated(x), value) if x is not None else None


@rule("exp-minus-one", "exp(x) - 1 -> expm1(x)", "sub", "add", changes_results=True)
def exp_minus_one(value: Value, context: RuleContext) -> Value | None:
    first, one = value.operands
    x = operand_of(first, "exp")
    if x is None or not is_number(one, 1 if matches(value, "sub") else -1):
        return None
    return _unary("expm1", x, value)


@_of_reals("log1p-exp", "log1p(exp(x)) -> softplus(x)", "log1p")
def log1p_exp(value: Value, context: RuleContext) -> Value | None:
    x = operand_of(value.operands[0], "exp")
    return make("softplus", (x,)) if x is not None else None


@_of_reals("log-exp", "log(exp(x)) -> x, log(exp2(x)) -> x * log(2)", "log")
def log_exp(value: Value, context: RuleContext) -> Value | None:
    x = operand_of(value.operands[0], "exp2")
    if x is not None:
        return make("mul", (x, constant_like(np.log(2.0), x.type)))
    return operand_of(value.operands[0], "exp")


@_of_reals("exp-minus-softplus", "exp(-softplus(x)) -> sigmoid(-x)", "exp")
def exp_minus_softplus(value: Value, context: RuleContext) -> Value | None:
    inner = operand_of(value.operands[0], "neg")
    x = operand_of(inner, "softplus") if inner is not None else None
    return make("sigmoid", (negated(x),)) if x is not None else None


@_of_reals("exp-over-two", "exp(x) / (exp(x) + exp(y)) -> sigmoid(x - y)", "div")
def exp_over_two(value: Value, context: RuleContext) -> Value | None:
    """A softmax of two."""
    above, below = value.operands
    x = operand_of(above, "exp")
    if x is None or not matches(below, "add") or above not in below.operands:
        return None
    first, second = below.operands
    y = operand_of(second if first is above else first, "exp")
    if y is None or y.type != value.type or x.type != value.type:
        return None
    return make("sigmoid", (make("sub", (x, y)),))


@_of_reals("one-over-one-plus-exp", "1 / (exp(x) + 1) -> sigmoid(-x)", "div")
def one_over_one_plus_exp(value: Value, context: RuleContext) -> Value | None:
    one, below = value.operands
    inner = from_one_plus(below)
    x = operand_of(inner, "exp") if inner is not None else None
    if x is None or not is_number(one, 1):
        return None
    return _unary("sigmoid", negated(x), value)


@_of_reals("exp-over-one-plus-exp", "exp(x) / (exp(x) + 1) -> sigmoid(x)", "div")
def exp_over_one_plus_exp(value: Value, context: RuleContext) -> Value | None:
    above, below = value.operands
    x = operand_of(above, "exp")
    if x is None or from_one_plus(below) is not above:
        return None
    return _unary("sigmoid", x, value)


@rule("one-minus-sigmoid", "1 - sigmoid(x) -> sigmoid(-x)", "sub", changes_results=True)
def one_minus_sigmoid(value: Value, context: RuleContext) -> Value | None:
    inner = _from_one(value)
    x = operand_of(inner, "sigmoid") if inner is not None else None
    return _unary("sigmoid", negated(x), value) if x is not None else None


@rule("log-sigmoid", "log(sigmoid(x)) -> -softplus(-x)", "log", changes_results=True)
def log_sigmoid(value: Value, context: RuleContext) -> Value | None:
    x = operand_of(value.operands[0], "sigmoid")
    return make("neg", (make("softplus", (negated(x),)),)) if x is not None else None


@_of_reals("one-plus-tanh", "a * tanh(x) + a -> 2 * a * sigmoid(2 * x)", "add", "sub")
def one_plus_tanh(value: Value, context: RuleContext) -> Value | None:
    """A logistic function in other words; a - a * tanh(x) is one of -x."""
    first, second = value.operands
    curve, offset = (first, second) if matches(value, "add") else (second, first)
    number = number_of(offset)
    scale, x = _scaled_tanh(curve)
    if x is None or number is None or abs(number) != abs(scale) or x.type != value.type:
        return None
    rises = bool(scale == number) is (matches(value, "add"))
    slope = constant_like(2.0 if rises else -2.0, x.type)
    return _of_height(make("sigmoid", (make("mul", (x, slope)),)), 2 * float(number))


def _of_height(logistic: Value, height: float) -> Value:
    """A multiple of the logistic function."""
    if height == 1:
        return logistic
    return make("mul", (logistic, constant_like(height, logistic.type)))


@_of_reals("merge-heights", "(sigmoid(x) * a) * b -> sigmoid(x) * (a * b)", "mul", "div")
def merge_heights(value: Value, context: RuleContext) -> Value | None:
    """So that half of twice a logistic function is known to be one."""
    product, second = value.operands
    if not matches(product, "mul") or not matches(product.operands[0], "sigmoid"):
        return None
    first, last = number_of(product.operands[1]), number_of(second)
    if first is None or not last or product.operands[0].type != value.type:
        return None
    height = float(first) / float(last) if matches(value, "div") else float(first) * float(last)
    return _of_height(product.operands[0], height)


def _tanh_of_square(value: Value) -> Value | None:
    """X of tanh(x) * tanh(x)."""
    if not matches(value, "mul") or value.operands[0] is not value.operands[1]:
        return None
    return operand_of(value.operands[0], "tanh")


@_of_reals("log1p-complement", "log1p(-sigmoid(x)) -> log(sigmoid(-x)); also erf, tanh**2", "log1p")
def log1p_complement(value: Value, context: RuleContext) -> Value | None:
    """Of what has a complement of its own."""
    inner = operand_of(value.operands[0], "neg")
    if inner is not None and (x := _tanh_of_square(inner)) is not None:
        return make("mul", (make("log", (make("cosh", (x,)),)), constant_like(-2.0, x.type)))
    if inner is None or not is_one_of(inner, "sigmoid", "erf"):
        return None
    (x,) = inner.operands
    if bounds(x)[1] <= 1:
        return None  # 1 less it is no small number
    rest = make("erfc", (x,)) if matches(inner, "erf") else make("sigmoid", (negated(x),))
    return make("log", (rest,))


def _scaled_tanh(value: Value) -> tuple[float, Value | None]:
    """A number and x of number * tanh(x)."""
    scale = 1.0
    while is_one_of(value, "mul", "div", "neg"):
        number = number_of(value.operands[1]) if not matches(value, "neg") else -1.0
        if not number:
            break
        scale = scale / float(number) if matches(value, "div") else scale * float(number)
        value = value.operands[0]
    return scale, operand_of(value, "tanh")


@rule("one-minus-erf", "1 - erf(x) -> erfc(x)", "sub", changes_results=True)
def one_minus_erf(value: Value, context: RuleContext) -> Value | None:
    inner = _from_one(value)
    x = operand_of(inner, "erf") if inner is not None else None
    return _unary("erfc", x, value) if x is not None else None


@rule("one-plus-erf", "1 + erf(x) -> erfc(-x)", "add", changes_results=True)
def one_plus_erf(value: Value, context: RuleContext) -> Value | None:
    inner = from_one_plus(value)
    x = operand_of(inner, "erf") if inner is not None else None
    return _unary("erfc", negated(x), value) if x is not None else None


@rule(
    "log-erfc",
    "log(erfc(x)) -> log1p(-erf(x)) below 1/2, else log(erfcx(x)) - x * x",
    "log",
    changes_results=True,
)
def log_erfc(value: Value, context: RuleContext) -> Value | None:
    """The logarithm of a Gaussian tail: erfc underflows where its logarithm is ordinary."""
    x = operand_of(value.operands[0], "erfc")
    if x is None:
        return None
    half = constant_like(0.5, x.type)
    near = make("log1p", (make("neg", (make("erf", (make("minimum", (x, half)),)),)),))
    far = make("sub", (make("log", (make("erfcx", (x,)),)), make("mul", (x, x))))
    return make("select", (make("lt", (x, half)), near, far))


@rule("square", "x ** 2 -> x * x for floats", "pow", changes_results=True)
def square(value: Value, context: RuleContext) -> Value | None:
    """One multiplication in place of a power."""
    x, y = value.operands
    if not is_number(y, 2) or x.type != value.type or not x.type.dtype.is_float:
        return None
    return make("mul", (x, x))


@rule("reciprocal", "x ** -1 -> 1 / x for floats", "pow", changes_results=True)
def reciprocal(value: Value, context: RuleContext) -> Value | None:
    """One division in place of a power."""
    x, y = value.operands
    if not is_number(y, -1) or x.type != value.type or not x.type.dtype.is_float:
        return None
    return make("div", (constant_like(1.0, y.type), x))


STABILITY_RULES = (
    neg_neg,
    one_minus_sigmoid,
    one_plus_tanh,
    merge_heights,
    one_minus_erf,
    one_plus_erf,
    one_over_one_plus_exp,
    exp_over_one_plus_exp,
    exp_over_two,
    exp_minus_softplus,
    exp_minus_one,
    log_exp,
    log_sigmoid,
    log_erfc,
    log_one_plus,
    log_one_minus,
    log1p_exp,
    log1p_complement,
    *LOGARITHM_RULES,
    *FACTOR_RULES,
    *PRODUCT_RULES,
    *NORM_RULES,
    square,
    reciprocal,
)

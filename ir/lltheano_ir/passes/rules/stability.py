"""Rewritings that change results, for the better: less rounding, less overflow, no 0 / 0.

Each rule is declared to change results, so that it can be switched off, and is measured at a point
where the old form is bad: `docs/stability.md`, which `tests/docs/stability.py` makes and tests.
Mathematically the two forms are equal wherever the old one is defined.
"""

from collections.abc import Callable

from lltheano_ir.nodes import Value, make
from lltheano_ir.passes.rules.arithmetic import neg_neg
from lltheano_ir.passes.rules.exponentials import EXPONENTIAL_RULES, exponential_sum
from lltheano_ir.passes.rules.factors import FACTOR_RULES
from lltheano_ir.passes.rules.norms import NORM_RULES
from lltheano_ir.passes.rules.shared import from_one_plus, negated
from lltheano_ir.rewrite.patterns import (
    constant_like,
    is_number,
    is_one_of,
    matches,
    operand_of,
    with_operand,
)
from lltheano_ir.rewrite.rules import Context, Rewriter, Rule, rule

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
        def guarded(value: Value, context: Context) -> Value | None:
            return None if value.type.dtype.is_complex else rewriter(value, context)

        return rule(name, summary, *ops, changes_results=True)(guarded)

    return made


@_of_reals("log-one-plus", "log(x + 1) -> log1p(x)", "log")
def log_one_plus(value: Value, context: Context) -> Value | None:
    x = from_one_plus(value.operands[0])
    return _unary("log1p", x, value) if x is not None else None


@_of_reals("log-one-minus", "log(1 - x) -> log1p(-x)", "log")
def log_one_minus(value: Value, context: Context) -> Value | None:
    x = _from_one(value.operands[0])
    return _unary("log1p", negated(x), value) if x is not None else None


@rule("exp-minus-one", "exp(x) - 1 -> expm1(x)", "sub", "add", changes_results=True)
def exp_minus_one(value: Value, context: Context) -> Value | None:
    first, one = value.operands
    x = operand_of(first, "exp")
    if x is None or not is_number(one, 1 if matches(value, "sub") else -1):
        return None
    return _unary("expm1", x, value)


@_of_reals("log1p-exp", "log1p(exp(x)) -> softplus(x)", "log1p")
def log1p_exp(value: Value, context: Context) -> Value | None:
    x = operand_of(value.operands[0], "exp")
    return make("softplus", (x,)) if x is not None else None


@_of_reals("log-exp", "log(exp(x)) -> x", "log")
def log_exp(value: Value, context: Context) -> Value | None:
    return operand_of(value.operands[0], "exp")


@_of_reals("one-over-one-plus-exp", "1 / (exp(x) + 1) -> sigmoid(-x)", "div")
def one_over_one_plus_exp(value: Value, context: Context) -> Value | None:
    one, below = value.operands
    inner = from_one_plus(below)
    x = operand_of(inner, "exp") if inner is not None else None
    if x is None or not is_number(one, 1):
        return None
    return _unary("sigmoid", negated(x), value)


@_of_reals("exp-over-one-plus-exp", "exp(x) / (exp(x) + 1) -> sigmoid(x)", "div")
def exp_over_one_plus_exp(value: Value, context: Context) -> Value | None:
    above, below = value.operands
    x = operand_of(above, "exp")
    if x is None or from_one_plus(below) is not above:
        return None
    return _unary("sigmoid", x, value)


@rule("one-minus-sigmoid", "1 - sigmoid(x) -> sigmoid(-x)", "sub", changes_results=True)
def one_minus_sigmoid(value: Value, context: Context) -> Value | None:
    inner = _from_one(value)
    x = operand_of(inner, "sigmoid") if inner is not None else None
    return _unary("sigmoid", negated(x), value) if x is not None else None


@rule("log-sigmoid", "log(sigmoid(x)) -> -softplus(-x)", "log", changes_results=True)
def log_sigmoid(value: Value, context: Context) -> Value | None:
    x = operand_of(value.operands[0], "sigmoid")
    return make("neg", (make("softplus", (negated(x),)),)) if x is not None else None


@rule("one-minus-erf", "1 - erf(x) -> erfc(x)", "sub", changes_results=True)
def one_minus_erf(value: Value, context: Context) -> Value | None:
    inner = _from_one(value)
    x = operand_of(inner, "erf") if inner is not None else None
    return _unary("erfc", x, value) if x is not None else None


@rule(
    "log-erfc",
    "log(erfc(x)) -> log1p(-erf(x)) below 1/2, else log(erfcx(x)) - x * x",
    "log",
    changes_results=True,
)
def log_erfc(value: Value, context: Context) -> Value | None:
    """The logarithm of a Gaussian tail: erfc underflows where its logarithm is ordinary."""
    x = operand_of(value.operands[0], "erfc")
    if x is None:
        return None
    near = make("log1p", (make("neg", (make("erf", (x,)),)),))
    far = make("sub", (make("log", (make("erfcx", (x,)),)), make("mul", (x, x))))
    return make("select", (make("lt", (x, constant_like(0.5, x.type))), near, far))


@_of_reals("log-quotient", "log(exp(x) / s) -> x - log(s)", "log")
def log_quotient(value: Value, context: Context) -> Value | None:
    """The logarithm of a softmax: the exponential may underflow, its logarithm is known."""
    parts = _exponential_quotient(value.operands[0])
    return make("sub", (parts[0], make("log", (parts[1],)))) if parts else None


def _exponential_quotient(value: Value) -> tuple[Value, Value] | None:
    """X and s of exp(x) / s."""
    if not matches(value, "div"):
        return None
    x = operand_of(value.operands[0], "exp")
    return (x, value.operands[1]) if x is not None else None


@_of_reals("log-view", "log(view(y)) -> view(log(y)) where log(y) can be stabilised", "log")
def log_view(value: Value, context: Context) -> Value | None:
    """`view` is any chain of views: log(p)[i, y] and log(p[i, y]) become one."""
    chain: list[Value] = []
    inner = value.operands[0]
    while inner.op.view is not None:
        chain.append(inner)
        inner = inner.operands[0]
    if not chain or not _has_stable_log(inner):
        return None
    logarithm = make("log", (inner,))
    for view in reversed(chain):
        logarithm = with_operand(view, 0, logarithm)
    return logarithm


def _has_stable_log(value: Value) -> bool:
    if is_one_of(value, "exp", "sigmoid", "erfc"):
        return True
    return _exponential_quotient(value) is not None or exponential_sum(value) is not None


@rule("square", "x ** 2 -> x * x for floats", "pow", changes_results=True)
def square(value: Value, context: Context) -> Value | None:
    """One multiplication in place of a power."""
    x, y = value.operands
    if not is_number(y, 2) or x.type != value.type or not x.type.dtype.is_float:
        return None
    return make("mul", (x, x))


@rule("reciprocal", "x ** -1 -> 1 / x for floats", "pow", changes_results=True)
def reciprocal(value: Value, context: Context) -> Value | None:
    """One division in place of a power."""
    x, y = value.operands
    if not is_number(y, -1) or x.type != value.type or not x.type.dtype.is_float:
        return None
    return make("div", (constant_like(1.0, y.type), x))


STABILITY_RULES = (
    neg_neg,
    one_minus_sigmoid,
    one_minus_erf,
    one_over_one_plus_exp,
    exp_over_one_plus_exp,
    exp_minus_one,
    log_exp,
    log_sigmoid,
    log_erfc,
    log_one_plus,
    log_one_minus,
    log1p_exp,
    log_quotient,
    *EXPONENTIAL_RULES,
    log_view,
    *FACTOR_RULES,
    *NORM_RULES,
    square,
    reciprocal,
)

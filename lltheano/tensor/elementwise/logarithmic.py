"""How elementwise ops pass relative gradients on: derivatives by logarithms, see
`lltheano.gradient.relative`.

A rule gets the application's operands, its result, the plain and the relative gradient of the
result, either of which may be None, and what the graph says of the operands. It gives what each
operand gets as a pair (plain, relative), and None where it knows no better than the plain formula.
For ``y = f(x)`` the relative gradient is ``u = g y``.
"""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lltheano.gradient.relative import Facts, Part
from lltheano.interfaces.layers import language
from lltheano.tensor.elementwise.logarithmic_complements import (
    complement,
    exponential_of,
    slope_of_log_erfc,
    sum_with_tanh,
)
from lltheano.tensor.elementwise.logarithmic_norms import is_norm, norm_parts
from lltheano.tensor.reducers.ops import sum_to_pattern

if TYPE_CHECKING:
    from lltheano.tensor.elementwise.op import Elementwise

__all__ = [
    "Pair",
    "Relative",
    "of_abs",
    "of_add",
    "of_cosh",
    "of_erfc",
    "of_exp",
    "of_exp2",
    "of_expm1",
    "of_inv",
    "of_log",
    "of_log1p",
    "of_log_to_base",
    "of_mul",
    "of_neg",
    "of_pow",
    "of_selection",
    "of_sigmoid",
    "of_sinh",
    "of_softplus",
    "of_sqr",
    "of_sqrt",
    "of_sub",
    "of_tanh",
    "of_true_div",
]

Pair = tuple[Any, Any]
"""The plain and the relative gradient of an operand; either may be None."""

Relative = Callable[
    ["Elementwise", Sequence[Any], Any, Any, Any, Facts], "Sequence[Pair | Part] | None"
]


def _sum(x: Any, y: Any) -> Any:
    if x is None or y is None:
        return y if x is None else x
    return x + y


def _formula(op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any) -> Sequence[Any]:
    """The plain formula of the op; None for each operand when there is no plain gradient."""
    if g is None or op.gradient is None:
        return [None] * len(inputs)
    return op.gradient(inputs, y, g)


def of_log(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """DC / dlog x is the gradient of the result itself."""
    return [(None, _sum(g, None if u is None else u / y))]


def of_log_to_base(base: float) -> Relative:
    """As the natural logarithm, but for a factor."""

    def rule(
        op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
    ) -> Sequence[Pair]:
        ((_, total),) = of_log(op, inputs, y, g, u, facts)
        return [(None, total / language.constant(math.log(base), dtype=y.dtype))]

    return rule


def of_log1p(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> "Sequence[Pair | Part] | None":
    """The logarithm of 1 + exp(z), and that of 1 - p where that has a form of its own."""
    (x,) = inputs
    total = _sum(g, None if u is None else u / y)
    if not facts.is_held(x) and (z := exponential_of(x)) is not None:
        return [(None, total * language.sigmoid(z))]
    node = None if facts.is_held(x) else x.owner
    if node is None or node.op is not language.neg:
        return None
    found = complement(node.inputs[0], facts)
    if found is None:
        return None
    z, slope = found
    return [(None, None), _to(z, total * slope)]


def of_exp(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """The logarithm of the result is the operand."""
    return [(_sum(u, None if g is None else g * y), None)]


def of_exp2(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """The logarithm of the result is the operand times log(2)."""
    total = _sum(u, None if g is None else g * y)
    return [(total * language.constant(math.log(2), dtype=y.dtype), None)]


def of_expm1(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """exp(x) / (exp(x) - 1) is -1 / (exp(-x) - 1)."""
    (x,) = inputs
    return [(_sum(_formula(op, inputs, y, g)[0], None if u is None else -u / op(-x)), None)]


def of_sigmoid(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """The derivative of the logarithm of sigmoid(x) is sigmoid(-x)."""
    (x,) = inputs
    return [(_sum(u, None if g is None else g * y) * op(-x), None)]


def of_softplus(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """sigmoid(x) / softplus(x) tends to 1, where both underflow."""
    (x,) = inputs
    far = language.lt(x, -40)
    ratio = language.switch(far, 1, language.sigmoid(x) / language.switch(far, 1, y))
    return [(_sum(_formula(op, inputs, y, g)[0], None if u is None else u * ratio), None)]


def of_erfc(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """exp(-x x) / erfc(x) is 1 / erfcx(x)."""
    (x,) = inputs
    slope = None if u is None else u * slope_of_log_erfc(x)
    return [(_sum(_formula(op, inputs, y, g)[0], slope), None)]


def of_cosh(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """sinh(x) / cosh(x) is tanh(x)."""
    (x,) = inputs
    slope = None if u is None else u * language.tanh(x)
    return [(_sum(_formula(op, inputs, y, g)[0], slope), None)]


def of_sinh(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """cosh(x) / sinh(x) is 1 / tanh(x)."""
    (x,) = inputs
    slope = None if u is None else u / language.tanh(x)
    return [(_sum(_formula(op, inputs, y, g)[0], slope), None)]


def of_tanh(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """(1 - tanh(x)**2) / tanh(x) is 2 / sinh(2 * x)."""
    (x,) = inputs
    slope = None if u is None else u * 2 / language.sinh(2 * x)
    return [(_sum(_formula(op, inputs, y, g)[0], slope), None)]


def _of_factors(
    op: "Elementwise",
    inputs: Sequence[Any],
    y: Any,
    gradients: Pair,
    exponents: Sequence[Any],
    facts: Facts,
) -> Sequence[Pair] | None:
    """Of a product of powers of the operands.

    A relative gradient goes to every factor, times its exponent. A plain one is made relative for
    factors that are exponentials: their product with the result is finite where they are not.
    """
    g, u = gradients
    chosen = [facts.is_exponential(x) for x in inputs]
    if u is None and not any(chosen):
        return None
    plain = _formula(op, inputs, y, None if all(chosen) else g)
    pairs: list[Pair] = []
    for x, exponential, term, exponent in zip(inputs, chosen, plain, exponents, strict=True):
        if not facts.is_active(x):
            pairs.append((None, None))
            continue
        total = _sum(u, g * y if exponential and g is not None else None)
        scaled = None if total is None else total if exponent is None else total * exponent
        pairs.append((None if exponential else term, scaled))
    return pairs


def of_mul(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair] | None:
    """Each factor."""
    return _of_factors(op, inputs, y, (g, u), [None] * len(inputs), facts)


def of_true_div(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair] | None:
    """The dividend, and the divisor with the other sign, also where that is a norm."""
    pairs = _of_factors(op, inputs, y, (g, u), [None, -1], facts)
    if pairs is not None or not (facts.is_active(inputs[1]) and is_norm(inputs[1], facts)):
        return pairs
    return [(_formula(op, inputs, y, g)[0], None), (None, -(g * y))]


def of_inv(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair] | None:
    """The operand with the other sign."""
    return _of_factors(op, inputs, y, (g, u), [-1], facts)


def of_sqr(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair] | None:
    """The operand twice."""
    return _of_factors(op, inputs, y, (g, u), [2], facts)


def of_sqrt(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> "Sequence[Pair | Part] | None":
    """Half of the operand, if that is made of exponentials; a norm by the unit vector."""
    if facts.is_exponential(inputs[0]):
        return _of_factors(op, inputs, y, (g, u), [language.constant(0.5, dtype=y.dtype)], facts)
    return None if u is None else norm_parts(inputs, y, g, u, facts)


def of_pow(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> "Sequence[Pair | Part] | None":
    """The base, times the exponent; by the exponent the logarithm of the base."""
    base, exponent = inputs
    if u is None and not facts.is_exponential(base):
        return None
    if facts.number(exponent) == 0.5 and (parts := norm_parts(inputs, y, g, u, facts)) is not None:
        return parts
    total = _sum(u, None if g is None or not facts.is_exponential(base) else g * y)
    rest = None if facts.is_exponential(base) else g
    in_base, in_exponent = _formula(op, inputs, y, rest)
    if facts.is_active(exponent):
        safe = language.switch(language.eq(base, 0), 1, base)
        in_exponent = _sum(in_exponent, total * language.log(safe))
    return [(in_base, total * exponent), (in_exponent, None)]


def of_neg(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """The relative gradient does not see the sign."""
    return [(None if g is None else -g, u)]


def of_abs(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """The relative gradient does not see the sign."""
    return [(_formula(op, inputs, y, g)[0], u)]


def of_selection(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair]:
    """Each element of the result is one of an operand's, which gets both gradients."""
    plain, relative = _formula(op, inputs, y, g), _formula(op, inputs, y, u)
    return list(zip(plain, relative, strict=True))


def of_add(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> "Sequence[Pair | Part] | None":
    """An exponential gets its share of the sum, which cannot overflow."""
    found = sum_with_tanh(inputs[0], inputs[1], 1, facts) if len(inputs) == 2 else None
    if found is not None:
        return _of_logistic(found, y, g, u)
    if u is None or not any(facts.is_exponential(x) for x in inputs):
        return None
    pairs: list[Pair] = []
    for index, x in enumerate(inputs):
        if facts.is_exponential(x):
            pairs.append((g, u * _share(inputs, index, y, facts)))
        else:
            pairs.append((_sum(g, u / y), None))
    return pairs


def _share(inputs: Sequence[Any], index: int, y: Any, facts: Facts) -> Any:
    """The operand at a place over the sum, from the differences of exponents where they are known.

    exp(a) / (exp(a) + exp(b) + ...) is 1 / (1 + exp(b - a) + ...).
    """
    own = _exponent(inputs[index], facts)
    others = [_exponent(x, facts) for i, x in enumerate(inputs) if i != index]
    if own is None or any(other is None for other in others):
        return inputs[index] / y
    if len(others) == 1:
        return language.sigmoid(own - others[0])
    return 1 / language.add(1, *(language.exp(other - own) for other in others))


def _exponent(x: Any, facts: Facts) -> Any:
    """Z where x is exp(z), or log(x) where x is a positive number; else None."""
    if not facts.is_held(x) and (z := exponential_of(x)) is not None:
        return z
    number = facts.number(x)
    if number is None or not 0 < number < math.inf:
        return None
    return language.constant(
        math.log(number),
        dtype=str(x.dtype) if x.dtype in ("float16", "float32", "float64") else "float32",
    )


def of_sub(
    op: "Elementwise", inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> "Sequence[Pair | Part] | None":
    """1 - p where p has a complement of its own, such as 1 - sigmoid(z)."""
    one, p = inputs
    if (found := sum_with_tanh(one, p, -1, facts)) is not None:
        return _of_logistic(found, y, g, u)
    found = None if u is None or facts.number(one) != 1 else complement(p, facts)
    if found is None:
        return None
    z, slope = found
    return [*zip(_formula(op, inputs, y, g), (None, None), strict=True), _to(z, u * slope)]


def _of_logistic(found: tuple[Any, Any], y: Any, g: Any, u: Any) -> "list[Pair | Part]":
    """Of a logistic function of z that is the sum of two operands."""
    z, slope = found
    total = _sum(u, None if g is None else g * y)
    return [(None, None), (None, None), _to(z, total * slope)]


def _to(z: Any, gradient: Any) -> Part:
    """A gradient for a variable that is no operand."""
    return Part(z, plain=sum_to_pattern(gradient, z))

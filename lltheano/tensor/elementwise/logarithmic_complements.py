"""What 1 - p is for a p near 1, and other sums of which little is left.

Where p is a logistic function, the complement is one too, and its logarithm has a derivative that
does not go by the difference.
"""

import math
from typing import Any

from lltheano.gradient.relative import Facts
from lltheano.graph.core import Apply
from lltheano.interfaces.layers import language

__all__ = ["complement", "exponential_of", "slope_of_log_erfc", "sum_with_tanh"]


def slope_of_log_erfc(x: Any) -> Any:
    """The derivative of log(erfc(x))."""
    return language.constant(-2 / math.sqrt(math.pi), dtype=x.dtype) / language.erfcx(x)


def complement(p: Any, facts: Facts) -> tuple[Any, Any] | None:
    """Of what variable z the value 1 - p is a function, and the derivative of its logarithm."""
    node = p.owner
    if node is None or facts.is_held(p):
        return None
    if node.op is language.erf:
        (x,) = node.inputs
        return x, slope_of_log_erfc(x)
    if (x := _square_of_tanh(node, facts)) is not None:
        return x, -2 * language.tanh(x)
    logistic = _logistic(node, facts)
    if logistic is None:
        return None
    z, factor = logistic
    return z, -factor * language.sigmoid(z if factor == 1 else factor * z)


def _square_of_tanh(node: Apply, facts: Facts) -> Any:
    """X of tanh(x)**2."""
    is_power = node.op is language.pow and facts.number(node.inputs[1]) == 2
    is_product = node.op is language.mul and len(set(node.inputs)) == 1 and len(node.inputs) == 2
    if not (is_power or is_product or node.op is language.sqr):
        return None
    root = node.inputs[0]
    if facts.is_held(root) or root.owner is None or root.owner.op is not language.tanh:
        return None
    return root.owner.inputs[0]


def sum_with_tanh(x: Any, y: Any, sign: int, facts: Facts) -> tuple[Any, Any] | None:
    """Z and the derivative of the logarithm where x + sign * y is a * (1 + tanh(z)), or with -."""
    for offset, curve, weight in ((x, y, sign), (y, x, sign)):
        number = facts.number(offset)
        found = None if number is None else _scaled_tanh(curve, facts)
        if found is None or not number:
            continue
        scale, z = found
        ratio = weight * scale / number
        if abs(ratio) == 1:
            return z, 2 * ratio * language.sigmoid(-2 * ratio * z)
    return None


def _scaled_tanh(x: Any, facts: Facts) -> tuple[float, Any] | None:
    """The number and z of number * tanh(z)."""
    scale = 1.0
    while x.owner is not None and not facts.is_held(x):
        node = x.owner
        if node.op is language.tanh:
            return scale, node.inputs[0]
        if node.op is language.neg:
            scale, x = -scale, node.inputs[0]
            continue
        step = _scaling(node, facts)
        if step is None:
            return None
        number, x = step
        scale *= number
    return None


def _scaling(node: Apply, facts: Facts) -> tuple[float, Any] | None:
    """The number and x of number * x, or of x / number."""
    if len(node.inputs) != 2 or node.op not in (language.mul, language.true_div):
        return None
    is_quotient = node.op is language.true_div
    x, other = node.inputs
    number = facts.number(other)
    if number is None and not is_quotient:
        number, x = facts.number(x), other
    if not number:
        return None
    return 1 / number if is_quotient else number, x


def _logistic(node: Apply, facts: Facts) -> tuple[Any, int] | None:
    """Z and a number where the result is sigmoid(number * z), in any of the ways to write it."""
    if node.op is language.sigmoid:
        return node.inputs[0], 1
    if (by_tanh := _logistic_of_tanh(node, facts)) is not None:
        return by_tanh
    above, below = None, None
    if node.op is language.true_div:
        above, below = node.inputs
    elif node.op is language.inv:
        (below,) = node.inputs
    elif node.op is language.pow and facts.number(node.inputs[1]) == -1:
        below = node.inputs[0]
    z = None if below is None or facts.is_held(below) else _beside_one(below, facts)
    if z is None:
        return None
    if above is None or facts.number(above) == 1:
        return z, -1
    return (z, 1) if not facts.is_held(above) and exponential_of(above) is z else None


def _logistic_of_tanh(node: Apply, facts: Facts) -> tuple[Any, int] | None:
    """Z and 2 or -2 where the result is (1 + tanh(z)) / 2 or (1 - tanh(z)) / 2."""
    scale = 1.0
    while (step := _scaling(node, facts)) is not None:
        number, inner = step
        if facts.is_held(inner) or inner.owner is None:
            return None
        scale, node = scale * number, inner.owner
    if node.op not in (language.add, language.sub) or len(node.inputs) != 2:
        return None
    x, y = node.inputs
    sign = 1 if node.op is language.add else -1
    for offset, curve, own, other in ((x, y, 1, sign), (y, x, sign, 1)):
        constant, found = facts.number(offset), _scaled_tanh(curve, facts)
        if constant is not None and found is not None and scale * own * constant == 0.5:
            height = scale * other * found[0]
            if abs(height) == 0.5:
                return found[1], round(4 * height)
    return None


def exponential_of(x: Any) -> Any:
    """Z where x is exp(z)."""
    return x.owner.inputs[0] if x.owner is not None and x.owner.op is language.exp else None


def _beside_one(x: Any, facts: Facts) -> Any:
    """Z where x is 1 + exp(z)."""
    if x.owner is None or x.owner.op is not language.add or len(x.owner.inputs) != 2:
        return None
    for one, power in (x.owner.inputs, x.owner.inputs[::-1]):
        if facts.number(one) == 1 and not facts.is_held(power):
            return exponential_of(power)
    return None

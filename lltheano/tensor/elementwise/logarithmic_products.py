"""Products with a logarithm that are 0 where the factor is 0, as in entropies."""

from collections.abc import Sequence
from typing import Any

from lltheano.gradient.relative import Facts
from lltheano.tensor.elementwise import rules
from lltheano.tensor.elementwise.arities import Binary, Unary
from lltheano.tensor.elementwise.logarithmic import Pair
from lltheano.tensor.elementwise.op import Elementwise, number_like
from lltheano.tensor.elementwise.transcendental import log
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = ["xlogx", "xlogy0"]


def _emit_xlogy0(builder: Builder, values: Sequence[Value]) -> Value:
    x, y = values[0], values[-1]
    zero = number_like(builder, x, 0)
    product = builder.elementwise("mul", x, builder.elementwise("log", y))
    return builder.elementwise("select", builder.elementwise("eq", x, zero), zero, product)


def _relative_of_xlogx(
    op: Elementwise, inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair] | None:
    """X (1 + log x) is finite where x underflows, and 1 + log x is not."""
    (x,) = inputs
    if u is not None or not facts.is_exponential(x):
        return None
    return [(None, g * (x + y))]


def _relative_of_xlogy0(
    op: Elementwise, inputs: Sequence[Any], y: Any, g: Any, u: Any, facts: Facts
) -> Sequence[Pair] | None:
    """The derivative by the logarithm of b is a."""
    a, b = inputs
    if u is not None:
        return None
    in_log_b = g * a
    return [(None, g * y) if facts.is_exponential(a) else (g * log(b), None), (None, in_log_b)]


xlogx: Unary = Unary(
    "xlogx.xlogx",
    "a * log(a), and 0 where a is 0",
    1,
    rules.continuous,
    _emit_xlogy0,
    lambda inputs, output, g: [g * (1 + log(inputs[0]))],
    relative_rule=_relative_of_xlogx,
    example=">>> T.xlogx.xlogx([0.0, 1.0, 2.0]).eval().round(4)\narray([0.    , 0.    , 1.3863])",
)
xlogy0: Binary = Binary(
    "xlogx.xlogy0",
    "a * log(b), and 0 where a is 0, whatever b is",
    2,
    rules.continuous,
    _emit_xlogy0,
    lambda inputs, output, g: [g * log(inputs[1]), g * inputs[0] / inputs[1]],
    relative_rule=_relative_of_xlogy0,
    example=">>> T.xlogx.xlogy0([0.0, 2.0], [0.0, 3.0]).eval().round(4)\narray([0.    , 2.1972])",
)

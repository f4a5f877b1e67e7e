"""What is known of the signs of values, by the rule that each op declares (`Op.sign`).

Of floats it is what holds in exact arithmetic, on finite numbers: a product of positive numbers
that underflows to 0 counts as positive. Of integers it holds of the very elements, so that memory
may be reached by them.
"""

from collections.abc import Mapping

import numpy as np

from lltheano_ir.nodes import Value
from lltheano_ir.ops.traits import Sign

__all__ = ["sign_of"]

_MOST = 256
"""Of what is computed from more values than this, nothing is known."""


def sign_of(value: Value, assumed: Mapping[Value, Sign] | None = None) -> Sign:
    """The sign of every element of a value with one result, where those of some are assumed.

    >>> from lltheano_ir.nodes import argument, make
    >>> from lltheano_ir.types import parse_type
    >>> x = argument(0, parse_type("f64[?]"))
    >>> sign_of(make("add", (make("exp", (x,)), make("abs", (x,))))).name
    'POSITIVE'
    """
    known: dict[Value, Sign] = dict(assumed or {})
    stack = [value]
    while stack:
        current = stack[-1]
        if current in known:
            stack.pop()
            continue
        missing = [one for one in _deciding(current) if one not in known]
        if len(known) + len(stack) > _MOST:
            return Sign.ANY
        stack.extend(missing)
        if not missing:
            known[current] = _by_rule(current, known)
    return known[value]


def _deciding(value: Value) -> tuple[Value, ...]:
    """The operands whose signs tell that of a value."""
    if value.op.view is not None or value.op.is_operand:
        return value.operands[:1]
    return value.operands if value.op.sign is not None else ()


def _by_rule(value: Value, known: dict[Value, Sign]) -> Sign:
    if len(value.types) != 1 or value.type.dtype.is_complex:
        return Sign.ANY
    if value.is_constant:
        return _of_elements(value.attributes[0].array())
    signs = [known[one] for one in _deciding(value)]
    if value.op.sign is None:
        return signs[0] if signs else Sign.ANY
    if value.op.wraps and not value.type.dtype.is_float:
        return Sign.ANY
    same = len(set(value.operands)) == 1
    return value.op.sign(signs, same, value.attributes)


def _of_elements(array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> Sign:
    if array.dtype.kind not in "biuf" or not array.size or not np.isfinite(array).all():
        return Sign.ANY
    least = array.min()
    return Sign.POSITIVE if least > 0 else Sign.NOT_NEGATIVE if least == 0 else Sign.ANY

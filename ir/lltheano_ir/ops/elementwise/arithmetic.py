"""Arithmetic on each element. Integers wrap around; a division of an integer by zero is 0."""

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from lltheano_ir.ops import polynomials
from lltheano_ir.ops.definition import Array, Attributes
from lltheano_ir.ops.elementwise import intervals
from lltheano_ir.ops.elementwise.complexes import joined, multiply
from lltheano_ir.ops.elementwise.rules import elementwise_op
from lltheano_ir.ops.traits import Cost, Laws, Sign, least_sign

__all__ = ["ARITHMETIC"]


def _power(x: Array, y: Array) -> Array:
    """Integers wrap around; a negative power gives the reciprocal rounded towards zero, 0 at 0."""
    if x.dtype.kind != "i":
        return np.asarray(np.power(x, y))
    power = np.power(x, np.maximum(y, 0))
    reciprocal = np.where(x == 1, 1, np.where(x == -1, np.where(y & 1, -1, 1), 0))
    return np.where(y < 0, reciprocal.astype(x.dtype), power)


def _rint(x: Array) -> Any:
    return joined(np.rint(np.real(x)), np.rint(np.imag(x))) if x.dtype.kind == "c" else np.rint(x)


def _sign_of_sum(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    """Positive where all are 0 or greater, and one of them is not 0."""
    return max(signs) if min(signs) >= Sign.NOT_NEGATIVE else Sign.ANY


def _sign_of_product(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    """A square is never negative."""
    return max(min(signs), Sign.NOT_NEGATIVE if same else Sign.ANY)


def _sign_of_power(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    """A power of what is positive is; of 0 there may be none."""
    return signs[0] if signs[0] is Sign.POSITIVE else Sign.ANY


def _sign_of_modulus(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    return max(*signs, Sign.NOT_NEGATIVE)


def _sign_of_quotient(signs: Sequence[Sign], same: bool, attributes: Attributes) -> Sign:
    """Nothing is known of a quotient by what may be 0."""
    return signs[0] if signs[1] is Sign.POSITIVE else Sign.ANY


ARITHMETIC = (
    elementwise_op(
        "add",
        2,
        "iufc",
        np.add,
        "x + y",
        cost=Cost.CHEAP,
        laws=Laws(
            commutative=True,
            unit=0,
            exact=operator.add,
            polynomial=polynomials.total,
            interval=intervals.total,
        ),
        sign=_sign_of_sum,
        wraps=True,
    ),
    elementwise_op(
        "sub",
        2,
        "iufc",
        np.subtract,
        "x - y",
        cost=Cost.CHEAP,
        laws=Laws(
            unit=0,
            of_same=0,
            exact=operator.sub,
            polynomial=polynomials.difference,
            interval=intervals.difference,
        ),
        wraps=True,
    ),
    elementwise_op(
        "mul",
        2,
        "iufc",
        multiply,
        "x * y",
        cost=Cost.CHEAP,
        laws=Laws(
            commutative=True,
            unit=1,
            absorbing=0,
            exact=operator.mul,
            polynomial=polynomials.product,
            interval=intervals.product,
        ),
        sign=_sign_of_product,
        wraps=True,
    ),
    elementwise_op(
        "div",
        2,
        "fc",
        np.divide,
        "x / y",
        cost=Cost.SLOW,
        laws=Laws(interval=intervals.quotient),
        sign=_sign_of_quotient,
    ),
    elementwise_op(
        "floordiv",
        2,
        "iuf",
        np.floor_divide,
        "floor(x / y); 0 for an integer y of 0",
        laws=Laws(unit=1, divmod_part=0),
    ),
    elementwise_op(
        "mod",
        2,
        "iuf",
        np.remainder,
        "x - floor(x / y) * y, with the sign of y",
        laws=Laws(divmod_part=1),
    ),
    elementwise_op(
        "pow",
        2,
        "iufc",
        _power,
        "x to the power y",
        ulp=4.0,
        sign=_sign_of_power,
        wraps=True,
    ),
    elementwise_op(
        "neg",
        1,
        "iufc",
        np.negative,
        "-x",
        cost=Cost.CHEAP,
        laws=Laws(polynomial=polynomials.negated, interval=intervals.negation),
        wraps=True,
    ),
    elementwise_op(
        "abs",
        1,
        "iufc",
        np.abs,
        "the absolute value",
        gives="real",
        cost=Cost.CHEAP,
        sign=_sign_of_modulus,
        wraps=True,
    ),
    elementwise_op(
        "sign",
        1,
        "iufc",
        np.sign,
        "-1, 0 or 1, NaN for NaN; z / abs(z)",
        reaches=(-1.0, 1.0),
        cost=Cost.SLOW,
    ),
    elementwise_op("floor", 1, "f", np.floor, "the greatest integer not above x", cost=Cost.CHEAP),
    elementwise_op("ceil", 1, "f", np.ceil, "the least integer not below x", cost=Cost.CHEAP),
    elementwise_op("trunc", 1, "f", np.trunc, "x without its fraction", cost=Cost.CHEAP),
    elementwise_op("rint", 1, "fc", _rint, "the nearest integer, ties to even", cost=Cost.CHEAP),
    elementwise_op(
        "sqrt",
        1,
        "fc",
        np.sqrt,
        "the square root, correctly rounded",
        cost=Cost.SLOW,
        reaches=(0.0, math.inf),
        sign=least_sign,
    ),
)

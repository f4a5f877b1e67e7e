"""Lengths of vectors whose squares overflow or vanish, and x * log(x) at 0."""

import numpy as np

from lltheano_ir.nodes import Value, make
from lltheano_ir.passes.rules.shared import branch
from lltheano_ir.rewrite.patterns import constant_like, matches, number_of, operand_of, with_operand
from lltheano_ir.rewrite.rules import RuleContext, rule

__all__ = ["NORM_RULES"]


@rule("norm", "sqrt(sum(x * x)) -> the same with x scaled, where the sum is not ordinary", "sqrt",
      changes_results=True)  # fmt: skip
def norm(value: Value, context: RuleContext) -> Value | None:
    """Two fixed powers of two are enough, as in Blue, A portable Fortran program to find the
    Euclidean norm of a vector (1978). They are only used when a sum overflowed or is so small that
    squares were rounded to subnormals.
    """
    (total,) = value.operands
    if not matches(total, "reduce", "add"):
        return None
    (squares,), (_, axes) = total.operands, total.attributes
    x = _base_of_squares(squares)
    if x is None:
        return None
    if not value.type.dtype.is_float or value.type.dtype.numpy.itemsize < 4 or _is_scaled(x):
        return None
    ordinary = make("and", (make("ge", (total, _least(value))), make("lt", (total, _inf(value)))))
    if value.rank:
        ordinary = make("reduce", (ordinary,), ("and", tuple(range(value.rank))))
    return branch(
        ordinary,
        (x, total),
        lambda inside: make("sqrt", (inside[1],)),
        lambda inside: _scaled(inside[0], inside[1], axes),
    )


def _base_of_squares(squares: Value) -> Value | None:
    """X of x * x, whose axes may have been merged or moved since: then so are those of x."""
    if squares.op.view is not None and squares.op.view.whole:
        base = _base_of_squares(squares.operands[0])
        return None if base is None else with_operand(squares, 0, base)
    is_square = matches(squares, "mul") and squares.operands[0] is squares.operands[1]
    return squares.operands[0] if is_square else None


def _scaled(x: Value, total: Value, axes: tuple[int, ...]) -> Value:
    """The root of the sum of scaled squares, divided by the scale."""
    one, up, down = (constant_like(number, total.type) for number in (1.0, *_powers(total)))
    small = make("lt", (total, _least(total)))
    large = make("not", (make("lt", (total, _inf(total))),))
    scale = make("select", (small, up, make("select", (large, down, one))))
    kept = iter(range(total.rank))
    order = [None if axis in axes else next(kept) for axis in range(x.rank)]
    wide = make("dimshuffle", (scale,), (tuple(order),)) if order != [*range(x.rank)] else scale
    scaled = make("mul", (x, wide))
    squares = make("mul", (scaled, scaled))
    root = make("sqrt", (make("reduce", (squares,), ("add", axes)),))
    return make("div", (root, scale))


def _is_scaled(x: Value) -> bool:
    """Whether the rule made it: a product with a choice between powers of two."""
    if not matches(x, "mul"):
        return False
    scales = (operand_of(one, "dimshuffle") or one for one in x.operands)
    return any(matches(one, "select") and number_of(one.operands[1]) is not None for one in scales)


def _powers(value: Value) -> tuple[float, float]:
    """Powers of two that bring the squares of the least numbers, and of the greatest, into the
    range in which they are exact to the last digits.
    """
    wide = value.type.dtype.numpy.itemsize == 8
    return (2.0**600, 2.0**-600) if wide else (2.0**100, 2.0**-75)


def _least(value: Value) -> Value:
    """The least sum of squares that is right to the last digits: the least normal number over the
    distance of 1 from the next.
    """
    wide = value.type.dtype.numpy.itemsize == 8
    return constant_like(2.0**-970 if wide else 2.0**-103, value.type)


def _inf(value: Value) -> Value:
    return constant_like(np.inf, value.type)


@rule("norm-forms", "s ** 0.5 -> sqrt(s), sqrt(view(s)) -> view(sqrt(s)), sqrt(dot(x, x)) -> "
      "sqrt(sum(x * x)), where s is a sum of squares", "sqrt", "pow",
      changes_results=True)  # fmt: skip
def norm_forms(value: Value, context: RuleContext) -> Value | None:
    """The same length in other words; s ** -0.5 is its reciprocal."""
    total = value.operands[0]
    if total.type != value.type or not _is_sum_of_squares(total):
        return None
    if matches(value, "pow"):
        power = number_of(value.operands[1])
        if power is None or abs(power) != 0.5:
            return None
        root = make("sqrt", (total,))
        return root if power > 0 else make("div", (constant_like(1.0, root.type), root))
    if matches(total, "dot"):
        x = total.operands[0]
        return make("sqrt", (make("reduce", (make("mul", (x, x)),), ("add", (0,))),))
    if total.op.view is None:
        return None
    return with_operand(total, 0, make("sqrt", (total.operands[0],)))


def _is_sum_of_squares(total: Value) -> bool:
    """Of a tensor along axes, perhaps moved, or of a vector as its product with itself."""
    while total.op.view is not None and total.op.view.whole:
        total = total.operands[0]
    if not total.type.dtype.is_float:
        return False
    if matches(total, "dot"):
        return total.operands[0] is total.operands[1] and total.operands[0].rank == 1
    return matches(total, "reduce", "add") and _base_of_squares(total.operands[0]) is not None


@rule("x-log-x", "x * log(x) -> x * log(x, or 1 where x is 0)", "mul", changes_results=True)
def x_log_x(value: Value, context: RuleContext) -> Value | None:
    """Its limit at 0 is 0, where 0 * log(0) is NaN."""
    for x, logarithm in (value.operands, value.operands[::-1]):
        if operand_of(logarithm, "log") is x and value.type.dtype.is_float:
            is_zero = make("eq", (x, constant_like(0.0, x.type)))
            safe = make("select", (is_zero, constant_like(1.0, x.type), x))
            return make("mul", (x, make("log", (safe,))))
    return None


NORM_RULES = (norm_forms, norm, x_log_x)

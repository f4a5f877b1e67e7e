"""Division with a remainder, and integer powers: the ops that need more than an instruction.

Floats follow NumPy's ``divmod`` on top of an exact ``fmod`` of our own, so that no lane is handed
to the C library: the remainder of ``x - trunc(x / y) * y`` is a floating point number, so one fused
multiply-add computes it without error, and a few rounds bring it below ``y``. Integers floor; a
division by zero gives 0 and the least integer divided by -1 wraps round: nothing traps.

Each function here becomes one helper of the module for each type, whatever the number of uses.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.emit.control import loop_until
from lltheano_ir.emit.math.call import call_helper
from lltheano_ir.emit.values import constant, element_type, intrinsic, lanes_of, like

__all__ = ["float_floordiv", "float_mod", "floordiv", "integer_power", "mod"]

Registers = Sequence[ir.Value]

_ROOM = {"float": (2.0**120, 2.0**40), "double": (2.0**1000, 2.0**100)}
"""Powers of two: a divisor times the first, or where need be times both, has a finite quotient."""


_WIDTH = {"float": 32, "double": 64}


def floordiv(builder: ir.IRBuilder, signed: bool, x: ir.Value, y: ir.Value) -> ir.Value:
    """``floor(x / y)`` of integers, and 0 where `y` is 0."""
    zero = constant(x.type, 0)
    by_zero = builder.icmp_signed("==", y, zero)
    divisor = _safe_divisor(builder, signed, x, y)
    if not signed:
        return builder.select(by_zero, zero, builder.udiv(x, divisor))
    quotient = builder.sdiv(x, divisor)
    remainder = builder.sub(x, builder.mul(quotient, divisor))
    below = _signs_differ(builder, remainder, divisor)
    floored = builder.sub(quotient, builder.zext(below, x.type))
    return builder.select(by_zero, zero, floored)


def mod(builder: ir.IRBuilder, signed: bool, x: ir.Value, y: ir.Value) -> ir.Value:
    """``x - floor(x / y) * y`` of integers, and 0 where `y` is 0."""
    zero = constant(x.type, 0)
    by_zero = builder.icmp_signed("==", y, zero)
    divisor = _safe_divisor(builder, signed, x, y)
    if not signed:
        return builder.select(by_zero, zero, builder.urem(x, divisor))
    remainder = builder.srem(x, divisor)
    below = _signs_differ(builder, remainder, divisor)
    moved = builder.select(below, builder.add(remainder, divisor), remainder)
    return builder.select(by_zero, zero, moved)


def _safe_divisor(builder: ir.IRBuilder, signed: bool, x: ir.Value, y: ir.Value) -> ir.Value:
    """`y`, or 1 where the division would trap: by 0, and of the least integer by -1."""
    unsafe = builder.icmp_signed("==", y, constant(y.type, 0))
    if signed:
        least = -(1 << (element_type(x.type).width - 1))
        at_least = builder.icmp_signed("==", x, constant(x.type, least))
        minus_one = builder.icmp_signed("==", y, constant(y.type, -1))
        unsafe = builder.or_(unsafe, builder.and_(at_least, minus_one))
    return builder.select(unsafe, constant(y.type, 1), y)


def _signs_differ(builder: ir.IRBuilder, remainder: ir.Value, divisor: ir.Value) -> ir.Value:
    """Where a remainder that is not zero has another sign than the divisor."""
    zero = constant(remainder.type, 0)
    opposite = builder.icmp_signed("<", builder.xor(remainder, divisor), zero)
    return builder.and_(builder.icmp_signed("!=", remainder, zero), opposite)


def integer_power(builder: ir.IRBuilder, signed: bool, x: ir.Value, y: ir.Value) -> ir.Value:
    """`x` to the power `y`, wrapping round; to a negative power the reciprocal without its
    fraction.
    """
    name = f"lltheano.power.{'i' if signed else 'u'}{lanes_of(x)}x{element_type(x.type).width}"

    def body(inside: ir.IRBuilder, operands: Registers) -> ir.Value:
        base, exponent = operands
        zero, one = constant(base.type, 0), constant(base.type, 1)
        if not signed:
            return _power(inside, base, exponent)
        negative = inside.icmp_signed("<", exponent, zero)
        result = _power(inside, base, inside.select(negative, zero, exponent))
        minus_one = inside.icmp_signed("==", base, constant(base.type, -1))
        unit = inside.or_(inside.icmp_signed("==", base, one), minus_one)
        odd = inside.icmp_signed("!=", inside.and_(exponent, one), zero)
        reciprocal = inside.select(unit, inside.select(odd, base, one), zero)
        return inside.select(negative, reciprocal, result)

    return call_helper(builder, name, x.type, (x, y), body, _ATTRIBUTES)


def _power(builder: ir.IRBuilder, base: ir.Value, exponent: ir.Value) -> ir.Value:
    """Binary powering: square the base, and multiply where the exponent has a bit."""
    zero, one = constant(base.type, 0), constant(base.type, 1)

    def step(carried: Registers) -> tuple[ir.Value, Registers]:
        result, square, rest = carried
        odd = builder.icmp_signed("!=", builder.and_(rest, one), zero)
        result = builder.select(odd, builder.mul(result, square), result)
        rest = builder.lshr(rest, one)
        more = _any(builder, builder.icmp_signed("!=", rest, zero))
        return more, (result, builder.mul(square, square), rest)

    return loop_until(builder, (one, base, exponent), step)[0]


def float_floordiv(builder: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
    """``floor(x / y)`` of floats with NumPy's corrections; ``x / y`` where `y` is 0."""
    return call_helper(builder, _named("floordiv", x), x.type, (x, y), _floordiv_body, _ATTRIBUTES)


def float_mod(builder: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
    """``x - floor(x / y) * y`` of floats, with the sign of `y`; NaN where `y` is 0."""
    return call_helper(builder, _named("mod", x), x.type, (x, y), _mod_body, _ATTRIBUTES)


_ATTRIBUTES = ("noinline", "nounwind")


def _named(name: str, x: ir.Value) -> str:
    return f"lltheano.{name}.{element_type(x.type)}{lanes_of(x)}"


def _mod_body(builder: ir.IRBuilder, operands: Registers) -> ir.Value:
    x, y = operands
    zero = constant(x.type, 0.0)
    remainder = _fmod(builder, x, y)
    moved = builder.select(
        _opposite_signs(builder, remainder, y), builder.fadd(remainder, y), remainder
    )
    signed_zero = intrinsic(builder, "copysign", zero, y)
    by_zero = builder.fcmp_ordered("==", y, zero)
    is_zero = builder.fcmp_ordered("==", remainder, zero)
    whole = builder.select(is_zero, signed_zero, moved)
    return builder.select(by_zero, constant(x.type, float("nan")), whole)


def _floordiv_body(builder: ir.IRBuilder, operands: Registers) -> ir.Value:
    x, y = operands
    zero, one = constant(x.type, 0.0), constant(x.type, 1.0)
    remainder = _fmod(builder, x, y)
    quotient = builder.fdiv(builder.fsub(x, remainder), y)
    below = _opposite_signs(builder, remainder, y)
    quotient = builder.select(below, builder.fsub(quotient, one), quotient)
    floored = intrinsic(builder, "floor", quotient)
    far = builder.fcmp_ordered(">", builder.fsub(quotient, floored), constant(x.type, 0.5))
    snapped = builder.select(far, builder.fadd(floored, one), floored)
    plain = builder.fdiv(x, y)
    none = builder.fcmp_ordered("==", quotient, zero)
    snapped = builder.select(none, intrinsic(builder, "copysign", zero, plain), snapped)
    by_zero = builder.fcmp_ordered("==", y, zero)
    return builder.select(by_zero, plain, snapped)


def _opposite_signs(builder: ir.IRBuilder, remainder: ir.Value, y: ir.Value) -> ir.Value:
    """Where a remainder that is not zero (a NaN is not) is negative and `y` not, or the reverse."""
    zero = constant(y.type, 0.0)
    left = builder.fcmp_ordered("<", y, zero)
    right = builder.fcmp_ordered("<", remainder, zero)
    return builder.and_(builder.xor(left, right), builder.fcmp_unordered("!=", remainder, zero))


def _fmod(builder: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
    """C's ``fmod``: what is left of `x` after taking `y` away a whole number of times; exact.

    Where the quotient overflows, multiples of `y` by a power of two are taken away first. Where the
    quotient was rounded up the remainder is negative, and the quotient below it is the right one.
    """
    size, unit = intrinsic(builder, "fabs", x), intrinsic(builder, "fabs", y)
    zero, infinity = constant(x.type, 0.0), constant(x.type, float("inf"))
    defined = builder.and_(
        builder.fcmp_ordered("<", size, infinity), builder.fcmp_ordered(">", unit, zero)
    )

    def step(carried: Registers) -> tuple[ir.Value, Registers]:
        (left,) = carried
        busy = builder.and_(defined, builder.fcmp_ordered(">=", left, unit))
        left = builder.select(busy, _taken_away(builder, left, unit), left)
        more = builder.and_(defined, builder.fcmp_ordered(">=", left, unit))
        return _any(builder, more), (left,)

    (left,) = loop_until(builder, (size,), step)
    result = intrinsic(builder, "copysign", left, x)
    return builder.select(defined, result, constant(x.type, float("nan")))


def _taken_away(builder: ir.IRBuilder, left: ir.Value, unit: ir.Value) -> ir.Value:
    """`left` less a whole number of times `unit`: less than `unit` if the quotient is exact."""
    divisor, quotient = unit, builder.fdiv(left, unit)
    for room in _ROOM[str(element_type(left.type))]:
        huge = builder.fcmp_ordered("==", quotient, constant(left.type, float("inf")))
        more = builder.fmul(divisor, constant(left.type, room))
        divisor = builder.select(huge, more, divisor)
        quotient = builder.fdiv(left, divisor)
    count = intrinsic(builder, "trunc", quotient)
    rest = intrinsic(builder, "fma", builder.fneg(count), divisor, left)
    fewer = intrinsic(builder, "trunc", _next_below(builder, count))
    greater = intrinsic(builder, "fma", builder.fneg(fewer), divisor, left)
    negative = builder.fcmp_ordered("<", rest, constant(left.type, 0.0))
    return builder.select(negative, greater, rest)


def _next_below(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """The greatest number below a positive one."""
    bits = like(x.type, ir.IntType(_WIDTH[str(element_type(x.type))]))
    return builder.bitcast(builder.sub(builder.bitcast(x, bits), constant(bits, 1)), x.type)


def _any(builder: ir.IRBuilder, mask: ir.Value) -> ir.Value:
    """Whether a lane holds."""
    if lanes_of(mask) == 1:
        return mask
    packed = builder.bitcast(mask, ir.IntType(lanes_of(mask)))
    return builder.icmp_unsigned("!=", packed, ir.Constant(packed.type, 0))

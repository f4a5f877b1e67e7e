"""Rewrite rules, regions and fusion: what is the same for ordinary numbers only."""

from tests.mutation.faults import Fault

__all__ = ["FAULTS"]

OPS, RULES, PASSES, FUSION = "ops", "rewrite rules", "passes", "fusion"

FAULTS = (
    Fault(
        RULES,
        "x + 0.0 counts as x, though -0.0 + 0.0 is 0.0",
        "-0.0 if value.type.dtype.is_float else 0)",
        "0.0 if value.type.dtype.is_float else 0)",
    ),
    Fault(
        RULES,
        "x - -0.0 counts as x, though -0.0 - -0.0 is 0.0",
        "return _neutral(value, 0.0) if _is_real(value) else None",
        "return _neutral(value, -0.0) if _is_real(value) else None",
    ),
    Fault(
        RULES,
        "z * 1 counts as z where a part of z is infinite",
        """mul_one(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 1) if _is_real(value) else None""",
        """mul_one(value: Value, context: RuleContext) -> Value | None:
    return _neutral(value, 1)""",
    ),
    Fault(
        RULES,
        "division by any number becomes a product, which rounds otherwise",
        "abs(math.frexp(float(number))[0]) != 0.5",
        "number == 0",
    ),
    Fault(
        RULES,
        "division by a number whose inverse is infinite becomes a product",
        "np.isfinite(inverse) and abs(inverse) >= tiny",
        "abs(inverse) >= tiny",
    ),
    Fault(
        RULES,
        "-(x - y) counts as y - x for floats, though 0.0 has a sign",
        'if not matches(inner, "sub") or not value.type.dtype.is_integer:',
        'if not matches(inner, "sub"):',
    ),
    Fault(
        RULES,
        "(x + c) + d counts as x + (c + d) for floats",
        "if inner.op is not value.op or not value.type.dtype.is_integer or number_of(y) is None:",
        "if inner.op is not value.op or number_of(y) is None:",
    ),
    Fault(
        OPS,
        "c <= x becomes x > c",
        '_order("ge", operator.le, strict=False)',
        '_order("gt", operator.le, strict=False)',
    ),
    Fault(
        OPS,
        "not (x < y) becomes x >= y, which is wrong of NaN",
        "        of_same=int(not strict), mirrored=mirrored, exact=exact,",
        "        negated={'gt': 'ge'}.get(mirrored, ''),\n"
        "        of_same=int(not strict), mirrored=mirrored, exact=exact,",
    ),
    Fault(
        OPS,
        "sizes of which one is not greater count as equal",
        "        of_same=int(not strict), mirrored=mirrored, exact=exact,",
        "        equates=not strict,\n"
        "        of_same=int(not strict), mirrored=mirrored, exact=exact,",
    ),
    Fault(
        RULES,
        "a choice between equals forgets that its condition has to fit",
        "return x if all(same) else None",
        "return x",
    ),
    Fault(
        RULES,
        "select(not c, x, y) keeps x and y in their places",
        'make("select", (inner, y, x))',
        'make("select", (inner, x, y))',
    ),
    Fault(
        RULES,
        "sizes that may be equal count as less",
        "if high < 0 or (high == 0 and not ordering.strict):",
        "if high <= 0:",
    ),
    Fault(
        RULES,
        "sizes whose difference may be 0 count as different",
        "return False if low > 0 or high < 0 else None",
        "return False if low >= 0 or high <= 0 else None",
    ),
    Fault(
        RULES,
        "the other branch of a known condition is taken",
        "owner.regions[0 if known else 1]",
        "owner.regions[1 if known else 0]",
    ),
    Fault(
        RULES,
        "a loop that cannot run so often counts as one that does nothing",
        "if least < 0:  # A loop cannot run so often",
        "if least < -(2**64):  # A loop cannot run so often",
    ),
    Fault(
        RULES,
        "of two reorderings of axes the first is forgotten",
        "None if axis is None else order[axis] for axis",
        "None if axis is None else axis for axis",
    ),
    Fault(
        RULES,
        "a reshape that is impossible is left out",
        'if not matches(inner, "reshape") or not _keeps_count(inner, context.sizes):',
        'if not matches(inner, "reshape"):',
    ),
    Fault(
        RULES,
        "a slice of joined elements forgets its step",
        "places = range(start, start + size * step, step)",
        "places = range(start, start + size)",
    ),
    Fault(
        RULES,
        "every integer counts as exact in a float as wide",
        "return bits <= np.finfo(target.real.numpy.name).nmant + 1",
        "return bits <= 8 * target.real.itemsize",
    ),
    Fault(
        RULES,
        "a float on the way from integer to integer does not stop at its end",
        "if not _saturates_alike(source, middle.type.dtype, target):",
        "if not loses_nothing(source, source):",
    ),
    Fault(
        RULES,
        "a sum of exponentials is shifted by a maximum that is infinite",
        'shift = finite_or_zero(make("reduce", (exponent,), ("sup", axes)))',
        'shift = make("reduce", (exponent,), ("sup", axes))',
    ),
    Fault(
        RULES,
        "the two forms of log(erfc(x)) change places",
        'make("lt", (x, half)), near, far)',
        'make("lt", (x, half)), far, near)',
    ),
    Fault(
        RULES,
        "(c * q + r) // c counts as q where r may be negative",
        "if not 0 <= low <= high < divisor or",
        "if not low <= high < divisor or",
    ),
    Fault(
        RULES,
        "a sum of sizes has a range although it may wrap around",
        "return low >= _LEAST and high <= _GREATEST",
        "return True",
    ),
    Fault(
        PASSES,
        "two results of a loop count as one although they start differently",
        "return starts_same and len(carried.arguments) == len(other.arguments)",
        "return True",
    ),
    Fault(
        PASSES,
        "a carried value and a stack of the same value count as one",
        "return carried is other and (first in form.stacked) == (second in form.stacked)",
        "return True",
    ),
    Fault(
        PASSES,
        "a carried value goes although another one is made from it",
        "for region in value.regions if form.carried else ():",
        "for region in ():",
    ),
    Fault(
        FUSION,
        "a pass may wait for itself through another",
        "if one is not value or is_reduction(value):",
        "if False:",
    ),
    Fault(
        FUSION,
        "values of other sizes are computed in one pass",
        "self._alike.setdefault((space, axes, value.type.broadcast), [])",
        "self._alike.setdefault((len(space), axes, value.type.broadcast), [])",
    ),
    Fault(
        FUSION,
        "reductions along other axes are computed in one pass",
        "self._alike.setdefault((space, axes, value.type.broadcast), [])",
        "self._alike.setdefault((space, value.type.broadcast), [])",
    ),
    Fault(
        FUSION,
        "elements are computed again for every element of a larger pass",
        "if any(use.repeated for use in needs.values()):",
        "if False:",
    ),
    Fault(
        FUSION,
        "an element that is repeated along an axis is computed again for each place",
        "return any(one and not wide for one, wide in pairs)",
        "return False",
    ),
)

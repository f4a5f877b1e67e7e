"""Reduction of huge arguments of sin, cos and tan modulo pi / 2, after Payne and Hanek.

``x = m * 2**e`` with a 53-bit integer m; of 2 / pi only the 192 bits from the place ``2**(2 - e)``
down can matter, for the bits above give whole turns and those below less than ``2**-127`` of one.
The product modulo one turn is integer arithmetic, so it is exact for every finite double; no
double comes nearer to a multiple of pi / 2 than ``2**-62``, which leaves more than 60 good bits.
This is the slow path: a function that is not inlined, called for one lane after another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from lltheano_ir.emit.math.call import call_helper
from lltheano_ir.emit.math.doubled import Pair
from lltheano_ir.emit.math.lanes import (
    F32,
    Bits,
    Real,
    element_type,
    fma,
    like,
    mangled,
    select,
    splat,
)

I64 = ir.IntType(64)
I128 = ir.IntType(128)
DOUBLE = ir.DoubleType()
COLD = ("cold", "noinline", "nounwind", "readnone")
# The first 1216 bits of 2 / pi after the point, 64 a word from the highest down.
TWO_OVER_PI = (
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561"
    "b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484"
    "e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980f"
    "ef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b"
    "3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab"
)
TABLE_NAME = "lltheano.math.two_over_pi"
HALF_PI_HIGH = float.fromhex("0x1.921fb54442d18p+0")
HALF_PI_LOW = float.fromhex("0x1.1a62633145c07p-54")
# An argument that is in the table's range, for lanes whose result is not wanted.
HARMLESS = 2.0**40


def _table(module: ir.Module) -> ir.GlobalVariable:
    """The words of 2 / pi after one word of zeros, so that moderate exponents find a window."""
    table = module.globals.get(TABLE_NAME)
    if table is None:
        words = [0] + [int(TWO_OVER_PI[i : i + 16], 16) for i in range(0, len(TWO_OVER_PI), 16)]
        type_ = ir.ArrayType(I64, len(words))
        table = ir.GlobalVariable(module, type_, TABLE_NAME)
        table.initializer = ir.Constant(type_, words)
        table.linkage, table.global_constant, table.unnamed_addr = "internal", True, True
    return table


def _window(b: ir.IRBuilder, exponent_field: ir.Value) -> list[ir.Value]:
    """The three words of 2 / pi that start at the place ``2**(2 - e)``."""
    place = b.sub(exponent_field, I64(1013))
    first, shift = b.lshr(place, I64(6)), b.and_(place, I64(63))
    table = _table(b.module)
    words = [
        b.load(b.gep(table, [I64(0), b.add(first, I64(k))], inbounds=True), typ=I64)
        for k in range(4)
    ]
    name = "llvm.fshl.i64"
    funnel = b.module.globals.get(name)
    if funnel is None:
        funnel = ir.Function(b.module, ir.FunctionType(I64, [I64] * 3), name)
    return [b.call(funnel, [words[k], words[k + 1], shift]) for k in range(3)]


def _turn_fraction(b: ir.IRBuilder, m: ir.Value, window: Sequence[ir.Value]) -> ir.Value:
    """``x / (2 pi)`` modulo 1, as the numerator over ``2**128``."""
    wide = b.zext(m, I128)
    top = b.shl(b.zext(b.mul(m, window[0]), I128), I128(64))
    middle = b.mul(wide, b.zext(window[1], I128))
    bottom = b.lshr(b.mul(wide, b.zext(window[2], I128)), I128(64))
    return b.add(b.add(top, middle), bottom)


def _as_pair(b: ir.IRBuilder, magnitude: ir.Value) -> Pair:
    """``magnitude / 2**126`` from its first 106 significant bits."""
    name = "llvm.ctlz.i128"
    leading_zeros = b.module.globals.get(name)
    if leading_zeros is None:
        signature = ir.FunctionType(I128, [I128, ir.IntType(1)])
        leading_zeros = ir.Function(b.module, signature, name)
    zeros = b.call(leading_zeros, [magnitude, ir.Constant(ir.IntType(1), 0)])
    normal = b.shl(magnitude, b.and_(zeros, I128(127)))
    high = b.trunc(b.lshr(normal, I128(75)), I64)
    low = b.and_(b.trunc(b.lshr(normal, I128(22)), I64), I64((1 << 53) - 1))
    exponent = b.sub(I64(1023 - 51), b.trunc(zeros, I64))
    unit = Bits(b, b.shl(exponent, I64(52))).as_real()
    return Pair(
        Real(b, b.sitofp(high, DOUBLE)) * unit,
        Real(b, b.sitofp(low, DOUBLE)) * 2.0**-53 * unit,
    )


def _quarter_turns(pair: Pair) -> Pair:
    """The angle in radians of a number of quarter turns."""
    high = pair.high * HALF_PI_HIGH
    low = fma(pair.high, HALF_PI_HIGH, -high)
    return Pair(high, low + fma(pair.high, HALF_PI_LOW, pair.low * HALF_PI_HIGH))


def _reduce_one(b: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
    """Body of the function from a double to {quadrant, high, low}."""
    bits = b.bitcast(args[0], I64)
    negative = b.icmp_signed("<", bits, I64(0))
    exponent_field = b.and_(b.lshr(bits, I64(52)), I64(0x7FF))
    m = b.or_(b.and_(bits, I64((1 << 52) - 1)), I64(1 << 52))
    turn = _turn_fraction(b, m, _window(b, exponent_field))
    quadrant = b.lshr(b.add(turn, I128(1 << 125)), I128(126))
    rest = b.sub(turn, b.shl(quadrant, I128(126)))
    below = b.icmp_signed("<", rest, I128(0))
    angle = _quarter_turns(_as_pair(b, b.select(below, b.neg(rest), rest)))
    flipped = b.xor(below, negative)
    index = b.trunc(quadrant, I64)
    fields = (
        b.select(negative, b.neg(index), index),
        b.select(flipped, (-angle.high).value, angle.high.value),
        b.select(flipped, (-angle.low).value, angle.low.value),
    )
    return _struct(b, fields)


def _struct(b: ir.IRBuilder, fields: Sequence[ir.Value]) -> ir.Value:
    """A literal struct of the fields."""
    whole = ir.Constant(ir.LiteralStructType([f.type for f in fields]), ir.Undefined)
    for k, field in enumerate(fields):
        whole = b.insert_value(whole, field, k)
    return whole


def _one_lane(b: ir.IRBuilder, x: ir.Value) -> tuple[ir.Value, ir.Value, ir.Value]:
    """Quadrant, high and low part of one lane, in the types of x's format."""
    result = ir.LiteralStructType([I64, DOUBLE, DOUBLE])
    single = isinstance(x.type, ir.FloatType)
    wide = b.fpext(x, DOUBLE) if single else x
    found = call_helper(b, "lltheano.math.reduce_huge", result, [wide], _reduce_one, COLD)
    quadrant, high, low = (b.extract_value(found, k) for k in range(3))
    if not single:
        return quadrant, high, low
    rounded = b.fptrunc(high, x.type)
    rest = b.fadd(b.fsub(high, b.fpext(rounded, DOUBLE)), low)
    return b.trunc(quadrant, ir.IntType(32)), rounded, b.fptrunc(rest, x.type)


def _every_lane(b: ir.IRBuilder, args: Sequence[ir.Value]) -> ir.Value:
    """Body of the function from any number of lanes to {quadrant, high, low}."""
    (x,) = args
    if not isinstance(x.type, ir.VectorType):
        return _struct(b, _one_lane(b, x))
    start, count = b.block, x.type.count
    loop, done = b.append_basic_block("lane"), b.append_basic_block("done")
    b.branch(loop)
    b.position_at_end(loop)
    index = b.phi(ir.IntType(32), "index")
    types = (like(x.type, ir.IntType(_width(x.type))), x.type, x.type)
    before = [b.phi(t) for t in types]
    lane = _one_lane(b, b.extract_element(x, index))
    after = [b.insert_element(v, field, index) for v, field in zip(before, lane, strict=True)]
    following = b.add(index, ir.Constant(index.type, 1))
    index.add_incoming(ir.Constant(index.type, 0), start)
    index.add_incoming(following, loop)
    for phi, value in zip(before, after, strict=True):
        phi.add_incoming(splat(phi.type, 0), start)
        phi.add_incoming(value, loop)
    b.cbranch(b.icmp_unsigned("<", following, ir.Constant(index.type, count)), loop, done)
    b.position_at_end(done)
    return _struct(b, after)


def _width(type_: ir.Type) -> int:
    """Bits of one lane."""
    return 32 if isinstance(element_type(type_), ir.FloatType) else 64


def reduce_huge(x: Real) -> tuple[Bits, Pair]:
    """``(quadrant, angle)`` with ``x == quadrant * pi / 2 + angle``, for ``2**16 <= |x| < inf``."""
    b = x.builder
    integer = like(x.type, ir.IntType(x.format.width))
    result = ir.LiteralStructType([integer, x.type, x.type])
    name = f"lltheano.math.reduce_huge.{mangled(x.type)}"
    found = call_helper(b, name, result, [x.value], _every_lane, COLD)
    quadrant, high, low = (b.extract_value(found, k) for k in range(3))
    return Bits(b, quadrant), Pair(Real(b, high), Real(b, low))


def patch_huge(
    name: str, x: Real, limit: float, usual: Real, unusual: Callable[[Real], Real]
) -> Real:
    """`usual`, but ``unusual(x)`` in the lanes where `x` is finite and not below `limit`.

    One branch skips the slow path, a function of the given name, when no lane needs it. No lane's
    result depends on another lane: the mask decides each one alone.
    """
    b = x.builder
    size = abs(x)
    huge = (size >= limit) & (size <= _largest(x))
    start = b.block
    slow, after = b.append_basic_block("huge"), b.append_basic_block("patched")
    b.cbranch(huge.any(), slow, after)
    b.position_at_end(slow)
    safe = select(huge, x, HARMLESS)
    found = call_helper(
        b,
        f"lltheano.math.{name}_huge.{mangled(x.type)}",
        x.type,
        [safe.value],
        lambda inside, args: unusual(Real(inside, args[0])).value,
        COLD,
    )
    mixed = select(huge, Real(b, found), usual)
    b.branch(after)
    b.position_at_end(after)
    merged = b.phi(x.type)
    merged.add_incoming(usual.value, start)
    merged.add_incoming(mixed.value, slow)
    return Real(b, merged)


def _largest(x: Real) -> float:
    """The greatest finite number of x's format."""
    if x.format is F32:
        return float.fromhex("0x1.fffffep+127")
    return float.fromhex("0x1.fffffffffffffp+1023")

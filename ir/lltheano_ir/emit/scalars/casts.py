"""Conversions between dtypes, one lane as many.

To bool is ``x != 0``; to a float rounds to nearest even once; integers wrap round; a float becomes
an integer by dropping its fraction, what does not fit goes to the nearest end of the range, and NaN
to 0. Halves go by way of f32, which the machines convert themselves.
"""

from llvmlite import ir

from lltheano_ir.dtypes import DType, f16, f32, f64
from lltheano_ir.emit.values import (
    Pair,
    Register,
    constant,
    intrinsic,
    lanes_of,
    like,
    register_type,
)

__all__ = ["cast", "narrow_half", "widen_half"]


def cast(builder: ir.IRBuilder, source: DType, target: DType, register: Register) -> Register:
    """Convert a register of dtype `source` to dtype `target`."""
    if source is target:
        return register
    if not target.is_complex:
        return _real(builder, source, target, register)
    if isinstance(register, Pair):
        return Pair(*(_real(builder, source.real, target.real, part) for part in register))
    real = _real(builder, source, target.real, register)
    return Pair(real, constant(real.type, 0.0))


def _real(builder: ir.IRBuilder, source: DType, target: DType, x: ir.Value) -> ir.Value:
    if source is target:
        return x
    if target.is_bool:
        return _truth(builder, source, x)
    if target.is_float:
        return _to_float(builder, source, target, x)
    if source.is_float:
        return _float_to_integer(builder, source, target, x)
    return _integer(builder, source, target, x)


def _truth(builder: ir.IRBuilder, source: DType, x: ir.Value) -> ir.Value:
    if not source.is_float:
        return builder.icmp_signed("!=", x, constant(x.type, 0))
    if source is f16:
        x = widen_half(builder, x)
    return builder.fcmp_unordered("!=", x, constant(x.type, 0.0))


def _integer(builder: ir.IRBuilder, source: DType, target: DType, x: ir.Value) -> ir.Value:
    kind = register_type(target, lanes_of(x))
    if target.itemsize < source.itemsize:
        return builder.trunc(x, kind)
    if target.itemsize == source.itemsize and not source.is_bool:
        return x
    return builder.sext(x, kind) if source.is_signed else builder.zext(x, kind)


def _float_to_integer(builder: ir.IRBuilder, source: DType, target: DType, x: ir.Value) -> ir.Value:
    if source is f16:
        x = widen_half(builder, x)
    name = "fptosi.sat" if target.is_signed else "fptoui.sat"
    return intrinsic(builder, name, x, result=register_type(target, lanes_of(x)))


def _to_float(builder: ir.IRBuilder, source: DType, target: DType, x: ir.Value) -> ir.Value:
    lanes = lanes_of(x)
    if target is f16:
        # An integer that fits a half is exact in f32, so that rounding twice does no harm.
        single = _round_to_odd(builder, x) if source is f64 else _real(builder, source, f32, x)
        return narrow_half(builder, single)
    if source is f16:
        return _real(builder, f32, target, widen_half(builder, x))
    kind = register_type(target, lanes)
    if source.is_float:
        wider = target.itemsize > source.itemsize
        return builder.fpext(x, kind) if wider else builder.fptrunc(x, kind)
    return builder.sitofp(x, kind) if source.is_signed else builder.uitofp(x, kind)


def widen_half(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """f16 to f32, exactly."""
    return builder.fpext(x, register_type(f32, lanes_of(x)))


def narrow_half(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """f32 to the nearest f16."""
    return builder.fptrunc(x, register_type(f16, lanes_of(x)))


def _round_to_odd(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """f64 to f32, an inexact result made odd: rounding that once more to f16 is then correct."""
    near = builder.fptrunc(x, register_type(f32, lanes_of(x)))
    back = builder.fpext(near, x.type)
    bits_type = like(near.type, ir.IntType(32))
    bits = builder.bitcast(near, bits_type)
    sizes = (intrinsic(builder, "fabs", back), intrinsic(builder, "fabs", x))
    too_great = builder.zext(builder.fcmp_ordered(">", *sizes), bits_type)
    inexact = builder.zext(builder.fcmp_ordered("!=", back, x), bits_type)
    odd = builder.or_(builder.sub(bits, too_great), inexact)
    return builder.bitcast(odd, near.type)

"""Conversions between f16 and wider floats for machines that lack the instructions.

Where a machine cannot convert, LLVM calls a function of the compiler's run-time library:
`__truncdfhf2` for f64 to f16 on every x86-64 without AVX512-FP16, and the two for f32 without F16C.
Those functions are not in every process, so they are here, in LLVM IR, compiled when first needed.
Invariant: rounding is to nearest, ties to even, once; NaN stays NaN; subnormals are exact.
"""

from functools import cache

from lltheano_ir.native.callees import Callee, CalleeTable
from lltheano_ir.native.mcjit import LoadedCode, compile_module

__all__ = ["HalfConversions"]

_SIGNATURES = {
    "__extendhfsf2": "float (half)",
    "__truncsfhf2": "half (float)",
    "__truncdfhf2": "half (double)",
}

# Widening: the exponent is rebiased in place; subnormals are integers times 2^-24; NaN turns quiet.
_EXTEND = """
define float @__extendhfsf2(half %x) nounwind {
  %narrow = bitcast half %x to i16
  %bits = zext i16 %narrow to i32
  %magnitude = and i32 %bits, 32767
  %shifted = shl i32 %magnitude, 13
  %normal = add i32 %shifted, 939524096
  %integer = uitofp i32 %magnitude to float
  %scaled = fmul float %integer, 0x3E70000000000000
  %subnormal = bitcast float %scaled to i32
  %infinite = or i32 %shifted, 2139095040
  %quiet = or i32 %infinite, 4194304
  %is_subnormal = icmp ult i32 %magnitude, 1024
  %is_infinite = icmp eq i32 %magnitude, 31744
  %is_nan = icmp ugt i32 %magnitude, 31744
  %a = select i1 %is_subnormal, i32 %subnormal, i32 %normal
  %b = select i1 %is_infinite, i32 %infinite, i32 %a
  %c = select i1 %is_nan, i32 %quiet, i32 %b
  %sign = and i32 %bits, 32768
  %high_sign = shl i32 %sign, 16
  %result = or i32 %c, %high_sign
  %float = bitcast i32 %result to float
  ret float %float
}
"""

# Narrowing: half an ulp, less one unless the kept part is odd, is added to the bits, and a carry
# runs into the exponent as it should. For subnormal results, adding a power of two whose ulp is
# 2^-24 has the processor round at the right place.
_TRUNCATE = """
define half @{name}({type} %x) nounwind {{
  %bits = bitcast {type} %x to {int}
  %magnitude = and {int} %bits, {magnitude_mask}
  %kept = lshr {int} %magnitude, {dropped}
  %odd = and {int} %kept, 1
  %almost_half = add {int} %odd, {almost_half}
  %rounded = add {int} %magnitude, %almost_half
  %moved = lshr {int} %rounded, {dropped}
  %normal = sub {int} %moved, {rebias}
  %positive = bitcast {int} %magnitude to {type}
  %aligned = fadd {type} %positive, {magic}
  %aligned_bits = bitcast {type} %aligned to {int}
  %subnormal = sub {int} %aligned_bits, {magic_bits}
  %payload = and {int} %kept, 511
  %nan = or {int} %payload, 32256
  %is_subnormal = icmp ult {int} %magnitude, {smallest_normal}
  %is_infinite = icmp uge {int} %magnitude, {too_large}
  %is_nan = icmp ugt {int} %magnitude, {infinity}
  %a = select i1 %is_subnormal, {int} %subnormal, {int} %normal
  %b = select i1 %is_infinite, {int} 31744, {int} %a
  %c = select i1 %is_nan, {int} %nan, {int} %b
  %sign = lshr {int} %bits, {sign_shift}
  %low_sign = and {int} %sign, 32768
  %result = or {int} %c, %low_sign
  %narrow = trunc {int} %result to i16
  %half = bitcast i16 %narrow to half
  ret half %half
}}
"""


class HalfConversions:
    """The f16 conversions of the compiler's run-time library, as a library of callees.

    >>> HalfConversions().find("__truncdfhf2").signature
    'half (double)'
    """

    def find(self, name: str) -> Callee | None:
        """The conversion of that name, or None if it is another function's."""
        if name not in _SIGNATURES:
            return None
        code = _conversions()
        return Callee(name, code.address(name), _SIGNATURES[name], "f16 conversions", code)


@cache
def _conversions() -> LoadedCode:
    parts = [_EXTEND, _truncation("__truncsfhf2", "float", 32, 23)]
    parts.append(_truncation("__truncdfhf2", "double", 64, 52))
    return compile_module("".join(parts), CalleeTable())


def _truncation(name: str, float_type: str, bits: int, mantissa: int) -> str:
    """The narrowing function for a float of so many bits, of which so many are mantissa."""
    dropped = mantissa - 10
    bias = (1 << (bits - mantissa - 2)) - 1
    # 2^(mantissa - 24) has an ulp of 2^-24, the smallest f16.
    magic_exponent = mantissa - 24
    return _TRUNCATE.format(
        name=name,
        type=float_type,
        int=f"i{bits}",
        magnitude_mask=(1 << (bits - 1)) - 1,
        dropped=dropped,
        almost_half=(1 << (dropped - 1)) - 1,
        rebias=(bias - 15) << 10,
        magic=f"{2.0**magic_exponent:.17e}",
        magic_bits=(bias + magic_exponent) << mantissa,
        smallest_normal=(bias - 14) << mantissa,
        too_large=(bias + 16) << mantissa,
        infinity=((1 << (bits - 1 - mantissa)) - 1) << mantissa,
        sign_shift=bits - 16,
    )

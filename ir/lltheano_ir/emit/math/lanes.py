"""Arithmetic on values of one or many lanes, so that a kernel reads as mathematics.

A `Real` wraps an LLVM value of type ``float``, ``double`` or a vector of either; `Bits` wraps the
integers of the same width and `Mask` the truth values. Invariants: every operation acts lane by
lane and is the same instruction whatever the number of lanes, so a kernel gives a lane the same
bits in scalar and in vector form; a multiplication followed by an addition is two roundings unless
it is written `fma`; nothing is emitted that LLVM may lower to a call of the C library on a machine
with fused multiply-add.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

from lltheano_ir.records import record


@record(frozen=True)
class Format:
    """A binary floating-point format and the numbers that kernels need to know of it.

    >>> F32.width, F64.mantissa_bits, F64.exponent_bias
    (32, 52, 1023)
    """

    name: str
    width: int
    mantissa_bits: int
    exponent_bias: int

    @property
    def shifter(self) -> float:
        """``1.5 * 2**mantissa_bits``: adding it leaves an integer in the low mantissa bits."""
        return 1.5 * 2.0**self.mantissa_bits

    @property
    def smallest_normal(self) -> float:
        """The least positive number that is not subnormal."""
        return 2.0 ** (1 - self.exponent_bias)

    @property
    def one_bits(self) -> int:
        """The encoding of 1.0, which is the exponent bias in its place."""
        return self.exponent_bias << self.mantissa_bits

    @property
    def mantissa_mask(self) -> int:
        """The bits of an encoding below the exponent."""
        return (1 << self.mantissa_bits) - 1

    @property
    def sign_mask(self) -> int:
        """The sign bit of an encoding."""
        return 1 << (self.width - 1)


LONG_POLYNOMIAL = 9
F32 = Format("f32", 32, 23, 127)
F64 = Format("f64", 64, 52, 1023)


def element_type(type_: ir.Type) -> ir.Type:
    """The type of one lane of `type_`."""
    return type_.element if isinstance(type_, ir.VectorType) else type_


def like(type_: ir.Type, element: ir.Type) -> ir.Type:
    """`element` with as many lanes as `type_`."""
    return ir.VectorType(element, type_.count) if isinstance(type_, ir.VectorType) else element


def format_of(type_: ir.Type) -> Format:
    """The format of the lanes of `type_`; TypeError when they are not float or double."""
    element = element_type(type_)
    if isinstance(element, ir.FloatType):
        return F32
    if isinstance(element, ir.DoubleType):
        return F64
    raise TypeError(f"a math kernel takes float, double or a vector of one, not {type_}")


def splat(type_: ir.Type, value: float | int) -> ir.Constant:
    """The constant `value` in every lane of `type_`.

    >>> print(splat(ir.VectorType(ir.FloatType(), 8), 0.5))
    splat (float 0x3fe0000000000000)
    """
    if not isinstance(type_, ir.VectorType):
        return ir.Constant(type_, value)
    one = ir.Constant(type_.element, value)
    constant = ir.FormattedConstant(type_, "")
    # llvmlite would take a text given above for a list of lanes.
    constant.constant = f"splat ({one.type} {one.get_reference()})"
    return constant


def mangled(type_: ir.Type) -> str:
    """LLVM's suffix for an overload on `type_`, as ``v8f32``."""
    lanes = f"v{type_.count}" if isinstance(type_, ir.VectorType) else ""
    return lanes + format_of(type_).name


def intrinsic(builder: ir.IRBuilder, name: str, *args: ir.Value) -> ir.Value:
    """Call ``llvm.<name>`` overloaded on the type of its operands, which are all alike."""
    type_ = args[0].type
    full_name = f"llvm.{name}.{mangled(type_)}"
    module = builder.module
    function = module.globals.get(full_name)
    if function is None:
        signature = ir.FunctionType(type_, [type_] * len(args))
        function = ir.Function(module, signature, full_name)
    return builder.call(function, args)


@record(frozen=True, eq=False, slots=True)
class _Lanes:
    """An LLVM value with the builder that continues it."""

    builder: ir.IRBuilder
    value: ir.Value

    @property
    def type(self) -> ir.Type:
        """The LLVM type."""
        return self.value.type


@record(frozen=True, eq=False, slots=True)
class Mask(_Lanes):
    """A truth value in each lane."""

    def __and__(self, other: Mask) -> Mask:
        return Mask(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: Mask) -> Mask:
        return Mask(self.builder, self.builder.or_(self.value, other.value))

    def __xor__(self, other: Mask) -> Mask:
        return Mask(self.builder, self.builder.xor(self.value, other.value))

    def __invert__(self) -> Mask:
        return Mask(self.builder, self.builder.xor(self.value, splat(self.type, 1)))

    def any(self) -> ir.Value:
        """One bit: does any lane hold? (the only operation that looks across lanes)."""
        if not isinstance(self.type, ir.VectorType):
            return self.value
        packed = self.builder.bitcast(self.value, ir.IntType(self.type.count))
        return self.builder.icmp_unsigned("!=", packed, ir.Constant(packed.type, 0))


@record(frozen=True, eq=False, slots=True)
class Bits(_Lanes):
    """The encoding of a `Real`, as an unsigned integer that wraps round."""

    def constant(self, value: int) -> Bits:
        """`value` in every lane, modulo the width."""
        return Bits(self.builder, splat(self.type, value))

    def _operand(self, other: Bits | int) -> ir.Value:
        return other.value if isinstance(other, Bits) else splat(self.type, other)

    def __add__(self, other: Bits | int) -> Bits:
        return Bits(self.builder, self.builder.add(self.value, self._operand(other)))

    def __sub__(self, other: Bits | int) -> Bits:
        return Bits(self.builder, self.builder.sub(self.value, self._operand(other)))

    def __mul__(self, other: Bits | int) -> Bits:
        return Bits(self.builder, self.builder.mul(self.value, self._operand(other)))

    def __and__(self, other: Bits | int) -> Bits:
        return Bits(self.builder, self.builder.and_(self.value, self._operand(other)))

    def __or__(self, other: Bits | int) -> Bits:
        return Bits(self.builder, self.builder.or_(self.value, self._operand(other)))

    def __xor__(self, other: Bits | int) -> Bits:
        return Bits(self.builder, self.builder.xor(self.value, self._operand(other)))

    def __lshift__(self, count: int) -> Bits:
        return Bits(self.builder, self.builder.shl(self.value, splat(self.type, count)))

    def __rshift__(self, count: int) -> Bits:
        """Shift zeros in: AVX2 has no arithmetic shift of 64-bit lanes."""
        return Bits(self.builder, self.builder.lshr(self.value, splat(self.type, count)))

    def is_set(self, bit: int) -> Mask:
        """Where bit number `bit` is one."""
        chosen = self & (1 << bit)
        zero = splat(self.type, 0)
        return Mask(self.builder, self.builder.icmp_unsigned("!=", chosen.value, zero))

    def as_real(self) -> Real:
        """The number that these bits encode."""
        wide = element_type(self.type).width == 64
        element = ir.DoubleType() if wide else ir.FloatType()
        return Real(self.builder, self.builder.bitcast(self.value, like(self.type, element)))


@record(frozen=True, eq=False, slots=True)
class Real(_Lanes):
    """Floating-point numbers under strict IEEE arithmetic, rounding to nearest."""

    @property
    def format(self) -> Format:
        """The format of each lane."""
        return format_of(self.type)

    def constant(self, value: float) -> Real:
        """`value`, rounded to this format, in every lane."""
        return Real(self.builder, splat(self.type, value))

    def _operand(self, other: Real | float) -> ir.Value:
        return other.value if isinstance(other, Real) else splat(self.type, other)

    def _compare(self, sign: str, other: Real | float) -> Mask:
        other_value = self._operand(other)
        return Mask(self.builder, self.builder.fcmp_ordered(sign, self.value, other_value))

    def __add__(self, other: Real | float) -> Real:
        return Real(self.builder, self.builder.fadd(self.value, self._operand(other)))

    def __radd__(self, other: float) -> Real:
        return self.constant(other) + self

    def __sub__(self, other: Real | float) -> Real:
        return Real(self.builder, self.builder.fsub(self.value, self._operand(other)))

    def __rsub__(self, other: float) -> Real:
        return self.constant(other) - self

    def __mul__(self, other: Real | float) -> Real:
        return Real(self.builder, self.builder.fmul(self.value, self._operand(other)))

    def __rmul__(self, other: float) -> Real:
        return self * other

    def __truediv__(self, other: Real | float) -> Real:
        return Real(self.builder, self.builder.fdiv(self.value, self._operand(other)))

    def __rtruediv__(self, other: float) -> Real:
        return self.constant(other) / self

    def __neg__(self) -> Real:
        return Real(self.builder, self.builder.fneg(self.value))

    def __abs__(self) -> Real:
        return Real(self.builder, intrinsic(self.builder, "fabs", self.value))

    def __lt__(self, other: Real | float) -> Mask:
        return self._compare("<", other)

    def __le__(self, other: Real | float) -> Mask:
        return self._compare("<=", other)

    def __gt__(self, other: Real | float) -> Mask:
        return self._compare(">", other)

    def __ge__(self, other: Real | float) -> Mask:
        return self._compare(">=", other)

    def equals(self, other: Real | float) -> Mask:
        """Where the two are equal numbers (no lane with a NaN)."""
        return self._compare("==", other)

    def is_unordered(self, other: Real) -> Mask:
        """Where one of the two is NaN."""
        nowhere = self.builder.fcmp_unordered("uno", self.value, other.value)
        return Mask(self.builder, nowhere)

    def is_nan(self) -> Mask:
        """Where this is NaN."""
        return self.is_unordered(self)

    def bits(self) -> Bits:
        """The encoding."""
        integer = like(self.type, ir.IntType(self.format.width))
        return Bits(self.builder, self.builder.bitcast(self.value, integer))

    def clamp(self, low: float, high: float) -> Real:
        """The nearest number in ``[low, high]``; a NaN stays one."""
        return self.at_most(high).at_least(low)

    def at_most(self, high: Real | float) -> Real:
        """The lesser of the two; a NaN here stays one."""
        return select(self > high, high, self)

    def at_least(self, low: Real | float) -> Real:
        """The greater of the two; a NaN here stays one."""
        return select(self < low, low, self)

    def with_sign_of(self, other: Real) -> Real:
        """This magnitude with the sign bit of `other`."""
        return Real(self.builder, intrinsic(self.builder, "copysign", self.value, other.value))

    def sqrt(self) -> Real:
        """The correctly rounded square root."""
        return Real(self.builder, intrinsic(self.builder, "sqrt", self.value))

    def widened(self) -> Real:
        """The same numbers as f64."""
        double = like(self.type, ir.DoubleType())
        return Real(self.builder, self.builder.fpext(self.value, double))

    def narrowed(self) -> Real:
        """The nearest f32 numbers."""
        single = like(self.type, ir.FloatType())
        return Real(self.builder, self.builder.fptrunc(self.value, single))


def fma(a: Real, b: Real | float, c: Real | float) -> Real:
    """``a * b + c`` with one rounding."""
    operands: list[Any] = [
        a.value,
        *(x.value if isinstance(x, Real) else splat(a.type, x) for x in (b, c)),
    ]
    return Real(a.builder, intrinsic(a.builder, "fma", *operands))


def select(where: Mask, then: Real | float, otherwise: Real | float) -> Real:
    """`then` in the lanes that hold and `otherwise` in the rest; one of them is a `Real`."""
    model = then if isinstance(then, Real) else otherwise
    if not isinstance(model, Real):
        raise TypeError(f"select needs a Real to take its type from, not {then} and {otherwise}")
    yes = then if isinstance(then, Real) else model.constant(then)
    no = otherwise if isinstance(otherwise, Real) else model.constant(otherwise)
    return Real(model.builder, model.builder.select(where.value, yes.value, no.value))


def horner(x: Real, coefficients: Sequence[float]) -> Real:
    """The polynomial with `coefficients`, lowest power first, by Horner's rule with `fma`.

    A long one is taken as ``even(x**2) + x * odd(x**2)``: two chains of half the length, since it
    is the latency of one long chain that would set the speed.
    """
    if len(coefficients) < LONG_POLYNOMIAL:
        return _horner(x, coefficients)
    square = x * x
    even, odd = (_horner(square, coefficients[k::2]) for k in (0, 1))
    return fma(x, odd, even)


def _horner(x: Real, coefficients: Sequence[float]) -> Real:
    """One chain."""
    total = x.constant(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = fma(total, x, c)
    return total

"""Exact identities of complex numbers and their parts."""

from lltheano_ir.nodes import Value, make
from lltheano_ir.rewrite.patterns import is_number, matches, operand_of
from lltheano_ir.rewrite.rules import RuleContext, rule

__all__ = ["COMPLEX_RULES"]


@rule("real-of-complex", "real(complex(x, y)) -> x, imag(complex(x, y)) -> y", "real", "imag")
def part_of_complex(value: Value, context: RuleContext) -> Value | None:
    (z,) = value.operands
    if not matches(z, "complex"):
        return None
    part = z.operands[0 if matches(value, "real") else 1]
    return part if part.type == value.type else None


@rule("complex-of-parts", "complex(real(z), imag(z)) -> z", "complex")
def complex_of_parts(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    z = operand_of(x, "real")
    return z if z is not None and z is operand_of(y, "imag") else None


@rule("part-of-neg", "real(-z) -> -real(z), imag(-z) -> -imag(z)", "real", "imag")
def part_of_neg(value: Value, context: RuleContext) -> Value | None:
    z = operand_of(value.operands[0], "neg")
    return make("neg", (make(value.op.name, (z,)),)) if z is not None else None


@rule("real-of-cast", "real(cast(x)) -> cast(x) for a real x", "real")
def real_of_cast(value: Value, context: RuleContext) -> Value | None:
    x = operand_of(value.operands[0], "cast")
    if x is None or x.type.dtype.is_complex:
        return None
    return x if x.type == value.type else make("cast", (x,), (value.type.dtype,))


@rule("complex-of-zero", "complex(x, 0.0) -> cast(x)", "complex")
def complex_of_zero(value: Value, context: RuleContext) -> Value | None:
    x, y = value.operands
    if not is_number(y, 0.0) or x.type.broadcast != value.type.broadcast:
        return None
    return make("cast", (x,), (value.type.dtype,))


@rule("pow-two", "z ** 2 -> z * z for complex numbers, which it means", "pow")
def pow_two(value: Value, context: RuleContext) -> Value | None:
    z, exponent = value.operands
    if not value.type.dtype.is_complex or not is_number(exponent, 2) or z.type != value.type:
        return None
    return make("mul", (z, z))


COMPLEX_RULES = (
    part_of_complex,
    complex_of_parts,
    part_of_neg,
    real_of_cast,
    complex_of_zero,
    pow_two,
)

"""One table: for each scalar op and kind of dtype, the LLVM instructions that compute it.

Every emitter serves one lane and many alike, and gives a lane the same bits in either form; the
result is that of the op table (`lltheano_ir.ops.elementwise`), bit for bit where that is exact. No
fast-math flag is set anywhere, and nothing contracts a product and a sum. Halves are computed in
f32 and rounded once, which for these ops is the correctly rounded result; SciPy's functions take
all floats as f64.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TypeAlias

from llvmlite import ir

from lltheano_ir.dtypes import DType, bool_, f16, f32, f64
from lltheano_ir.emit.math import MATH, call_math
from lltheano_ir.emit.scalars.casts import cast
from lltheano_ir.emit.scalars.complexes import COMPLEX
from lltheano_ir.emit.scalars.division import (
    float_floordiv,
    float_mod,
    floordiv,
    integer_power,
    mod,
)
from lltheano_ir.emit.scalars.special import SPECIAL
from lltheano_ir.emit.values import BIT, Pair, Register, constant, element_type, intrinsic
from lltheano_ir.loops.nodes import Let, Statement
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.elementwise.complexes import COMPLEX_REFERENCES

__all__ = ["TABLE", "emit_op", "has_heavy_ops", "is_heavy"]

Emitter = Callable[..., Register]
Builder: TypeAlias = ir.IRBuilder


def emit_op(
    builder: ir.IRBuilder, op: str, dtypes: tuple[DType, DType], operands: Sequence[Register]
) -> Register:
    """Compute `op` on registers that have equally many lanes.

    `dtypes` are the dtype of the last operand and that of the result. NotImplementedError when the
    op has no emitter for the dtype.
    """
    source, target = dtypes
    if op in _OF_ANY_DTYPES:
        return _OF_ANY_DTYPES[op](builder, source, target, operands)
    emitter = TABLE.get((op, source.numpy.kind))
    if emitter is None:
        raise NotImplementedError(f"{op} on {source} has no LLVM emitter")
    computed = _computed_in(op, source)
    result = emitter(builder, *(cast(builder, source, computed, one) for one in operands))
    return (
        result if computed is source or target is bool_ else cast(builder, computed, target, result)
    )


def _computed_in(op: str, source: DType) -> DType:
    """The dtype of the registers that an emitter gets, for an op that keeps its operands' dtype."""
    if op in SPECIAL:
        return f64
    return f32 if source is f16 else source


def is_heavy(op: str, dtype: DType) -> bool:
    """Whether the op is a kernel of many instructions rather than a few.

    >>> from lltheano_ir.dtypes import f32
    >>> is_heavy("exp", f32), is_heavy("add", f32)
    (True, False)
    """
    return (op, dtype.numpy.kind) in _HEAVY


def has_heavy_ops(body: Sequence[Statement]) -> bool:
    """Whether a kernel of many instructions is computed in a body."""
    return any(
        isinstance(statement, Let) and is_heavy(statement.op, statement.operands[-1].dtype)
        for one in body
        for statement in statements_in(one)
    )


def _binary(instruction: str) -> Emitter:
    def emit(builder: Builder, x: ir.Value, y: ir.Value) -> ir.Value:
        return getattr(builder, instruction)(x, y)

    return emit


def _intrinsic(name: str) -> Emitter:
    def emit(builder: Builder, *operands: ir.Value) -> ir.Value:
        return intrinsic(builder, name, *operands)

    return emit


def _compare(instruction: str, sign: str) -> Emitter:
    def emit(builder: Builder, x: ir.Value, y: ir.Value) -> ir.Value:
        return getattr(builder, instruction)(sign, x, y)

    return emit


def _math(name: str) -> Emitter:
    def emit(builder: Builder, *operands: ir.Value) -> ir.Value:
        return call_math(builder.module, builder, name, operands)

    return emit


def _complex_math(name: str) -> Emitter:
    def emit(builder: Builder, *operands: Pair) -> Register:
        # Few programs have complex numbers, and to import their functions takes a while.
        functions = import_module("lltheano_ir.emit.complex_math")
        result: Register = functions.call_complex(builder, name, operands)
        return result

    return emit


def _cast(builder: Builder, source: DType, target: DType, operands: Sequence[Register]) -> Register:
    return cast(builder, source, target, operands[0])


def _select(
    builder: Builder, source: DType, target: DType, operands: Sequence[Register]
) -> Register:
    condition, x, y = operands
    if isinstance(x, Pair) and isinstance(y, Pair):
        parts = zip(x, y, strict=True)
        return Pair(*(builder.select(condition, then, other) for then, other in parts))
    return builder.select(condition, x, y)


def _negate(builder: Builder, x: ir.Value) -> ir.Value:
    return builder.sub(constant(x.type, 0), x)


def _invert(builder: Builder, x: ir.Value) -> ir.Value:
    return builder.xor(x, constant(x.type, -1 if element_type(x.type).width > 1 else 1))


def _absolute(builder: Builder, x: ir.Value) -> ir.Value:
    return intrinsic(builder, "abs", x, ir.Constant(ir.IntType(1), 0))


def _itself(builder: Builder, x: ir.Value) -> ir.Value:
    return x


def _float_sign(builder: Builder, x: ir.Value) -> ir.Value:
    zero = constant(x.type, 0.0)
    negative = builder.select(
        builder.fcmp_ordered("<", x, zero), constant(x.type, -1.0), builder.fadd(x, zero)
    )
    positive = builder.fcmp_ordered(">", x, zero)
    return builder.select(positive, constant(x.type, 1.0), negative)


def _signed_sign(builder: Builder, x: ir.Value) -> ir.Value:
    zero = constant(x.type, 0)
    above = builder.zext(builder.icmp_signed(">", x, zero), x.type)
    return builder.sub(above, builder.zext(builder.icmp_signed("<", x, zero), x.type))


def _unsigned_sign(builder: Builder, x: ir.Value) -> ir.Value:
    return builder.zext(builder.icmp_unsigned("!=", x, constant(x.type, 0)), x.type)


def _shift_left(builder: Builder, x: ir.Value, y: ir.Value) -> ir.Value:
    width = constant(x.type, element_type(x.type).width)
    inside = builder.icmp_unsigned("<", y, width)
    zero = constant(x.type, 0)
    # A shift by the width or more is poison, which the select must not see.
    return builder.select(inside, builder.shl(x, builder.select(inside, y, zero)), zero)


def _shift_right(builder: Builder, x: ir.Value, y: ir.Value) -> ir.Value:
    """Keeping the sign: shifting further than all bits but one changes nothing more."""
    return builder.ashr(x, intrinsic(builder, "umin", y, _last_bit(x)))


def _unsigned_shift_right(builder: Builder, x: ir.Value, y: ir.Value) -> ir.Value:
    inside = builder.icmp_unsigned("<=", y, _last_bit(x))
    shifted = builder.lshr(x, builder.select(inside, y, constant(x.type, 0)))
    return builder.select(inside, shifted, constant(x.type, 0))


def _bit_length(builder: Builder, x: ir.Value) -> ir.Value:
    width = constant(x.type, element_type(x.type).width)
    return builder.sub(width, intrinsic(builder, "ctlz", x, BIT(0)))


def _last_bit(x: ir.Value) -> ir.Value:
    return constant(x.type, element_type(x.type).width - 1)


def _is_nan(builder: Builder, x: ir.Value) -> ir.Value:
    return builder.fcmp_unordered("uno", x, x)


def _is_infinite(builder: Builder, x: ir.Value) -> ir.Value:
    infinity = constant(x.type, float("inf"))
    return builder.fcmp_ordered("==", intrinsic(builder, "fabs", x), infinity)


def _comparisons(name: str, sign: str) -> tuple[tuple[str, str, Emitter], ...]:
    # A NaN is unequal to everything, and neither less nor greater.
    float_compare = "fcmp_unordered" if sign == "!=" else "fcmp_ordered"
    return (
        (name, "i", _compare("icmp_signed", sign)),
        (name, "ub", _compare("icmp_unsigned", sign)),
        (name, "f", _compare(float_compare, sign)),
    )


_KERNELS = {
    op.name: kernel for op in ELEMENTWISE if (kernel := op.name.replace("arc", "a", 1)) in MATH
}
_COMPLEX_KERNELS = {name: name.replace("arc", "a", 1) for name in COMPLEX_REFERENCES}
"""The kernel of each op that has one; kernels are named as in C, ops as in NumPy."""

_ROWS: tuple[tuple[str, str, Emitter], ...] = (
    ("add", "iu", _binary("add")),
    ("add", "f", _binary("fadd")),
    ("sub", "iu", _binary("sub")),
    ("sub", "f", _binary("fsub")),
    ("mul", "iu", _binary("mul")),
    ("mul", "f", _binary("fmul")),
    ("div", "f", _binary("fdiv")),
    ("floordiv", "i", lambda builder, x, y: floordiv(builder, True, x, y)),
    ("floordiv", "u", lambda builder, x, y: floordiv(builder, False, x, y)),
    ("mod", "i", lambda builder, x, y: mod(builder, True, x, y)),
    ("mod", "u", lambda builder, x, y: mod(builder, False, x, y)),
    ("neg", "iu", _negate),
    ("neg", "f", lambda builder, x: builder.fneg(x)),
    ("abs", "i", _absolute),
    ("abs", "u", _itself),
    ("abs", "f", _intrinsic("fabs")),
    ("sign", "i", _signed_sign),
    ("sign", "u", _unsigned_sign),
    ("sign", "f", _float_sign),
    ("floor", "f", _intrinsic("floor")),
    ("ceil", "f", _intrinsic("ceil")),
    ("trunc", "f", _intrinsic("trunc")),
    ("rint", "f", _intrinsic("roundeven")),
    ("sqrt", "f", _intrinsic("sqrt")),
    ("maximum", "i", _intrinsic("smax")),
    ("maximum", "u", _intrinsic("umax")),
    ("maximum", "b", _binary("or_")),
    ("maximum", "f", _intrinsic("maximum")),
    ("minimum", "i", _intrinsic("smin")),
    ("minimum", "u", _intrinsic("umin")),
    ("minimum", "b", _binary("and_")),
    ("minimum", "f", _intrinsic("minimum")),
    ("and", "biu", _binary("and_")),
    ("or", "biu", _binary("or_")),
    ("xor", "biu", _binary("xor")),
    ("not", "biu", _invert),
    ("shl", "iu", _shift_left),
    ("shr", "i", _shift_right),
    ("shr", "u", _unsigned_shift_right),
    ("bit_length", "iu", _bit_length),
    *_comparisons("eq", "=="),
    *_comparisons("ne", "!="),
    *_comparisons("lt", "<"),
    *_comparisons("le", "<="),
    *_comparisons("gt", ">"),
    *_comparisons("ge", ">="),
    ("isnan", "f", _is_nan),
    ("isinf", "f", _is_infinite),
    ("complex", "f", lambda builder, x, y: Pair(x, y)),
    *((name, "c", emitter) for name, emitter in COMPLEX.items()),
    *((op, "f", emitter) for op, emitter in SPECIAL.items()),
)

_KERNEL_ROWS: tuple[tuple[str, str, Emitter], ...] = (
    ("floordiv", "f", float_floordiv),
    ("mod", "f", float_mod),
    ("pow", "i", lambda builder, x, y: integer_power(builder, True, x, y)),
    ("pow", "u", lambda builder, x, y: integer_power(builder, False, x, y)),
    *((op, "f", _math(kernel)) for op, kernel in _KERNELS.items()),
    *((op, "c", _complex_math(kernel)) for op, kernel in _COMPLEX_KERNELS.items()),
)
"""Those of many instructions."""

TABLE: dict[tuple[str, str], Emitter] = {
    (name, kind): emitter for name, kinds, emitter in (*_ROWS, *_KERNEL_ROWS) for kind in kinds
}
"""The emitter of each op for each NumPy kind of dtype (bool, signed, unsigned, float, complex).

`cast` and `select`, which look at more than one dtype, are apart.
"""

_HEAVY = frozenset((name, kind) for name, kinds, _ in _KERNEL_ROWS for kind in kinds)

_OF_ANY_DTYPES: dict[str, Callable[..., Register]] = {"cast": _cast, "select": _select}
"""Emitters that are given the dtypes of the last operand and of the result, and the operands."""

"""The table of complex functions, and how one is called from the code of a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from lltheano_ir.emit.complex_math import exponential, inverse, logarithm, modulus, power
from lltheano_ir.emit.complex_math.lanes import Complex
from lltheano_ir.emit.math.call import call_helper
from lltheano_ir.emit.math.lanes import F32, Real, format_of, like, mangled
from lltheano_ir.emit.values import Pair, Register
from lltheano_ir.records import record

__all__ = ["COMPLEX_MATH", "ComplexFunction", "call_complex"]


@record(frozen=True)
class ComplexFunction:
    """A function of complex numbers that the emitter can compute in any number of lanes.

    ``ulp_c64`` and ``ulp_c128`` are the published bounds on the distance from the exact result, in
    units in the last place of its modulus (of pow times ``1 + |w log z| / 32``); ``doc`` names the
    algorithm; the result of one that `is_real` is a real number.
    """

    name: str
    arity: int
    kernel: Callable[..., Complex | Real]
    ulp_c64: float
    ulp_c128: float
    doc: str
    is_real: bool = False


_FUNCTIONS = (
    ComplexFunction("abs", 1, modulus.absolute, 1.0, 1.0, "root of a doubled sum of squares", True),
    ComplexFunction("sign", 1, modulus.sign, 1.0, 2.0, "parts over the modulus"),
    ComplexFunction("sqrt", 1, modulus.sqrt, 1.0, 2.0, "root of half of |x| + |z|"),
    ComplexFunction("exp", 1, exponential.exp, 1.0, 2.5, "exp, cos and sin; scaled last"),
    ComplexFunction("exp2", 1, exponential.exp2, 1.0, 2.5, "exp2, cos and sin of a doubled angle"),
    ComplexFunction("expm1", 1, exponential.expm1, 1.0, 3.0, "expm1(x) cos y - (1 - cos y)"),
    ComplexFunction("log", 1, logarithm.log, 1.0, 1.0, "log of the doubled square of the modulus"),
    ComplexFunction("log2", 1, logarithm.log2, 1.0, 2.0, "as log, exact powers of two"),
    ComplexFunction("log10", 1, logarithm.log10, 1.0, 2.0, "as log"),
    ComplexFunction("log1p", 1, logarithm.log1p, 1.0, 2.0, "as log, of a doubled 1 + x"),
    ComplexFunction("sin", 1, exponential.sin, 1.0, 2.5, "sinh of the parts exchanged"),
    ComplexFunction("cos", 1, exponential.cos, 1.0, 2.5, "cosh of -y + ix"),
    ComplexFunction("tan", 1, exponential.tan, 1.0, 4.0, "tanh of the parts exchanged"),
    ComplexFunction("asin", 1, inverse.asin, 1.0, 3.0, "Kahan's roots of 1 - z and 1 + z"),
    ComplexFunction("acos", 1, inverse.acos, 1.0, 3.0, "Kahan's roots of 1 - z and 1 + z"),
    ComplexFunction("atan", 1, inverse.atan, 1.0, 3.0, "atanh of the parts exchanged"),
    ComplexFunction("sinh", 1, exponential.sinh, 1.0, 2.5, "sinh, cosh, sin and cos"),
    ComplexFunction("cosh", 1, exponential.cosh, 1.0, 2.5, "sinh, cosh, sin and cos"),
    ComplexFunction("tanh", 1, exponential.tanh, 1.0, 4.0, "a quotient of positive sums"),
    ComplexFunction("asinh", 1, inverse.asinh, 1.0, 3.0, "asin of the parts exchanged"),
    ComplexFunction("acosh", 1, inverse.acosh, 1.0, 3.0, "acos, turned"),
    ComplexFunction("atanh", 1, inverse.atanh, 1.0, 3.0, "log1p and atan2; log beside the pole"),
    ComplexFunction("pow", 2, power.pow_, 1.0, 3.0, "products, or exp(w log z) doubled"),
)

COMPLEX_MATH: dict[str, ComplexFunction] = {one.name: one for one in _FUNCTIONS}


def call_complex(builder: ir.IRBuilder, name: str, operands: Sequence[Pair]) -> Register:
    """Call function `name` of the table on complex numbers in any number of lanes.

    Numbers of c64 are widened, and the parts of the result narrowed. The function's private helper
    is put into the module on first use.
    """
    narrow = format_of(operands[0].re.type) is F32
    values = [_widened(builder, part, narrow) for one in operands for part in one]
    kind = values[0].type
    function = COMPLEX_MATH[name]
    result = kind if function.is_real else ir.LiteralStructType([kind, kind])

    def body(inside: ir.IRBuilder, own: Sequence[ir.Value]) -> ir.Value:
        parts = [Real(inside, one) for one in own]
        pairs = zip(parts[::2], parts[1::2], strict=True)
        numbers = [Complex(re, im, narrow) for re, im in pairs]
        found = function.kernel(*numbers)
        if isinstance(found, Real):
            return found.value
        whole = ir.Constant(result, ir.Undefined)
        for place, part in enumerate((found.re, found.im)):
            whole = inside.insert_value(whole, part.value, place)
        return whole

    source = "c64" if narrow else "c128"
    full_name = f"lltheano.complex.{name}.{source}.{mangled(kind)}"
    attributes = _INLINED if function.is_real else _CALLED
    called = call_helper(builder, full_name, result, values, body, attributes)
    if function.is_real:
        return _narrowed(builder, called, narrow)
    return Pair(*(_narrowed(builder, builder.extract_value(called, i), narrow) for i in (0, 1)))


_INLINED, _CALLED = ("alwaysinline", "nounwind"), ("noinline", "nounwind")
"""A modulus is short; the others are called, so that code is small however often they are used."""


def _widened(builder: ir.IRBuilder, x: ir.Value, narrow: bool) -> ir.Value:
    return builder.fpext(x, like(x.type, ir.DoubleType())) if narrow else x


def _narrowed(builder: ir.IRBuilder, x: ir.Value, narrow: bool) -> ir.Value:
    return builder.fptrunc(x, like(x.type, ir.FloatType())) if narrow else x

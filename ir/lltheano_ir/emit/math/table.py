"""The table of math functions: one line says all that the rest of the compiler may know of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from lltheano_ir.emit.math import (
    bessel,
    erf,
    erfinv,
    exp,
    hyperbolic,
    inverse,
    log,
    power,
    trig,
    zeta,
)
from lltheano_ir.emit.math.call import call_helper
from lltheano_ir.emit.math.lanes import Real, mangled
from lltheano_ir.records import record


@record(frozen=True)
class MathFunction:
    """A function that the emitter can compute in any number of lanes.

    ``ulp_f32`` and ``ulp_f64`` are the published bounds, in units in the last place of the exact
    result; ``doc`` names the algorithm and what is special about the function's edges.
    """

    name: str
    arity: int
    kernel: Callable[..., Real]
    ulp_f32: float
    ulp_f64: float
    doc: str

    def emit(self, builder: ir.IRBuilder, *args: ir.Value) -> ir.Value:
        """Emit the function in line at the builder; all `args` have one type, the result's.

        Raises TypeError for another number of arguments and for lanes that are not float or double.
        """
        if len(args) != self.arity:
            raise TypeError(f"{self.name} takes {self.arity} arguments, not {len(args)}")
        return self.kernel(*(Real(builder, a) for a in args)).value


_FUNCTIONS = (
    MathFunction("exp", 1, exp.exp, 1.5, 1.5, "Cody-Waite; overflows to inf, underflows gradually"),
    MathFunction("exp2", 1, exp.exp2, 1.5, 1.5, "exact reduction; exact at integers"),
    MathFunction("expm1", 1, exp.expm1, 1.5, 1.5, "Cody-Waite; keeps the sign of zero"),
    MathFunction("sigmoid", 1, exp.sigmoid, 1.5, 1.5, "exp of -|x|, one refined division"),
    MathFunction("log", 1, log.log, 1.0, 1.0, "atanh series; -inf at 0, NaN below"),
    MathFunction("log2", 1, log.log2, 1.0, 1.0, "log in double-double; exact at powers of 2"),
    MathFunction("log10", 1, log.log10, 1.0, 1.0, "log in double-double; exact at powers of 10"),
    MathFunction("log1p", 1, log.log1p, 1.0, 1.0, "log of 1 + x with its error put back"),
    MathFunction("softplus", 1, log.softplus, 1.5, 1.5, "max(x, 0) + log1p(exp(-|x|))"),
    MathFunction("sinh", 1, hyperbolic.sinh, 1.0, 1.0, "odd and even part of one exp series"),
    MathFunction("cosh", 1, hyperbolic.cosh, 1.0, 1.0, "odd and even part of one exp series"),
    MathFunction("tanh", 1, hyperbolic.tanh, 1.5, 1.0, "expm1 of -2 |x|; f32: a series, then exp"),
    MathFunction("sin", 1, trig.sin, 2.0, 1.0, "Cody-Waite, Payne-Hanek when huge; NaN at inf"),
    MathFunction("cos", 1, trig.cos, 2.0, 1.0, "Cody-Waite, Payne-Hanek when huge; NaN at inf"),
    MathFunction("tan", 1, trig.tan, 1.5, 1.5, "sin / cos in double-double, refined division"),
    MathFunction("asin", 1, inverse.asin, 1.5, 1.5, "series to 1/2, then pi/2 - 2 asin sqrt"),
    MathFunction("acos", 1, inverse.acos, 1.5, 1.5, "series to 1/2, then 2 asin sqrt"),
    MathFunction("atan", 1, inverse.atan, 1.0, 1.0, "addition theorem at pi/8, refined division"),
    MathFunction("atan2", 2, inverse.atan2, 1.5, 1.5, "as atan on y / x; C's rules at 0 and inf"),
    MathFunction("asinh", 1, inverse.asinh, 2.0, 2.0, "log1p; keeps the sign of zero"),
    MathFunction("acosh", 1, inverse.acosh, 2.5, 2.5, "log1p; NaN below 1"),
    MathFunction("atanh", 1, inverse.atanh, 2.5, 2.5, "log1p; inf at 1, NaN above"),
    MathFunction("pow", 2, power.pow_, 1.0, 1.5, "log and exp in double-double; C's rules"),
    MathFunction("erf", 1, erf.erf, 1.5, 1.5, "series to 1, then 1 - exp of a polynomial"),
    MathFunction("erfc", 1, erf.erfc, 1.5, 1.5, "exp(-x**2) times one polynomial, double-double"),
    MathFunction("erfcx", 1, erf.erfcx, 1.0, 2.0, "as erfc without its exponential; 1/x far out"),
    MathFunction("erfinv", 1, erfinv.erfinv, 1.0, 2.0, "of log(1 - x**2); inf at 1, NaN above"),
    MathFunction("cbrt", 1, power.cbrt, 1.0, 1.0, "root of 1/x by a minimax step, then Newton"),
    MathFunction(
        "i0", 1, bessel.i0, 1.0, 1.5, "a polynomial to 8, then exp(x) / sqrt(x) times one"
    ),
    MathFunction(
        "i1", 1, bessel.i1, 1.0, 1.5, "a polynomial to 8, then exp(x) / sqrt(x) times one"
    ),
    MathFunction("zeta", 2, zeta.zeta, 1.0, 3.0, "Euler-Maclaurin; NaN for q <= 0 and for s < 1"),
)

MATH: dict[str, MathFunction] = {f.name: f for f in _FUNCTIONS}


def call_math(
    module: ir.Module, builder: ir.IRBuilder, name: str, args: Sequence[ir.Value]
) -> ir.Value:
    """Call function `name` of the table on values of one type, in any number of lanes.

    The function's private helper is put into `module`, which is the builder's, on first use.
    Raises KeyError for a name that is not in `MATH` and TypeError as `MathFunction.emit` does.
    """
    function = MATH[name]
    if module is not builder.module:
        raise ValueError(f"{name}: the builder works in another module than the one given")
    full_name = f"lltheano.math.{name}.{mangled(args[0].type)}"
    return call_helper(
        builder, full_name, args[0].type, args, lambda inside, own: function.emit(inside, *own)
    )

"""The table of math functions: those that the modules of kernels declare."""

from __future__ import annotations

from collections.abc import Sequence

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
from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.lanes import mangled

_MODULES = (exp, log, hyperbolic, trig, inverse, power, erf, erfinv, bessel, zeta)

MATH: dict[str, MathFunction] = {
    function.name: function for module in _MODULES for function in module.FUNCTIONS
}


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

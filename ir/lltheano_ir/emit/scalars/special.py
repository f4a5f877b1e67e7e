"""The special functions whose code is SciPy's: one call for each lane, in f64.

They are slow enough that the calls do not matter, and the vector code round them stays vector code.
"""

from collections.abc import Callable, Sequence
from functools import partial

from llvmlite import ir

from lltheano_ir.emit.math.call import call_each_lane
from lltheano_ir.emit.scalars.gamma_slope import gammainc_slope
from lltheano_ir.emit.values import declared
from lltheano_ir.ops.elementwise import ELEMENTWISE

__all__ = ["SPECIAL"]

Emitter = Callable[..., ir.Value]

DOUBLE = ir.DoubleType()
CYTHONS_OWN = ir.Constant(ir.IntType(32), 0)
"""The last argument of what Cython publishes; it is for methods that are overridden."""


def _call(builder: ir.IRBuilder, name: str, operands: Sequence[ir.Value]) -> ir.Value:
    """Call SciPy's function `name` on doubles."""
    parameters = [*(one.type for one in operands), CYTHONS_OWN.type]
    function = declared(builder.module, f"special_{name}", DOUBLE, parameters)
    return builder.call(function, [*operands, CYTHONS_OWN])


def _each_lane(name: str, one_lane: Callable[..., ir.Value]) -> Emitter:
    """The emitter of a function of one lane, on registers of doubles."""

    def emit(builder: ir.IRBuilder, *operands: ir.Value) -> ir.Value:
        return call_each_lane(builder, f"lltheano.special.{name}", operands, one_lane)

    return emit


def _calls(name: str) -> Emitter:
    return _each_lane(name, lambda builder, operands: _call(builder, name, operands))


SPECIAL: dict[str, Emitter] = {
    **{op.name: _calls(op.name) for op in ELEMENTWISE if op.library == "scipy.special"},
    "gammainc_slope": _each_lane("gammainc_slope", partial(gammainc_slope, call=_call)),
}
"""The emitter of each, by the name of its op."""

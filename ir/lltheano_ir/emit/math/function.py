"""What a math function is: all that the rest of the compiler may know of each."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from lltheano_ir.emit.math.lanes import Real
from lltheano_ir.records import record

__all__ = ["MathFunction"]


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

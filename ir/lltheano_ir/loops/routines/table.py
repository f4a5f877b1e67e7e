"""The one table of the routines that a `call` of the loop IR may name."""

from collections.abc import Mapping

from lltheano_ir.loops.nodes import Call
from lltheano_ir.loops.routines.linear import LINEAR_ROUTINES
from lltheano_ir.loops.routines.ordering import ORDERING
from lltheano_ir.loops.routines.products import PRODUCTS
from lltheano_ir.loops.routines.record import Routine
from lltheano_ir.loops.routines.spectral import SPECTRAL_ROUTINES

__all__ = ["ROUTINES", "routine_of"]

ROUTINES: Mapping[str, Routine] = {**PRODUCTS, **ORDERING, **LINEAR_ROUTINES, **SPECTRAL_ROUTINES}
"""Each routine by its name."""


def routine_of(call: Call) -> Routine:
    """The routine that a call names; ValueError when there is none."""
    if call.callee not in ROUTINES:
        raise ValueError(f"there is no routine {call.callee}")
    return ROUTINES[call.callee]

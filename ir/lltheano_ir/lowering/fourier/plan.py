"""The plan of a Fourier transform: what `fft_plan` writes and `fft` reads (see `functions`).

A plan is a vector of integers: the number of elements that the passes work on; 1 if that is the
length itself, and 0 if it is that of a convolution; the number of passes; then the radix of each
pass, and then how many elements lie between those that it combines.
"""

from lltheano_ir.dtypes import bool_
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, Operand
from lltheano_ir.lowering.function_builder import FunctionBuilder

__all__ = [
    "LONGEST",
    "MOST_PASSES",
    "PASSES",
    "PLAN_SIZE",
    "RADICES",
    "SMOOTH",
    "SPAN",
    "STRIDES",
    "space_needed",
]

LONGEST = 1 << 30
"""Squares of indices, and what they are multiplied by, then fit 64 bits."""

MOST_PASSES = 64
SPAN, SMOOTH, PASSES, RADICES = range(4)
STRIDES = RADICES + MOST_PASSES
PLAN_SIZE = STRIDES + MOST_PASSES


def space_needed(context: FunctionBuilder, plan: Buffer, length: Operand) -> Operand:
    """The elements of the work space of a plan."""
    span, smooth = (context.load(plan, (number(place),)) for place in (SPAN, SMOOTH))
    stockham = context.index_op("mul", span, number(6))
    chirp = context.index_op("mul", length, number(2))
    bluestein = context.index_op("add", context.index_op("mul", span, number(10)), chirp)
    direct = context.let("eq", bool_, smooth, number(1))
    return context.index_op("select", direct, stockham, bluestein)

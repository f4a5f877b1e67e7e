"""The maximum and the minimum of floats in vectors, in three instructions for each.

That a NaN wins and that 0.0 is above -0.0 takes several instructions where two elements meet. So
the lanes keep apart what is put together in the end: the extremum by plain comparison, to which a
NaN is never better, whether there was a NaN, and the signs of all elements. An extremum that is a
zero is 0.0 if some element had no sign, or -0.0 if some had one: whichever wins is among them.
Where a machine has an instruction for it all, that is used.
"""

from llvmlite import ir

from lltheano_ir.emit.loops.accumulators import Accumulator, State, half_lanes
from lltheano_ir.emit.values import constant, lanes_of, register_type
from lltheano_ir.target import Target

__all__ = ["fold_extremum", "is_in_parts", "start_extremum", "take_into_extremum"]

_REGISTER_BYTES = 32
"""Of lanes that take more, two elements are asked at once whether one is a NaN."""


def is_in_parts(accumulator: Accumulator, target: Target) -> bool:
    """Whether a reduction is an extremum of floats that lanes keep in parts."""
    return (
        not target.has_extrema
        and accumulator.kind in ("max", "min")
        and accumulator.dtype.is_float
        and accumulator.dtype.itemsize > 2
    )


def start_extremum(accumulator: Accumulator, lanes: int) -> State:
    """The parts before the first element: the extremum, whether a NaN, and the signs."""
    (extremum,) = accumulator.start(lanes)
    bits = 8 * accumulator.dtype.itemsize
    asked = lanes // 2 if _asks_two(accumulator, lanes) else lanes
    nans = constant(ir.VectorType(ir.IntType(bits), asked), 0)
    signs = constant(ir.VectorType(ir.IntType(bits), lanes), _start_of_signs(accumulator))
    return [extremum, nans, signs]


def _asks_two(accumulator: Accumulator, lanes: int) -> bool:
    return lanes * accumulator.dtype.itemsize > _REGISTER_BYTES


def _start_of_signs(accumulator: Accumulator) -> int:
    return -1 if accumulator.kind == "max" else 0


def take_into_extremum(
    builder: ir.IRBuilder, accumulator: Accumulator, state: State, element: ir.Value
) -> State:
    """The parts after one more element in each lane."""
    extremum, nans, signs = state
    pair = (element, element)
    if _asks_two(accumulator, lanes_of(element)):
        low, high = (half_lanes(builder, [element], upper=upper) for upper in (False, True))
        pair = (low[0], high[0])
    unordered = builder.sext(builder.fcmp_unordered("uno", *pair), nans.type)
    return [
        _better(builder, accumulator, element, extremum),
        builder.or_(nans, unordered),
        _with_signs(builder, accumulator, signs, builder.bitcast(element, signs.type)),
    ]


def _better(
    builder: ir.IRBuilder, accumulator: Accumulator, new: ir.Value, old: ir.Value
) -> ir.Value:
    sign = ">" if accumulator.kind == "max" else "<"
    return builder.select(builder.fcmp_ordered(sign, new, old), new, old)


def _with_signs(
    builder: ir.IRBuilder, accumulator: Accumulator, signs: ir.Value, more: ir.Value
) -> ir.Value:
    return builder.and_(signs, more) if accumulator.kind == "max" else builder.or_(signs, more)


def fold_extremum(builder: ir.IRBuilder, accumulator: Accumulator, state: State) -> State:
    """The state of one lane: the extremum of all lanes."""
    extremum, nans, signs = state
    while lanes_of(extremum) > 1:
        low, high = (half_lanes(builder, [extremum, signs], upper=one) for one in (False, True))
        extremum = _better(builder, accumulator, low[0], high[0])
        signs = _with_signs(builder, accumulator, low[1], high[1])
    while lanes_of(nans) > 1:
        (low,), (high,) = (half_lanes(builder, [nans], upper=one) for one in (False, True))
        nans = builder.or_(low, high)
    kind = register_type(accumulator.dtype, 1)
    negative = builder.icmp_signed("<", signs, ir.Constant(signs.type, 0))
    zero = builder.select(negative, constant(kind, -0.0), constant(kind, 0.0))
    is_zero = builder.fcmp_ordered("==", extremum, constant(kind, 0.0))
    number = builder.select(is_zero, zero, extremum)
    some = builder.icmp_signed("!=", nans, ir.Constant(nans.type, 0))
    return [builder.select(some, constant(kind, float("nan")), number)]

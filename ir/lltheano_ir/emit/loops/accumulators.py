"""What a reduction keeps while it runs: how it starts, takes an element, and joins two of its kind.

The state of a reduction is a list of real registers, one for most kinds, two for complex numbers
(the parts) and for `argmax` and `argmin` (the best value and where it was). Starting values change
nothing: -0.0 for a floating sum, since 0.0 would turn -0.0 into 0.0, and a complex 1, which a
product skips. The result of no elements is `empty`.
"""

from collections.abc import Sequence

from llvmlite import ir

from lltheano_ir.dtypes import DType, i64
from lltheano_ir.emit.scalars.casts import widen_half
from lltheano_ir.emit.scalars.complexes import product
from lltheano_ir.emit.scalars.ops import emit_op
from lltheano_ir.emit.values import (
    INT,
    STATUS,
    Pair,
    Register,
    constant,
    lanes_of,
    register_type,
)
from lltheano_ir.ops.reduction import REDUCTION_OPS
from lltheano_ir.ops.summation import is_rounded
from lltheano_ir.records import record

__all__ = ["Accumulator", "State", "half_lanes"]

State = list[ir.Value]


@record(frozen=True, slots=True)
class Accumulator:
    """A reduction of `kind` over values of `dtype`."""

    kind: str
    dtype: DType

    @property
    def is_arg(self) -> bool:
        """Whether the result is a position."""
        return self.kind.startswith("arg")

    @property
    def may_repeat(self) -> bool:
        """Whether an element that is taken twice changes nothing."""
        return self.kind in ("max", "min", "and", "or")

    @property
    def may_settle(self) -> bool:
        """Whether an element can decide the result, whatever the others are."""
        return self.kind in ("and", "or") and self.dtype.is_bool

    def settled(self, builder: ir.IRBuilder, state: State) -> ir.Value:
        """Whether the result is decided, of a reduction that may be: one bit."""
        (found,) = self.fold(builder, state)
        result = ir.Constant(found.type, int(self.kind == "or"))
        return builder.icmp_unsigned("==", found, result)

    @property
    def is_ordered(self) -> bool:
        """Whether rounding makes the order matter."""
        return is_rounded(self.kind, self.dtype)

    @property
    def target(self) -> DType:
        """The dtype of the result."""
        return i64 if self.is_arg else self.dtype

    def start(self, lanes: int) -> State:
        """The state before the first element."""
        kind = register_type(self.dtype, lanes)
        value = constant(kind, self._neutral())
        if self.is_arg:
            return [value, constant(ir.VectorType(INT, lanes) if lanes > 1 else INT, 0)]
        if not self.dtype.is_complex:
            return [value]
        return [value, value if self.kind == "add" else constant(kind, 0.0)]

    def empty(self, lanes: int) -> State:
        """The result of no elements, as registers."""
        kind = register_type(self.target, lanes)
        if self.is_arg or (self.kind == "add" and not self.dtype.is_complex):
            return [constant(kind, 0)]
        return [constant(kind, 0.0)] * 2 if self.kind == "add" else self.start(lanes)

    def _neutral(self) -> float:
        if self.kind == "add":
            return -0.0 if self.is_ordered else 0
        if self.kind in ("mul", "or"):
            return 1 if self.kind == "mul" else 0
        if self.kind == "and":
            return 1 if self.dtype.is_bool else -1
        return self._lowest() if self.kind.endswith("max") else self._greatest()

    def _lowest(self) -> float:
        if self.dtype.is_float:
            return float("-inf")
        return -(1 << (8 * self.dtype.itemsize - 1)) if self.dtype.is_signed else 0

    def _greatest(self) -> float:
        if self.dtype.is_float:
            return float("inf")
        bits = 1 if self.dtype.is_bool else 8 * self.dtype.itemsize
        return (1 << (bits - self.dtype.is_signed)) - 1

    def element(self, value: Register, position: ir.Value) -> State:
        """The state that one element at `position` is alone."""
        if self.is_arg:
            return [value, position]
        return list(value) if isinstance(value, Pair) else [value]

    def take(self, builder: ir.IRBuilder, state: State, element: State) -> State:
        """The state after one more element, which comes later than all before it."""
        if not self.is_arg:
            return self.join(builder, state, element)
        better = self._better(builder, element[0], state[0])
        pairs = zip(element, state, strict=True)
        return [builder.select(better, new, old) for new, old in pairs]

    def join(self, builder: ir.IRBuilder, left: State, right: State) -> State:
        """The state of two runs of elements; for a position it does not matter which came first."""
        if self.is_arg:
            return self._join_positions(builder, left, right)
        operands = [_register(left), _register(right)]
        if self.kind == "mul" and self.dtype.is_complex:
            return list(product(builder, Pair(*left), Pair(*right)))
        result = emit_op(builder, REDUCTION_OPS[self.kind], (self.dtype, self.dtype), operands)
        return list(result) if isinstance(result, Pair) else [result]

    def _join_positions(self, builder: ir.IRBuilder, left: State, right: State) -> State:
        better = self._better(builder, right[0], left[0])
        worse = self._better(builder, left[0], right[0])
        earlier = builder.icmp_signed("<", right[1], left[1])
        level = builder.and_(builder.not_(worse), earlier)
        chosen = builder.or_(better, level)
        pairs = zip(right, left, strict=True)
        return [builder.select(chosen, new, old) for new, old in pairs]

    def _better(self, builder: ir.IRBuilder, new: ir.Value, old: ir.Value) -> ir.Value:
        """Where `new` beats `old`: a NaN beats all but a NaN."""
        sign = ">" if self.kind.endswith("max") else "<"
        if not self.dtype.is_float:
            compare = builder.icmp_signed if self.dtype.is_signed else builder.icmp_unsigned
            return compare(sign, new, old)
        if self.dtype.itemsize == 2:
            new, old = (widen_half(builder, one) for one in (new, old))
        beaten = builder.fcmp_unordered(sign, new, old)
        return builder.and_(beaten, builder.fcmp_ordered("ord", old, old))

    def fold(self, builder: ir.IRBuilder, state: State) -> State:
        """Join the lanes in halves: lane k takes lane k + half, until one is left."""
        while lanes_of(state[0]) > 1:
            low, high = (half_lanes(builder, state, upper=upper) for upper in (False, True))
            state = self.join(builder, low, high)
        return state

    def result(self, state: State) -> State:
        """The registers of the result."""
        return state[1:] if self.is_arg else state


def half_lanes(builder: ir.IRBuilder, state: State, *, upper: bool) -> State:
    """The lower or upper half of the lanes."""
    lanes = lanes_of(state[0]) // 2
    first = lanes if upper else 0
    if lanes == 1:
        return [builder.extract_element(one, ir.Constant(STATUS, first)) for one in state]
    mask = ir.Constant(
        ir.VectorType(STATUS, lanes), [STATUS(lane) for lane in range(first, first + lanes)]
    )
    return [builder.shuffle_vector(one, one, mask) for one in state]


def _register(state: Sequence[ir.Value]) -> Register:
    return Pair(*state) if len(state) == 2 else state[0]

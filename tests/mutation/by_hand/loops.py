"""Schedules, checks, and the emission of loops and reductions: borders, orders, NaN, signs."""

from tests.mutation.faults import Fault

__all__ = ["FAULTS"]

SCHEDULE, LOWERING, EMISSION = "schedule", "lowering", "emission"

FAULTS = (
    Fault(
        SCHEDULE,
        "a nest over memory with gaps becomes one loop",
        "return buffer.strides is None and walked and whole and all(",
        "return walked and whole and all(",
    ),
    Fault(
        SCHEDULE,
        "a nest that goes through columns becomes one loop through rows",
        "walked = tuple(indices[axis] for axis in axes) == nest.indices",
        "walked = {indices[axis] for axis in axes} == set(nest.indices)",
    ),
    Fault(
        SCHEDULE,
        "a nest over a part of a buffer becomes one loop over the first elements",
        "return buffer.strides is None and walked and whole and all(",
        "return buffer.strides is None and walked and all(",
    ),
    Fault(
        SCHEDULE,
        "a nest whose inner extent is the outer index becomes one loop",
        "    if names & set(nest.extents):\n        return False\n",
        "",
    ),
    Fault(
        SCHEDULE,
        "a nest that computes with its indices becomes one loop",
        "        if names & set(others):\n            return False\n",
        "",
    ),
    Fault(
        SCHEDULE,
        "a sum of no rows is -0.0",
        "return start if empty is None else builder.let",
        "return start if empty is not None else builder.let",
    ),
    Fault(
        SCHEDULE,
        "a complex product takes the factor 1, which an infinite part does not survive",
        'and not (one.kind == "mul" and one.target.dtype.is_complex)',
        "",
    ),
    Fault(
        SCHEDULE,
        "long sums over rows are added one row after another",
        "if any(one.is_ordered for one in columns) and not is_one_block(reduce):",
        "if False:",
    ),
    Fault(
        SCHEDULE,
        "the rows of a block go on to the end of the axis",
        'high = op("minimum", op("sub", end, start), size)',
        "high = size",
    ),
    Fault(
        SCHEDULE,
        "the last tile of columns, which is not whole, is left out",
        'past = op("add", extent, op("sub", width, number(1)))',
        'past = op("add", extent, number(0))',
    ),
    Fault(
        SCHEDULE,
        "the last block is kept in a tree that has no place for it",
        'more = builder.let("lt", bool_, block, blocks.last)',
        'more = builder.let("le", bool_, block, blocks.last)',
    ),
    Fault(
        SCHEDULE,
        "a loop with branches on its elements inside runs in vectors",
        "if self.varies(one.condition):",
        "if False:",
    ),
    Fault(
        SCHEDULE,
        "a load runs before the check that makes its index valid",
        "            and not guarded\n",
        "",
    ),
    Fault(
        SCHEDULE,
        "a load of what the loop writes runs before the loop",
        "            and root(statement.buffer) not in written\n",
        "",
    ),
    Fault(
        SCHEDULE,
        "every other element counts as a neighbour",
        "if len(moving) > 1 or _step(indices[moving[0]], steps) != 1:",
        "if len(moving) > 1:",
    ),
    Fault(
        "ops",
        "the step of a difference, and a size less another, have the wrong sign",
        "    return total(x, scaled(y, -1))\n",
        "    return total(x, scaled(y, 1))\n",
    ),
    Fault(
        SCHEDULE,
        "columns of a row-major buffer count as neighbours",
        "return all(isinstance(size, Number) and size.literal.array() == 1 for size in inner)",
        "return True",
    ),
    Fault(
        LOWERING,
        "the index -n of n elements is refused",
        'low = context.let("ge", bool_, lowest, context.index_op("sub", number(0), size))',
        'low = context.let("gt", bool_, lowest, context.index_op("sub", number(0), size))',
    ),
    Fault(
        LOWERING,
        "the index n of n elements is taken",
        'high = context.let("lt", bool_, highest, size)',
        'high = context.let("le", bool_, highest, size)',
    ),
    Fault(
        LOWERING,
        "a slice that ends with the axis is refused",
        'reached = context.let("le", bool_, size, _elements_within',
        'reached = context.let("lt", bool_, size, _elements_within',
    ),
    Fault(
        LOWERING,
        "a slice backwards is measured from the wrong end",
        'context.index_op("select", back, start, last)',
        'context.index_op("select", back, last, start)',
    ),
    Fault(
        LOWERING,
        "the second of several joined arrays may have any size",
        "for sizes in shapes[1:] if other != axis else ():",
        "for sizes in shapes[2:] if other != axis else ():",
    ),
    Fault(
        LOWERING,
        "of all sizes of an axis only the last two are compared",
        "        for size in sizes[1:]:\n            require_equal(",
        "        for size in sizes[2:]:\n            require_equal(",
    ),
    Fault(
        LOWERING,
        "an extremum of no elements is read from nowhere",
        'condition = state.context.let("gt", bool_, size, number(0))',
        'condition = state.context.let("ge", bool_, size, number(0))',
    ),
    Fault(
        LOWERING,
        "a number of elements that wraps around fits a reshape",
        'fits = context.let("le", bool_, total, room)',
        'fits = context.let("ge", bool_, room, room)',
    ),
    Fault(
        EMISSION,
        "the loop over whole vectors goes on past the end by one element",
        "return builder.and_(extent, integer(-lanes))",
        "return builder.and_(builder.add(extent, integer(1)), integer(-lanes))",
    ),
    Fault(
        EMISSION,
        "the last lanes of a tail access the element behind the last",
        "last = builder.sub(left, integer(1))",
        "last = builder.sub(left, integer(0))",
    ),
    Fault(
        EMISSION,
        "vectors are loaded whatever the stride",
        "            stop = builder.select(packed, stop, start)\n",
        "            stop = builder.select(packed, stop, stop)\n",
    ),
    Fault(
        EMISSION,
        "a sum starts with 0.0, so that -0.0 alone gives 0.0",
        "return -0.0 if self.is_ordered else 0",
        "return 0.0 if self.is_ordered else 0",
    ),
    Fault(
        EMISSION,
        "a NaN does not beat a number",
        "beaten = builder.fcmp_unordered(sign, new, old)",
        "beaten = builder.fcmp_ordered(sign, new, old)",
    ),
    Fault(
        EMISSION,
        "the last of several NaNs is found, not the first",
        'return builder.and_(beaten, builder.fcmp_ordered("ord", old, old))',
        "return beaten",
    ),
    Fault(
        EMISSION,
        "of equal elements in different lanes the later one is found",
        'earlier = builder.icmp_signed("<", right[1], left[1])',
        'earlier = builder.icmp_signed(">", right[1], left[1])',
    ),
    Fault(
        EMISSION,
        "the last block is joined with the subtrees that are not there",
        "return [inside.select(bit, new, old) for new, old in pairs]",
        "return [inside.select(bit, old, new) for new, old in pairs]",
    ),
    Fault(
        EMISSION,
        "lanes are joined with their neighbours rather than in halves",
        "STATUS(lane) for lane in range(first, first + lanes)",
        "STATUS(lane) for lane in range(int(upper), int(upper) + 2 * lanes, 2)",
    ),
    Fault(
        EMISSION,
        "x << width is x",
        'inside = builder.icmp_unsigned("<", y, width)',
        'inside = builder.icmp_unsigned("<=", y, width)',
    ),
    Fault(
        EMISSION,
        "the sign of -0.0 is -0.0",
        "builder.fadd(x, zero)\n    )\n    positive",
        "x\n    )\n    positive",
    ),
    Fault(
        EMISSION,
        "the least integer divided by -1 traps",
        "unsafe = builder.or_(unsafe, builder.and_(at_least, minus_one))",
        "unsafe = builder.or_(unsafe, builder.and_(at_least, unsafe))",
    ),
    Fault(
        EMISSION,
        "a remainder of 0 has another sign than a negative divisor",
        'return builder.and_(builder.icmp_signed("!=", remainder, zero), opposite)',
        "return opposite",
    ),
    Fault(
        EMISSION,
        "after the commit point a call can still be told to stop",
        '''def spend(unit: Unit, builder: ir.IRBuilder, amount: ir.Value) -> None:
    """Pay for some iterations; where the fuel is used up, ask, and leave if so told."""
    if unit.committed:''',
        '''def spend(unit: Unit, builder: ir.IRBuilder, amount: ir.Value) -> None:
    """Pay for some iterations; where the fuel is used up, ask, and leave if so told."""
    if False:''',
    ),
    Fault(
        EMISSION,
        "a loop that is told to stop goes on",
        'likely_branch(builder, builder.icmp_signed("==", stop, STATUS(0)), unit.failed)',
        'likely_branch(builder, builder.icmp_signed("!=", stop, STATUS(-7)), unit.failed)',
    ),
)

"""Sums over the index of a loop, whose terms are computed one after another.

As all sums of floats they are made in an order that the sizes alone determine, with an error that
does not grow with their length: `BLOCK_ROWS` terms are added one after another. A tree over the
blocks would carry a copy of the sum for each of its levels through the loop. Instead the rounding
error of the addition of each block is found exactly (Knuth, The Art of Computer Programming 2,
4.2.2, theorem B), and the errors are added up and put right in the end (Neumaier, Zeitschrift für
Angewandte Mathematik und Mechanik 54, 1974): two copies serve any number of blocks.
"""

from collections.abc import Callable, Sequence

from lltheano.tensor.elementwise.op import number_like
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.ops.summation import BLOCK_ROWS

__all__ = ["add_over_index"]

Terms = Callable[[Value, Sequence[Value]], Sequence[Value]]
"""The terms at an index, given the captured values as they are known inside the loop."""


def add_over_index(
    builder: Builder,
    count: Value,
    firsts: Sequence[Value],
    captured: Sequence[Value],
    terms: Terms,
) -> list[Value]:
    """Add to each of `firsts` its term for every index below `count`."""
    sums = len(firsts)
    errors = [_filled(builder, first, 0.0) for first in firsts]
    # Made outside: inside, each block of a sum would seem to need all sums before it.
    starts = [_filled(builder, first, -0.0) for first in firsts]

    def block(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        number, *rest = arguments
        totals, lost, (whole, *inside) = rest[:sums], rest[sums : 2 * sums], rest[2 * sums :]
        begin = builder.elementwise("mul", number, builder.integer(BLOCK_ROWS))
        left = builder.elementwise("sub", whole, begin)
        length = builder.elementwise("minimum", left, builder.integer(BLOCK_ROWS))
        parts = _block(builder, (begin, length), inside[:sums], inside[sums:], terms)
        added = [_exact_sum(builder, *pair) for pair in zip(totals, parts, strict=True)]
        errors = [
            builder.elementwise("add", one, error)
            for one, (_, error) in zip(lost, added, strict=True)
        ]
        return [*(total for total, _ in added), *errors], []

    outer = [count, *starts, *captured]
    result = builder.loop_over(_blocks(builder, count), [*firsts, *errors], outer, block)
    return [_put_right(builder, result[index], result[sums + index]) for index in range(sums)]


def _blocks(builder: Builder, count: Value) -> Value:
    past = builder.elementwise("add", count, builder.integer(BLOCK_ROWS - 1))
    return builder.elementwise("shr", past, builder.integer(BLOCK_ROWS.bit_length() - 1))


def _block(
    builder: Builder,
    span: tuple[Value, Value],
    starts: Sequence[Value],
    captured: Sequence[Value],
    terms: Terms,
) -> tuple[Value, ...]:
    """The sums of the terms of one block: from an index on, so many of them."""
    begin, length = span
    count = len(starts)

    def step(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        offset, *rest = arguments
        sums, (first, *inside) = rest[:count], rest[count:]
        result = terms(builder.elementwise("add", first, offset), inside)
        return [builder.elementwise("add", *pair) for pair in zip(sums, result, strict=True)], []

    return builder.loop_over(length, starts, [begin, *captured], step)


def _exact_sum(builder: Builder, x: Value, y: Value) -> tuple[Value, Value]:
    """The rounded sum of two tensors, and what it lacks; 0 for integers, which lose nothing."""
    total = builder.elementwise("add", x, y)
    second = builder.elementwise("sub", total, x)
    first = builder.elementwise("sub", total, second)
    lost = (builder.elementwise("sub", *pair) for pair in ((x, first), (y, second)))
    return total, builder.elementwise("add", *lost)


def _put_right(builder: Builder, total: Value, error: Value) -> Value:
    """The total and the errors of its additions, which are NaN where the total is not finite."""
    size = builder.elementwise("abs", error)
    known = builder.elementwise("gt", size, number_like(builder, size, 0))
    return builder.elementwise("select", known, builder.elementwise("add", total, error), total)


def _filled(builder: Builder, model: Value, number: float) -> Value:
    """A number repeated to the sizes of `model`."""
    pattern = model.type.broadcast
    sizes = [
        None if is_broadcastable else builder.dim(model, axis)
        for axis, is_broadcastable in enumerate(pattern)
    ]
    return builder.broadcast(number_like(builder, model, number), sizes)

"""How buffers are aligned: at which multiples of bytes their element at index 0 lies.

Memory from the pool, and constants, lie at multiples of 64. A parameter promises what an element
needs, which is what the caller of a compiled function sees to (for NumPy: the flag ALIGNED). A view
has what its base and a known offset leave, and so has memory that a loop rebinds to a view: what an
element needs. A buffer that says its `alignment` itself promises that
instead, which can only be less: `align 1` is memory that may begin at any byte.
"""

from collections.abc import Iterator, Mapping
from math import gcd
from typing import Final

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Callback,
    Constant,
    Contiguous,
    LoopFunction,
    Number,
    Statement,
    View,
)
from lltheano_ir.loops.walk import lent_buffers, statements_in

__all__ = ["POOL_ALIGNMENT", "alignments", "element_alignment", "promised_alignments"]

POOL_ALIGNMENT: Final = 64
"""Bytes: that of blocks of the pool, and of constants."""


def element_alignment(dtype: DType) -> int:
    """What an element needs; for a complex number, what its parts need.

    >>> from lltheano_ir.dtypes import c128, f32
    >>> element_alignment(f32), element_alignment(c128)
    (4, 8)
    """
    return dtype.real.itemsize


def promised_alignments(
    statement: Statement, known: Mapping[str, int]
) -> Iterator[tuple[Buffer, int]]:
    """The buffers that a statement makes, and what it promises of each; `known` has the buffers
    made before, by name.
    """
    match statement:
        case Alloc() | Constant():
            yield statement.buffer, POOL_ALIGNMENT
        case Callback():
            yield from ((buffer, POOL_ALIGNMENT) for buffer in statement.outputs)
        case Contiguous():
            yield statement.buffer, min(known[statement.source.name], POOL_ALIGNMENT)
        case View():
            offset = statement.offset
            count = int(offset.literal.array()) if isinstance(offset, Number) else 1
            base = known[statement.base.name]
            yield statement.buffer, gcd(base, count * statement.buffer.dtype.itemsize)
        case _:
            return


def alignments(function: LoopFunction) -> dict[str, int]:
    """The alignment of every buffer of a function by its name, in bytes.

    >>> from lltheano_ir.loops.parser import parse_loops
    >>> function = parse_loops('''loops @f(%x: f32[%n] shared) {
    ...   alloc %y: f32[%n, 3]
    ...   view %row: f32[3] strides [1] = %y, offset=12
    ... }''')
    >>> alignments(function)
    {'x': 4, 'y': 64, 'row': 16}
    """
    known: dict[str, int] = {}
    lent = lent_buffers(function.body)
    for parameter in function.parameters:
        buffer = parameter.buffer
        known[buffer.name] = buffer.alignment or element_alignment(buffer.dtype)
    for outer in function.body:
        for statement in statements_in(outer):
            for buffer, promised in promised_alignments(statement, known):
                promise = element_alignment(buffer.dtype) if buffer in lent else promised
                known[buffer.name] = buffer.alignment or promise
    return known

"""How many bytes a function moves between memory and registers, read off its loops.

Each load and store moves its element once for every place that the indices of the loops round it
can name: an access that does not depend on a loop is counted as if it were made before it, as the
emitter does. A loop whose iterations name memory of their own, such as one over tiles of rows, is
counted iteration by iteration. What a call moves, of a library routine or of a function of the
module, is its operands, once each. Nothing is run, so the figure is that of the program, not of a
machine: caches only make it less.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.nodes import (
    Buffer,
    Call,
    Callback,
    Constant,
    For,
    Let,
    Load,
    LoopFunction,
    LoopModule,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
    View,
    as_module,
)
from lltheano_ir.loops.walk import inner_bodies
from lltheano_ir.ops.table import OPS
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = ["Sizes", "Traffic", "memory_traffic"]


class Sizes:
    """The i64 scalars of a function that follow from sizes which are known.

    Numbers that are handed on in memory are followed there, as long as each is stored once, at a
    known place.
    """

    def __init__(self) -> None:
        self._known: dict[Scalar, int] = {}
        self._elements: dict[str, dict[tuple[int, ...], int]] = {}

    def name(self, operands: Sequence[Operand], sizes: Sequence[int | None]) -> None:
        """Say what the sizes of a parameter are; None where that is not known."""
        for operand, size in zip(operands, sizes, strict=True):
            if isinstance(operand, Scalar) and size is not None:
                self._known.setdefault(operand, size)

    def note(self, statement: Statement, *, once: bool = True) -> None:
        """Compute index arithmetic on sizes that are known; `once`, if the statement runs once."""
        match statement:
            case Let():
                _note(statement, self._known)
            case Store() if statement.buffer.dtype is i64:
                self._store(statement, once=once)
            case Load() if statement.buffer.dtype is i64:
                place = self._place(statement.indices)
                found = self._elements.get(statement.buffer.name, {}).get(place or ())
                if place is not None and found is not None:
                    self._known[statement.target] = found
            case Constant() if statement.buffer.dtype is i64:
                elements = np.ndenumerate(statement.literal.array())
                self._elements[statement.buffer.name] = {at: int(one) for at, one in elements}
            case _:
                pass

    def hand_over(self, parameter: Buffer, outside: "Sizes", argument: Buffer) -> None:
        """Say that a parameter holds what is known of an argument."""
        self._elements[parameter.name] = dict(outside._elements.get(argument.name, {}))

    def _store(self, store: Store, *, once: bool) -> None:
        place, value = self._place(store.indices), self.of(store.value)
        elements = self._elements.setdefault(store.buffer.name, {})
        if place is None or value is None or not once or place in elements:
            elements.clear()
        else:
            elements[place] = value

    def _place(self, indices: Sequence[Operand]) -> tuple[int, ...] | None:
        found = [self.of(one) for one in indices]
        known = tuple(one for one in found if one is not None)
        return known if len(known) == len(found) else None

    def of(self, operand: Operand) -> int | None:
        """What an operand is; None where it depends on more than sizes."""
        if isinstance(operand, Scalar) and operand not in self._known:
            return None
        return _number(operand, self._known)


@record(frozen=True, slots=True)
class Traffic:
    """Bytes read from memory and written to it."""

    read: int
    written: int


def memory_traffic(
    functions: LoopFunction | LoopModule, sizes: Mapping[str, Sequence[int]]
) -> Traffic:
    """The traffic of a call whose parameters have the given shapes, by name.

    Raises KeyError for a parameter without a shape, and ValueError where a loop's extent depends on
    more than shapes.

    >>> from lltheano_ir.loops.parser import parse_loops
    >>> function = parse_loops('''loops @twice(%x: f32[%n] strides [%s] input) {
    ...   contiguous %a: f32[%n] = %x
    ...   alloc %y: f32[%n]
    ...   for %i in %n {
    ...     load %v: f32 = %a[%i]
    ...     let %w: f32 = add %v, %v
    ...     store %y[%i] = %w
    ...   }
    ...   output "y" = %y
    ... }''')
    >>> memory_traffic(function, {"x": (1000,)})
    Traffic(read=4000, written=4000)
    """
    function = as_module(functions).entry
    known = {
        operand: size
        for one in function.parameters
        for operand, size in zip(one.buffer.sizes, sizes[one.buffer.name], strict=True)
        if isinstance(operand, Scalar)
    }
    moved = list(_moved(function.body, known, {}))
    read = sum(count for count, written in moved if not written)
    return Traffic(read, sum(count for count, written in moved if written))


def _moved(
    body: Sequence[Statement], known: dict[Scalar, int], loops: Mapping[Scalar, int]
) -> Iterator[tuple[int, bool]]:
    """The bytes of each access, and whether it writes."""
    for statement in body:
        inner = dict(loops)
        match statement:
            case Let():
                _note(statement, known)
            case Load() | Store():
                used = {one for one in statement.indices if isinstance(one, Scalar)}
                places = [loops[index] for index in used if index in loops]
                count = int(np.prod(places, dtype=np.int64)) if places else 1
                yield count * statement.buffer.dtype.itemsize, isinstance(statement, Store)
            case Call() | Callback():
                repeats = int(np.prod(list(loops.values()), dtype=np.int64)) if loops else 1
                yield from (
                    (repeats * _bytes(buffer, known), written)
                    for buffers, written in ((statement.inputs, False), (statement.outputs, True))
                    for buffer in buffers
                )
            case For() if any(isinstance(one, View) for one in statement.body):
                for number in range(_number(statement.extent, known)):
                    known[statement.index] = number
                    yield from _moved(statement.body, known, loops)
                continue
            case For():
                inner[statement.index] = _number(statement.extent, known)
            case Reduce():
                pairs = zip(statement.indices, statement.extents, strict=True)
                inner |= {index: _number(extent, known) for index, extent in pairs}
            case _:
                pass
        for one in inner_bodies(statement):
            yield from _moved(one, known, inner)


def _note(statement: Let, known: dict[Scalar, int]) -> None:
    """Compute index arithmetic on sizes that are known."""
    dtypes = [one.dtype for one in (statement.target, *statement.operands)]
    if OPS[statement.op].converts or not all(one in (i64, bool_) for one in dtypes):
        return
    if all(not isinstance(one, Scalar) or one in known for one in statement.operands):
        operands = statement.operands
        arrays = [np.asarray(_number(one, known), one.dtype.numpy) for one in operands]
        types = [ValueType(one.dtype, ()) for one in operands]
        (found,) = OPS[statement.op].results(arrays, types, ())
        known[statement.target] = int(found)


def _number(operand: Operand, known: Mapping[Scalar, int]) -> int:
    if not isinstance(operand, Scalar):
        return int(operand.literal.array())
    if operand not in known:
        raise ValueError(f"%{operand.name} depends on more than the shapes of the parameters")
    return known[operand]


def _bytes(buffer: Buffer, known: Mapping[Scalar, int]) -> int:
    sizes = [_number(size, known) for size in buffer.sizes]
    return int(np.prod(sizes, dtype=np.int64)) * buffer.dtype.itemsize

"""Where each value of a program lives while it is lowered.

A value of rank 0 is a scalar, others live in buffers; a value that is only looked at element by
element (elementwise, or a rearrangement of indices) lives nowhere, and `element` computes it at an
index. `prepare` must have seen a value before loops are opened round its elements: it makes the
views, scalars and checks that the loops rely on.
"""

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias, TypeVar

from lltheano_ir.dtypes import bool_
from lltheano_ir.loops.builder import number, truth
from lltheano_ir.loops.nodes import Buffer, Number, Operand, Store
from lltheano_ir.lowering.checks import check_value
from lltheano_ir.lowering.function_builder import FunctionBuilder, projected
from lltheano_ir.lowering.views import VIEWS
from lltheano_ir.nodes import Value, argument, inlined, result
from lltheano_ir.ops.definition import Literal
from lltheano_ir.ops.traits import Sign
from lltheano_ir.provenance import Location
from lltheano_ir.shapes import Shapes
from lltheano_ir.signs import sign_of
from lltheano_ir.types import ValueType

__all__ = ["Lowering"]

Indices: TypeAlias = tuple[Operand, ...]

Found = TypeVar("Found")

Steps: TypeAlias = Generator[tuple[Value, Indices], Operand, Operand]
"""A computation of an element: it asks for other elements, is sent each, and returns its own."""


class Lowering:
    """The places of values, and the ways to get at them."""

    def __init__(self, context: FunctionBuilder, shapes: Shapes) -> None:
        self.context = context
        self.shapes = shapes
        self.buffers: dict[Value, Buffer] = {}
        self.scalars: dict[Value, Operand] = {}
        self.uniform: dict[Value, Operand] = {}
        self.checked: set[Value] = set()
        self.spans: dict[Value, tuple[Operand, Operand]] = {}
        self._prepared: set[Value] = set()
        self._elements: list[dict[tuple[Value, Indices], Operand]] = [{}]

    def child(self) -> "Lowering":
        """An empty state for a region, which writes to the same function."""
        return Lowering(self.context, self.shapes.fresh())

    def argument(self, index: int, type_: ValueType) -> Value:
        """The value of a parameter."""
        return argument(index, type_)

    def location(self, value: Value) -> Location | None:
        """Where in the user's program a value, or else one of its operands, comes from.

        What the user called for an operand is not what they called for the value.
        """
        found = self.context.locations.get(value)
        for operand in value.operands if found is None else ():
            near = self.context.locations.get(operand)
            if near is not None:
                return Location(near.file, near.line, near.name)
        return found

    def _locate(self, new: Value, old: Value) -> None:
        """What stands in the place of a value comes from where that does."""
        place = self.context.locations.get(old)
        if place is not None:
            self.context.locations.setdefault(new, place)

    def has(self, value: Value) -> bool:
        """Whether the value has a place already."""
        return value in self.scalars or value in self.buffers

    def alias(self, value: Value, other: Value) -> None:
        """Let `value` be where `other` is."""
        if other.rank == 0:
            self.scalars[value] = self.scalar(other)
        else:
            self.buffers[value] = self.buffer(other)

    def sizes(self, value: Value) -> tuple[Operand, ...]:
        """The sizes of a value as operands."""
        return tuple(self.scalar(size) for size in self.shapes.sizes(value))

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Elements computed inside are not known outside."""
        self._elements.append({})
        try:
            yield
        finally:
            self._elements.pop()

    def scalar(self, value: Value) -> Operand:
        """The only element of a value of rank 0; computed in the current block if it is new."""
        found = self._known(value, ())
        if found is None:
            for one in self._unknown_first(value):
                with self.context.making(one):
                    self._learn(one, self._scalar(one))
            found = self._known(value, ())
            assert found is not None
        return found

    def _known(self, value: Value, indices: Indices) -> Operand | None:
        if not indices and value in self.scalars:
            return self.scalars[value]
        for known in reversed(self._elements):
            if (value, indices) in known:
                return known[value, indices]
        return None

    def _learn(self, value: Value, found: Operand) -> None:
        """Remember a scalar for as long as the block in which it was computed."""
        if len(self._elements) > 1:
            self._elements[-1][value, ()] = found
        else:
            self.scalars[value] = found

    def _unknown_first(self, value: Value) -> list[Value]:
        """The scalars that `value` is computed from, operands first; no recursion."""
        order: list[Value] = []
        stack, seen = [(value, False)], set[Value]()
        while stack:
            one, expanded = stack.pop()
            if expanded:
                order.append(one)
            elif one not in seen and self._known(one, ()) is None:
                seen.add(one)
                stack.append((one, True))
                if one.op.is_elementwise and one not in self.buffers:
                    stack.extend((operand, False) for operand in reversed(one.operands))
        return order

    def _scalar(self, value: Value) -> Operand:
        if value in self.buffers:
            return self.context.load(self.buffers[value], ())
        if value.is_constant:
            return number_from(value)
        if value.op.measures:
            return self._dim(value)
        if value.op.is_elementwise:
            operands = tuple(self.scalar(operand) for operand in value.operands)
            return self.context.let(value.op.name, value.type.dtype, *operands)
        if value.op.is_by_index:
            self.prepare(value)
            return self.element(value, ())
        if value.op.view is not None:
            return self._single(value)
        raise LookupError(f"{value!r} is used before it is lowered")

    def _single(self, value: Value) -> Operand:
        """The element of a tensor of one element that is reshaped to rank 0."""
        check_value(self, value)
        (operand,) = value.operands
        self.prepare(operand)
        return self.element(operand, (number(0),) * operand.rank)

    def _dim(self, value: Value) -> Operand:
        (operand,) = value.operands
        (axis,) = value.attributes
        size = self.shapes.sizes(operand)[axis]
        return self.buffer(operand).sizes[axis] if size is value else self.scalar(size)

    def buffer(self, value: Value) -> Buffer:
        """The value in memory; made now if it has none."""
        chain = [value]
        while chain[-1] not in self.buffers and _views_its_operand(chain[-1]):
            chain.append(chain[-1].operands[0])
        for one in reversed(chain):
            if one not in self.buffers:
                with self.context.making(one):
                    self.buffers[one] = self._buffer(one)
        return self.buffers[value]

    def _buffer(self, value: Value) -> Buffer:
        if value.rank == 0:
            element = self.scalar(value)
            buffer = self.context.alloc(value.type.dtype, ())
            self.context.emit(Store(buffer, (), element))
            return buffer
        check_value(self, value)
        make_view = VIEWS.get(value.op.name)
        if make_view is not None:
            return make_view(self, value)
        if value.op.is_by_index or value.op.is_elementwise:
            return self.materialise(value)
        raise LookupError(f"{value!r} is used before it is lowered")

    def materialise(self, value: Value) -> Buffer:
        """Compute a value, element by element, into memory of its own."""
        self.prepare(value)
        buffer = self.context.alloc(value.type.dtype, self.sizes(value))
        with self.context.loops(buffer.sizes) as indices, self.scope():
            self.context.emit(Store(buffer, indices, self.element(value, indices)))
        return buffer

    def is_place(self, value: Value) -> bool:
        """Whether the value is in memory, or is a view of what is."""
        while value.op.is_strided and value not in self.buffers:
            value = value.operands[0]
        return value in self.buffers or value.is_constant

    def prepare(self, *roots: Value) -> None:
        """Make all that the elements of `roots` rely on, before loops are opened."""
        stack = [(root, False) for root in reversed(roots)]
        while stack:
            value, expanded = stack.pop()
            if expanded:
                check_value(self, value)
            elif value not in self._prepared:
                self._prepared.add(value)
                if self._stands_alone(value):
                    continue
                stack.append((value, True))
                stack.extend((operand, False) for operand in reversed(value.operands))

    def _stands_alone(self, value: Value) -> bool:
        """Give the value a place, if it is not one to compute element by element."""
        if self.has(value):
            return True
        if value.rank == 0 and not value.op.is_by_index:
            self.scalar(value)
            return True
        if _is_part(value) and self.is_place(value.operands[0]) and value.rank:
            self.buffer(value)
            return True
        if value.op.is_elementwise or value.op.is_by_index:
            return False
        if not (value.is_constant and _is_single(value)):
            self.buffer(value)
        return True

    def element(self, value: Value, indices: Indices) -> Operand:
        """The element of a prepared value at `indices`, computed in the current block.

        Programs are deep, so elements that wait for others wait on a stack of our own.
        """
        answer = self._known(value, indices)
        if answer is not None:
            return answer
        waiting = [((value, indices), self._steps(value, indices))]
        outer = self.context.current
        while waiting:
            place, steps = waiting[-1]
            self.context.current = place[0]
            try:
                wanted = next(steps) if answer is None else steps.send(answer)
            except StopIteration as finished:
                answer = self._elements[-1][place] = finished.value
                waiting.pop()
            else:
                answer = self._known(*wanted)
                if answer is None:
                    waiting.append((wanted, self._steps(*wanted)))
        self.context.current = outer
        assert answer is not None
        return answer

    def answered(self, steps: Generator[tuple[Value, Indices], Operand, Found]) -> Found:
        """What a computation returns that asks for elements."""
        answer: Operand | None = None
        while True:
            try:
                wanted = next(steps) if answer is None else steps.send(answer)
            except StopIteration as finished:
                found: Found = finished.value
                return found
            answer = self.element(*wanted)

    def uniform_element(self, value: Value) -> Operand | None:
        """What each element of a value is, where it is the same for all and known by now."""
        while value not in self.uniform and value.rank and _shows_all(value):
            value = value.operands[0]
        if value in self.uniform:
            return self.uniform[value]
        if value.is_constant:
            return number_from(value) if _is_uniform(value) else None
        return None if value.rank else self._known(value, ())

    def _steps(self, value: Value, indices: Indices) -> Steps:
        if value in self.uniform:
            return self.uniform[value]
        if value in self.buffers:
            return self.context.load(self.buffers[value], indices)
        if value.is_constant and _is_single(value):
            return number_from(value)
        if value.op.is_elementwise:
            operands: tuple[Operand, ...] = ()
            for operand in value.operands:
                operands += ((yield operand, projected(operand, indices)),)
            return self.context.let(value.op.name, value.type.dtype, *operands)
        rule = _ELEMENTS.get(value.op.name)
        if rule is not None:
            return (yield from rule(self, value, indices))
        if not value.rank:
            return self._scalar(value)
        return self.context.load(self.buffer(value), indices)

    def wrapped(self, index: Operand, operand: Value, axis: int) -> Operand:
        """An index, negative if it counts from the end, as one that counts from the start."""
        size = self.scalar(self.shapes.sizes(operand)[axis])
        negative = self.context.let("lt", bool_, index, number(0))
        if negative == truth(False):
            return index
        from_end = self.context.index_op("add", index, size)
        return self.context.index_op("select", negative, from_end, index)

    def lower_fused(
        self, value: Value, lower_group: "Callable[[Lowering, Sequence[tuple[Value, Value]]], None]"
    ) -> None:
        """Lower the region of a fused value over its operands, each result a root of one group."""
        (region,) = value.regions
        roots = inlined(region, value.operands, self._locate)
        results = [result(value, index) for index in range(len(value.types))]
        lower_group(self, list(zip(results, roots, strict=True)))


def _views_its_operand(value: Value) -> bool:
    return value.rank > 0 and value.op.is_strided


def _shows_all(value: Value) -> bool:
    """Whether it has only elements of its operand, and some if there are any."""
    return value.op.view is not None and value.op.view.whole


def _is_part(value: Value) -> bool:
    """Whether it is a view of part of what it looks at: fewer checks and sums as a buffer."""
    return value.op.is_strided and value.op.view is not None and not value.op.view.whole


def number_from(value: Value) -> Operand:
    """The element of a constant whose elements are all the same."""
    literal = value.attributes[0]
    count = math.prod(literal.shape)
    return Number(Literal(literal.dtype, (), literal.data[: len(literal.data) // count]))


def _is_uniform(value: Value) -> bool:
    literal: Literal = value.attributes[0]
    count = math.prod(literal.shape)
    return count > 0 and literal.data == literal.data[: len(literal.data) // count] * count


def _is_single(value: Value) -> bool:
    return all(size == 1 for size in value.attributes[0].shape)


def _dimshuffle(state: Lowering, value: Value, indices: Indices) -> Steps:
    (order,) = value.attributes
    (operand,) = value.operands
    inner = tuple(
        indices[order.index(axis)] if axis in order else number(0) for axis in range(operand.rank)
    )
    return (yield operand, inner)


def _broadcast(state: Lowering, value: Value, indices: Indices) -> Steps:
    operand = value.operands[0]
    return (yield operand, projected(operand, indices))


def _rebroadcast(state: Lowering, value: Value, indices: Indices) -> Steps:
    return (yield value.operands[0], indices)


def _iota(state: Lowering, value: Value, indices: Indices) -> Steps:
    yield from ()
    return indices[0]


def _slice(state: Lowering, value: Value, indices: Indices) -> Steps:
    operand, *numbers = value.operands
    (axes,) = value.attributes
    inner = list(indices)
    for position, axis in enumerate(axes):
        start = yield numbers[position], ()
        step = yield numbers[position + 2 * len(axes)], ()
        scaled = state.context.index_op("mul", indices[axis], step)
        inner[axis] = state.context.index_op("add", start, scaled)
    return (yield operand, tuple(inner))


def _windows(state: Lowering, value: Value, indices: Indices) -> Steps:
    operand, _, _, dilation, step = value.operands
    (axis,) = value.attributes
    op = state.context.index_op
    place = op("mul", indices[axis], (yield dilation, ()))
    window = op("mul", indices[axis + 1], (yield step, ()))
    inner = (*indices[:axis], op("add", place, window), *indices[axis + 2 :])
    return (yield operand, inner)


def _index(state: Lowering, value: Value, indices: Indices) -> Steps:
    operand, index = value.operands
    (axis,) = value.attributes
    place = state.wrapped((yield index, ()), operand, axis)
    return (yield operand, (*indices[:axis], place, *indices[axis:]))


def gathered(
    state: Lowering, source: Value, chosen: Sequence[Value], axes: Sequence[int], indices: Indices
) -> Generator[tuple[Value, Indices], Operand, Indices]:
    """Where in `source` the element `indices` of a gather comes from."""
    first, rank = axes[0], chosen[0].rank
    inner = indices[first : first + rank]
    places = []
    for axis, index in zip(axes, chosen, strict=True):
        x = yield index, projected(index, inner)
        places.append(x if _is_never_negative(index) else state.wrapped(x, source, axis))
    return (*indices[:first], *places, *indices[first + rank :])


def _is_never_negative(index: Value) -> bool:
    return sign_of(index) >= Sign.NOT_NEGATIVE


def _gather(state: Lowering, value: Value, indices: Indices) -> Steps:
    source, *chosen = value.operands
    places = yield from gathered(state, source, chosen, value.attributes[0], indices)
    return (yield source, places)


_ELEMENTS: dict[str, Callable[[Lowering, Value, Indices], Steps]] = {
    "dimshuffle": _dimshuffle,
    "broadcast": _broadcast,
    "rebroadcast": _rebroadcast,
    "iota": _iota,
    "slice": _slice,
    "windows": _windows,
    "index": _index,
    "gather": _gather,
}

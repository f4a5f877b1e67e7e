"""Sizes as ordinary i64 values of the IR, simplified while they are made.

`Shapes.sizes` follows the ops' shape rules down to sizes of parameters and to integer values of the
program, so that most shape errors can be found before anything is computed. The size of a value
that is itself computed never needs the value. Only branches and loops have results of sizes that
their operands may not tell.

>>> from lltheano_ir.nodes import argument
>>> from lltheano_ir.types import parse_type
>>> x = argument(0, parse_type("f64[?,1]"))
>>> rows, columns = Shapes().sizes(make("exp", (x,)))
>>> rows is make("dim", (x,), (0,)), known_integer(columns)
(True, 1)
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lltheano_ir.nodes import Region, Value, make, operands_first, rebuilt, result
from lltheano_ir.ops.definition import Literal
from lltheano_ir.types import ValueType

__all__ = ["MAX_SIZE", "Shapes", "integer", "known_integer"]

MAX_SIZE = 1 << 48
"""The greatest size of an axis, even of a tensor without elements: no address space holds more."""

Sizes = tuple[Value, ...]


@lru_cache(maxsize=256)
def integer(number: int) -> Value:
    """The i64[] constant `number`."""
    return make("constant", (), (Literal.of(np.asarray(number, dtype=np.int64)), ()))


def known_integer(value: Value) -> int | None:
    """The number that an integer value of rank 0 is known to be, if it is a constant."""
    if not value.is_constant or value.type.rank:
        return None
    return int(value.attributes[0].array())


class Shapes:
    """The sizes of values, remembered while one program or region is worked on.

    `simplify` is applied to each size expression that is made (the algebra rules of the passes,
    say). It must be exact. An instance serves one scope: `argument 0` of a region is not that of
    the program around it.
    """

    def __init__(self, simplify: Callable[[Value], Value] = lambda value: value) -> None:
        self._simplify = simplify
        self._known: dict[Value, Sizes] = {}
        self._of_results: dict[Value, tuple[Sizes, ...]] = {}

    def fresh(self) -> "Shapes":
        """Shapes that know nothing yet, for a region, whose arguments are its own."""
        return Shapes(self._simplify)

    def sizes(self, value: Value) -> Sizes:
        """The size of each axis of a value with one result, as i64[] values."""
        sizes = self._known.get(value)
        if sizes is None:
            for one in self._unknown_first(value):
                self._learn(one)
            sizes = self._known[value]
        return sizes

    def size(self, operand: Any, axis: int) -> Value:
        """The size of one axis."""
        return self.sizes(operand)[axis]

    def told(self, size: Value) -> Value:
        """An integer in which what is measured is said by the shape rules, as far as they tell."""
        while True:
            new: dict[Value, Value] = {}
            for value in operands_first([size]):
                if value.op.measures and value.operands:
                    new[value] = self.size(value.operands[0], *value.attributes)
                else:
                    new[value] = rebuilt(value, tuple(new[one] for one in value.operands))
            if new[size] is size:
                return size
            size = new[size]

    def integer(self, value: int) -> Value:
        """A size known now."""
        return integer(value)

    def apply(self, op: str, *sizes: Any) -> Value:
        """An elementwise op on sizes, simplified."""
        return self._simplify(make(op, sizes))

    def _unknown_first(self, value: Value) -> list[Value]:
        """What must be learned for `value`, operands first; no recursion, for programs are deep."""
        order: list[Value] = []
        stack, seen = [(value, False)], set[Value]()
        while stack:
            one, expanded = stack.pop()
            if expanded:
                order.append(one)
            elif one not in seen and one not in self._known and one not in self._of_results:
                seen.add(one)
                stack.append((one, True))
                stack.extend((operand, False) for operand in one.operands)
        return order

    def _learn(self, value: Value) -> None:
        if value.regions:
            self._learn_results(value, self._of_regions(value))
        elif len(value.types) > 1 or value.op.calls_host:
            self._learn_results(value, self._of_several(value))
        elif value.is_result:
            self._known[value] = self._of_results[value.operands[0]][value.attributes[0]]
        else:
            self._known[value] = self._by_rule(value)

    def _learn_results(self, value: Value, sizes: tuple[Sizes, ...]) -> None:
        self._of_results[value] = sizes
        if len(sizes) == 1:
            self._known[value] = sizes[0]

    def _by_rule(self, value: Value) -> Sizes:
        if not value.rank:
            return ()
        if value.op.shape is None:
            return self._measured(value)
        return self._simplified(value.type, self._ruled(value))

    def _ruled(self, value: Value) -> tuple[Any, ...]:
        """What the shape rule of the op tells."""
        assert value.op.shape is not None
        types = [operand.type for operand in value.operands]
        return value.op.shape(self, value.operands, types, value.attributes)

    def _simplified(self, type_: ValueType, sizes: Sequence[Value]) -> Sizes:
        return tuple(
            integer(1) if one else self._simplify(size)
            for one, size in zip(type_.broadcast, sizes, strict=True)
        )

    def _of_several(self, value: Value) -> tuple[Sizes, ...]:
        """The sizes of each result of an op that has several, and no regions."""
        if value.op.shape is None:
            return tuple(self._measured(result(value, i)) for i in range(len(value.types)))
        ruled = enumerate(zip(value.types, self._ruled(value), strict=True))
        return tuple(
            self._measured(result(value, index))
            if sizes is None
            else self._simplified(type_, sizes)
            for index, (type_, sizes) in ruled
        )

    def _measured(self, value: Value) -> Sizes:
        """Sizes that only the run can tell."""
        return tuple(
            integer(1) if static else make("dim", (value,), (axis,))
            for axis, static in enumerate(value.type.broadcast)
        )

    def _of_regions(self, value: Value) -> tuple[Sizes, ...]:
        form = value.form
        if form.runs_once:
            return self._of_body(value.regions[0], form.arguments(value.operands))
        measured = [self._measured(result(value, i)) for i in range(len(value.types))]
        if form.condition is not None:
            return tuple(self._of_branches(value, measured))
        if form.count is not None and form.proceeds is None:
            count = self._simplify(value.operands[form.count])
            for place in form.stacked:
                measured[place] = (count, *measured[place][1:])
        return tuple(measured)

    def _of_branches(self, value: Value, measured: Sequence[Sizes]) -> Iterator[Sizes]:
        """The sizes of the results of one region or the other, as far as neither has to be run."""
        form = value.form
        arguments = form.arguments(value.operands)
        bodies = [self._of_body_if_known(region, arguments) for region in value.regions]
        for sizes, *found in zip(measured, *bodies, strict=True):
            yield tuple(
                self._chosen(value.operands[form.condition or 0], size, pair)
                for size, *pair in zip(sizes, *found, strict=True)
            )

    def _chosen(self, condition: Value, measured: Value, sizes: Sequence[Value | None]) -> Value:
        """The size of what a branch gives, if both are known, or as it is measured."""
        then, otherwise = sizes
        if then is None or otherwise is None or known_integer(measured) is not None:
            return measured
        if then is otherwise:
            return then
        return self._simplify(make("select", (condition, then, otherwise)))

    def _of_body_if_known(
        self, region: Region, arguments: Sequence[Value]
    ) -> list[list[Value | None]]:
        """For each result its sizes in terms of what is passed; None where the region has to be run
        to tell.
        """
        inner = Shapes(self._simplify)
        outer: dict[Value, Value] = {}

        def carried(size: Value) -> Value | None:
            needed = list(operands_first([size]))
            if not all(_is_of_sizes(one) for one in needed):
                return None
            for one in needed:
                outer[one] = self._carried_out(one, outer, arguments)
            return outer[size]

        return [[carried(size) for size in inner.sizes(one)] for one in region.results]

    def _of_body(self, region: Region, arguments: Sequence[Value]) -> tuple[Sizes, ...]:
        """The sizes of the results of a region, in terms of the values passed to it."""
        inner = Shapes(self._simplify)
        sizes = [inner.sizes(one) for one in region.results]
        outer: dict[Value, Value] = {}
        for value in operands_first(size for group in sizes for size in group):
            outer[value] = self._carried_out(value, outer, arguments)
        return tuple(tuple(outer[size] for size in group) for group in sizes)

    def _carried_out(
        self, value: Value, outer: dict[Value, Value], arguments: Sequence[Value]
    ) -> Value:
        if value.is_argument:
            index: int = value.attributes[0]
            return arguments[index]
        operands = tuple(outer[operand] for operand in value.operands)
        if value.op.measures:
            return self.size(operands[0], value.attributes[0])
        return self._simplify(rebuilt(value, operands))


def _is_of_sizes(value: Value) -> bool:
    """Whether it is what a region is passed, a size of that, or arithmetic with such."""
    if value.is_argument or value.is_constant:
        return True
    if value.op.measures:
        return value.operands[0].is_argument
    return value.op.is_elementwise and not value.rank

"""How many bytes statements move and how many flops they do, as sums of products of sizes.

Figures are those of the program, not of a machine. Each load and store moves its element once for
every place that the loops round it can name, as in `lltheano_ir.loops.traffic`; an operand of a
call is moved once. An op of floats counts by what it declares to cost, and only in the loops that
its operands depend on. Where a figure depends on what only the run tells, there is none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.builder import LoopBuilder, number
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    For,
    If,
    Last,
    Let,
    Load,
    Operand,
    Reduce,
    Scalar,
    Statement,
    Store,
)
from lltheano_ir.loops.routines.extents import Extent
from lltheano_ir.loops.routines.table import routine_of
from lltheano_ir.loops.walk import inner_bodies, names_made_by
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Cost
from lltheano_ir.records import record

__all__ = ["FLOPS", "Figure", "Work", "work_of"]

FLOPS: Mapping[Cost, int] = {Cost.CHEAP: 1, Cost.SLOW: 1, Cost.KERNEL: 20}
"""What an op counts, by its cost. A kernel is a polynomial, of about so many steps."""

_COMPLEX = 4
"""Flops of complex numbers for one of real numbers."""

Sizes = tuple[Operand, ...]


@record(frozen=True, slots=True)
class Figure:
    """A sum of products of sizes, each with its factor; unknown where there are no `terms`."""

    terms: Mapping[Sizes, int] | None

    def emit(self, builder: LoopBuilder) -> Operand:
        """The statements that compute it; 0 where it is unknown."""
        total: Operand = number(0)
        for sizes, factor in (self.terms or {}).items():
            product: Operand = number(factor)
            for size in sizes:
                product = builder.index_op("mul", product, size)
            total = builder.index_op("add", total, product)
        return total


@record(frozen=True, slots=True)
class Work:
    """What statements do when they are run once."""

    bytes: Figure
    flops: Figure
    allocated: Figure


def work_of(statements: Sequence[Statement]) -> Work:
    """The work of neighbouring statements, by sizes that are known where they end."""
    meter = _Meter()
    meter.visit(statements, ())
    inside = {name for one in statements for name in _inner_names(one)}

    def figure(terms: Mapping[Sizes, int], known: bool) -> Figure:
        used = {one.name for sizes in terms for one in sizes if isinstance(one, Scalar)}
        return Figure(dict(terms) if known and inside.isdisjoint(used) else None)

    allocated = Counter[Sizes]()
    slots: set[int] = set()
    for one in statements:
        if isinstance(one, Alloc) and one.slot not in slots:
            allocated[one.buffer.sizes] += one.buffer.dtype.itemsize
            slots.update(() if one.slot is None else (one.slot,))
    return Work(
        figure(meter.bytes, meter.counts_bytes),
        figure(meter.flops, meter.counts_flops),
        figure(allocated, True),
    )


def _inner_names(statement: Statement) -> Iterable[str]:
    if isinstance(statement, For):
        yield statement.index.name
    if isinstance(statement, Reduce):
        yield from (index.name for index in statement.indices)
    for body in inner_bodies(statement):
        for one in body:
            yield from names_made_by(one)


class _Meter:
    """Adds up figures while it walks through statements.

    `varies` are, for a scalar, the indices of loops that it depends on.
    """

    def __init__(self) -> None:
        self.bytes = Counter[Sizes]()
        self.flops = Counter[Sizes]()
        self.counts_bytes = self.counts_flops = True
        self.varies: dict[Operand, frozenset[Scalar]] = {}
        self.extents: dict[Scalar, Operand] = {}
        self.moved: set[tuple[type, Buffer, Sizes]] = set()

    def visit(self, body: Sequence[Statement], loops: tuple[Scalar, ...]) -> None:
        for statement in body:
            match statement:
                case Let():
                    self._let(statement)
                case Load() | Store():
                    self._access(statement)
                case For():
                    self._enter([(statement.index, statement.extent)])
                    self.visit(statement.body, (*loops, statement.index))
                case Reduce():
                    self._reduce(statement, loops)
                case Call() | Callback():
                    self._call(statement, loops)
                case If() | Last():
                    self.counts_bytes = self.counts_flops = False
                case _:
                    pass

    def _enter(self, loops: Iterable[tuple[Scalar, Operand]]) -> None:
        for index, extent in loops:
            self.extents[index] = extent
            self.varies[index] = frozenset({index})

    def _places(self, indices: Iterable[Scalar]) -> Sizes:
        """The extents of loops, in the order in which they were entered."""
        chosen = set(indices)
        return tuple(extent for index, extent in self.extents.items() if index in chosen)

    def _dependences(self, operands: Iterable[Operand]) -> frozenset[Scalar]:
        return frozenset[Scalar]().union(*(self.varies.get(one, ()) for one in operands))

    def _let(self, let: Let) -> None:
        found = self.varies[let.target] = self._dependences(let.operands)
        cost = FLOPS[OPS[let.op].cost_on(let.target.dtype)]
        self._count(let.target.dtype, cost, self._places(found))

    def _count(self, dtype: DType, flops: int, places: Sizes) -> None:
        if dtype.numpy.kind in "fc":
            self.flops[places] += flops * (_COMPLEX if dtype.is_complex else 1)

    def _access(self, access: Load | Store) -> None:
        found = self._dependences(access.indices)
        if isinstance(access, Load):
            self.varies[access.target] = found
        key = (type(access), access.buffer, access.indices)
        if key not in self.moved:
            self.moved.add(key)
            self.bytes[self._places(found)] += access.buffer.dtype.itemsize

    def _reduce(self, reduce: Reduce, loops: tuple[Scalar, ...]) -> None:
        self._enter(zip(reduce.indices, reduce.extents, strict=True))
        self.visit(reduce.body, (*loops, *reduce.indices))
        for one in reduce.reductions:
            found = self._dependences([one.value]).union(reduce.indices)
            self._count(one.target.dtype, 1, self._places(found))
            self.varies[one.target] = found.difference(reduce.indices)

    def _call(self, call: Call | Callback, loops: tuple[Scalar, ...]) -> None:
        repeats = self._places(loops)
        for buffer in dict.fromkeys((*call.outputs, *call.inputs)):
            self.bytes[repeats + buffer.sizes] += buffer.dtype.itemsize
        if isinstance(call, Callback) or call.internal:
            self.counts_flops = False
            return
        routine = routine_of(call)
        if routine.flops is None:
            self.counts_flops = False
            return
        sizes = {
            extent.name: size
            for parameter, buffer in routine.matched(call)
            for extent, size in zip(parameter.sizes or (), buffer.sizes, strict=False)
        }
        factor = _COMPLEX if call.outputs[0].dtype.is_complex else 1
        for product, count in _terms(routine.flops, sizes).items():
            self.flops[repeats + product] += factor * count


def _terms(extent: Extent, sizes: Mapping[str, Operand]) -> Mapping[Sizes, int]:
    """What an extent is worth, as a sum of products."""
    return extent.worth(_Products(), {name: {(size,): 1} for name, size in sizes.items()})


class _Products:
    """The arithmetic of sums of products of sizes."""

    def constant(self, value: int) -> Mapping[Sizes, int]:
        """The product of no sizes."""
        return {(): value}

    def combine(
        self, kind: str, x: Mapping[Sizes, int], y: Mapping[Sizes, int]
    ) -> Mapping[Sizes, int]:
        """A sum or a product; the lesser of two is neither."""
        if kind == "sum":
            return Counter(x) + Counter(y)
        if kind != "product":
            raise ValueError(f"the {kind} of two sizes is no sum of products")
        total = Counter[Sizes]()
        for left, first in x.items():
            for right, second in y.items():
                total[left + right] += first * second
        return total

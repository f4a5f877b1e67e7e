"""One pass of Stockham's algorithm (see `functions`)."""

from collections.abc import Callable, Sequence

from lltheano_ir.dtypes import i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import For, Operand, Order, Reduce, Reduction, Scalar
from lltheano_ir.lowering.fourier.planes import Pair, Planes, both, product
from lltheano_ir.lowering.function_builder import FunctionBuilder

__all__ = ["Pass"]


class Pass:
    """One pass; `numbers` are the radix, the stride and the number of groups.

    `roots` are the roots of unity of as many elements as all groups have.
    """

    def __init__(
        self,
        context: FunctionBuilder,
        roots: Planes,
        source: Planes,
        target: Planes,
        numbers: tuple[Operand, Operand, Operand],
    ) -> None:
        self.context = context
        self.roots = roots
        self.source = source
        self.target = target
        self.radix, self.stride, self.groups = numbers

    def _nest(
        self, radix: int, make: Callable[[list[Pair], Sequence[Pair]], Sequence[Pair]]
    ) -> None:
        """For each group and each element in it: what `make` gives of the elements and roots."""
        context = self.context
        group = Scalar(context.fresh("i"), i64)
        with context.block() as statements:
            twiddles = [self._root(group, power) for power in range(1, radix)]
            reads = [self._place(self._apart(group, part)) for part in range(radix)]
            first = context.index_op("mul", group, number(radix))
            writes = [
                self._place(context.index_op("add", first, number(part))) for part in range(radix)
            ]
            with context.loops((self.stride,)) as (index,):
                given = [
                    self.source.load(context, context.index_op("add", index, place))
                    for place in reads
                ]
                for value, place in zip(make(given, twiddles), writes, strict=True):
                    self.target.store(context, value, context.index_op("add", index, place))
        context.emit(For(group, self.groups, tuple(statements), sequential=True))

    def _apart(self, group: Operand, part: int) -> Operand:
        context = self.context
        return context.index_op("add", group, context.index_op("mul", self.groups, number(part)))

    def _place(self, number_of_stride: Operand) -> Operand:
        return self.context.index_op("mul", number_of_stride, self.stride)

    def _root(self, group: Operand, power: int) -> Pair:
        index = self.context.index_op("mul", self._place(group), number(power))
        return self.roots.load(self.context, index)

    def two(self) -> None:
        """Sum and difference."""
        context = self.context

        def make(given: list[Pair], twiddles: Sequence[Pair]) -> list[Pair]:
            a, b = given
            difference = both(context, "sub", a, b)
            return [both(context, "add", a, b), product(context, difference, twiddles[0])]

        self._nest(2, make)

    def four(self) -> None:
        """Two rounds of sums and differences, one of which is turned by a quarter."""
        context = self.context

        def make(given: list[Pair], twiddles: Sequence[Pair]) -> list[Pair]:
            a, b, c, d = given
            even, odd = both(context, "add", a, c), both(context, "add", b, d)
            first, other = both(context, "sub", a, c), both(context, "sub", b, d)
            dtype = a[0].dtype
            down = (
                context.let("add", dtype, first[0], other[1]),
                context.let("sub", dtype, first[1], other[0]),
            )
            up = (
                context.let("sub", dtype, first[0], other[1]),
                context.let("add", dtype, first[1], other[0]),
            )
            return [
                both(context, "add", even, odd),
                product(context, down, twiddles[0]),
                product(context, both(context, "sub", even, odd), twiddles[1]),
                product(context, up, twiddles[2]),
            ]

        self._nest(4, make)

    def any(self) -> None:
        """The sum that defines a transform of the radix, once for each result."""
        context = self.context
        across = context.index_op("floordiv", self.roots.real.sizes[0], self.radix)
        group, result_ = (Scalar(context.fresh("i"), i64) for _ in range(2))
        with context.block() as statements:
            index = context.index_op("mul", self._place(group), result_)
            root = self.roots.load(context, index)
            first = context.index_op("mul", group, self.radix)
            write = self._place(context.index_op("add", first, result_))
            with context.loops((self.stride,)) as (place,):
                total = self._total(group, result_, place, across)
                value = product(context, total, root)
                self.target.store(context, value, context.index_op("add", write, place))
        inner = For(result_, self.radix, tuple(statements), sequential=True)
        context.emit(For(group, self.groups, (inner,), sequential=True))

    def _total(self, group: Operand, result_: Operand, place: Operand, across: Operand) -> Pair:
        context, dtype = self.context, self.roots.real.dtype
        part = Scalar(context.fresh("i"), i64)
        totals = Scalar(context.fresh("s"), dtype), Scalar(context.fresh("s"), dtype)
        with context.block() as body:
            turn = context.index_op("mod", context.index_op("mul", part, result_), self.radix)
            root = self.roots.load(context, context.index_op("mul", turn, across))
            apart = context.index_op("add", group, context.index_op("mul", self.groups, part))
            read = context.index_op("add", self._place(apart), place)
            value = product(context, self.source.load(context, read), root)
        reductions = tuple(
            Reduction(total, "add", one) for total, one in zip(totals, value, strict=True)
        )
        context.emit(Reduce(reductions, (part,), (self.radix,), tuple(body), Order.ROWS))
        return totals

"""The Fourier transform of any length in O(n log n), as loops.

A length whose prime factors are 2, 3, 5, 7, 11 and 13 is transformed by Stockham's algorithm (W.
Cochran et al., What is the fast Fourier transform?, 1967; C. Van Loan, Computational frameworks for
the fast Fourier transform, 1992, section 1.7): one pass over the data for each factor, from one
half of the work space to the other, which leaves the result in order. Any other length is a
convolution with a chirp (L. Bluestein, A linear filtering approach to the computation of discrete
Fourier transform, 1970), made of transforms of a power of two.

Both are one sequence of rounds, so that the passes stand in the code once: a round loads the work
space, runs the passes, and stores what they made. Stockham's algorithm has a round for each row.
Bluestein's begins with one for the chirp, and has two for each row: forward, and back.

The loops are the bodies of two routines that all transforms of a program share: `fft_plan` decides
on the algorithm, which says how much work space is needed, and `fft` transforms.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np

from lltheano_ir.dtypes import DType, bool_, f64, i64
from lltheano_ir.loops.nodes import (
    Buffer,
    Constant,
    For,
    If,
    LoopFunction,
    LoopParameter,
    Number,
    Operand,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Store,
    View,
)
from lltheano_ir.lowering.context import Context, number
from lltheano_ir.ops.definition import Literal
from lltheano_ir.records import record

__all__ = ["LONGEST", "PLAN_SIZE", "plan_kernel", "space_needed", "transform_kernel"]

Pair: TypeAlias = tuple[Operand, Operand]
"""A complex number: its real and its imaginary part."""

_RADICES = (4, 2, 3, 5, 7, 11, 13)
_MOST = (16, 1, 20, 13, 11, 9, 8)
"""How often a size up to 2^31 can be divided by each; by 2 once, after all 4."""

_MOST_PASSES = 64
LONGEST = 1 << 30
"""Squares of indices, and what they are multiplied by, then fit 64 bits."""


@record(frozen=True)
class _Planes:
    """Complex elements in memory, real and imaginary parts apart."""

    real: Buffer
    imaginary: Buffer

    def load(self, context: Context, *indices: Operand) -> Pair:
        return context.load(self.real, indices), context.load(self.imaginary, indices)

    def store(self, context: Context, value: Pair, *indices: Operand) -> None:
        for buffer, part in zip((self.real, self.imaginary), value, strict=True):
            context.emit(Store(buffer, indices, part))


class _Pieces:
    """The pieces of a work space, one after the other."""

    def __init__(self, context: Context, space: Buffer) -> None:
        self._context = context
        self._space = space
        self._taken: Operand = number(0)

    def planes(self, size: Operand) -> _Planes:
        """The next two."""
        return _Planes(self._piece(size), self._piece(size))

    def _piece(self, size: Operand) -> Buffer:
        piece = _view(self._context, self._space, self._taken, size)
        self._taken = self._context.index_op("add", self._taken, size)
        return piece


def _view(context: Context, base: Buffer, offset: Operand, size: Operand) -> Buffer:
    part = Buffer(context.fresh("b"), base.dtype, (size,))
    context.emit(View(part, base, offset))
    return part


def _part(context: Context, planes: _Planes, offset: Operand, size: Operand) -> _Planes:
    bases = (planes.real, planes.imaginary)
    real, imaginary = (_view(context, base, offset, size) for base in bases)
    return _Planes(real, imaginary)


def space_needed(context: Context, plan: Buffer, length: Operand) -> Operand:
    """The elements of the work space of a plan."""
    span, smooth = (context.load(plan, (number(place),)) for place in (SPAN, SMOOTH))
    stockham = context.index_op("mul", span, number(6))
    chirp = context.index_op("mul", length, number(2))
    bluestein = context.index_op("add", context.index_op("mul", span, number(10)), chirp)
    direct = context.let("eq", bool_, smooth, number(1))
    return context.index_op("select", direct, stockham, bluestein)


def _product(context: Context, x: Pair, y: Pair) -> Pair:
    dtype = x[0].dtype

    def times(first: Operand, second: Operand) -> Operand:
        return context.let("mul", dtype, first, second)

    real = context.let("sub", dtype, times(x[0], y[0]), times(x[1], y[1]))
    return real, context.let("add", dtype, times(x[0], y[1]), times(x[1], y[0]))


def _both(context: Context, op: str, x: Pair, y: Pair) -> Pair:
    dtype = x[0].dtype
    return context.let(op, dtype, x[0], y[0]), context.let(op, dtype, x[1], y[1])


def _real(value: float, dtype: DType) -> Number:
    return Number(Literal.of(np.asarray(value, dtype.numpy)))


def _constant(context: Context, numbers: Sequence[int]) -> Buffer:
    literal = Literal.of(np.asarray(numbers, np.int64))
    buffer = Buffer(context.fresh("b"), i64, (number(len(numbers)),))
    context.emit(Constant(buffer, literal))
    return buffer


class _Cell:
    """An integer in memory, which loops can change."""

    def __init__(self, context: Context, first: Operand) -> None:
        self._context = context
        self._buffer = context.alloc(i64, ())
        self.set(first)

    def get(self) -> Operand:
        return self._context.load(self._buffer, ())

    def set(self, value: Operand) -> None:
        self._context.emit(Store(self._buffer, (), value))


def _if(
    context: Context,
    condition: Operand,
    then: Callable[[], None],
    otherwise: Callable[[], None] = lambda: None,
) -> None:
    bodies = []
    for make in (then, otherwise):
        with context.block() as body:
            make()
        bodies.append(tuple(body))
    context.emit(If(condition, bodies[0], bodies[1]))


def _times(context: Context, extent: Operand, body: Callable[[Operand], None]) -> None:
    """Run `body` one time after the other."""
    index = Scalar(context.fresh("i"), i64)
    with context.block() as statements:
        body(index)
    context.emit(For(index, extent, tuple(statements), sequential=True))


PLAN_SIZE = 3 + 2 * _MOST_PASSES
"""The integers of a plan: the elements that passes work on, whether that is the length itself, the
number of passes; the radix of each; and how many elements lie between those that it combines."""

SPAN, SMOOTH, PASSES = 0, 1, 2


@cache
def plan_kernel() -> LoopFunction:
    """The routine `fft_plan`: a plan for rows of the length that it is given."""
    context = Context({})
    plan = Buffer("plan", i64, (number(PLAN_SIZE),))
    length = Buffer("length", i64, ())
    _Plan(context, plan, context.load(length, ())).emit()
    return _kernel("fft_plan", context, plan, length)


@cache
def transform_kernel(dtype: DType) -> LoopFunction:
    """The routine `fft`: rows transformed where they are, in a work space."""
    context = Context({})
    sizes = Scalar("rows", i64), Scalar("columns", i64)
    rows = _Planes(Buffer("real", dtype, sizes), Buffer("imaginary", dtype, sizes))
    space = Buffer("space", dtype, (Scalar("room", i64),))
    plan = Buffer("plan", i64, (number(PLAN_SIZE),))
    _Transform(context, rows, space, plan).emit()
    return _kernel("fft", context, rows.real, rows.imaginary, space, plan)


def _kernel(name: str, context: Context, *buffers: Buffer) -> LoopFunction:
    parameters = tuple(LoopParameter(buffer, shared=True) for buffer in buffers)
    return LoopFunction(name, parameters, tuple(context.blocks[0]), ())


class _Plan:
    """The loops that make a plan."""

    def __init__(self, context: Context, plan: Buffer, length: Operand) -> None:
        self.context = context
        self.plan = plan
        self.length = length
        self.radices = _constant(context, _RADICES), _constant(context, _MOST)

    def emit(self) -> None:
        """Fill the plan."""
        context = self.context
        smooth = context.let("eq", bool_, self._rest(), number(1))
        span = context.index_op("select", smooth, self.length, self._power())
        self._note(number(SPAN), span)
        self._note(number(SMOOTH), context.index_op("select", smooth, number(1), number(0)))
        _times(context, number(2 * _MOST_PASSES), self._clear)
        self._note(number(PASSES), self._factored(span))

    def _note(self, place: Operand, value: Operand) -> None:
        self.context.emit(Store(self.plan, (place,), value))

    def _clear(self, place: Operand) -> None:
        self._note(self.context.index_op("add", place, number(3)), number(1))

    def _rest(self) -> Operand:
        """What is left of the length without the factors that there are passes for; 1 of 0."""
        rest = _Cell(self.context, self.context.index_op("maximum", self.length, number(1)))
        self._divided(rest, lambda radix: None)
        return rest.get()

    def _divided(self, rest: _Cell, note: Callable[[Operand], None]) -> None:
        """Divide by each radix as often as it goes; `note` it each time."""
        context = self.context

        def attempt(radix: Operand) -> None:
            old = rest.get()
            left = context.index_op("mod", old, radix)

            def take() -> None:
                rest.set(context.index_op("floordiv", old, radix))
                note(radix)

            _if(context, context.let("eq", bool_, left, number(0)), take)

        def attempts(place: Operand) -> None:
            radix, most = (context.load(one, (place,)) for one in self.radices)
            _times(context, most, lambda _: attempt(radix))

        _times(context, number(len(_RADICES)), attempts)

    def _power(self) -> Operand:
        """The least power of two that holds a convolution of the length."""
        context = self.context
        doubled_length = context.index_op("mul", self.length, number(2))
        wanted = context.index_op("sub", doubled_length, number(1))
        power = _Cell(context, number(1))

        def double(_: Operand) -> None:
            old = power.get()
            doubled = context.index_op("mul", old, number(2))
            enough = context.let("ge", bool_, old, wanted)
            power.set(context.index_op("select", enough, old, doubled))

        _times(context, number(LONGEST.bit_length() + 1), double)
        return power.get()

    def _factored(self, span: Operand) -> Operand:
        """Note radices and strides; return the number of passes."""
        context = self.context
        rest = _Cell(context, context.index_op("maximum", span, number(1)))
        passes, stride = _Cell(context, number(0)), _Cell(context, number(1))

        def note(radix: Operand) -> None:
            place, step = passes.get(), stride.get()
            self._note(context.index_op("add", place, number(3)), radix)
            self._note(context.index_op("add", place, number(3 + _MOST_PASSES)), step)
            stride.set(context.index_op("mul", step, radix))
            passes.set(context.index_op("add", place, number(1)))

        self._divided(rest, note)
        return passes.get()


class _Transform:
    """The loops for all rows: `length` elements a row, `span` in each half of the work space."""

    def __init__(self, context: Context, rows: _Planes, space: Buffer, plan: Buffer) -> None:
        self.context = context
        self.rows = rows
        self.count, self.length = rows.real.sizes
        self.dtype = rows.real.dtype
        self.plan = plan
        self.span, smooth, self.passes = (
            context.load(plan, (number(place),)) for place in (SPAN, SMOOTH, PASSES)
        )
        self.smooth = context.let("eq", bool_, smooth, number(1))
        pieces = _Pieces(context, space)
        chirped, extra = self._only_bluestein(self.length), self._only_bluestein(self.span)
        self.work = pieces.planes(context.index_op("mul", self.span, number(2)))
        self.turns = pieces.planes(context.index_op("add", self.span, chirped))
        self.spectrum, self.middle = pieces.planes(extra), pieces.planes(extra)
        self.roots = _part(context, self.turns, number(0), self.span)
        self.chirp = _part(context, self.turns, self.span, chirped)

    def _only_bluestein(self, size: Operand) -> Operand:
        """The size, or 0 where Stockham's algorithm does without."""
        return self.context.index_op("select", self.smooth, number(0), size)

    def emit(self) -> None:
        """Emit everything."""
        context = self.context
        with context.loops(self.turns.real.sizes) as (index,):
            self.turns.store(context, self._turn(index), index)
        twice = context.index_op("add", context.index_op("mul", self.count, number(2)), number(1))
        rounds = context.index_op("select", self.smooth, self.count, twice)
        _times(context, rounds, self._round)

    def _turn(self, index: Operand) -> Pair:
        """The roots of the span, and then the chirp exp(-pi i k k / length)."""
        context = self.context
        within = context.let("lt", bool_, index, self.span)
        place = context.index_op("sub", index, self.span)
        doubled = context.index_op("mul", self.length, number(2))
        squared = context.index_op("mod", context.index_op("mul", place, place), doubled)
        chosen = context.index_op("select", within, index, squared)
        return self._root(chosen, context.index_op("select", within, self.span, doubled))

    def _root(self, index: Operand, order: Operand) -> Pair:
        """exp(-2 pi i index / order) for 0 <= index < order, from an angle of an eighth of a turn
        at most, in f64.
        """
        context = self.context
        fourfold = context.index_op("mul", index, number(4))
        quarter = context.index_op("floordiv", fourfold, order)
        rest = context.index_op("sub", fourfold, context.index_op("mul", quarter, order))
        other = context.index_op("sub", order, rest)
        far = context.let("gt", bool_, rest, other)
        least = context.index_op("minimum", rest, other)
        share = context.let(
            "div", f64, context.let("cast", f64, least), context.let("cast", f64, order)
        )
        angle = context.let("mul", f64, share, _real(np.pi / 2, f64))
        cosine, sine = (context.let(name, f64, angle) for name in ("cos", "sin"))
        near = context.let("select", f64, far, sine, cosine)
        off = context.let("select", f64, far, cosine, sine)
        odd = self._is_one_of(quarter, 1, 3)
        x = context.let("select", f64, odd, off, near)
        y = context.let("select", f64, odd, near, off)
        left, upper = self._is_one_of(quarter, 1, 2), self._is_one_of(quarter, 0, 1)
        real = context.let("select", f64, left, context.let("neg", f64, x), x)
        imaginary = context.let("select", f64, upper, context.let("neg", f64, y), y)
        return self._typed(real), self._typed(imaginary)

    def _is_one_of(self, x: Operand, *known: int) -> Operand:
        first, second = (self.context.let("eq", bool_, x, number(one)) for one in known)
        return self.context.let("or", bool_, first, second)

    def _typed(self, x: Operand) -> Operand:
        return x if self.dtype is f64 else self.context.let("cast", self.dtype, x)

    def _round(self, turn: Operand) -> None:
        context = self.context
        before = context.index_op("sub", turn, number(1))
        row = context.index_op("floordiv", before, number(2))
        forward = context.let("eq", bool_, context.index_op("mod", before, number(2)), number(0))
        first = context.let("eq", bool_, turn, number(0))

        def choose(
            direct: Callable[[], None],
            chirp: Callable[[], None],
            there: Callable[[], None],
            back: Callable[[], None],
        ) -> None:
            def second() -> None:
                _if(context, forward, there, back)

            _if(context, self.smooth, direct, lambda: _if(context, first, chirp, second))

        choose(
            lambda: self._load_row(turn),
            self._load_chirp,
            lambda: self._load_chirped(row),
            self._load_middle,
        )
        _times(context, self.passes, self._pass)
        choose(
            lambda: self._store_row(turn),
            self._store_spectrum,
            self._store_middle,
            lambda: self._store_chirped(row),
        )

    def _half(self, which: Operand) -> _Planes:
        """Half of the work space: that of an even or of an odd number."""
        context = self.context
        parity = context.index_op("mod", which, number(2))
        offset = context.index_op("mul", parity, self.span)
        return _part(context, self.work, offset, self.span)

    def _start(self) -> _Planes:
        return self._half(number(0))

    def _end(self) -> _Planes:
        return self._half(self.passes)

    def _each(self, extent: Operand, make: Callable[[Operand], None]) -> None:
        with self.context.loops((extent,)) as (index,):
            make(index)

    def _load_row(self, row: Operand) -> None:
        context, start = self.context, self._start()
        self._each(
            self.length,
            lambda i: start.store(context, self.rows.load(context, row, i), i),
        )

    def _store_row(self, row: Operand) -> None:
        context, end = self.context, self._end()
        self._each(
            self.length,
            lambda i: self.rows.store(context, end.load(context, i), row, i),
        )

    def _clear(self, start: _Planes) -> None:
        context = self.context
        zero = _real(0, self.dtype)
        _times(context, self.span, lambda i: start.store(self.context, (zero, zero), i))

    def _load_chirp(self) -> None:
        """The conjugate chirp, at its place and at that place from the end."""
        context, start = self.context, self._start()
        self._clear(start)

        def one(index: Operand) -> None:
            real, imaginary = self.chirp.load(context, index)
            value = real, context.let("neg", self.dtype, imaginary)
            start.store(context, value, index)
            below = context.let("gt", bool_, index, number(0))
            mirrored = context.index_op("sub", self.span, index)
            place = context.index_op("select", below, mirrored, number(0))
            start.store(context, value, place)

        _times(context, self.length, one)

    def _store_spectrum(self) -> None:
        context, end = self.context, self._end()
        _times(context, self.span, lambda i: self.spectrum.store(context, end.load(context, i), i))

    def _load_chirped(self, row: Operand) -> None:
        context, start = self.context, self._start()
        self._clear(start)
        _times(
            context,
            self.length,
            lambda i: start.store(
                context,
                _product(context, self.rows.load(context, row, i), self.chirp.load(context, i)),
                i,
            ),
        )

    def _store_middle(self) -> None:
        context, end = self.context, self._end()
        _times(
            context,
            self.span,
            lambda i: self.middle.store(
                context,
                _product(context, end.load(context, i), self.spectrum.load(context, i)),
                i,
            ),
        )

    def _load_middle(self) -> None:
        """Real and imaginary parts exchanged, here and after: the transform goes back."""
        context, start = self.context, self._start()
        _times(
            context,
            self.span,
            lambda i: start.store(context, self.middle.load(context, i)[::-1], i),
        )

    def _store_chirped(self, row: Operand) -> None:
        context, end = self.context, self._end()
        wide = context.let("cast", self.dtype, self.span)
        share = context.let("div", self.dtype, _real(1, self.dtype), wide)

        def one(index: Operand) -> None:
            imaginary, real = end.load(context, index)
            value = _product(context, (real, imaginary), self.chirp.load(context, index))
            scaled = [context.let("mul", self.dtype, part, share) for part in value]
            self.rows.store(context, (scaled[0], scaled[1]), row, index)

        _times(context, self.length, one)

    # --- the passes

    def _pass(self, place: Operand) -> None:
        """Combine `radix` elements each, `span / radix` apart, into `radix` that lie `stride`
        apart.
        """
        context = self.context
        radix = context.load(self.plan, (context.index_op("add", place, number(3)),))
        behind = context.index_op("add", place, number(3 + _MOST_PASSES))
        stride = context.load(self.plan, (behind,))
        whole = context.index_op("mul", radix, stride)
        groups = context.index_op("floordiv", self.span, whole)
        source = self._half(place)
        target = self._half(context.index_op("add", place, number(1)))
        one = _Pass(context, self, source, target, (radix, stride, groups))
        fours = context.let("eq", bool_, radix, number(4))
        twos = context.let("eq", bool_, radix, number(2))
        _if(context, fours, one.four, lambda: _if(context, twos, one.two, one.any))


class _Pass:
    """One pass; `numbers` are the radix, the stride and the number of groups."""

    def __init__(
        self,
        context: Context,
        transform: _Transform,
        source: _Planes,
        target: _Planes,
        numbers: tuple[Operand, Operand, Operand],
    ) -> None:
        self.context = context
        self.transform = transform
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
            turned = [self._root(group, power) for power in range(1, radix)]
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
                for value, place in zip(make(given, turned), writes, strict=True):
                    self.target.store(context, value, context.index_op("add", index, place))
        context.emit(For(group, self.groups, tuple(statements), sequential=True))

    def _apart(self, group: Operand, part: int) -> Operand:
        context = self.context
        return context.index_op("add", group, context.index_op("mul", self.groups, number(part)))

    def _place(self, number_of_stride: Operand) -> Operand:
        return self.context.index_op("mul", number_of_stride, self.stride)

    def _root(self, group: Operand, power: int) -> Pair:
        index = self.context.index_op("mul", self._place(group), number(power))
        return self.transform.roots.load(self.context, index)

    def two(self) -> None:
        """Sum and difference."""
        context = self.context

        def make(given: list[Pair], turned: Sequence[Pair]) -> list[Pair]:
            a, b = given
            difference = _both(context, "sub", a, b)
            return [_both(context, "add", a, b), _product(context, difference, turned[0])]

        self._nest(2, make)

    def four(self) -> None:
        """Two rounds of sums and differences, one of which is turned by a quarter."""
        context = self.context

        def make(given: list[Pair], turned: Sequence[Pair]) -> list[Pair]:
            a, b, c, d = given
            even, odd = _both(context, "add", a, c), _both(context, "add", b, d)
            first, other = _both(context, "sub", a, c), _both(context, "sub", b, d)
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
                _both(context, "add", even, odd),
                _product(context, down, turned[0]),
                _product(context, _both(context, "sub", even, odd), turned[1]),
                _product(context, up, turned[2]),
            ]

        self._nest(4, make)

    def any(self) -> None:
        """The sum that defines a transform of the radix, once for each result."""
        context, transform = self.context, self.transform
        across = context.index_op("floordiv", transform.span, self.radix)
        group, result_ = (Scalar(context.fresh("i"), i64) for _ in range(2))
        with context.block() as statements:
            index = context.index_op("mul", self._place(group), result_)
            turned = transform.roots.load(context, index)
            first = context.index_op("mul", group, self.radix)
            write = self._place(context.index_op("add", first, result_))
            with context.loops((self.stride,)) as (place,):
                total = self._total(group, result_, place, across)
                value = _product(context, total, turned)
                self.target.store(context, value, context.index_op("add", write, place))
        inner = For(result_, self.radix, tuple(statements), sequential=True)
        context.emit(For(group, self.groups, (inner,), sequential=True))

    def _total(self, group: Operand, result_: Operand, place: Operand, across: Operand) -> Pair:
        context, dtype = self.context, self.transform.dtype
        part = Scalar(context.fresh("i"), i64)
        totals = Scalar(context.fresh("s"), dtype), Scalar(context.fresh("s"), dtype)
        with context.block() as body:
            turn = context.index_op("mod", context.index_op("mul", part, result_), self.radix)
            root = self.transform.roots.load(context, context.index_op("mul", turn, across))
            apart = context.index_op("add", group, context.index_op("mul", self.groups, part))
            read = context.index_op("add", self._place(apart), place)
            value = _product(context, self.source.load(context, read), root)
        reductions = tuple(
            Reduction(total, "add", one) for total, one in zip(totals, value, strict=True)
        )
        context.emit(Reduce(reductions, (part,), (self.radix,), tuple(body), Order.SEQUENTIAL))
        return totals

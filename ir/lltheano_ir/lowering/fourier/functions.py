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

The loops are the bodies of two functions that all transforms of a program share: `fft_plan` decides
on the algorithm, which says how much work space is needed, and `fft.f64`, or `fft.f32`, transforms.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from lltheano_ir.dtypes import DType, bool_, f64, i64
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import (
    Buffer,
    Constant,
    LoopFunction,
    LoopParameter,
    Operand,
    Scalar,
    Store,
)
from lltheano_ir.lowering.fourier.passes import Pass
from lltheano_ir.lowering.fourier.plan import (
    LONGEST,
    MOST_PASSES,
    PASSES,
    PLAN_SIZE,
    RADICES,
    SMOOTH,
    SPAN,
    STRIDES,
)
from lltheano_ir.lowering.fourier.planes import (
    Pair,
    Pieces,
    Planes,
    StoredInteger,
    part_of,
    product,
    real_number,
)
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.lowering.statements import choose, repeat
from lltheano_ir.ops.definition import Literal

__all__ = ["plan_function", "transform_function"]

_RADICES = (4, 2, 3, 5, 7, 11, 13)
_MOST = (16, 1, 20, 13, 11, 9, 8)
"""How often a size up to 2^31 can be divided by each; by 2 once, after all 4."""


@cache
def plan_function() -> LoopFunction:
    """The function `fft_plan`: a plan for rows of the length that it is given."""
    context = FunctionBuilder()
    plan = Buffer("plan", i64, (number(PLAN_SIZE),))
    length = Buffer("length", i64, ())
    Plan(context, plan, context.load(length, ())).emit()
    return _function("fft_plan", context, (plan,), length)


@cache
def transform_function(dtype: DType) -> LoopFunction:
    """The function `fft` of a dtype: rows transformed where they are, in a work space."""
    context = FunctionBuilder()
    sizes = Scalar("rows", i64), Scalar("columns", i64)
    rows = Planes(Buffer("real", dtype, sizes), Buffer("imaginary", dtype, sizes))
    space = Buffer("space", dtype, (Scalar("room", i64),))
    plan = Buffer("plan", i64, (number(PLAN_SIZE),))
    Transform(context, rows, space, plan).emit()
    return _function(f"fft.{dtype}", context, (rows.real, rows.imaginary, space), plan)


def _function(
    name: str, context: FunctionBuilder, written: tuple[Buffer, ...], read: Buffer
) -> LoopFunction:
    outputs = (LoopParameter(buffer, shared=False, inout=True) for buffer in written)
    parameters = (*outputs, LoopParameter(read, shared=False))
    return LoopFunction(name, parameters, tuple(context.blocks[0]), ())


def _constant(context: FunctionBuilder, numbers: Sequence[int]) -> Buffer:
    literal = Literal.of(np.asarray(numbers, np.int64))
    buffer = Buffer(context.fresh("b"), i64, (number(len(numbers)),))
    context.emit(Constant(buffer, literal))
    return buffer


class Plan:
    """The loops that make a plan."""

    def __init__(self, context: FunctionBuilder, plan: Buffer, length: Operand) -> None:
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
        repeat(context, number(2 * MOST_PASSES), self._clear)
        self._note(number(PASSES), self._factored(span))

    def _note(self, place: Operand, value: Operand) -> None:
        self.context.emit(Store(self.plan, (place,), value))

    def _clear(self, place: Operand) -> None:
        self._note(self.context.index_op("add", place, number(RADICES)), number(1))

    def _rest(self) -> Operand:
        """What is left of the length without the factors that there are passes for; 1 of 0."""
        rest = StoredInteger(self.context, self.context.index_op("maximum", self.length, number(1)))
        self._divided(rest, lambda radix: None)
        return rest.get()

    def _divided(self, rest: StoredInteger, note: Callable[[Operand], None]) -> None:
        """Divide by each radix as often as it goes; `note` it each time."""
        context = self.context

        def attempt(radix: Operand) -> None:
            old = rest.get()
            left = context.index_op("mod", old, radix)

            def take() -> None:
                rest.set(context.index_op("floordiv", old, radix))
                note(radix)

            choose(context, context.let("eq", bool_, left, number(0)), take)

        def attempts(place: Operand) -> None:
            radix, most = (context.load(one, (place,)) for one in self.radices)
            repeat(context, most, lambda _: attempt(radix))

        repeat(context, number(len(_RADICES)), attempts)

    def _power(self) -> Operand:
        """The least power of two that holds a convolution of the length."""
        context = self.context
        doubled_length = context.index_op("mul", self.length, number(2))
        wanted = context.index_op("sub", doubled_length, number(1))
        power = StoredInteger(context, number(1))

        def double(_: Operand) -> None:
            old = power.get()
            doubled = context.index_op("mul", old, number(2))
            enough = context.let("ge", bool_, old, wanted)
            power.set(context.index_op("select", enough, old, doubled))

        repeat(context, number(LONGEST.bit_length() + 1), double)
        return power.get()

    def _factored(self, span: Operand) -> Operand:
        """Note radices and strides; return the number of passes."""
        context = self.context
        rest = StoredInteger(context, context.index_op("maximum", span, number(1)))
        passes, stride = StoredInteger(context, number(0)), StoredInteger(context, number(1))

        def note(radix: Operand) -> None:
            place, step = passes.get(), stride.get()
            self._note(context.index_op("add", place, number(RADICES)), radix)
            self._note(context.index_op("add", place, number(STRIDES)), step)
            stride.set(context.index_op("mul", step, radix))
            passes.set(context.index_op("add", place, number(1)))

        self._divided(rest, note)
        return passes.get()


class Transform:
    """The loops for all rows: `length` elements a row, `span` in each half of the work space."""

    def __init__(self, context: FunctionBuilder, rows: Planes, space: Buffer, plan: Buffer) -> None:
        self.context = context
        self.rows = rows
        self.count, self.length = rows.real.sizes
        self.dtype = rows.real.dtype
        self.plan = plan
        self.span, smooth, self.passes = (
            context.load(plan, (number(place),)) for place in (SPAN, SMOOTH, PASSES)
        )
        self.smooth = context.let("eq", bool_, smooth, number(1))
        pieces = Pieces(context, space)
        chirped, extra = self._only_bluestein(self.length), self._only_bluestein(self.span)
        self.work = pieces.planes(context.index_op("mul", self.span, number(2)))
        self.turns = pieces.planes(context.index_op("add", self.span, chirped))
        self.spectrum, self.middle = pieces.planes(extra), pieces.planes(extra)
        self.roots = part_of(context, self.turns, number(0), self.span)
        self.chirp = part_of(context, self.turns, self.span, chirped)

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
        repeat(context, rounds, self._round)

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
        angle = context.let("mul", f64, share, real_number(np.pi / 2, f64))
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

        def select(
            direct: Callable[[], None],
            chirp: Callable[[], None],
            there: Callable[[], None],
            back: Callable[[], None],
        ) -> None:
            def second() -> None:
                choose(context, forward, there, back)

            choose(context, self.smooth, direct, lambda: choose(context, first, chirp, second))

        select(
            lambda: self._load_row(turn),
            self._load_chirp,
            lambda: self._load_chirped(row),
            self._load_middle,
        )
        repeat(context, self.passes, self._pass)
        select(
            lambda: self._store_row(turn),
            self._store_spectrum,
            self._store_middle,
            lambda: self._store_chirped(row),
        )

    def _half(self, which: Operand) -> Planes:
        """Half of the work space: that of an even or of an odd number."""
        context = self.context
        parity = context.index_op("mod", which, number(2))
        offset = context.index_op("mul", parity, self.span)
        return part_of(context, self.work, offset, self.span)

    def _start(self) -> Planes:
        return self._half(number(0))

    def _end(self) -> Planes:
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

    def _clear(self, start: Planes) -> None:
        context = self.context
        zero = real_number(0, self.dtype)
        repeat(context, self.span, lambda i: start.store(self.context, (zero, zero), i))

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

        repeat(context, self.length, one)

    def _store_spectrum(self) -> None:
        context, end = self.context, self._end()
        repeat(context, self.span, lambda i: self.spectrum.store(context, end.load(context, i), i))

    def _load_chirped(self, row: Operand) -> None:
        context, start = self.context, self._start()
        self._clear(start)
        repeat(
            context,
            self.length,
            lambda i: start.store(
                context,
                product(context, self.rows.load(context, row, i), self.chirp.load(context, i)),
                i,
            ),
        )

    def _store_middle(self) -> None:
        context, end = self.context, self._end()
        repeat(
            context,
            self.span,
            lambda i: self.middle.store(
                context,
                product(context, end.load(context, i), self.spectrum.load(context, i)),
                i,
            ),
        )

    def _load_middle(self) -> None:
        """Real and imaginary parts exchanged, here and after: the transform goes back."""
        context, start = self.context, self._start()

        def exchange(i: Operand) -> None:
            real, imaginary = self.middle.load(context, i)
            start.store(context, (imaginary, real), i)

        repeat(context, self.span, exchange)

    def _store_chirped(self, row: Operand) -> None:
        context, end = self.context, self._end()
        wide = context.let("cast", self.dtype, self.span)
        share = context.let("div", self.dtype, real_number(1, self.dtype), wide)

        def one(index: Operand) -> None:
            imaginary, real = end.load(context, index)
            value = product(context, (real, imaginary), self.chirp.load(context, index))
            scaled = [context.let("mul", self.dtype, part, share) for part in value]
            self.rows.store(context, (scaled[0], scaled[1]), row, index)

        repeat(context, self.length, one)

    # --- the passes

    def _pass(self, place: Operand) -> None:
        """Combine `radix` elements each, `span / radix` apart, into `radix` that lie `stride`
        apart.
        """
        context = self.context
        radix = context.load(self.plan, (context.index_op("add", place, number(RADICES)),))
        behind = context.index_op("add", place, number(STRIDES))
        stride = context.load(self.plan, (behind,))
        whole = context.index_op("mul", radix, stride)
        groups = context.index_op("floordiv", self.span, whole)
        source = self._half(place)
        target = self._half(context.index_op("add", place, number(1)))
        one = Pass(context, self.roots, source, target, (radix, stride, groups))
        fours = context.let("eq", bool_, radix, number(4))
        twos = context.let("eq", bool_, radix, number(2))
        choose(context, fours, one.four, lambda: choose(context, twos, one.two, one.any))

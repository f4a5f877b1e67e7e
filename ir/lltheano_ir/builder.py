"""Typed construction of programs.

Every method makes interned values, checks types at once (TypeRuleError), and notes the current
location.

>>> from lltheano_ir.types import parse_type
>>> b = Builder("accumulator")
>>> state = b.parameter("state", parse_type("i64[]"), shared=True)
>>> inc = b.parameter("inc", parse_type("i32[]"))
>>> b.output(state, "out")
>>> b.update(state, b.elementwise("add", state, b.cast(inc, "i64")))
>>> b.program().updates[0].parameter
0
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lltheano_ir.dtypes import DType, dtype_of, i64, parse_dtype
from lltheano_ir.host import HostFunction
from lltheano_ir.nodes import Region, Value, argument, inlined, make, result
from lltheano_ir.ops.definition import Literal, TypeRuleError
from lltheano_ir.ops.table import OPS
from lltheano_ir.program import Output, Parameter, Program, Update
from lltheano_ir.provenance import Location
from lltheano_ir.shapes import integer
from lltheano_ir.types import INDEX, ValueType

__all__ = ["Builder"]


class Builder:
    """Builds one program; see the module for an example.

    Attributes
    ----------
    token
        What the next ordered callback waits for, None while there was none. Whoever builds a region
        that may hold such callbacks passes the token in, sets it for the time, and takes it out
        again as one more result; `loop_over` and `if_over` do.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._parameters: list[Parameter] = []
        self._outputs: list[Output] = []
        self._updates: list[Update] = []
        self._locations: dict[Value, Location] = {}
        self._location: Location | None = None
        self._host: list[HostFunction] = []
        self._numbers: dict[Hashable, int] = {}
        self.token: Value | None = None

    @property
    def location(self) -> Location | None:
        """The location that values made now are noted with."""
        return self._location

    @contextmanager
    def at(self, location: Location | None) -> Iterator[None]:
        """Note `location` for all values made inside; None keeps the surrounding one."""
        before = self._location
        self._location = location or before
        try:
            yield
        finally:
            self._location = before

    def parameter(self, name: str, type_: ValueType, *, shared: bool = False) -> Value:
        """Add a parameter; ValueError when the name is taken."""
        if any(one.name == name for one in self._parameters):
            raise ValueError(f"the program {self.name} already has a parameter {name!r}")
        self._parameters.append(Parameter(name, type_, shared))
        return self._note(argument(len(self._parameters) - 1, type_))

    def output(self, value: Value, name: str) -> None:
        """Add a result for the caller."""
        self._outputs.append(Output(name, value))

    def update(self, parameter: Value, value: Value) -> None:
        """Give a shared parameter a new value, of its own type, for when the program has run."""
        position = self._shared_position(parameter)
        if any(one.parameter == position for one in self._updates):
            raise ValueError(f"{self._parameters[position].name} is updated twice")
        if value.type != parameter.type:
            name = self._parameters[position].name
            raise TypeRuleError(f"{name} is {parameter.type}, its update is {value.type}")
        self._updates.append(Update(position, value))

    def _shared_position(self, parameter: Value) -> int:
        position = parameter.attributes[0] if parameter.is_argument else -1
        if not 0 <= position < len(self._parameters) or not self._parameters[position].shared:
            raise ValueError(f"{parameter!r} is not a shared parameter of {self.name}")
        return int(position)

    def program(self) -> Program:
        """The finished program."""
        return Program(
            self.name,
            tuple(self._parameters),
            tuple(self._outputs),
            tuple(self._updates),
            dict(self._locations),
            () if self.token is None else (self.token,),
            tuple(self._host),
        )

    def make(
        self,
        op: str,
        operands: Sequence[Value],
        attributes: tuple[Any, ...] = (),
        regions: tuple[Region, ...] = (),
    ) -> Value:
        """Any op by its name, its attributes in the declared order."""
        return self._note(make(op, operands, attributes, regions))

    def results(
        self, op: str, operands: Sequence[Value], attributes: tuple[Any, ...] = ()
    ) -> tuple[Value, ...]:
        """Every result of an op that has several, or the only one."""
        return self._results(self.make(op, operands, attributes))

    def _note(self, value: Value) -> Value:
        if self._location is not None:
            self._locations.setdefault(value, self._location)
        return value

    def constant(self, value: Any, pattern: Sequence[bool] | None = None) -> Value:
        """Known elements; axes of size 1 are static 1 unless `pattern` says otherwise."""
        array = np.asarray(value)
        array = array.astype(dtype_of(array.dtype).numpy, copy=False)
        chosen = tuple(size == 1 for size in array.shape) if pattern is None else tuple(pattern)
        return self.make("constant", (), (Literal.of(array), chosen))

    def integer(self, number: int) -> Value:
        """An i64[] constant."""
        return self._note(integer(number))

    def elementwise(self, op: str, *operands: Value) -> Value:
        """An elementwise op by its name; see `lltheano_ir.ops.elementwise`."""
        if not OPS[op].is_elementwise:
            raise ValueError(f"{op} is not an elementwise op")
        return self.make(op, operands)

    def cast(self, x: Value, dtype: DType | str) -> Value:
        """`x` with elements of another dtype; `x` itself when it has it."""
        target = parse_dtype(dtype) if isinstance(dtype, str) else dtype
        return x if x.type.dtype is target else self.make("cast", (x,), (target,))

    def dim(self, x: Value, axis: int) -> Value:
        """The size of an axis, i64[]."""
        if x.type.broadcast[axis]:
            return self.integer(1)
        return self.make("dim", (x,), (axis,))

    def dimshuffle(self, x: Value, order: Sequence[int | None]) -> Value:
        """Reorder axes; None makes a new static-1 axis; static-1 axes may be left out."""
        if tuple(order) == tuple(range(x.rank)):
            return x
        return self.make("dimshuffle", (x,), (tuple(order),))

    def broadcast(self, x: Value, sizes: Sequence[Value | None]) -> Value:
        """Repeat static-1 axes to sizes; None leaves an axis as it is."""
        axes = tuple(axis for axis, size in enumerate(sizes) if size is not None)
        if not axes:
            return x
        return self.make("broadcast", (x, *(s for s in sizes if s is not None)), (axes,))

    def reshape(self, x: Value, sizes: Sequence[Value], pattern: Sequence[bool]) -> Value:
        """The same elements, in row-major order, under other sizes; checked when it runs."""
        return self.make("reshape", (x, *sizes), (tuple(pattern),))

    def rebroadcast(self, x: Value, pattern: Sequence[bool]) -> Value:
        """`x` under another broadcast pattern; a size that becomes static 1 is checked when it
        runs.
        """
        if tuple(pattern) == x.type.broadcast:
            return x
        return self.make("rebroadcast", (x,), (tuple(pattern),))

    def slice(
        self,
        x: Value,
        axes: Sequence[int],
        starts: Sequence[Value],
        sizes: Sequence[Value],
        steps: Sequence[Value],
    ) -> Value:
        """The strided part of `x` at `starts` with `sizes` and `steps` on ascending `axes`."""
        return self.make("slice", (x, *starts, *sizes, *steps), (tuple(axes),))

    def windows(
        self,
        x: Value,
        axis: int,
        length: Value,
        count: Value,
        dilation: Value,
        step: Value,
    ) -> Value:
        """`count` windows of `length` elements along an axis, which becomes two."""
        return self.make("windows", (x, length, count, dilation, step), (axis,))

    def slice_update(
        self,
        x: Value,
        value: Value,
        axes: Sequence[int],
        starts: Sequence[Value],
        sizes: Sequence[Value],
        steps: Sequence[Value],
        mode: str = "set",
    ) -> Value:
        """`x` with a strided part replaced by (or, mode "add", increased by) `value`, which
        broadcasts.
        """
        return self.make("slice_update", (x, value, *starts, *sizes, *steps), (tuple(axes), mode))

    def index(self, x: Value, index: Value, axis: int) -> Value:
        """The part of `x` at one index of `axis`, removing it; negative counts from the end."""
        return self.make("index", (x, index), (axis,))

    def gather(self, x: Value, indices: Sequence[Value], axes: Sequence[int]) -> Value:
        """NumPy's advanced indexing on consecutive `axes`."""
        return self.make("gather", (x, *indices), (tuple(axes),))

    def scatter(
        self,
        x: Value,
        value: Value,
        indices: Sequence[Value],
        axes: Sequence[int],
        mode: str = "set",
    ) -> Value:
        """`x` with the elements that `indices` name set to or (mode "add") increased by `value`."""
        return self.make("scatter", (x, value, *indices), (tuple(axes), mode))

    def iota(self, count: Value) -> Value:
        """0, 1, ..., count - 1."""
        return self.make("iota", (count,))

    def concatenate(self, values: Sequence[Value], axis: int) -> Value:
        """Tensors joined along an axis."""
        return self.make("concatenate", values, (axis,))

    def reduce(self, kind: str, x: Value, axes: Sequence[int]) -> Value:
        """`x` combined by add, mul, max, min, sup, and, or along `axes`, which are removed."""
        if not axes:
            return x
        return self.make("reduce", (x,), (kind, tuple(sorted(axes))))

    def argreduce(self, kind: str, x: Value, axis: int) -> Value:
        """The i64 index of the first max or min along `axis`, which is removed."""
        return self.make("argreduce", (x,), (kind, axis))

    def nonzero(self, mask: Value, count: Value | None = None) -> Value:
        """The places of the true elements of a vector of bool, of the first `count` if given."""
        if count is None:
            count = self.reduce("add", self.cast(mask, i64), (0,))
        return self.make("nonzero", (mask, count))

    def sort(self, x: Value) -> Value:
        """The elements along the last axis in ascending order."""
        return self.make("sort", (x,))

    def argsort(self, x: Value) -> Value:
        """The i64 indices that put the last axis in ascending order."""
        return self.make("argsort", (x,))

    def cumulate(self, kind: str, x: Value, axis: int) -> Value:
        """At each place of `axis` all elements up to it combined by add, mul, max or min."""
        return self.make("cumulate", (x,), (kind, axis))

    def dot(self, x: Value, y: Value) -> Value:
        """The contraction of vectors, matrices, or two batches of matrices."""
        return self.make("dot", (x, y))

    def convolution(
        self,
        name: str,
        operands: tuple[Value, Value],
        sizes: Sequence[Value],
        before: Sequence[Value],
        dilations: Sequence[Value],
        steps: Sequence[Value],
        *,
        groups: int = 1,
        filters: str = "straight",
    ) -> Value:
        """`convolve`, or one of its gradients, by `name`: numbers are given by spatial axis."""
        numbers = (*sizes, *before, *dilations, *steps)
        return self.make(name, (*operands, *numbers), (groups, filters))

    def spread(
        self,
        g: Value,
        sizes: Sequence[Value],
        lengths: Sequence[Value],
        before: Sequence[Value],
        steps: Sequence[Value],
    ) -> Value:
        """Each number given to all elements of its window; numbers are given by spatial axis."""
        return self.make("spread", (g, *sizes, *lengths, *before, *steps))

    def spread_max(
        self,
        tensors: tuple[Value, Value, Value],
        lengths: Sequence[Value],
        before: Sequence[Value],
        steps: Sequence[Value],
    ) -> Value:
        """Of tensors x, y, z each number of z given to the elements of its window of x that equal
        y.
        """
        return self.make("spread_max", (*tensors, *lengths, *before, *steps))

    def csr_dot(self, data: Value, other: Value, indices: Value, indptr: Value) -> Value:
        """A matrix of these entries in compressed rows times a vector or a matrix."""
        return self.make("csr_dot", (data, other, indices, indptr))

    def csc_dot(
        self, data: Value, other: Value, indices: Value, indptr: Value, rows: Value
    ) -> Value:
        """A matrix of so many rows, of these entries in compressed columns, times another."""
        return self.make("csc_dot", (data, other, indices, indptr, rows))

    def csr_sampled_dot(self, x: Value, y: Value, indices: Value, indptr: Value) -> Value:
        """The elements of `x y'` at the places of a matrix in compressed rows, as its entries."""
        return self.make("csr_sampled_dot", (x, y, indices, indptr))

    def require(
        self,
        x: Value,
        condition: Value,
        message: str,
        values: Sequence[Value] = (),
        kind: str = "assert",
    ) -> Value:
        """`x`, provided that `condition` (bool[]) holds when it runs.

        In the message `{0}` stands for the first of `values` (i64[]), and so on, and a brace
        itself is written twice. The kind says what is wrong otherwise: an "index", "sizes" (or
        "broadcast", where a size of 1 that its type declared would be repeated), a "value", a
        matrix ("linalg"), or what the author of the program asserted.
        """
        return self.make("assert", (x, condition, *values), (kind, message))

    def if_(
        self, condition: Value, captured: Sequence[Value], then: Region, otherwise: Region
    ) -> tuple[Value, ...]:
        """The results of one of two regions over `captured`; only the chosen one runs."""
        value = self.make("if", (condition, *captured), (), (then, otherwise))
        return self._results(value)

    def loop(
        self, count: Value, carried: Sequence[Value], captured: Sequence[Value], body: Region
    ) -> tuple[Value, ...]:
        """`body` run `count` times on (i, carried..., captured...): last carried values, stacks."""
        return self._loop("loop", count, carried, captured, body)

    def _loop(
        self,
        op: str,
        count: Value,
        carried: Sequence[Value],
        captured: Sequence[Value],
        body: Region,
    ) -> tuple[Value, ...]:
        value = self.make(op, (count, *carried, *captured), (len(carried),), (body,))
        return self._results(value)

    def host_function(self, function: HostFunction, key: Hashable = None) -> int:
        """The number of a function that the program may call; those of one `key` are one."""
        known = self._numbers.get(key) if key is not None else None
        if known is not None:
            return known
        self._host.append(function)
        number = len(self._host) - 1
        if key is not None:
            self._numbers[key] = number
        return number

    def callback(
        self,
        function: int,
        operands: Sequence[Value],
        results: Sequence[ValueType],
        sizes: Sequence[Sequence[Value] | None] | None = None,
        *,
        ordered: bool = False,
    ) -> tuple[Value, ...]:
        """What a host function gives for `operands`.

        Parameters
        ----------
        function
            Its number, from `host_function`.
        operands
            What it is called with.
        results
            The types of what it gives.
        sizes
            For each result its sizes, or None where only the call can tell.
        ordered
            Whether it is called exactly once each time, in the order in which the calls were built.
        """
        given = list(sizes) if sizes is not None else [None] * len(results)
        sized = tuple(index for index, one in enumerate(given) if one is not None)
        numbers = [size for one in given if one is not None for size in one]
        tokens = [self.token or self.integer(0)] if ordered else []
        effect = "ordered" if ordered else "pure"
        attributes = (function, self._host[function].name, tuple(results), sized, effect)
        found = self._results(self.make("callback", [*tokens, *operands, *numbers], attributes))
        if not ordered:
            return found
        self.token = found[0]
        return found[1:]

    def loop_over(
        self,
        count: Value,
        carried: Sequence[Value],
        captured: Sequence[Value],
        make_body: Callable[[Sequence[Value]], tuple[Sequence[Value], Sequence[Value]]],
    ) -> tuple[Value, ...]:
        """What `loop` gives, for a body that is built now and may hold ordered callbacks.

        `make_body` takes the arguments of the body, and returns the next carried values and the
        values to stack. The token of callbacks is carried along where there are any.
        """
        return self._looped("loop", count, carried, captured, make_body)

    def loop_while(
        self,
        count: Value,
        carried: Sequence[Value],
        captured: Sequence[Value],
        make_body: Callable[[Sequence[Value]], tuple[Sequence[Value], Sequence[Value], Value]],
    ) -> tuple[Value, ...]:
        """What `while` gives, and then the number of its steps; otherwise as `loop_over`.

        `make_body` gives also a bool[] that says whether another step follows, up to `count`.
        """

        def counted(arguments: Sequence[Value]) -> tuple[list[Value], list[Value]]:
            step, *rest = arguments
            passed = [step, *rest[: len(carried)], *rest[len(carried) + 1 :]]
            following, rows, proceeds = make_body(passed)
            steps = self.elementwise("add", step, self.integer(1))
            return [*following, steps], [*rows, proceeds]

        firsts = [*carried, self.integer(0)]
        found = self._looped("while", count, firsts, captured, counted)
        return (*found[: len(carried)], *found[len(firsts) :], found[len(carried)])

    def _looped(
        self,
        op: str,
        count: Value,
        carried: Sequence[Value],
        captured: Sequence[Value],
        make_body: Callable[[Sequence[Value]], tuple[Sequence[Value], Sequence[Value]]],
    ) -> tuple[Value, ...]:
        types = (INDEX, *(one.type for one in (*carried, *captured)))
        arguments = [argument(place, one) for place, one in enumerate(types)]
        last = argument(len(types), INDEX)
        before, self.token = self.token, last
        try:
            following, rows = make_body(arguments)
            after = self.token
        finally:
            self.token = before
        if after is last:
            body = Region(types, (*following, *rows))
            return self._loop(op, count, carried, captured, body)
        # It was built as the last argument, and is carried behind the other carried values.
        first = 1 + len(carried)
        moved = [argument(place + 1, one.type) for place, one in enumerate(arguments)][first:]
        places = [*arguments[:first], *moved, argument(first, INDEX)]
        built = Region((*types, INDEX), (*following, after, *rows))
        results = inlined(built, places, self._note_as)
        region = Region((*types[:first], INDEX, *types[first:]), results)
        tokens = [before or self.integer(0)]
        found = self._loop(op, count, [*carried, *tokens], captured, region)
        self.token = found[first - 1]
        return (*found[: first - 1], *found[first:])

    def if_over(
        self,
        condition: Value,
        captured: Sequence[Value],
        make_then: Callable[[Sequence[Value]], Sequence[Value]],
        make_otherwise: Callable[[Sequence[Value]], Sequence[Value]],
    ) -> tuple[Value, ...]:
        """What `if_` gives, for regions that are built now and may hold ordered callbacks.

        Both functions take the arguments of a region and return its results.
        """
        types = tuple(one.type for one in captured)
        arguments = [argument(place, one) for place, one in enumerate(types)]
        last = argument(len(types), INDEX)
        before = self.token
        made: list[tuple[tuple[Value, ...], Value]] = []
        try:
            for make_region in (make_then, make_otherwise):
                self.token = last
                results = tuple(make_region(arguments))
                made.append((results, self.token))
        finally:
            self.token = before
        if all(after is last for _, after in made):
            then, otherwise = (Region(types, results) for results, _ in made)
            return self.if_(condition, captured, then, otherwise)
        then, otherwise = (Region((*types, INDEX), (*results, after)) for results, after in made)
        passed = [*captured, before or self.integer(0)]
        *found, self.token = self.if_(condition, passed, then, otherwise)
        return tuple(found)

    def _note_as(self, new: Value, old: Value) -> None:
        place = self._locations.get(old)
        if place is not None:
            self._locations.setdefault(new, place)

    def _results(self, value: Value) -> tuple[Value, ...]:
        return tuple(self._note(result(value, i)) for i in range(len(value.types)))

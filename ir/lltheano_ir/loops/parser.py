"""Read loop functions and modules from text; the grammar is in `lltheano_ir.loops.nodes`.

`parse_loops(format_loops(f)) == f` for a function, and `parse_module(format_loops(m)) == m` for a
module, comments aside. The reader resolves names as it goes: a scalar
or buffer must be defined before it is used. What a well-formed function must satisfy beyond that is
for `lltheano_ir.loops.verify`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lltheano_ir.dtypes import ALL_DTYPES, DType, i64
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    Call,
    Callback,
    Check,
    Clock,
    Commit,
    Constant,
    Contiguous,
    For,
    If,
    Last,
    Let,
    Load,
    LoopFunction,
    LoopModule,
    LoopParameter,
    Number,
    Operand,
    Order,
    Rebind,
    Reduce,
    Reduction,
    Result,
    Scalar,
    Schedule,
    Setting,
    Site,
    Statement,
    Store,
    Tally,
    View,
)
from lltheano_ir.ops.definition import Literal
from lltheano_ir.target import MemorySpace
from lltheano_ir.text.lexer import END
from lltheano_ir.text.reader import Reader
from lltheano_ir.types import ValueType

__all__ = ["parse_loops", "parse_module"]

_DTYPES = frozenset(dtype.name for dtype in ALL_DTYPES)

_DEEPEST = 64
"""Loops inside loops; deeper text is refused rather than overflowing the stack."""


def parse_loops(text: str) -> LoopFunction:
    """Read one function; ParseError, with the place, when the text is not one."""
    read = Reader(text)
    function = _Parser(read).function()
    if read.peek().kind != END:
        read.expected(END, read.peek())
    return function


def parse_module(text: str) -> LoopModule:
    """Read one function or more, the entry first; ParseError, with the place, for other text."""
    read = Reader(text)
    functions = [_Parser(read).function()]
    while read.peek().kind != END:
        functions.append(_Parser(read).function())
    return LoopModule(tuple(functions))


class _Parser:
    """Reads a function from where `read` stands."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._scalars: dict[str, Scalar] = {}
        self._buffers: dict[str, Buffer] = {}
        self._depth = 0

    def function(self) -> LoopFunction:
        read = self._read
        read.expect("loops")
        name = read.name_of(read.expect_kind("symbol", "the function's name, such as @f"))
        read.expect("(")
        parameters = tuple(read.separated(self._parameter, ")"))
        read.expect("{")
        sites: list[Site] = []
        while read.accept("site"):
            sites.append(self._site(len(sites)))
        body = self._statements("output", "update")
        results = []
        while not read.accept("}"):
            results.append(self._result(parameters))
        return LoopFunction(name, parameters, body, tuple(results), tuple(sites))

    def _parameter(self) -> LoopParameter:
        buffer = self._declaration(self._size_name)
        for kind in ("shared", "inout"):
            if self._read.accept(kind):
                return LoopParameter(buffer, shared=kind == "shared", inout=kind == "inout")
        self._read.expect("input")
        return LoopParameter(buffer, shared=False)

    def _site(self, number: int) -> Site:
        token = self._read.peek()
        if self._read.integer() != number:
            self._read.fail(f"sites are numbered in order; this is site {number}", token)
        kind = self._read.expect_kind("word", "the kind of a site").text
        return Site(kind, self._read.text("the site's message in quotes"))

    def _result(self, parameters: tuple[LoopParameter, ...]) -> Result:
        read = self._read
        if read.accept("output"):
            name = read.text("the output's name in quotes")
            read.expect("=")
            return Result(name, self._buffer())
        read.expect("update")
        token = read.peek()
        target = self._buffer()
        shared = {one.buffer: i for i, one in enumerate(parameters) if one.shared}
        if target not in shared:
            read.fail("an update names a shared parameter", token)
        read.expect("=")
        return Result(target.name, self._buffer(), shared[target])

    def _name(self, what: str) -> str:
        return self._read.name_of(self._read.expect_kind("value", what))

    def _new_name(self, what: str) -> str:
        token = self._read.peek()
        name = self._name(what)
        if name in self._scalars or name in self._buffers:
            self._read.fail(f"%{name} is defined already", token)
        return name

    def _define(self, name: str, dtype: DType) -> Scalar:
        scalar = self._scalars[name] = Scalar(name, dtype)
        return scalar

    def _new_scalar(self) -> Scalar:
        name = self._new_name("a new scalar such as %x")
        self._read.expect(":")
        return Scalar(name, self._read.dtype())

    def _buffer(self) -> Buffer:
        token = self._read.peek()
        name = self._name("a buffer such as %x")
        if name not in self._buffers:
            self._read.fail(f"there is no buffer %{name} here", token)
        return self._buffers[name]

    def _operand(self) -> Operand:
        read = self._read
        token = read.peek()
        if token.kind == "number":
            return Number(Literal.of(np.asarray(read.integer(), np.int64)))
        if token.kind == "word":
            return Number(read.literal(ValueType(read.dtype(), ())))
        name = self._name("an operand: %x, 1 or f32 1.0")
        if name not in self._scalars:
            read.fail(f"there is no scalar %{name} here", token)
        return self._scalars[name]

    def _operands(self) -> tuple[Operand, ...]:
        return self._read.bracketed(self._operand)

    def _size_name(self) -> Operand:
        """A size or stride of a parameter: a number, or a scalar that is defined here, or was in a
        parameter before.
        """
        token = self._read.peek()
        if token.kind != "value" or self._read.name_of(token) in self._scalars:
            return self._operand()
        return self._define(self._new_name("a size such as %x.0"), i64)

    def _declaration(self, size: Callable[[], Operand] | None = None) -> Buffer:
        read = self._read
        name = self._new_name("a new buffer such as %x")
        read.expect(":")
        dtype = read.dtype()
        sizes = read.bracketed(size or self._operand)
        strides = read.bracketed(size or self._operand) if read.accept("strides") else None
        alignment = read.integer() if read.accept("align") else None
        space = self._space() if read.accept("in") else MemorySpace.HOST
        return self._keep(Buffer(name, dtype, sizes, strides, alignment, space))

    def _space(self) -> MemorySpace:
        token = self._read.expect_kind("word", "a memory space")
        spaces = {one.value: one for one in MemorySpace}
        if token.text not in spaces:
            self._read.expected(", ".join(spaces), token)
        return spaces[token.text]

    def _keep(self, buffer: Buffer) -> Buffer:
        self._buffers[buffer.name] = buffer
        return buffer

    @contextmanager
    def _scope(self) -> Iterator[None]:
        """Names defined inside are not known outside."""
        scalars, buffers = dict(self._scalars), dict(self._buffers)
        self._depth += 1
        if self._depth > _DEEPEST:
            self._read.fail(f"more than {_DEEPEST} loops inside each other", self._read.peek())
        yield
        self._scalars, self._buffers = scalars, buffers
        self._depth -= 1

    def _statements(self, *stops: str) -> tuple[Statement, ...]:
        found: list[Statement] = []
        while not self._read.at("}") and not any(self._read.at(stop) for stop in stops):
            token = self._read.expect_kind("word", "a statement")
            rule = _STATEMENTS.get(token.text)
            if rule is None:
                known = ", ".join(_STATEMENTS)
                self._read.fail(f"no statement is called {token.text}: there are {known}", token)
            found.append(rule(self))
        return tuple(found)

    def _block(self) -> tuple[Statement, ...]:
        self._read.expect("{")
        body = self._statements()
        self._read.expect("}")
        return body

    def let(self) -> Statement:
        target = self._new_scalar()
        self._read.expect("=")
        op = self._read.expect_kind("word", "a scalar op").text
        operands = [self._operand()]
        while self._read.accept(","):
            operands.append(self._operand())
        self._define(target.name, target.dtype)
        return Let(target, op, tuple(operands))

    def load(self) -> Statement:
        target = self._new_scalar()
        self._read.expect("=")
        buffer, indices = self._buffer(), self._operands()
        self._define(target.name, target.dtype)
        return Load(target, buffer, indices)

    def store(self) -> Statement:
        buffer, indices = self._buffer(), self._operands()
        self._read.expect("=")
        return Store(buffer, indices, self._operand())

    def _index(self) -> tuple[str, Operand]:
        name = self._new_name("a loop index such as %i")
        self._read.expect("in")
        return name, self._operand()

    def _settings(self, *flags: str) -> tuple[set[str], Schedule]:
        """What stands behind the extents: `flags`, and how the loop runs."""
        read = self._read
        found: set[str] = set()
        numbers = {"vector": 1, "unroll": 1}
        parallel: Operand | None = None
        while read.accept(","):
            token = read.expect_kind("word", "how the loop runs")
            if token.text in numbers:
                read.expect("=")
                numbers[token.text] = read.integer()
            elif token.text == "parallel":
                read.expect("=")
                parallel = self._operand()
            elif token.text in flags:
                found.add(token.text)
            else:
                read.expected("vector, unroll, parallel" + "".join(f", {f}" for f in flags), token)
        return found, Schedule(numbers["vector"], numbers["unroll"], parallel)

    def for_(self) -> Statement:
        name, extent = self._index()
        flags, schedule = self._settings("sequential")
        with self._scope():
            index = self._define(name, i64)
            body = self._block()
        return For(index, extent, body, "sequential" in flags, schedule)

    def _reduction(self) -> tuple[Scalar, str, Callable[[], Operand]]:
        target = self._new_scalar()
        self._read.expect("=")
        kind = self._read.expect_kind("word", "a kind of reduction").text
        token = self._read.peek()
        if token.kind != "value":
            number = self._operand()
            return target, kind, lambda: number
        name = self._name("the value to reduce")

        def value() -> Operand:
            if name not in self._scalars:
                self._read.fail(f"there is no scalar %{name} in the body", token)
            return self._scalars[name]

        return target, kind, value

    def reduce(self) -> Statement:
        read = self._read
        pending = [self._reduction()]
        while read.accept(","):
            pending.append(self._reduction())
        read.expect("over")
        loops = [self._index()]
        order = ""
        while not order:
            read.expect(",")
            if read.at("blocked") or read.at("rows"):
                order = read.take().text
            else:
                loops.append(self._index())
        _, schedule = self._settings()
        with self._scope():
            indices = tuple(self._define(name, i64) for name, _ in loops)
            body = self._block()
            reductions = tuple(Reduction(target, kind, value()) for target, kind, value in pending)
        for one in reductions:
            self._define(one.target.name, one.target.dtype)
        extents = tuple(extent for _, extent in loops)
        return Reduce(reductions, indices, extents, body, Order(order), schedule)

    def if_(self) -> Statement:
        condition = self._operand()
        with self._scope():
            then = self._block()
        self._read.expect("else")
        with self._scope():
            otherwise = self._block()
        return If(condition, then, otherwise)

    def alloc(self) -> Statement:
        buffer = self._declaration()
        return Alloc(buffer, self._setting("slot") if self._read.accept(",") else None)

    def _setting(self, name: str) -> int:
        self._read.expect(name)
        self._read.expect("=")
        return self._read.integer()

    def constant(self) -> Statement:
        buffer = self._declaration()
        self._read.expect("=")
        pattern = (False,) * len(buffer.sizes)
        return Constant(buffer, self._read.literal(ValueType(buffer.dtype, pattern)))

    def view(self) -> Statement:
        buffer = self._declaration()
        self._read.expect("=")
        base = self._buffer()
        self._read.expect(",")
        self._read.expect("offset")
        self._read.expect("=")
        return View(buffer, base, self._operand())

    def contiguous(self) -> Statement:
        buffer = self._declaration()
        self._read.expect("=")
        return Contiguous(buffer, self._buffer())

    def call(self) -> Statement:
        read = self._read
        internal = read.peek().kind == "symbol"
        callee = (
            read.name_of(read.take())
            if internal
            else read.expect_kind("word", "a routine, or a function such as @f").text
        )
        read.expect("(")
        outputs = tuple(read.separated(self._buffer, ")"))
        read.expect("from")
        read.expect("(")
        inputs = tuple(read.separated(self._buffer, ")"))
        attributes = []
        while read.accept(","):
            name = read.expect_kind("word", "an attribute").text
            read.expect("=")
            attributes.append((name, self._setting_of_call()))
        return Call(callee, outputs, inputs, tuple(attributes), internal)

    def _setting_of_call(self) -> Setting:
        read = self._read
        token = read.peek()
        if token.kind != "word" or token.text in _DTYPES:
            return self._operand()
        read.take()
        return {"true": True, "false": False}.get(token.text, token.text)

    def callback(self) -> Statement:
        read = self._read
        function = read.integer()
        name = read.text("the function's name in quotes")
        read.expect("measures")
        measured = read.bracketed(lambda: self._define(self._new_name("a size such as %n"), i64))
        read.expect("gives")
        read.expect("(")
        outputs = tuple(read.separated(self._declaration, ")"))
        read.expect("from")
        read.expect("(")
        inputs = tuple(read.separated(self._buffer, ")"))
        ordered = read.accept(",")
        if ordered:
            read.expect("ordered")
        return Callback(function, name, outputs, inputs, measured, ordered)

    def check(self) -> Statement:
        condition = self._operand()
        self._read.expect(",")
        site = self._setting("site")
        values: tuple[Operand, ...] = ()
        if self._read.accept(","):
            self._read.expect("values")
            self._read.expect("=")
            values = self._operands()
        return Check(condition, site, values)

    def last(self) -> Statement:
        return Last(self._operand())

    def rebind(self) -> Statement:
        targets: list[Buffer] = []
        sources: list[Buffer] = []
        while not targets or self._read.accept(","):
            targets.append(self._buffer())
            self._read.expect("=")
            sources.append(self._buffer())
        return Rebind(tuple(targets), tuple(sources))

    def commit(self) -> Statement:
        return Commit()

    def clock(self) -> Statement:
        return Clock(self._define(self._new_name("a time such as %t"), i64))

    def tally(self) -> Statement:
        row = self._read.integer()
        self._read.expect(",")
        self._read.expect("values")
        self._read.expect("=")
        return Tally(row, self._operands())


_STATEMENTS: dict[str, Callable[[_Parser], Any]] = {
    "let": _Parser.let,
    "load": _Parser.load,
    "store": _Parser.store,
    "for": _Parser.for_,
    "reduce": _Parser.reduce,
    "if": _Parser.if_,
    "alloc": _Parser.alloc,
    "constant": _Parser.constant,
    "view": _Parser.view,
    "contiguous": _Parser.contiguous,
    "call": _Parser.call,
    "callback": _Parser.callback,
    "check": _Parser.check,
    "last": _Parser.last,
    "rebind": _Parser.rebind,
    "commit": _Parser.commit,
    "clock": _Parser.clock,
    "tally": _Parser.tally,
}

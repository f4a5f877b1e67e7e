"""Reads the text of a program; the grammar is in `lltheano_ir.text`.

Whatever is given, the answer is a well-formed program or a ParseError with a place: every value is
made by the op's own type rule, every name is looked up, and nesting is limited, so that neither the
text's length nor its depth can exhaust the stack.
"""

from typing import Any

from lltheano_ir.nodes import Region, Value, argument, make, result
from lltheano_ir.ops.definition import Op, TypeRuleError
from lltheano_ir.ops.table import OPS
from lltheano_ir.ops.traits import Role
from lltheano_ir.program import Output, Parameter, Program, Update
from lltheano_ir.text.lexer import END, Token
from lltheano_ir.text.reader import Reader
from lltheano_ir.types import ValueType

__all__ = ["MAX_REGION_DEPTH", "parse_program"]

MAX_REGION_DEPTH = 64
"""How deep regions may be nested in text."""


def parse_program(source: str) -> Program:
    """Return the program that a text holds; ParseError, with the place, when it holds none.

    See `lltheano_ir.text` for the grammar and an example.
    """
    return _Parser(source).program()


class _Scope:
    """The names of a program or region; `%0` and `%"0"` are two."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.values: dict[tuple[bool, str], Value] = {}


class _Parser:
    def __init__(self, source: str) -> None:
        self._reader = Reader(source)

    def program(self) -> Program:
        """The whole text."""
        read = self._reader
        read.expect("program")
        name = read.expect_kind("symbol", "the program's name, such as @f")
        scope = _Scope(0)
        parameters: list[Parameter] = []
        read.expect("(")
        read.separated(lambda: self._parameter(scope, parameters), ")")
        read.expect("{")
        self._statements(scope)
        outputs, updates, effects = self._results(scope, parameters)
        read.expect("}")
        if read.peek().kind != END:
            read.expected(END, read.peek())
        title = read.name_of(name)
        return Program(
            title, tuple(parameters), tuple(outputs), tuple(updates), effects=tuple(effects)
        )

    def _parameter(self, scope: _Scope, parameters: list[Parameter]) -> None:
        name, type_ = self._declaration(scope, len(parameters))
        parameters.append(Parameter(name, type_, self._reader.accept("shared")))

    def _declaration(self, scope: _Scope, index: int) -> tuple[str, ValueType]:
        token = self._reader.expect_kind("value", "a parameter such as %x")
        self._reader.expect(":")
        type_ = self._reader.type()
        self._define(scope, token, argument(index, type_))
        return self._reader.name_of(token), type_

    def _key(self, token: Token) -> tuple[bool, str]:
        name = self._reader.name_of(token)
        return token.text[1:].isdecimal(), name

    def _define(self, scope: _Scope, token: Token, value: Value) -> None:
        key = self._key(token)
        if key in scope.values:
            self._reader.fail(f"{token.text} is defined twice", token)
        scope.values[key] = value

    # --- outputs and updates

    def _results(
        self, scope: _Scope, parameters: list[Parameter]
    ) -> tuple[list[Output], list[Update], list[Value]]:
        outputs: dict[str, Value] = {}
        updates: dict[int, Value] = {}
        effects: list[Value] = []
        while not self._reader.at("}"):
            if self._reader.at("output"):
                self._output(scope, outputs)
            elif self._reader.at("update"):
                self._update(scope, parameters, updates)
            elif self._reader.accept("effect"):
                effects.append(self._operand(scope))
            else:
                wanted = "a value such as %0, `output`, `update`, `effect` or `}`"
                self._reader.expected(wanted, self._reader.peek())
        return (
            [Output(*pair) for pair in outputs.items()],
            [Update(*pair) for pair in updates.items()],
            effects,
        )

    def _output(self, scope: _Scope, outputs: dict[str, Value]) -> None:
        start = self._reader.take()
        name = self._reader.text("the output's name in quotes")
        if name in outputs:
            self._reader.fail(f"there are two outputs called {name!r}", start)
        self._reader.expect("=")
        outputs[name] = self._operand(scope)

    def _update(
        self, scope: _Scope, parameters: list[Parameter], updates: dict[int, Value]
    ) -> None:
        self._reader.take()
        token = self._reader.peek()
        target = self._operand(scope)
        position = target.attributes[0] if target.is_argument else None
        if position is None or not parameters[position].shared:
            self._reader.fail("only a shared parameter can be updated", token)
        if position in updates:
            self._reader.fail(f"{token.text} is updated twice", token)
        self._reader.expect("=")
        start = self._reader.peek()
        value = self._operand(scope)
        if value.type != target.type:
            wrong = f"{token.text} is {target.type}, its update is {value.type}"
            self._reader.fail(wrong, start)
        updates[position] = value

    # --- statements

    def _statements(self, scope: _Scope) -> None:
        while self._reader.peek().kind == "value":
            self._statement(scope)

    def _statement(self, scope: _Scope) -> None:
        read = self._reader
        target = read.take()
        read.expect(":")
        start = read.peek()
        types = self._types()
        read.expect("=")
        token = read.expect_kind("word", "an op")
        op = OPS.get(token.text)
        if op is None or op.role in (Role.ARGUMENT, Role.RESULT):
            read.fail(f"no op is called {token.text!r}", token)
        operands, attributes = self._arguments(scope, op, types)
        regions = tuple(self._region(scope, label) for label in op.region_names)
        try:
            value = make(op.name, operands, attributes, regions)
        except TypeRuleError as error:
            read.fail(str(error), token)
        if value.types != types:
            found, declared = (", ".join(map(str, group)) for group in (value.types, types))
            read.fail(f"{op.name} gives {found} here, declared is {declared}", start)
        self._define(scope, target, value)

    def _types(self) -> tuple[ValueType, ...]:
        if self._reader.accept("("):
            return tuple(self._reader.separated(self._reader.type, ")"))
        return (self._reader.type(),)

    def _arguments(
        self, scope: _Scope, op: Op, types: tuple[ValueType, ...]
    ) -> tuple[list[Value], tuple[Any, ...]]:
        read = self._reader
        if op.role is Role.CONSTANT:
            if len(types) != 1:
                read.fail("a constant has one type", read.peek())
            return [], (read.literal(types[0]), types[0].broadcast)
        operands: list[Value] = []
        given: dict[str, Any] = {}
        if op.arity or op.attributes or read.peek().kind == "value":
            self._argument(scope, op, operands, given)
            while read.accept(","):
                self._argument(scope, op, operands, given)
        for name, _ in op.attributes:
            if name not in given:
                read.fail(f"{op.name} needs {name}=...", read.peek())
        return operands, tuple(given[name] for name, _ in op.attributes)

    def _argument(
        self, scope: _Scope, op: Op, operands: list[Value], given: dict[str, Any]
    ) -> None:
        token = self._reader.peek()
        if token.kind == "value" and not given:
            operands.append(self._operand(scope))
            return
        kind = dict(op.attributes).get(token.text)
        if kind is None or token.text in given:
            wanted = [f"`{name}=`" for name, _ in op.attributes if name not in given]
            wanted = wanted if given else ["an operand", *wanted]
            self._reader.expected(" or ".join(wanted) or "nothing more", token)
        self._reader.take()
        self._reader.expect("=")
        given[token.text] = self._reader.setting(kind)

    def _operand(self, scope: _Scope) -> Value:
        read = self._reader
        token = read.expect_kind("value", "a value such as %0")
        value = scope.values.get(self._key(token))
        if value is None:
            read.fail(f"{token.text} is not defined here", token)
        several = len(value.types) > 1
        if not read.accept("#"):
            if several:
                read.fail(f"{token.text} has {len(value.types)} results: write #0, say", token)
            return value
        index = read.integer()
        if not several or not 0 <= index < len(value.types):
            read.fail(f"{token.text} has no result {index}", token)
        return result(value, index)

    def _region(self, outer: _Scope, label: str) -> Region:
        read = self._reader
        if outer.depth == MAX_REGION_DEPTH:
            read.fail(f"regions are nested deeper than {MAX_REGION_DEPTH}", read.peek())
        read.expect(label)
        scope = _Scope(outer.depth + 1)
        types: list[ValueType] = []
        read.expect("(")
        read.separated(lambda: types.append(self._declaration(scope, len(types))[1]), ")")
        read.expect("{")
        self._statements(scope)
        read.expect("yield")
        results = read.separated(lambda: self._operand(scope), "}")
        return Region(tuple(types), tuple(results))

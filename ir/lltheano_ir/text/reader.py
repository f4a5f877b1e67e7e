"""A cursor over tokens that reads the small things of the grammar: numbers, types, lists, elements.

A method takes the tokens of what it is named after and returns its meaning, or raises ParseError
at the token that does not fit.
"""

import json
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import numpy as np

from lltheano_ir.dtypes import DType, parse_dtype
from lltheano_ir.nodes import MAX_RANK
from lltheano_ir.ops.definition import Array, Attribute, Literal
from lltheano_ir.text.lexer import END, ParseError, Token, tokenise
from lltheano_ir.text.literals import element_of, from_bytes
from lltheano_ir.types import ValueType

__all__ = ["Reader"]

Item = TypeVar("Item")


class Reader:
    """The tokens of `source`, from the first to the end.

    >>> reader = Reader("f64[?,1] 12")
    >>> reader.type(), reader.integer()
    (f64[?,1], 12)
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokenise(source)
        self._next = 0

    def peek(self) -> Token:
        """The next token, which stays."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """The next token."""
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def fail(self, message: str, token: Token) -> NoReturn:
        """Raise a ParseError that points at `token`."""
        raise ParseError(message, self._source, token.offset)

    def expected(self, what: str, token: Token) -> NoReturn:
        """Raise a ParseError that says what should have stood in the place of `token`."""
        found = END if token.kind == END else repr(token.text[:40])
        self.fail(f"expected {what}, got {found}", token)

    def at(self, text: str) -> bool:
        """Whether the next token is this word or punctuation."""
        token = self.peek()
        return token.text == text and token.kind in ("punctuation", "word")

    def accept(self, text: str) -> bool:
        """Take the next token if it is this word or punctuation."""
        found = self.at(text)
        if found:
            self.take()
        return found

    def expect(self, text: str) -> Token:
        """Take this word or punctuation."""
        if not self.at(text):
            self.expected(f"`{text}`", self.peek())
        return self.take()

    def expect_kind(self, kind: str, what: str) -> Token:
        """Take a token of a kind of `lltheano_ir.text.lexer`."""
        if self.peek().kind != kind:
            self.expected(what, self.peek())
        return self.take()

    def separated(self, one: Callable[[], Item], close: str) -> list[Item]:
        """What `one` reads, separated by commas, up to and with `close`."""
        found: list[Item] = []
        while not self.accept(close):
            if found:
                self.expect(",")
            found.append(one())
        return found

    def bracketed(self, one: Callable[[], Item]) -> tuple[Item, ...]:
        """What `one` reads, in brackets, separated by commas."""
        self.expect("[")
        return tuple(self.separated(one, "]"))

    def name_of(self, token: Token) -> str:
        """The name in a token such as `%x`, `@f` or `%"a b"`."""
        return self._unquoted(token, token.text[1:])

    def _unquoted(self, token: Token, text: str) -> str:
        if not text.startswith('"'):
            return text
        try:
            return str(json.loads(text))
        except ValueError:
            self.fail("a quoted text is written as in JSON", token)

    def text(self, what: str) -> str:
        """A text in quotes; `what` it is, for the error."""
        token = self.expect_kind("text", what)
        return self._unquoted(token, token.text)

    def integer(self) -> int:
        """An integer that fits i64."""
        token = self.expect_kind("number", "an integer")
        try:
            return int(element_of(token.text, np.dtype(np.int64)))
        except ValueError as error:
            self.fail(str(error), token)

    def dtype(self) -> DType:
        """The name of a dtype."""
        token = self.expect_kind("word", "a dtype")
        try:
            return parse_dtype(token.text)
        except ValueError as error:
            self.fail(str(error), token)

    def _static(self) -> bool:
        token = self.take()
        if token.text not in ("?", "1"):
            self.expected("`?` or `1`", token)
        return token.text == "1"

    def type(self) -> ValueType:
        """A tensor type."""
        start = self.peek()
        if start.kind != "word":
            self.expected("a type such as f64[?,1]", start)
        found = ValueType(self.dtype(), self.bracketed(self._static))
        if found.rank > MAX_RANK:
            self.fail(f"a type has at most {MAX_RANK} axes", start)
        return found

    def _types(self) -> tuple[ValueType, ...]:
        self.expect("(")
        return tuple(self.separated(self.type, ")"))

    def _axis_or_new(self) -> int | None:
        return None if self.accept("new") else self.integer()

    def setting(self, kind: Attribute) -> Any:
        """The value of an attribute."""
        readers: dict[Attribute, Callable[[], Any]] = {
            Attribute.INTEGER: self.integer,
            Attribute.INTEGERS: lambda: self.bracketed(self.integer),
            Attribute.ORDER: lambda: self.bracketed(self._axis_or_new),
            Attribute.PATTERN: lambda: self.bracketed(self._static),
            Attribute.DTYPE: self.dtype,
            Attribute.TYPE: self.type,
            Attribute.TYPES: self._types,
            Attribute.WORD: lambda: self.expect_kind("word", "a word").text,
            Attribute.TEXT: lambda: self.text("a text in quotes"),
        }
        return readers[kind]()

    def literal(self, type_: ValueType) -> Literal:
        """The elements of a constant of a type."""
        if self.accept("hex"):
            return self._bytes(type_)
        elements: list[Array] = []
        shape = self._elements(type_.rank, type_.dtype.numpy, elements)
        return Literal.of(np.array(elements, type_.dtype.numpy).reshape(shape))

    def _bytes(self, type_: ValueType) -> Literal:
        shape = self.bracketed(self.integer)
        token = self.peek()
        digits = self.text("the bytes in hexadecimal, in quotes")
        try:
            return from_bytes(type_.dtype, shape, digits)
        except ValueError as error:
            self.fail(str(error), token)

    def _elements(self, rank: int, dtype: np.dtype[Any], elements: list[Array]) -> tuple[int, ...]:
        """Append the elements of an array of `rank` axes, and return its shape."""
        if not rank:
            elements.append(self._element(dtype))
            return ()
        start = self.peek()
        shapes = self.bracketed(lambda: self._elements(rank - 1, dtype, elements))
        if not shapes:
            self.fail('a constant without elements is written hex [0] ""', start)
        if len(set(shapes)) != 1:
            self.fail("the rows of a constant have one length", start)
        return (len(shapes), *shapes[0])

    def _element(self, dtype: np.dtype[Any]) -> Array:
        if dtype.kind == "c":
            return self._complex(dtype)
        token = self.take()
        if token.kind != "number" and token.text not in ("nan", "true", "false"):
            self.expected("an element of the constant", token)
        try:
            return element_of(token.text, dtype)
        except ValueError as error:
            self.fail(str(error), token)

    def _complex(self, dtype: np.dtype[Any]) -> Array:
        part = np.finfo(dtype).dtype
        self.expect("(")
        real = self._element(part)
        self.expect(",")
        imaginary = self._element(part)
        self.expect(")")
        # 1j * inf has a NaN for its real part: the parts are put side by side, not added.
        return np.stack([real, imaginary]).view(dtype).reshape(())

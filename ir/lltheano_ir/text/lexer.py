"""Tokens of the IR's text, with their places, and the error that shows a place.

Tokens are found by one regular expression without backtracking, so the time is linear in the text.
"""

import re
from typing import NamedTuple

__all__ = ["END", "ParseError", "Token", "tokenise"]

END = "end of text"

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+|;[^\n]*)
    | (?P<value>%(?:[A-Za-z0-9_.]+|"(?:[^"\\\n]|\\.)*"))
    | (?P<symbol>@(?:[A-Za-z0-9_.]+|"(?:[^"\\\n]|\\.)*"))
    | (?P<text>"(?:[^"\\\n]|\\.)*")
    | (?P<number>-?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|inf\b))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<punctuation>[()\[\]{},:=?\#])
    """,
    re.VERBOSE,
)

_WIDTH = 80


class Token(NamedTuple):
    """A piece of text: `kind` is the name of its group above, or `END`."""

    kind: str
    text: str
    offset: int


class ParseError(ValueError):
    """The text is not a program.

    `line` and `column` count from 1; `message` says what was found and what was wanted. The string
    of the error shows the line with a caret under the place.

    >>> raise ParseError("a program starts with `program`", "progam @f() {}", 0)
    Traceback (most recent call last):
      ...
    lltheano_ir.text.lexer.ParseError: line 1, column 1: a program starts with `program`
      progam @f() {}
      ^
    """

    def __init__(self, message: str, source: str, offset: int) -> None:
        start = source.rfind("\n", 0, offset) + 1
        end = source.find("\n", offset)
        self.message = message
        self.line = source.count("\n", 0, offset) + 1
        self.column = offset - start + 1
        shown_from = max(start, offset - _WIDTH // 2)
        shown = source[shown_from : end if end >= 0 else None][:_WIDTH].rstrip()
        caret = " " * (offset - shown_from) + "^"
        place = f"line {self.line}, column {self.column}"
        super().__init__(f"{place}: {message}\n  {shown.expandtabs(1)}\n  {caret}")


def tokenise(source: str) -> list[Token]:
    """The tokens of a text, ending in one of kind `END`; ParseError at what is no token."""
    tokens: list[Token] = []
    offset = 0
    while offset < len(source):
        match = _TOKEN.match(source, offset)
        if match is None:
            raise ParseError(f"{source[offset]!r} starts nothing", source, offset)
        if match.lastgroup != "space":
            tokens.append(Token(str(match.lastgroup), match[0], offset))
        offset = match.end()
    tokens.append(Token(END, "", len(source)))
    return tokens

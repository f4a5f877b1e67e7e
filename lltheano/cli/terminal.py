"""Printing: colour on a terminal, plain text everywhere else.

Plain text is written as it is, without rich being imported; coloured text has the same characters,
and its lines are never folded.
"""

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = [
    "COLOUR_CHOICES",
    "console",
    "has_colour",
    "heading",
    "is_terminal",
    "print_code",
    "print_json",
    "warn",
]

COLOUR_CHOICES: Final = ("auto", "always", "never")

_LEXERS: Final = {"llvm": "llvm", "llvm-opt": "llvm", "asm": "gas"}
"""Languages that rich knows, by the name of the stage."""

_IR_STYLES: Final = (
    (r"(?P<a>;.*$)", "dim"),
    (r"(?P<a>%(?:[A-Za-z0-9_.]+|\"[^\"]*\"))", "cyan"),
    (r"(?P<a>@(?:[A-Za-z0-9_.]+|\"[^\"]*\"))", "bold blue"),
    (r"\b(?P<a>(?:bool|[iufc]\d{1,3})(?:\[[?1,]*\])?)(?![\w.])", "green"),
    (r"^\s*(?:%\S+: .*? = )(?P<a>[a-z_0-9]+)", "bold yellow"),
    (
        r"^\s*(?P<a>program|loops|output|update|let|load|store|for|reduce|if|alloc|constant|view"
        r"|contiguous|call|check|commit|site|yield)\b",
        "bold magenta",
    ),
    (r"^(?P<a>@@.*@@)$", "cyan"),
)
_DIFF_STYLES: Final = ((r"^(?P<a>\+.*)$", "green"), (r"^(?P<a>-.*)$", "red"))


def has_colour(stream: TextIO | None = None) -> bool:
    """Whether to colour what goes to `stream`, standard output by default."""
    context = click.get_current_context(silent=True)
    choice = context.obj if context is not None else "auto"
    if choice in ("always", "never"):
        return bool(choice == "always")
    if os.environ.get("NO_COLOR"):
        return False
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a person reads `stream`, standard output by default."""
    return (stream or sys.stdout).isatty()


def console(stream: TextIO | None = None) -> "Console":
    """A rich console on `stream`, coloured where `has_colour` says so."""
    # Slow to import, and not needed for plain output.
    from rich.console import Console  # noqa: PLC0415

    coloured = has_colour(stream)
    return Console(
        file=stream or sys.stdout,
        highlight=False,
        emoji=False,
        markup=False,
        no_color=not coloured,
        force_terminal=True if coloured else None,
        legacy_windows=False,
    )


def print_code(text: str, language: str) -> None:
    """Print IR, LLVM IR, assembly or a "diff", highlighted on a terminal."""
    if not text.endswith("\n"):
        text += "\n"
    if not has_colour():
        sys.stdout.write(text)
        return
    console().print(_highlighted(text, language), end="", soft_wrap=True)


def _highlighted(text: str, language: str) -> "Text":
    # Slow to import, and not needed for plain output.
    from rich.syntax import Syntax  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if language in _LEXERS:
        syntax = Syntax("", _LEXERS[language], theme="ansi_dark", background_color="default")
        text = text.expandtabs(8)
        shown = syntax.highlight(text)
        # A lexer may drop empty lines at the ends; what is printed must be all of it.
        return shown if shown.plain == text else Text(text)
    shown = Text(text)
    for pattern, style in (*_IR_STYLES, *(_DIFF_STYLES if language == "diff" else ())):
        _stylise(shown, pattern, style)
    return shown


def _stylise(text: "Text", pattern: str, style: str) -> None:
    for match in re.finditer(pattern, text.plain, re.MULTILINE):
        text.stylize(style, match.start("a"), match.end("a"))


def heading(text: str) -> None:
    """Print a line that stands above one of several things."""
    sys.stdout.write(click.style(text, bold=True) + "\n" if has_colour() else f"{text}\n")


def print_json(value: Any) -> None:
    """Print a value for programs to read."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def warn(message: str) -> None:
    """Say something that is not the result."""
    sys.stderr.write(f"lltheano: {message}\n")

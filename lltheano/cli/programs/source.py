"""Files of IR text: reading one, telling which IR it is, and printing either.

A file holds one tensor program (`program @f(...)`) or one loop module (`loops @f(...)`, and the
functions that it calls). What is
not well formed is a CommandError that shows the place; nothing else ever comes of a bad file.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from lltheano.cli.errors import CommandError, file_error
from lltheano.cli.terminal import is_terminal, warn
from lltheano_ir.loops.nodes import LoopModule
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from lltheano_ir.program import Program
from lltheano_ir.text import ParseError, format_program, parse_program
from lltheano_ir.verify import VerificationError, verify

__all__ = ["STANDARD_INPUT", "Ir", "Source", "check", "format_ir", "read_ir", "read_source"]

Ir: TypeAlias = Program | LoopModule

STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A text, and what messages call the file that it was read from."""

    name: str
    text: str

    @property
    def is_loops(self) -> bool:
        """Whether the first word that is no comment says `loops`."""
        lines = (line.partition(";")[0].strip() for line in self.text.splitlines())
        return next((line for line in lines if line), "").startswith("loops")


def read_source(path: str) -> Source:
    """Read a file, or standard input where the path is `-`."""
    name = "<stdin>" if path == STANDARD_INPUT else path
    if path == STANDARD_INPUT and is_terminal(sys.stdin):
        warn("reading IR from the terminal; Ctrl-D ends it")
    try:
        data = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
        return Source(name, data.decode("utf-8"))
    except OSError as error:
        raise file_error("read", name, error) from None
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{name} is no text: byte {error.start} is not UTF-8",
            hint="IR is text, such as `lltheano dump FILE.py --stage tensor` prints",
        ) from None


def read_ir(path: str) -> Ir:
    """Read, parse and verify a file."""
    source = read_source(path)
    try:
        ir: Ir = parse_module(source.text) if source.is_loops else parse_program(source.text)
    except ParseError as error:
        _, _, excerpt = str(error).partition("\n")
        where = f"{source.name}:{error.line}:{error.column}"
        raise CommandError(f"{where}: {error.message}\n{excerpt}") from None
    return check(ir, source.name)


def check(ir: Ir, where: str) -> Ir:
    """Return IR that its verifier admits; CommandError, with the culprit, for any other."""
    try:
        if isinstance(ir, Program):
            verify(ir)
        else:
            verify_loops(ir)
    except (VerificationError, LoopVerificationError) as error:
        raise CommandError(f"{where}: {error}") from None
    return ir


def format_ir(ir: Ir, *, locations: bool = True) -> str:
    """The canonical text, with a newline at its end."""
    if isinstance(ir, Program):
        return format_program(ir, locations=locations)
    return format_loops(ir, locations=locations)

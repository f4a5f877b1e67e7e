"""What is known of a function where a statement of it stands, and the demands all rules make.

Invariant: a `Scope` holds what encloses the statement that is verified: what a body defines is
forgotten where it ends, its names are not, since a name is given once in a function.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

from lltheano_ir.dtypes import DType, i64
from lltheano_ir.loops.analysis.alignment import promised_alignments
from lltheano_ir.loops.analysis.dependence import Roots
from lltheano_ir.loops.nodes import Buffer, For, LoopFunction, Operand, Scalar, Site, Statement
from lltheano_ir.loops.printer import format_statement

__all__ = ["LoopVerificationError", "Rules", "Scope"]


class LoopVerificationError(ValueError):
    """A function breaks a rule; the message says which, and shows the statement."""


Rule = Callable[["Scope", Any], None]
"""Demands what is to hold of a statement, and notes what it defines."""

Rules = Mapping[type[Statement], Rule]
"""The rule of each kind of statement."""


class Scope:
    """Where a statement stands: what is defined there, and what is known of it.

    Attributes
    ----------
    function, functions, is_entry
        The function, all of its module by their names, and whether calls from outside begin here.
    statement
        The one that an error shows.
    scalars, buffers
        What may be used here.
    names
        Those given so far, here or not.
    bases
        For a buffer that is, or may be, another one's memory: that other.
    read_only, shared, allocated
        What is never written; shared parameters, written after the commit point alone; what was
        allocated at the top level. Views are with their bases in the first two.
    alignments
        What memory is aligned to at least, by the buffer's name.
    levels, unshared
        In how many loops a buffer was allocated; only those without a slot, in `unshared`.
    loops, depth
        The loops round the statement, and how many bodies, with those of branches.
    committed
        Whether the commit point stands before it.
    """

    def __init__(
        self,
        function: LoopFunction,
        functions: Mapping[str, LoopFunction],
        rules: Rules,
        *,
        is_entry: bool,
    ) -> None:
        self._rules = rules
        self.function = function
        self.functions = functions
        self.is_entry = is_entry
        self.bases: dict[Buffer, Buffer] = {}
        self.scalars: set[Scalar] = set()
        self.buffers: set[Buffer] = set()
        self.names: set[str] = set()
        self.read_only: set[Buffer] = set()
        self.shared: set[Buffer] = set()
        self.allocated: set[Buffer] = set()
        self.alignments: dict[str, int] = {}
        self.levels: dict[Buffer, int] = {}
        self.unshared: dict[Buffer, int] = {}
        self.loops: list[For] = []
        self.depth = 0
        self.committed = False
        self.statement: Statement | None = None

    @cached_property
    def roots(self) -> Roots:
        """Which memory each buffer names, for those rules that need it."""
        return Roots(self.function.body)

    def fail(self, message: str) -> NoReturn:
        """Raise the error that shows the statement."""
        where = f"@{self.function.name}"
        shown = format_statement(self.statement) if self.statement is not None else ""
        raise LoopVerificationError(f"{where}: {message}\n{shown}".rstrip())

    def new_name(self, name: str) -> None:
        """Take a name, which no other thing of the function has."""
        if name in self.names:
            self.fail(f"%{name} is defined twice")
        self.names.add(name)

    def define(self, scalar: Scalar) -> None:
        """From here on a scalar may be used."""
        self.new_name(scalar.name)
        self.scalars.add(scalar)

    def declare(self, buffer: Buffer) -> None:
        """From here on a buffer may be used."""
        for operand in (*buffer.sizes, *(buffer.strides or ())):
            self.index(operand)
        if buffer.strides is not None and len(buffer.strides) != len(buffer.sizes):
            self.fail(f"%{buffer.name} has {len(buffer.strides)} strides")
        self.new_name(buffer.name)
        self.buffers.add(buffer)

    def align(self, buffer: Buffer, promised: int) -> None:
        """Note what a buffer is aligned to: no more than is promised."""
        alignment = promised if buffer.alignment is None else buffer.alignment
        if alignment < 1 or alignment & (alignment - 1) or alignment > promised:
            self.fail(
                f"%{buffer.name} has align {alignment}, which is no power of two from 1 to"
                f" {promised}, what its memory promises"
            )
        self.alignments[buffer.name] = alignment

    def operand(self, operand: Operand) -> DType:
        """The dtype of an operand that is defined here."""
        if isinstance(operand, Scalar) and operand not in self.scalars:
            self.fail(f"%{operand.name} is used before it is defined")
        return operand.dtype

    def index(self, operand: Operand) -> None:
        """Demand an index or a size."""
        if self.operand(operand) is not i64:
            self.fail(f"an index or size of dtype {operand.dtype}; it should be i64")

    def known(self, buffer: Buffer) -> None:
        """Demand a buffer that may be used here."""
        if buffer not in self.buffers:
            self.fail(f"there is no buffer %{buffer.name} here, of those sizes")

    def access(self, buffer: Buffer, indices: Sequence[Operand]) -> None:
        """Demand a buffer, and an index for each of its axes."""
        self.known(buffer)
        if len(indices) != len(buffer.sizes):
            self.fail(f"%{buffer.name} has {len(buffer.sizes)} axes, got {len(indices)} indices")
        for index in indices:
            self.index(index)

    def writable(self, buffer: Buffer) -> None:
        """Demand a buffer that may be written here."""
        if buffer in self.read_only:
            self.fail(f"%{buffer.name} is not for writing")
        if buffer in self.shared and not self.committed:
            self.fail(f"shared %{buffer.name} is written before the commit point")

    def may_fail(self, what: str) -> None:
        """Demand that the commit point is still to come."""
        if self.committed:
            self.fail(f"{what} after the commit point")

    def base(self, buffer: Buffer) -> Buffer:
        """The buffer whose memory a buffer is, or may be."""
        return self.bases.get(buffer, buffer)

    def same_dtype(self, buffer: Buffer, source: Buffer) -> None:
        """Demand that a buffer has the dtype of what it is made from."""
        if buffer.dtype is not source.dtype:
            self.fail(f"%{buffer.name} is {buffer.dtype}, %{source.name} is {source.dtype}")

    def fields(self, number: int, site: Site) -> int:
        """How many values the message of a site names."""
        count = 0
        try:
            for _, name, form, conversion in string.Formatter().parse(site.message):
                if name is not None:
                    count = max(count, int(name) + 1)
                if form or conversion or (name is not None and not name.isdecimal()):
                    raise ValueError(name)
        except ValueError:
            self.fail(f"the message of site {number} names something else than values {{0}}, {{1}}")
        return count

    def body(self, body: Sequence[Statement]) -> None:
        """Verify statements, one after another."""
        outer = self.statement
        for statement in body:
            self.statement = statement
            self._rules[type(statement)](self, statement)
            for buffer, promised in promised_alignments(statement, self.alignments):
                self.align(buffer, promised)
        self.statement = outer

    def inner(self, body: Sequence[Statement], indices: Sequence[Scalar] = ()) -> None:
        """Verify a body inside a statement: what it defines ends with it."""
        scalars, buffers = set(self.scalars), set(self.buffers)
        self.depth += 1
        for index in indices:
            self.define(index)
        self.body(body)
        self.depth -= 1
        self.scalars, self.buffers = scalars, buffers

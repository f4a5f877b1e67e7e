"""Calls of BLAS and LAPACK: every argument behind a pointer, integers of 32 bits."""

from llvmlite import ir

from lltheano_ir.dtypes import DType
from lltheano_ir.emit.values import (
    BYTE,
    POINTER,
    STATUS,
    Pair,
    Register,
    constant,
    declared,
    integer,
    stack_memory,
)

__all__ = ["LETTERS", "Arguments"]

LETTERS = {"f32": "s", "f64": "d", "c64": "c", "c128": "z"}
"""The letter that the routines' names have for each dtype."""


class Arguments:
    """The arguments of one call, in order; `start` is where stack memory is made."""

    def __init__(self, start: ir.IRBuilder, builder: ir.IRBuilder, dtype: DType) -> None:
        self.dtype = dtype
        self.builder = builder
        self._start = start
        self._pointers: list[ir.Value] = []

    def pointer(self, *addresses: ir.Value) -> None:
        """Addresses as they are."""
        self._pointers.extend(addresses)

    def letters(self, letters: str) -> None:
        """Options, each a letter of its own."""
        for letter in letters:
            self._stored(BYTE(ord(letter)))

    def choice(self, condition: ir.Value, letter: str, otherwise: str) -> None:
        """An option that is decided when the program runs."""
        self._stored(self.builder.select(condition, BYTE(ord(letter)), BYTE(ord(otherwise))))

    def sizes(self, *sizes: ir.Value) -> None:
        """Sizes and strides, which fit 32 bits."""
        for size in sizes:
            self._stored(self.builder.trunc(size, STATUS))

    def number(self, number: Register) -> None:
        """A factor; one that is not complex is a real number."""
        if not self.dtype.is_complex:
            self._stored(number)
            return
        builder = self.builder
        pair = number if isinstance(number, Pair) else Pair(number, constant(number.type, 0.0))
        place = stack_memory(self._start, pair.re.type, 2)
        imaginary = builder.gep(place, [integer(1)], source_etype=pair.re.type)
        builder.store(pair.re, place)
        builder.store(pair.im, imaginary)
        self._pointers.append(place)

    def place(self) -> ir.Value:
        """An i32 that the routine writes; its address."""
        place = stack_memory(self._start, STATUS)
        self._pointers.append(place)
        return place

    def call(self, library: str, name: str, result: ir.Type | None = None) -> ir.Value:
        """Call the library's routine of that name for the dtype."""
        full_name = f"{library}_{LETTERS[self.dtype.name]}{name}"
        kinds = [POINTER] * len(self._pointers)
        routine = declared(self.builder.module, full_name, result or ir.VoidType(), kinds)
        return self.builder.call(routine, self._pointers)

    def _stored(self, register: ir.Value) -> None:
        place = stack_memory(self._start, register.type)
        self.builder.store(register, place)
        self._pointers.append(place)

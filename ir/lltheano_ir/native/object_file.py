"""What a relocatable object defines and needs, read from its symbol table.

Code generation may bring in calls that the module never declared (`fmod` for `frem`, `fma` on
machines without it, `__truncdfhf2` for f64 to f16), and MCJIT ends the process on a symbol that it
cannot find. So objects are read here first. Invariant: damaged bytes are a `MalformedObjectError`,
never a wrong answer taken for a right one by later stages.
"""

import struct
from collections.abc import Iterator

from lltheano_ir.records import record

__all__ = ["FunctionSymbol", "MalformedObjectError", "ObjectSymbols", "read_symbols"]

_ELF_MACHINES = {62: "x86_64", 183: "aarch64", 243: "riscv64", 21: "powerpc64le"}
_MACHO_MACHINES = {0x01000007: "x86_64", 0x0100000C: "aarch64"}

_ELF_SYMBOL_TABLE = 2
_ELF_LOCAL = 0
_ELF_FUNCTION = 2
_MACHO_SYMBOL_TABLE = 2
_MACHO_DEBUG, _MACHO_TYPE, _MACHO_EXTERNAL = 0xE0, 0x0E, 0x01


class MalformedObjectError(ValueError):
    """The bytes are not a 64-bit little-endian ELF or Mach-O object."""


@record(frozen=True, slots=True)
class FunctionSymbol:
    """A function, private or not: its section by number, where it is in that, and how long."""

    name: str
    section: int
    offset: int
    size: int


@record(frozen=True)
class ObjectSymbols:
    """The symbols of one object.

    Attributes
    ----------
    architecture
        As the first part of a target triple.
    defined
        Functions and variables that the object offers to others.
    undefined
        Those that it needs from others.
    functions
        All functions in it, where the format tells how long they are.
    """

    architecture: str
    defined: frozenset[str]
    undefined: frozenset[str]
    functions: tuple[FunctionSymbol, ...] = ()


@record(frozen=True)
class _Symbol:
    name: str
    is_global: bool
    is_defined: bool
    function: FunctionSymbol | None = None


def read_symbols(object_code: bytes) -> ObjectSymbols:
    """Read the symbol table of an object.

    Raises
    ------
    MalformedObjectError
        The bytes are not such an object, or are cut short.

    >>> read_symbols(b"no object")
    Traceback (most recent call last):
      ...
    lltheano_ir.native.object_file.MalformedObjectError: neither a 64-bit ELF nor Mach-O object
    """
    try:
        if object_code[:6] == b"\x7fELF\x02\x01":
            architecture, symbols = _read_elf(object_code)
        elif object_code[:4] == b"\xcf\xfa\xed\xfe":
            architecture, symbols = _read_macho(object_code)
        else:
            raise MalformedObjectError("neither a 64-bit ELF nor Mach-O object")
        known = list(symbols)
    except (struct.error, ValueError, IndexError) as error:
        if isinstance(error, MalformedObjectError):
            raise
        raise MalformedObjectError(f"damaged object: {error}") from error
    outside = [symbol for symbol in known if symbol.is_global]
    return ObjectSymbols(
        architecture,
        frozenset(symbol.name for symbol in outside if symbol.is_defined),
        frozenset(symbol.name for symbol in outside if not symbol.is_defined),
        tuple(symbol.function for symbol in known if symbol.function is not None),
    )


def _read_elf(data: bytes) -> tuple[str, Iterator[_Symbol]]:
    (machine,) = struct.unpack_from("<H", data, 18)
    (sections_at,) = struct.unpack_from("<Q", data, 40)
    section_size, section_count = struct.unpack_from("<HH", data, 58)
    sections = [
        struct.unpack_from("<IIQQQQIIQQ", data, sections_at + section_size * number)
        for number in range(section_count)
    ]
    return _ELF_MACHINES.get(machine, f"machine {machine}"), _elf_symbols(data, sections)


def _elf_symbols(data: bytes, sections: list[tuple[int, ...]]) -> Iterator[_Symbol]:
    for _, kind, _, _, offset, size, strings, _, _, _ in sections:
        if kind != _ELF_SYMBOL_TABLE:
            continue
        names_at = sections[strings][4]
        # The first symbol is the null symbol.
        for at in range(offset + 24, offset + size, 24):
            where, info, _, section, offset, size = struct.unpack_from("<IBBHQQ", data, at)
            name = _string(data, names_at + where)
            is_function = info & 15 == _ELF_FUNCTION and section != 0
            function = FunctionSymbol(name, section, offset, size) if is_function else None
            yield _Symbol(name, info >> 4 != _ELF_LOCAL, section != 0, function)


def _read_macho(data: bytes) -> tuple[str, Iterator[_Symbol]]:
    (machine,) = struct.unpack_from("<I", data, 4)
    (command_count,) = struct.unpack_from("<I", data, 16)
    return _MACHO_MACHINES.get(machine, f"machine {machine}"), _macho_symbols(data, command_count)


def _macho_symbols(data: bytes, command_count: int) -> Iterator[_Symbol]:
    at = 32
    for _ in range(command_count):
        command, size = struct.unpack_from("<II", data, at)
        if command == _MACHO_SYMBOL_TABLE:
            offset, count, names_at = struct.unpack_from("<III", data, at + 8)
            for symbol_at in range(offset, offset + 16 * count, 16):
                name, kind = struct.unpack_from("<IB", data, symbol_at)
                if not kind & _MACHO_DEBUG:
                    # C symbols carry an underscore in front on these systems.
                    yield _Symbol(
                        _string(data, names_at + name).removeprefix("_"),
                        bool(kind & _MACHO_EXTERNAL),
                        bool(kind & _MACHO_TYPE),
                    )
        at += size


def _string(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("ascii")

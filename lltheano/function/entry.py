"""The native entry of a compiled function, for inspection: its address, and how C would declare it.

The entry takes one frame of 8-byte words. Each parameter (inputs, then shared variables) is a data
pointer, its sizes in elements and its strides in bytes; each result (outputs, then updates) a data
pointer and its sizes; eight report words follow, of which a failing entry fills the first with the
number of the check.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lltheano_ir.types import TensorType

__all__ = ["Entry", "declare_frame"]

_C_TYPES = {
    "bool": "bool",
    "f16": "_Float16",
    "f32": "float",
    "f64": "double",
    "c64": "float _Complex",
    "c128": "double _Complex",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a function's machine code is and how it is called.

    Attributes
    ----------
    address
        The address of the code in this process.
    signature
        Its declaration in C.
    frame
        The declaration in C of the struct that it takes.
    buffers
        What each temporary buffer holds, and which updates are done in place.
    """

    address: int
    signature: str
    frame: str
    buffers: str

    def __str__(self) -> str:
        return f"{self.frame}\n{self.signature}  /* at {self.address:#x} */"


def declare_frame(
    function: str,
    parameters: Sequence[tuple[str, TensorType]],
    results: Sequence[tuple[str, TensorType]],
) -> tuple[str, str]:
    """Return the C declarations of an entry and of its frame.

    >>> from lltheano_ir.types import parse_type
    >>> signature, frame = declare_frame("f", [("x", parse_type("f64[?]"))], [])
    >>> signature
    'int32_t f(struct f_frame *frame);'
    >>> print(frame)
    struct f_frame {
        double *x;
        int64_t x_size[1];
        int64_t x_stride[1];
        int64_t report[8];
    };
    """
    symbol = _identifier(function)
    names = _distinct([_identifier(name) for name, _ in (*parameters, *results)])
    fields: list[str] = []
    for _, type_ in parameters:
        fields += _fields(type_, next(names), ("size", "stride"))
    for _, type_ in results:
        fields += _fields(type_, next(names), ("size",))
    body = "\n".join(f"    {field};" for field in (*fields, "int64_t report[8]"))
    return (
        f"int32_t {symbol}(struct {symbol}_frame *frame);",
        f"struct {symbol}_frame {{\n{body}\n}};",
    )


def _fields(type_: TensorType, name: str, lists: Sequence[str]) -> list[str]:
    pointer = f"{_c_type(type_)} *{name}"
    if type_.rank == 0:
        return [pointer]
    return [pointer, *(f"int64_t {name}_{one}[{type_.rank}]" for one in lists)]


def _c_type(type_: TensorType) -> str:
    name = type_.dtype.name
    if name in _C_TYPES:
        return _C_TYPES[name]
    sign = "" if type_.dtype.is_signed else "u"
    return f"{sign}int{8 * type_.dtype.itemsize}_t"


def _identifier(name: str) -> str:
    """The nearest C identifier to any name."""
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    return word if word and not word[0].isdigit() else f"_{word}"


def _distinct(names: Sequence[str]) -> Iterator[str]:
    taken: set[str] = {"report"}
    for name in names:
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        yield unique

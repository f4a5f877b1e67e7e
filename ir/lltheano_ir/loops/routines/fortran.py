"""The arguments of a call of BLAS or LAPACK, as their documentation lists them.

Every argument is passed behind a pointer, and integers have 32 bits. BLAS and LAPACK count by
columns; a matrix that lies row-major is for them its own transpose.
"""

from typing import TypeAlias

from lltheano_ir.loops.routines.extents import Extent
from lltheano_ir.records import record

__all__ = [
    "Argument",
    "Data",
    "FortranCall",
    "Integer",
    "Layout",
    "Leading",
    "LeadingOf",
    "Letter",
    "One",
    "Size",
    "Status",
    "Work",
    "WorkSize",
]


@record(frozen=True, slots=True)
class Letter:
    """An option."""

    letter: str


@record(frozen=True, slots=True)
class Layout:
    """An option that depends on how an operand, whose memory may have strides, happens to lie."""

    name: str
    row_major: str
    column_major: str


@record(frozen=True, slots=True)
class Size:
    """A size."""

    extent: Extent


@record(frozen=True, slots=True)
class Integer:
    """A known integer."""

    value: int


@record(frozen=True, slots=True)
class Leading:
    """A leading dimension, which is 1 at least."""

    extent: Extent


@record(frozen=True, slots=True)
class LeadingOf:
    """The leading dimension of an operand whose memory may have strides."""

    name: str


@record(frozen=True, slots=True)
class One:
    """The number 1, as a factor."""


@record(frozen=True, slots=True)
class Data:
    """The elements of an operand."""

    name: str


@record(frozen=True, slots=True)
class Work:
    """Work space."""

    name: str


@record(frozen=True, slots=True)
class WorkSize:
    """The number of elements of work space."""

    name: str


@record(frozen=True, slots=True)
class Status:
    """Where the routine says whether it succeeded; it is handed on to the operand `into`."""

    into: str | None = None


Argument: TypeAlias = (
    Letter | Layout | Size | Integer | Leading | LeadingOf | One | Data | Work | WorkSize | Status
)


@record(frozen=True, slots=True)
class FortranCall:
    """A call of a library's routine: its name without the letter of the dtype, its arguments."""

    library: str
    name: str
    arguments: tuple[Argument, ...]

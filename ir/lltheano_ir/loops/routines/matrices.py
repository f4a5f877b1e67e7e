"""What the routines of LAPACK have in common.

A matrix that LAPACK works on lies column-major: as a row-major buffer it is the transpose, so that
a matrix of m rows and n columns has the sizes `(n, m)`. Only where a matrix is symmetric, or a
factor's transpose is another factor, it lies row-major. Work space has the sizes that the routines'
documentation asks for (E. Anderson et al., LAPACK Users' Guide, 3rd edition, SIAM 1999), and room
for blocks besides.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.routines.extents import Extent, minimum, size
from lltheano_ir.loops.routines.fortran import FortranCall, Status
from lltheano_ir.loops.routines.record import (
    Access,
    Arrays as Written,
    Choice,
    Element,
    Factor,
    Flag,
    Parameter,
    Routine,
    Scratch,
    Settings,
    Shape,
)
from lltheano_ir.ops.definition import Array
from lltheano_ir.ops.linalg.matrices import LIBRARY_DTYPES, row_by_row

__all__ = [
    "BLOCK",
    "INFO",
    "STATUS",
    "Arrays",
    "K",
    "M",
    "N",
    "Shapes",
    "Written",
    "library_routine",
    "read",
    "updated",
    "work_space",
    "written",
]

Arrays: TypeAlias = Sequence[Array]
Shapes: TypeAlias = Sequence[Shape]

M, N = size("m"), size("n")
K = minimum(M, N)

BLOCK = 64
"""Columns that a blocked algorithm works on at once, at most."""

INFO = Parameter("info", Element.I64, (), Access.WRITE)
"""Where it is written whether the routine succeeded."""

STATUS = Status("info")
"""What LAPACK says of that."""


def updated(name: str, *sizes: Extent) -> Parameter:
    """A matrix that is overwritten."""
    return Parameter(name, Element.NUMBER, sizes, Access.UPDATE)


def written(name: str, *sizes: Extent, element: Element = Element.NUMBER) -> Parameter:
    """What the routine makes."""
    return Parameter(name, element, sizes, Access.WRITE)


def read(name: str, *sizes: Extent, strided: bool = False) -> Parameter:
    """What the routine looks at."""
    return Parameter(name, Element.NUMBER, sizes, Access.READ, strided)


def work_space(count: Extent, element: Element = Element.NUMBER, name: str = "work") -> Scratch:
    """Work space for so many elements."""
    return Scratch(name, element, count)


def _no_work_space(settings: Settings, number: DType) -> tuple[Scratch, ...]:
    return ()


def library_routine(
    name: str,
    summary: str,
    parameters: Callable[[Settings, DType], tuple[Parameter, ...]],
    computes: Callable[[Arrays, Shapes, Settings], Written],
    *,
    fortran: Callable[[Settings, DType], FortranCall],
    attributes: tuple[Choice | Flag | Factor, ...] = (),
    scratch: Callable[[Settings, DType], tuple[Scratch, ...]] = _no_work_space,
    status: str | None = None,
) -> Routine:
    """The record of a routine that is one call of LAPACK or BLAS."""
    return Routine(
        name,
        summary,
        LIBRARY_DTYPES,
        parameters,
        computes,
        attributes=attributes,
        scratch=scratch,
        status=status,
        fortran=fortran,
        exact=False,
        work=row_by_row,
    )

"""Factorisations that take a fixed number of steps, and triangular systems (see `matrices`)."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.routines.extents import size
from lltheano_ir.loops.routines.fortran import (
    Data,
    FortranCall,
    Layout,
    Leading,
    LeadingOf,
    Letter,
    One,
    Size,
    Status,
    Work,
    WorkSize,
)
from lltheano_ir.loops.routines.matrices import (
    BLOCK,
    INFO,
    STATUS,
    Arrays,
    K,
    M,
    N,
    Shapes,
    Written,
    library_routine,
    read,
    updated,
    work_space,
    written,
)
from lltheano_ir.loops.routines.record import Choice, Element, Flag, Routine, Settings
from lltheano_ir.ops.linalg.reflectors import assembled, eliminated, substituted

__all__ = ["LINEAR_ROUTINES"]

# --- LU: a = P L U


def _getrf(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    factors, pivots = eliminated(inputs[0].T)
    return factors.T, (pivots + 1).astype(np.int32)


def _getrf_call(settings: Settings, number: DType) -> FortranCall:
    arguments = (Size(M), Size(N), Data("a"), Leading(M), Data("pivots"), Status())
    return FortranCall("lapack", "getrf", arguments)


_GETRF = library_routine(
    "getrf",
    "L below and U on and above the diagonal of a = P L U, and the rows swapped, from 1",
    lambda settings, number: (
        updated("a", N, M),
        written("pivots", K, element=Element.I32),
    ),
    _getrf,
    fortran=_getrf_call,
)

# --- Cholesky: the lower triangle of rows is the upper one of columns


def _potrf(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    try:
        return np.linalg.cholesky(inputs[0]), np.asarray(0)
    except np.linalg.LinAlgError:
        return inputs[0], np.asarray(1)


def _potrf_call(settings: Settings, number: DType) -> FortranCall:
    arguments = (Letter("U"), Size(N), Data("a"), Leading(N), STATUS)
    return FortranCall("lapack", "potrf", arguments)


_POTRF = library_routine(
    "potrf",
    "the lower factor L of a = L L', from the lower triangle of a",
    lambda settings, number: (updated("a", N, N), INFO),
    _potrf,
    status="info",
    fortran=_potrf_call,
)

# --- triangular systems: from a x = b follows x' a' = b', which is what columns see of the rows


def _trsm(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    b, a = inputs
    with np.errstate(all="ignore"):
        return (substituted(a, b, lower=settings["triangle"] == "lower", unit=settings["unit"]),)


def _trsm_call(settings: Settings, number: DType) -> FortranCall:
    lower = settings["triangle"] == "lower"
    arguments = (
        Letter("R"),
        Layout("a", *("UL" if lower else "LU")),
        Layout("a", "N", "T"),
        Letter("U" if settings["unit"] else "N"),
        Size(N),
        Size(M),
        One(),
        Data("a"),
        LeadingOf("a"),
        Data("b"),
        Leading(N),
    )
    return FortranCall("blas", "trsm", arguments)


_TRIANGULAR = library_routine(
    "trsm",
    "x of a x = b, in the place of b, from one triangle of a, whose diagonal a `unit` one has as 1",
    lambda settings, number: (updated("b", M, N), read("a", M, M, strided=True)),
    _trsm,
    attributes=(Choice("triangle", ("lower", "upper")), Flag("unit")),
    fortran=_trsm_call,
)
_TRSM = replace(_TRIANGULAR, flops=M * M * N)

# --- QR: reflectors below the diagonal, and their scales; the matrix that they make


def _geqrf(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    packed, scales = np.linalg.qr(inputs[0].T, mode="raw")
    return packed, scales


def _geqrf_call(settings: Settings, number: DType) -> FortranCall:
    matrix = (Size(M), Size(N), Data("a"), Leading(M))
    work = (Work("work"), WorkSize("work"))
    return FortranCall("lapack", "geqrf", (*matrix, Data("scales"), *work, Status()))


_GEQRF = library_routine(
    "geqrf",
    "R on and above the diagonal of a = Q R, below it the reflectors that make Q; their scales",
    lambda settings, number: (updated("a", N, M), written("scales", K)),
    _geqrf,
    scratch=lambda settings, number: (work_space(BLOCK * N + 1),),
    fortran=_geqrf_call,
)


def _orgqr(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    with np.errstate(all="ignore"):
        return (assembled(inputs[0].T, inputs[1]).T,)


def _orgqr_call(settings: Settings, number: DType) -> FortranCall:
    matrix = (Size(M), Size(N), Size(size("k")), Data("a"), Leading(M))
    work = (Work("work"), WorkSize("work"))
    name = "ungqr" if number.is_complex else "orgqr"
    return FortranCall("lapack", name, (*matrix, Data("scales"), *work, Status()))


_ORGQR = library_routine(
    "orgqr",
    "the first columns of the product of reflectors, in their place",
    lambda settings, number: (updated("a", N, M), read("scales", size("k"))),
    _orgqr,
    scratch=lambda settings, number: (work_space(BLOCK * N + 1),),
    fortran=_orgqr_call,
)

LINEAR_ROUTINES: Mapping[str, Routine] = {
    routine.name: routine for routine in (_GETRF, _POTRF, _TRSM, _GEQRF, _ORGQR)
}
"""Each routine by its name."""

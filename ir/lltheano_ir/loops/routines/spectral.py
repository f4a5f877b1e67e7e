"""Singular values, eigenvalues and what is made of them, by iteration (see `matrices`)."""

from collections.abc import Mapping

import numpy as np

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.routines.fortran import (
    Argument,
    Data,
    FortranCall,
    Integer,
    Leading,
    Letter,
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
from lltheano_ir.loops.routines.record import Choice, Element, Parameter, Routine, Scratch, Settings
from lltheano_ir.ops.linalg.reflectors import packed_vectors
from lltheano_ir.ops.linalg.sylvester import FORMS, solved_by_lapack

__all__ = ["SPECTRAL_ROUTINES"]

_VECTORS = Choice("vectors", ("none", "full"))

# --- singular values: LAPACK is given a' = V s U', so its left vectors are our V', and the reverse


def _gesdd(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    (a,), vectors = inputs, settings["vectors"]
    if vectors == "none":
        return a, np.linalg.svd(a, compute_uv=False), np.asarray(0)
    return (a, *np.linalg.svd(a, full_matrices=vectors == "full"), np.asarray(0))


def _gesdd_parameters(settings: Settings, number: DType) -> tuple[Parameter, ...]:
    values = written("values", K, element=Element.REAL)
    if settings["vectors"] == "none":
        return updated("a", N, M), values, INFO
    rows, columns = (N, M) if settings["vectors"] == "full" else (K, K)
    left, right = written("left", N, rows), written("right", columns, M)
    return updated("a", N, M), left, values, right, INFO


def _gesdd_scratch(settings: Settings, number: DType) -> tuple[Scratch, ...]:
    plain = settings["vectors"] == "none"
    square, area = (0, 0) if plain else (K * K, M * N)
    work = work_space(BLOCK * (M + N) + 7 * K + 4 * square + 1)
    whole = work_space(8 * K + 1, Element.I32, "whole")
    if not number.is_complex:
        return work, whole
    return work, whole, work_space(8 * K + 7 * square + 2 * area + 1, Element.REAL, "real")


def _gesdd_call(settings: Settings, number: DType) -> FortranCall:
    vectors = settings["vectors"]
    # Without vectors, theirs are places that are not looked at.
    right, left = ("a", "a") if vectors == "none" else ("right", "left")
    leading = K if vectors == "reduced" else N
    arguments: tuple[Argument, ...] = (
        Letter({"none": "N", "reduced": "S", "full": "A"}[vectors]),
        Size(M),
        Size(N),
        Data("a"),
        Leading(M),
        Data("values"),
        Data(right),
        Leading(M),
        Data(left),
        Leading(leading),
        Work("work"),
        WorkSize("work"),
        *([Work("real")] if number.is_complex else []),
        Work("whole"),
        STATUS,
    )
    return FortranCall("lapack", "gesdd", arguments)


_GESDD = library_routine(
    "gesdd",
    "the singular value decomposition of a, whose elements are lost",
    _gesdd_parameters,
    _gesdd,
    attributes=(Choice("vectors", ("none", "reduced", "full")),),
    scratch=_gesdd_scratch,
    status="info",
    fortran=_gesdd_call,
)

# --- eigenvalues of symmetric matrices


def _syevd(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    values, columns = np.linalg.eigh(np.tril(inputs[0]))
    vectors = columns.conj().T if settings["vectors"] == "full" else inputs[0]
    return vectors, values, np.asarray(0)


def _syevd_scratch(settings: Settings, number: DType) -> tuple[Scratch, ...]:
    square = 0 if settings["vectors"] == "none" else N * N
    work = work_space((6 + BLOCK) * N + 2 * square + 1)
    whole = work_space(5 * N + 3, Element.I32, "whole")
    if not number.is_complex:
        return work, whole
    return work, whole, work_space(5 * N + 2 * square + 1, Element.REAL, "real")


def _syevd_call(settings: Settings, number: DType) -> FortranCall:
    names = ("work", "real", "whole") if number.is_complex else ("work", "whole")
    arguments: tuple[Argument, ...] = (
        Letter("N" if settings["vectors"] == "none" else "V"),
        Letter("U"),
        Size(N),
        Data("a"),
        Leading(N),
        Data("values"),
        *(one for name in names for one in (Work(name), WorkSize(name))),
        STATUS,
    )
    return FortranCall("lapack", "heevd" if number.is_complex else "syevd", arguments)


_SYEVD = library_routine(
    "syevd",
    "eigenvalues and, in the place of a, eigenvectors of a symmetric matrix, "
    "from its lower triangle",
    lambda settings, number: (
        updated("a", N, N),
        written("values", N, element=Element.REAL),
        INFO,
    ),
    _syevd,
    attributes=(_VECTORS,),
    scratch=_syevd_scratch,
    status="info",
    fortran=_syevd_call,
)

# --- eigenvalues: of real matrices two vectors, of complex ones a single one


def _geev(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    (a,) = inputs
    values, columns = np.linalg.eig(a.T)
    packed = packed_vectors(values, columns, a.dtype).T
    parts = (np.real(values), np.imag(values)) if a.dtype.kind == "f" else (values,)
    return (a, *parts, *((packed,) if settings["vectors"] == "full" else ()), np.asarray(0))


def _geev_values(number: DType) -> tuple[str, ...]:
    return ("values",) if number.is_complex else ("real", "imaginary")


def _geev_parameters(settings: Settings, number: DType) -> tuple[Parameter, ...]:
    values = (written(name, N) for name in _geev_values(number))
    vectors = [written("vectors", N, N)] if settings["vectors"] == "full" else []
    return updated("a", N, N), *values, *vectors, INFO


def _geev_scratch(settings: Settings, number: DType) -> tuple[Scratch, ...]:
    work = work_space((5 + 2 * BLOCK) * N + 1)
    return (work, work_space(2 * N + 1, Element.REAL, "parts")) if number.is_complex else (work,)


def _geev_call(settings: Settings, number: DType) -> FortranCall:
    plain = settings["vectors"] == "none"
    arguments: tuple[Argument, ...] = (
        Letter("N"),
        Letter("N" if plain else "V"),
        Size(N),
        Data("a"),
        Leading(N),
        *(Data(name) for name in _geev_values(number)),
        Data("a"),
        Leading(N),
        Data("a" if plain else "vectors"),
        Leading(N),
        Work("work"),
        WorkSize("work"),
        *([Work("parts")] if number.is_complex else []),
        STATUS,
    )
    return FortranCall("lapack", "geev", arguments)


_GEEV = library_routine(
    "geev",
    "eigenvalues and eigenvectors of a, whose elements are lost; for a "
    "conjugate pair the real part and then the imaginary",
    _geev_parameters,
    _geev,
    attributes=(_VECTORS,),
    scratch=_geev_scratch,
    status="info",
    fortran=_geev_call,
)

# --- Schur form: eigenvalues are not sorted, so there is no function to choose them by; they stand
# in the form, and are left in work space


def _gees(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    from scipy.linalg import schur  # noqa: PLC0415  (0.3 s to import, and rarely needed)

    (a,) = inputs
    if not a.size:
        return a, a, np.asarray(0)
    form, vectors = schur(a.T)
    return form.T, vectors.T, np.asarray(0)


def _gees_scratch(settings: Settings, number: DType) -> tuple[Scratch, ...]:
    values = (work_space(N + 1, name=name) for name in _geev_values(number))
    work = work_space((5 + 2 * BLOCK) * N + 1)
    parts = [work_space(N + 1, Element.REAL, "parts")] if number.is_complex else []
    return (*values, work, *parts)


def _gees_call(settings: Settings, number: DType) -> FortranCall:
    arguments: tuple[Argument, ...] = (
        Letter("V"),
        Letter("N"),
        Data("a"),
        Size(N),
        Data("a"),
        Leading(N),
        Status(),
        *(Work(name) for name in _geev_values(number)),
        Data("vectors"),
        Leading(N),
        Work("work"),
        WorkSize("work"),
        *([Work("parts")] if number.is_complex else []),
        Data("a"),
        STATUS,
    )
    return FortranCall("lapack", "gees", arguments)


_GEES = library_routine(
    "gees",
    "the Schur form of a, in its place, and the vectors that lead there",
    lambda settings, number: (updated("a", N, N), written("vectors", N, N), INFO),
    _gees,
    scratch=_gees_scratch,
    status="info",
    fortran=_gees_call,
)

# --- Sylvester equations: the solution times a scale, lest it overflow on the way


def _trsyl(inputs: Arrays, shapes: Shapes, settings: Settings) -> Written:
    c, a, b = inputs
    forms = (settings["a"], settings["b"])
    x, scale, info = solved_by_lapack(a.T, b.T, c.T, forms)
    return x.T, np.asarray(scale), np.asarray(info)


def _trsyl_call(settings: Settings, number: DType) -> FortranCall:
    adjoint = "C" if number.is_complex else "T"
    arguments: tuple[Argument, ...] = (
        *(Letter("N" if settings[name] == "plain" else adjoint) for name in ("a", "b")),
        Integer(1),
        Size(M),
        Size(N),
        Data("a"),
        Leading(M),
        Data("b"),
        Leading(N),
        Data("c"),
        Leading(M),
        Data("scale"),
        STATUS,
    )
    return FortranCall("lapack", "trsyl", arguments)


_TRSYL = library_routine(
    "trsyl",
    "x of a x + x b = scale c, in the place of c, for a and b in Schur form",
    lambda settings, number: (
        updated("c", N, M),
        written("scale", element=Element.REAL),
        INFO,
        read("a", M, M),
        read("b", N, N),
    ),
    _trsyl,
    attributes=(Choice("a", FORMS), Choice("b", FORMS)),
    status="info",
    fortran=_trsyl_call,
)

SPECTRAL_ROUTINES: Mapping[str, Routine] = {
    routine.name: routine for routine in (_GESDD, _SYEVD, _GEEV, _GEES, _TRSYL)
}
"""Each routine by its name."""

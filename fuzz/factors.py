"""The oracle of factorisations: what the factors of a matrix are must hold, whichever they are.

Factors are unique only up to signs, or less; so machine code is not compared with the interpreter
but with what defines the factors, in double precision, to within rounding errors as LAPACK's Users'
Guide bounds them: a modest multiple of the size and the precision, relative to the norm of the
matrix. Whether there are factors at all is compared with the interpreter.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fuzz.case import Case
from fuzz.native import NativeProgram
from fuzz.oracles import VECTOR_BYTES, Disagreement
from lltheano_ir.interpret import interpret
from lltheano_ir.nodes import Value

__all__ = ["factors_hold"]

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = Sequence[Array]

_MODEST = 40.0


def factors_hold(case: Case) -> None:
    """The results of machine code, for inputs of any layout, are factors of the first input."""
    width = VECTOR_BYTES[case.variant % len(VECTOR_BYTES)]
    program = NativeProgram(case.program, width)
    wanted, _ = interpret(case.program, case.inputs)
    root = case.program.outputs[-1].value
    made = root.operands[0] if root.op.name == "result" else root
    for arrays in (case.inputs, case.relaid()):
        found, _ = program.run(arrays)
        for one, other in zip(found, wanted, strict=True):
            if one.shape != other.shape or one.dtype != other.dtype:
                raise Disagreement(f"{one.dtype} of {one.shape}, not {other.dtype} {other.shape}")
        if not all(np.isfinite(one).all() for one in case.inputs):
            _require_failure(made, found, wanted)
        elif _agree_to_exist(case, made, found, wanted):
            _CHECKS[made.op.name](case.inputs, [_wide(one) for one in found], made)


def _wide(array: Array) -> Array:
    wide = {"f": np.float64, "c": np.complex128}.get(array.dtype.kind)
    return array if wide is None else array.astype(wide)


def _has_flag(made: Value) -> bool:
    return made.op.name in ("cholesky", "svd", "eigh", "eig", "schur", "sylvester")


def _require_failure(made: Value, found: Arrays, wanted: Arrays) -> None:
    """What is not finite ends in the same verdict, and in NaN where that is that there is none."""
    if not _has_flag(made):
        return
    if bool(found[-1]) != bool(wanted[-1]):
        raise Disagreement(f"{made.op.name} says {found[-1]}, the interpreter {wanted[-1]}")
    if not found[-1] and not all(np.isnan(one).all() for one in found[:-1]):
        raise Disagreement(f"{made.op.name} found none, but gives numbers")


def _agree_to_exist(case: Case, made: Value, found: Arrays, wanted: Arrays) -> bool:
    """Whether there are factors to check; where it is clear, both say the same."""
    if not _has_flag(made):
        return True
    if bool(found[-1]) == bool(wanted[-1]):
        return bool(found[-1])
    if made.op.name == "sylvester":
        # Whether eigenvalues are too close hangs on a rounding error where they nearly are.
        if _separation(case.inputs, made) > _tolerance(*case.inputs[:1], *case.inputs[:2]):
            raise Disagreement(f"sylvester says {found[-1]}, the interpreter {wanted[-1]}")
        return False
    a = _wide(case.inputs[0])
    least = np.linalg.eigvalsh(a).min(initial=np.inf)
    if made.op.name != "cholesky" or abs(least) > _tolerance(case.inputs[0], a):
        raise Disagreement(f"{made.op.name} says {found[-1]}, the interpreter {wanted[-1]}")
    return False


def _tolerance(array: Array, *magnitudes: Array) -> float:
    """Rounding errors of an algorithm on a matrix of this size, precision and magnitude."""
    unit = float(np.finfo(array.dtype).eps)
    norm = max((float(np.abs(one).max(initial=0)) for one in magnitudes), default=1.0)
    size = math.pow(max(1, *array.shape), 1.5)
    return _MODEST * unit * size * norm


def _require(what: str, off: Array, bound: float) -> None:
    worst = float(np.abs(off).max(initial=0))
    if not worst <= bound:
        raise Disagreement(f"{what} is off by {worst}, more than {bound}")


def _require_orthonormal(what: str, columns: Array, array: Array) -> None:
    off = columns.conj().T @ columns - np.eye(columns.shape[1])
    _require(f"the product of {what} with itself", off, _tolerance(array))


def _require_ascending(what: str, values: Array) -> None:
    if not (np.diff(values) >= 0).all():
        raise Disagreement(f"{what} are not in order: {values}")


def _lu(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), (packed, order, swaps) = inputs, found
    if sorted(order.tolist()) != list(range(a.shape[0])):
        raise Disagreement(f"{order} is no order of the rows")
    least = min(a.shape)
    lower = np.tril(packed[:, :least], -1) + np.eye(a.shape[0], least)
    upper = np.triu(packed[:least])
    most = 1.0 if a.dtype.kind == "f" else 1.5  # pivots are compared by the sum of both parts
    if (np.abs(lower) > most).any():
        raise Disagreement(f"a factor by which a row is taken away is above {most}")
    wide = _wide(a)
    _require("L U", lower @ upper - wide[order], _tolerance(a, wide, upper))
    sign = np.linalg.det(np.eye(a.shape[0])[order]) if a.shape[0] else 1.0
    if round(sign) != (-1) ** int(swaps):
        raise Disagreement(f"{swaps} rows are said to be swapped, by {order}")


def _cholesky(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), lower = inputs, found[0]
    wide = np.tril(_wide(a))
    if np.triu(lower, 1).any():
        raise Disagreement("there are elements above the diagonal of a lower factor")
    _require("L L'", np.tril(lower @ lower.conj().T) - wide, _tolerance(a, wide))


def _triangular_solve(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a, b), (x,) = inputs, found
    (triangle,) = made.attributes
    part = np.tril(_wide(a)) if triangle.endswith("lower") else np.triu(_wide(a))
    if triangle.startswith("unit"):
        np.fill_diagonal(part, 1.0)
    with np.errstate(all="ignore"):
        off = np.abs(part @ x - _wide(b))
        scale = np.abs(part) @ np.abs(x) + np.abs(_wide(b))
    # A zero on the diagonal has no finite solution; what else is not finite has overflowed.
    sound = np.isfinite(scale).all(axis=0) & np.isfinite(x).all(axis=0)
    bound = _tolerance(a) * scale[:, sound] + float(np.finfo(a.dtype).tiny)
    if (off[:, sound] > bound).any():
        raise Disagreement(f"the system is solved up to {off.max()} only")


def _qr(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), packed = inputs, found[0]
    upper, wide = np.triu(packed), _wide(a)
    # Q keeps the lengths of columns, so those of R are those of the matrix.
    off = np.linalg.norm(upper, axis=0) - np.linalg.norm(wide, axis=0)
    _require("the length of a column of R", off, _tolerance(a, np.linalg.norm(wide, axis=0)))


def _reflectors(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), (packed, _, columns) = inputs, found
    upper, wide = np.triu(packed[: a.shape[1]]), _wide(a)
    _require_orthonormal("Q", columns, a)
    _require("Q R", columns @ upper - wide, _tolerance(a, wide, np.linalg.norm(wide, axis=0)))


def _svd(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), wide = inputs, _wide(inputs[0])
    values = found[0] if made.attributes == ("none",) else found[1]
    _require_ascending("the negated singular values", -values)
    if (values < 0).any():
        raise Disagreement(f"a singular value is negative: {values}")
    off = values - np.linalg.svd(wide, compute_uv=False)
    _require("a singular value", off, _tolerance(a, values))
    if made.attributes == ("none",):
        return
    left, _, right = found[:3]
    _require_orthonormal("U", left, a)
    _require_orthonormal("V", right.conj().T, a)
    least = len(values)
    _require("U S V'", left[:, :least] * values @ right[:least] - wide, _tolerance(a, values))


def _eigh(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), values = inputs, found[0]
    lower = np.tril(_wide(a))
    whole = lower + np.tril(lower, -1).conj().T
    _require_ascending("the eigenvalues", values)
    _require("an eigenvalue", values - np.linalg.eigvalsh(whole), _tolerance(a, values))
    if made.attributes == ("full",):
        vectors = found[1]
        _require_orthonormal("the eigenvectors", vectors, a)
        _require("A V - V w", whole @ vectors - vectors * values, _tolerance(a, values, whole))


def _eig(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), wide = inputs, _wide(inputs[0])
    values = found[0] + 1j * found[1]
    norm = np.asarray(np.linalg.norm(wide) if wide.size else 0.0)
    _require("the sum of the eigenvalues", values.sum() - np.trace(wide), _tolerance(a, norm))
    if made.attributes == ("full",):
        vectors = _unpacked(found[2], found[1])
        _require("the length of an eigenvector", np.linalg.norm(vectors, axis=0) - 1, _tolerance(a))
        _require("A V - V w", wide @ vectors - vectors * values, _tolerance(a, norm))


def _unpacked(packed: Array, imaginary: Array) -> Array:
    """The eigenvectors; those of a pair stand as the real and the imaginary part of the first."""
    vectors = packed.astype(np.complex128)
    if packed.dtype.kind == "c":
        return vectors
    for place in np.flatnonzero(imaginary > 0):
        vectors[:, place] = packed[:, place] + 1j * packed[:, place + 1]
        vectors[:, place + 1] = vectors[:, place].conj()
    return vectors


def _schur(inputs: Arrays, found: Arrays, made: Value) -> None:
    (a,), (form, vectors, _) = inputs, found
    wide = _wide(a)
    norm = np.asarray(np.linalg.norm(wide) if wide.size else 0.0)
    _require_orthonormal("Z", vectors, a)
    _require("Z T Z'", vectors @ form @ vectors.conj().T - wide, _tolerance(a, norm))
    below = np.diag(form, -1) != 0
    if np.tril(form, -2).any() or (below[1:] & below[:-1]).any():
        raise Disagreement("the form has elements below its blocks")
    if a.dtype.kind == "c" and below.any():
        raise Disagreement("the form of a complex matrix is no triangle")


def _coefficients(inputs: Arrays, made: Value) -> list[Array]:
    given = zip(inputs[:2], made.attributes, strict=True)
    return [_wide(one) if form == "plain" else _wide(one).conj().T for one, form in given]


def _separation(inputs: Arrays, made: Value) -> float:
    """The least distance of an eigenvalue of a from one of -b."""
    left, right = (np.linalg.eigvals(one) for one in _coefficients(inputs, made))
    return float(np.abs(left[:, None] + right).min(initial=np.inf))


def _sylvester(inputs: Arrays, found: Arrays, made: Value) -> None:
    """The residual is small beside the solution (N. Higham, Accuracy and Stability of Numerical
    Algorithms, 2nd edition, SIAM 2002, section 16.1).
    """
    a, b = _coefficients(inputs, made)
    c, x = _wide(inputs[2]), found[0]
    if not np.isfinite(x).all():
        return  # the solution is out of the dtype's range
    norms = [float(np.linalg.norm(one)) if one.size else 0.0 for one in (a, b, c, x)]
    bound = _tolerance(inputs[2]) * ((norms[0] + norms[1]) * norms[3] + norms[2])
    _require("a x + x b - c", a @ x + x @ b - c, bound)


_CHECKS: Mapping[str, Callable[[Arrays, Arrays, Value], None]] = {
    "lu": _lu,
    "cholesky": _cholesky,
    "triangular_solve": _triangular_solve,
    "qr": _qr,
    "reflectors": _reflectors,
    "svd": _svd,
    "eigh": _eigh,
    "eig": _eig,
    "schur": _schur,
    "sylvester": _sylvester,
}
"""What the results of each op must be."""

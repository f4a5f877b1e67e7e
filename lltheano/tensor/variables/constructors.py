"""Constructors of variables, by dtype and number of axes.

`T.dmatrix("x")` is a float64 matrix: the prefixes are b w i l (int8 to int64), ub uw ui ul
(unsigned), f d (float32, float64), c z (complex64, complex128). Each such name is a `TensorType`.
Without a prefix the dtype is floatX, or the one that is named: `T.matrix("x", dtype="int8")`. The
plurals make several at once.
"""

from typing import Any, Protocol

from lltheano.tensor.variables.variable import TensorType, TensorVariable

# fmt: off
__all__ = [  # noqa: RUF022 - by dtype and kind
    "tensor",
    "scalar", "vector", "matrix", "row", "col", "tensor3", "tensor4", "tensor5", "tensor6",
    "tensor7",
    "scalars", "vectors", "matrices", "rows", "cols", "tensor3s", "tensor4s", "tensor5s",
    "tensor6s", "tensor7s",
    "bscalar", "bvector", "bmatrix", "brow", "bcol", "btensor3", "btensor4", "btensor5",
    "btensor6", "btensor7",
    "wscalar", "wvector", "wmatrix", "wrow", "wcol", "wtensor3", "wtensor4", "wtensor5",
    "wtensor6", "wtensor7",
    "iscalar", "ivector", "imatrix", "irow", "icol", "itensor3", "itensor4", "itensor5",
    "itensor6", "itensor7",
    "lscalar", "lvector", "lmatrix", "lrow", "lcol", "ltensor3", "ltensor4", "ltensor5",
    "ltensor6", "ltensor7",
    "ubscalar", "ubvector", "ubmatrix", "ubrow", "ubcol", "ubtensor3", "ubtensor4", "ubtensor5",
    "ubtensor6", "ubtensor7",
    "uwscalar", "uwvector", "uwmatrix", "uwrow", "uwcol", "uwtensor3", "uwtensor4", "uwtensor5",
    "uwtensor6", "uwtensor7",
    "uiscalar", "uivector", "uimatrix", "uirow", "uicol", "uitensor3", "uitensor4", "uitensor5",
    "uitensor6", "uitensor7",
    "ulscalar", "ulvector", "ulmatrix", "ulrow", "ulcol", "ultensor3", "ultensor4", "ultensor5",
    "ultensor6", "ultensor7",
    "fscalar", "fvector", "fmatrix", "frow", "fcol", "ftensor3", "ftensor4", "ftensor5",
    "ftensor6", "ftensor7",
    "dscalar", "dvector", "dmatrix", "drow", "dcol", "dtensor3", "dtensor4", "dtensor5",
    "dtensor6", "dtensor7",
    "cscalar", "cvector", "cmatrix", "crow", "ccol", "ctensor3", "ctensor4", "ctensor5",
    "ctensor6", "ctensor7",
    "zscalar", "zvector", "zmatrix", "zrow", "zcol", "ztensor3", "ztensor4", "ztensor5",
    "ztensor6", "ztensor7",
    "bscalars", "bvectors", "bmatrices", "brows", "bcols", "btensor3s", "btensor4s", "btensor5s",
    "btensor6s", "btensor7s",
    "wscalars", "wvectors", "wmatrices", "wrows", "wcols", "wtensor3s", "wtensor4s", "wtensor5s",
    "wtensor6s", "wtensor7s",
    "iscalars", "ivectors", "imatrices", "irows", "icols", "itensor3s", "itensor4s", "itensor5s",
    "itensor6s", "itensor7s",
    "lscalars", "lvectors", "lmatrices", "lrows", "lcols", "ltensor3s", "ltensor4s", "ltensor5s",
    "ltensor6s", "ltensor7s",
    "ubscalars", "ubvectors", "ubmatrices", "ubrows", "ubcols", "ubtensor3s", "ubtensor4s",
    "ubtensor5s", "ubtensor6s", "ubtensor7s",
    "uwscalars", "uwvectors", "uwmatrices", "uwrows", "uwcols", "uwtensor3s", "uwtensor4s",
    "uwtensor5s", "uwtensor6s", "uwtensor7s",
    "uiscalars", "uivectors", "uimatrices", "uirows", "uicols", "uitensor3s", "uitensor4s",
    "uitensor5s", "uitensor6s", "uitensor7s",
    "ulscalars", "ulvectors", "ulmatrices", "ulrows", "ulcols", "ultensor3s", "ultensor4s",
    "ultensor5s", "ultensor6s", "ultensor7s",
    "fscalars", "fvectors", "fmatrices", "frows", "fcols", "ftensor3s", "ftensor4s", "ftensor5s",
    "ftensor6s", "ftensor7s",
    "dscalars", "dvectors", "dmatrices", "drows", "dcols", "dtensor3s", "dtensor4s", "dtensor5s",
    "dtensor6s", "dtensor7s",
    "cscalars", "cvectors", "cmatrices", "crows", "ccols", "ctensor3s", "ctensor4s", "ctensor5s",
    "ctensor6s", "ctensor7s",
    "zscalars", "zvectors", "zmatrices", "zrows", "zcols", "ztensor3s", "ztensor4s", "ztensor5s",
    "ztensor6s", "ztensor7s",
]
# fmt: on

_T = TensorType
_Types = tuple[_T, _T, _T, _T, _T, _T, _T, _T, _T, _T]


class _Plural(Protocol):
    """What a type checker is told of `dmatrices` and the like.

    For a single name they give the variable itself, as Theano's do: a program that is checked
    writes `dmatrix(name)` for that.
    """

    def __call__(self, *names: Any, dtype: Any = None) -> list[TensorVariable]: ...


_P = _Plural
_Plurals = tuple[_P, _P, _P, _P, _P, _P, _P, _P, _P, _P]

_PATTERNS: dict[str, tuple[bool, ...]] = {
    "scalar": (),
    "vector": (False,),
    "matrix": (False, False),
    "row": (True, False),
    "col": (False, True),
    "tensor3": (False,) * 3,
    "tensor4": (False,) * 4,
    "tensor5": (False,) * 5,
    "tensor6": (False,) * 6,
    "tensor7": (False,) * 7,
}
_PREFIXES = {
    "int8": "b",
    "int16": "w",
    "int32": "i",
    "int64": "l",
    "uint8": "ub",
    "uint16": "uw",
    "uint32": "ui",
    "uint64": "ul",
    "float32": "f",
    "float64": "d",
    "complex64": "c",
    "complex128": "z",
}


def _types(dtype: str) -> _Types:
    """The type of each pattern, in the order of `_PATTERNS`."""
    return (
        TensorType(dtype, _PATTERNS["scalar"]),
        TensorType(dtype, _PATTERNS["vector"]),
        TensorType(dtype, _PATTERNS["matrix"]),
        TensorType(dtype, _PATTERNS["row"]),
        TensorType(dtype, _PATTERNS["col"]),
        TensorType(dtype, _PATTERNS["tensor3"]),
        TensorType(dtype, _PATTERNS["tensor4"]),
        TensorType(dtype, _PATTERNS["tensor5"]),
        TensorType(dtype, _PATTERNS["tensor6"]),
        TensorType(dtype, _PATTERNS["tensor7"]),
    )


def _plural(pattern: str, dtype: str | None) -> _P:
    def several(*names: Any, dtype: Any = dtype) -> Any:
        kind = TensorType("floatX" if dtype is None else dtype, _PATTERNS[pattern])
        if len(names) == 1 and isinstance(names[0], int):
            names = (None,) * names[0]
        elif len(names) == 1 and isinstance(names[0], str | list | tuple):
            names = tuple(names[0])
        result = [kind(name) for name in names]
        return result[0] if len(result) == 1 else result

    several.__doc__ = _plural_documentation(dtype)
    return several


def _plural_documentation(dtype: str | None) -> str:
    """What the plurals of a dtype have in common."""
    prefix = "" if dtype is None else _PREFIXES[dtype]
    usual = "floatX" if dtype is None else dtype
    return f"""Return a variable for each name, as a list; for one name the variable itself.

    Each letter of a single string is a name, as in Theano. A number asks for that many variables
    without names. `dtype` is {usual} unless given.

    >>> import lltheano.tensor as T
    >>> T.{prefix}vectors("x", "y")
    [x, y]
    >>> len(T.{prefix}matrices(3))
    3
    """


def _plurals(dtype: str | None) -> _Plurals:
    """The plural constructor of each pattern, in the order of `_PATTERNS`."""
    return (
        _plural("scalar", dtype),
        _plural("vector", dtype),
        _plural("matrix", dtype),
        _plural("row", dtype),
        _plural("col", dtype),
        _plural("tensor3", dtype),
        _plural("tensor4", dtype),
        _plural("tensor5", dtype),
        _plural("tensor6", dtype),
        _plural("tensor7", dtype),
    )


def tensor(dtype: Any, broadcastable: Any, name: str | None = None) -> TensorVariable:
    """Return a variable of any dtype and broadcast pattern.

    >>> tensor("float32", (False, True), name="x").type
    TensorType(float32, col)
    """
    return TensorType(dtype, broadcastable)(name)


def _of_float(pattern: str, name: str | None, dtype: Any) -> TensorVariable:
    return TensorType("floatX" if dtype is None else dtype, _PATTERNS[pattern])(name)


def scalar(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable without axes, of dtype floatX unless one is named.

    >>> scalar("x", dtype="float32").type
    TensorType(float32, scalar)
    """
    return _of_float("scalar", name, dtype)


def vector(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable with one axis, of dtype floatX unless one is named.

    >>> vector("x", dtype="float32").type
    TensorType(float32, vector)
    """
    return _of_float("vector", name, dtype)


def matrix(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable with two axes, of dtype floatX unless one is named.

    >>> matrix("x", dtype="float32").type
    TensorType(float32, matrix)
    """
    return _of_float("matrix", name, dtype)


def row(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a matrix whose first axis broadcasts, of dtype floatX unless one is named.

    >>> row("x", dtype="float32").type
    TensorType(float32, row)
    """
    return _of_float("row", name, dtype)


def col(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a matrix whose second axis broadcasts, of dtype floatX unless one is named.

    >>> col("x", dtype="float32").type
    TensorType(float32, col)
    """
    return _of_float("col", name, dtype)


def tensor3(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable with 3 axes, of dtype floatX unless one is named.

    >>> tensor3("x", dtype="float32").type
    TensorType(float32, 3D)
    """
    return _of_float("tensor3", name, dtype)


def tensor4(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable with 4 axes, of dtype floatX unless one is named.

    >>> tensor4("x", dtype="float32").type
    TensorType(float32, 4D)
    """
    return _of_float("tensor4", name, dtype)


def tensor5(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable with 5 axes, of dtype floatX unless one is named.

    >>> tensor5("x", dtype="float32").type
    TensorType(float32, 5D)
    """
    return _of_float("tensor5", name, dtype)


def tensor6(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable with 6 axes, of dtype floatX unless one is named.

    >>> tensor6("x", dtype="float32").type
    TensorType(float32, 6D)
    """
    return _of_float("tensor6", name, dtype)


def tensor7(name: str | None = None, dtype: Any = None) -> TensorVariable:
    """Return a variable with 7 axes, of dtype floatX unless one is named.

    >>> tensor7("x", dtype="float32").type
    TensorType(float32, 7D)
    """
    return _of_float("tensor7", name, dtype)


# fmt: off
(
    bscalar, bvector, bmatrix, brow, bcol, btensor3, btensor4, btensor5, btensor6, btensor7,
) = _types("int8")
(
    wscalar, wvector, wmatrix, wrow, wcol, wtensor3, wtensor4, wtensor5, wtensor6, wtensor7,
) = _types("int16")
(
    iscalar, ivector, imatrix, irow, icol, itensor3, itensor4, itensor5, itensor6, itensor7,
) = _types("int32")
(
    lscalar, lvector, lmatrix, lrow, lcol, ltensor3, ltensor4, ltensor5, ltensor6, ltensor7,
) = _types("int64")
(
    ubscalar, ubvector, ubmatrix, ubrow, ubcol, ubtensor3, ubtensor4, ubtensor5, ubtensor6,
    ubtensor7,
) = _types("uint8")
(
    uwscalar, uwvector, uwmatrix, uwrow, uwcol, uwtensor3, uwtensor4, uwtensor5, uwtensor6,
    uwtensor7,
) = _types("uint16")
(
    uiscalar, uivector, uimatrix, uirow, uicol, uitensor3, uitensor4, uitensor5, uitensor6,
    uitensor7,
) = _types("uint32")
(
    ulscalar, ulvector, ulmatrix, ulrow, ulcol, ultensor3, ultensor4, ultensor5, ultensor6,
    ultensor7,
) = _types("uint64")
(
    fscalar, fvector, fmatrix, frow, fcol, ftensor3, ftensor4, ftensor5, ftensor6, ftensor7,
) = _types("float32")
(
    dscalar, dvector, dmatrix, drow, dcol, dtensor3, dtensor4, dtensor5, dtensor6, dtensor7,
) = _types("float64")
(
    cscalar, cvector, cmatrix, crow, ccol, ctensor3, ctensor4, ctensor5, ctensor6, ctensor7,
) = _types("complex64")
(
    zscalar, zvector, zmatrix, zrow, zcol, ztensor3, ztensor4, ztensor5, ztensor6, ztensor7,
) = _types("complex128")
(
    scalars, vectors, matrices, rows, cols, tensor3s, tensor4s, tensor5s, tensor6s, tensor7s,
) = _plurals(None)
(
    bscalars, bvectors, bmatrices, brows, bcols, btensor3s, btensor4s, btensor5s, btensor6s,
    btensor7s,
) = _plurals("int8")
(
    wscalars, wvectors, wmatrices, wrows, wcols, wtensor3s, wtensor4s, wtensor5s, wtensor6s,
    wtensor7s,
) = _plurals("int16")
(
    iscalars, ivectors, imatrices, irows, icols, itensor3s, itensor4s, itensor5s, itensor6s,
    itensor7s,
) = _plurals("int32")
(
    lscalars, lvectors, lmatrices, lrows, lcols, ltensor3s, ltensor4s, ltensor5s, ltensor6s,
    ltensor7s,
) = _plurals("int64")
(
    ubscalars, ubvectors, ubmatrices, ubrows, ubcols, ubtensor3s, ubtensor4s, ubtensor5s,
    ubtensor6s, ubtensor7s,
) = _plurals("uint8")
(
    uwscalars, uwvectors, uwmatrices, uwrows, uwcols, uwtensor3s, uwtensor4s, uwtensor5s,
    uwtensor6s, uwtensor7s,
) = _plurals("uint16")
(
    uiscalars, uivectors, uimatrices, uirows, uicols, uitensor3s, uitensor4s, uitensor5s,
    uitensor6s, uitensor7s,
) = _plurals("uint32")
(
    ulscalars, ulvectors, ulmatrices, ulrows, ulcols, ultensor3s, ultensor4s, ultensor5s,
    ultensor6s, ultensor7s,
) = _plurals("uint64")
(
    fscalars, fvectors, fmatrices, frows, fcols, ftensor3s, ftensor4s, ftensor5s, ftensor6s,
    ftensor7s,
) = _plurals("float32")
(
    dscalars, dvectors, dmatrices, drows, dcols, dtensor3s, dtensor4s, dtensor5s, dtensor6s,
    dtensor7s,
) = _plurals("float64")
(
    cscalars, cvectors, cmatrices, crows, ccols, ctensor3s, ctensor4s, ctensor5s, ctensor6s,
    ctensor7s,
) = _plurals("complex64")
(
    zscalars, zvectors, zmatrices, zrows, zcols, ztensor3s, ztensor4s, ztensor5s, ztensor6s,
    ztensor7s,
) = _plurals("complex128")
# fmt: on

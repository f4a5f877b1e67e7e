"""The element types of the IR, each with its NumPy equivalent.

A `DType` is a singleton: two dtypes are equal exactly when they are the same object, so dtypes may
be compared with `is`. Byte order is always the machine's own.

>>> f32.itemsize, f32.numpy, parse_dtype("i64") is i64
(4, dtype('float32'), True)
"""

import numpy as np

from lltheano_ir.records import record

__all__ = [
    "ALL_DTYPES",
    "DType",
    "bool_",
    "c64",
    "c128",
    "dtype_of",
    "f16",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "parse_dtype",
    "u8",
    "u16",
    "u32",
    "u64",
]


@record(frozen=True, eq=False)
class DType:
    """An element type: `name` as the IR's text spells it, and the NumPy dtype of its values."""

    name: str
    numpy: np.dtype[np.generic]

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.numpy.itemsize

    @property
    def is_bool(self) -> bool:
        """True for `bool` alone."""
        return self.numpy.kind == "b"

    @property
    def is_integer(self) -> bool:
        """True for signed and unsigned integers, false for `bool`."""
        return self.numpy.kind in "iu"

    @property
    def is_signed(self) -> bool:
        """True for signed integers."""
        return self.numpy.kind == "i"

    @property
    def is_float(self) -> bool:
        """True for the real floating types."""
        return self.numpy.kind == "f"

    @property
    def is_complex(self) -> bool:
        """True for the complex types."""
        return self.numpy.kind == "c"

    @property
    def real(self) -> "DType":
        """The type of the real and imaginary parts; the type itself when it is not complex."""
        return {"c64": f32, "c128": f64}.get(self.name, self)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[object, ...]:
        return parse_dtype, (self.name,)


bool_ = DType("bool", np.dtype(np.bool_))
i8 = DType("i8", np.dtype(np.int8))
i16 = DType("i16", np.dtype(np.int16))
i32 = DType("i32", np.dtype(np.int32))
i64 = DType("i64", np.dtype(np.int64))
u8 = DType("u8", np.dtype(np.uint8))
u16 = DType("u16", np.dtype(np.uint16))
u32 = DType("u32", np.dtype(np.uint32))
u64 = DType("u64", np.dtype(np.uint64))
f16 = DType("f16", np.dtype(np.float16))
f32 = DType("f32", np.dtype(np.float32))
f64 = DType("f64", np.dtype(np.float64))
c64 = DType("c64", np.dtype(np.complex64))
c128 = DType("c128", np.dtype(np.complex128))

ALL_DTYPES = (bool_, i8, i16, i32, i64, u8, u16, u32, u64, f16, f32, f64, c64, c128)

_BY_NAME = {dtype.name: dtype for dtype in ALL_DTYPES}
_BY_NUMPY = {dtype.numpy: dtype for dtype in ALL_DTYPES}


def parse_dtype(name: str) -> DType:
    """Return the dtype that the IR's text calls `name`; ValueError when there is none."""
    try:
        return _BY_NAME[name]
    except KeyError:
        known = ", ".join(_BY_NAME)
        raise ValueError(f"no dtype is called {name!r}; the dtypes are {known}") from None


def dtype_of(numpy_dtype: "np.dtype[np.generic] | str | type[np.generic]") -> DType:
    """Return the IR dtype of a NumPy dtype, whatever its byte order.

    >>> dtype_of("float64"), dtype_of(np.dtype(">i4"))
    (f64, i32)
    """
    wanted = np.dtype(numpy_dtype).newbyteorder("=")
    try:
        return _BY_NUMPY[wanted]
    except KeyError:
        known = ", ".join(str(dtype.numpy) for dtype in ALL_DTYPES)
        raise ValueError(f"dtype {wanted} has no equivalent in the IR, which has {known}") from None

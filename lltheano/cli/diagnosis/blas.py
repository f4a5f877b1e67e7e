"""Which BLAS a function's address belongs to, and how many threads it runs."""

import ctypes
import os
from pathlib import Path

__all__ = ["blas_library", "blas_threads"]

_THREAD_COUNTS = (
    "scipy_openblas_get_num_threads",
    "openblas_get_num_threads",
    "scipy_openblas_get_num_threads64_",
    "openblas_get_num_threads64_",
    "MKL_Get_Max_Threads",
)


class _SharedObject(ctypes.Structure):
    """`Dl_info` of the C library."""

    _fields_ = (
        ("path", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("symbol", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def blas_library(address: int) -> str | None:
    """The BLAS that the library at `address` is linked with, or that library itself.

    SciPy's extension is only a way in; what computes lies beside it in `scipy.libs`.
    """
    path = _containing(address)
    if path is None:
        return None
    mapped = _mapped_libraries()
    for word in ("openblas", "mkl", "blis", "accelerate"):
        for library in mapped:
            if word in Path(library).name.lower() and "numpy" not in library:
                return library
    return path


def _containing(address: int) -> str | None:
    """The file that the memory at an address was loaded from."""
    result = _SharedObject()
    library = ctypes.CDLL(None)
    if not hasattr(library, "dladdr"):
        return None
    if not library.dladdr(ctypes.c_void_p(address), ctypes.byref(result)):
        return None
    return os.fsdecode(result.path) if result.path else None


def _mapped_libraries() -> list[str]:
    """The files of shared libraries in this process, where the system tells."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    paths = (line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6)
    return list(dict.fromkeys(path for path in paths if ".so" in path))


def blas_threads(library: str | None) -> int | None:
    """How many threads the BLAS in a file runs; None when it does not say."""
    if library is None:
        return None
    loaded = ctypes.CDLL(library)
    for name in _THREAD_COUNTS:
        if hasattr(loaded, name):
            return int(getattr(loaded, name)())
    return None

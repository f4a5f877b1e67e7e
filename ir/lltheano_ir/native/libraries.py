"""The libraries that compiled code may call: libc, libm, BLAS, LAPACK, special functions, f16
conversions.

Nothing is loaded or looked up before code needs it. BLAS, LAPACK and the special functions are
SciPy's, reached through the C entry points that it publishes for other extensions. The first two
have Fortran's calling convention, where every argument is a pointer, and 32-bit integers; special
functions take and give doubles.
"""

import ctypes
import importlib
import sys
from collections.abc import Mapping
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

from lltheano_ir.native.callees import Callee, CalleeError, CalleeTable
from lltheano_ir.native.half import HalfConversions

__all__ = [
    "CLibrary",
    "CythonLibrary",
    "blas",
    "lapack",
    "libc",
    "libm",
    "special",
    "standard_callees",
]

_LIBC = {
    "aligned_alloc": "ptr (i64, i64)",
    "free": "void (ptr)",
    "memcmp": "i32 (ptr, ptr, i64)",
    "memcpy": "ptr (ptr, ptr, i64)",
    "memmove": "ptr (ptr, ptr, i64)",
    "memset": "ptr (ptr, i32, i64)",
}

# fmt: off
_LIBM_UNARY = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "ceil", "cos", "cosh", "erf",
    "erfc", "exp", "exp2", "expm1", "fabs", "floor", "lgamma", "log", "log10", "log1p", "log2",
    "nearbyint", "rint", "round", "roundeven", "sin", "sinh", "sqrt", "tan", "tanh", "tgamma",
    "trunc",
)
_LIBM_BINARY = (
    "atan2", "copysign", "fmax", "fmin", "fmod", "hypot", "nextafter", "pow", "remainder",
)
# fmt: on


class CLibrary:
    """Functions of the C library of this process, by signature."""

    def __init__(self, signatures: Mapping[str, str], origin: str) -> None:
        self._signatures = dict(signatures)
        self._origin = origin

    def find(self, name: str) -> Callee | None:
        """The function of that name; None if it is not of this library, or this system has none."""
        signature = self._signatures.get(name)
        function = getattr(_process(), name, None) if signature else None
        if signature is None or function is None:
            return None
        address = ctypes.cast(function, ctypes.c_void_p).value
        return Callee(name, address or 0, signature, self._origin)


class CythonLibrary:
    """The C functions that a Cython module publishes, their names behind a prefix.

    Functions that return complex numbers by value have no one LLVM signature for all machines, and
    are left out. Of a function for several types (Cython's fused types, each with a number in its
    name) it is the one for doubles.

    Parameters
    ----------
    module
        The module's name, such as `scipy.linalg.cython_blas`.
    prefix
        What callees' names begin with: `blas_` makes `dgemm` the callee `blas_dgemm`.
    """

    def __init__(self, module: str, prefix: str) -> None:
        self._module = module
        self._prefix = prefix

    def find(self, name: str) -> Callee | None:
        """The function of that name, or None if the module publishes no such function."""
        if not name.startswith(self._prefix):
            return None
        module = _load_alone(self._module)
        stem = name.removeprefix(self._prefix)
        for published in (stem, f"__pyx_fuse_0{stem}", f"__pyx_fuse_1{stem}"):
            capsule = module.__pyx_capi__.get(published)
            signature = _llvm_signature(_capsule_name(capsule)) if capsule is not None else None
            if signature is not None:
                return Callee(name, _capsule_address(capsule), signature, self._module, module)
        return None


def libc() -> CLibrary:
    """Memory functions: `memcpy`, `memmove`, `memset`, `memcmp`, `aligned_alloc`, `free`."""
    return CLibrary(_LIBC, "libc")


def libm() -> CLibrary:
    """Mathematics, for f64 under C's names and for f32 with C's `f` after them.

    >>> libm().find("fmodf").signature
    'float (float, float)'
    """
    signatures = {"fma": "double (double, double, double)", "fmaf": "float (float, float, float)"}
    for names, arity in ((_LIBM_UNARY, 1), (_LIBM_BINARY, 2)):
        for name in names:
            signatures[name] = f"double ({', '.join(['double'] * arity)})"
            signatures[f"{name}f"] = f"float ({', '.join(['float'] * arity)})"
    return CLibrary(signatures, "libm")


def blas() -> CythonLibrary:
    """BLAS as SciPy ships it: `dgemm` is the callee `blas_dgemm`."""
    return CythonLibrary("scipy.linalg.cython_blas", "blas_")


def lapack() -> CythonLibrary:
    """LAPACK as SciPy ships it: `dgesv` is the callee `lapack_dgesv`."""
    return CythonLibrary("scipy.linalg.cython_lapack", "lapack_")


def special() -> CythonLibrary:
    """Special functions as SciPy ships them: `gamma` is the callee `special_gamma`.

    The last argument is Cython's own, 0.

    >>> special().find("special_gammainc").signature
    'double (double, double, i32)'
    """
    return CythonLibrary("scipy.special.cython_special", "special_")


def standard_callees() -> CalleeTable:
    """A new table with all the libraries here, to which a run time adds its own callees.

    >>> "memcpy" in standard_callees(), "system" in standard_callees()
    (True, False)
    """
    return CalleeTable(libraries=(libc(), libm(), HalfConversions(), blas(), lapack(), special()))


@cache
def _process() -> ctypes.CDLL:
    """What is linked into this process: libc and libm are, since Python itself needs both."""
    return ctypes.CDLL(None)


@cache
def _load_alone(name: str) -> ModuleType:
    """Import an extension module of SciPy without the package that it lives in.

    `import scipy.linalg` takes 250 to 350 ms, for Python code that nobody here calls; the extension
    alone takes 20. It is found and loaded by the import system's own finder and loader. It does not
    stay in `sys.modules`, where it would hide from a later `import scipy.linalg` that its parent
    has yet to hold it; such an import then gets the same module.
    """
    package, _, _ = name.rpartition(".")
    if package not in sys.modules:
        root = importlib.import_module(name.partition(".")[0])
        folder = Path(str(root.__file__)).parent.joinpath(*package.split(".")[1:])
        spec = PathFinder.find_spec(name, [str(folder)])
        if spec is not None and spec.loader is not None:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.modules.pop(name, None)
            return module
    return importlib.import_module(name)


def _capsule_name(capsule: object) -> bytes:
    get_name = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)
    return bytes(get_name(("PyCapsule_GetName", ctypes.pythonapi))(capsule))


def _capsule_address(capsule: object) -> int:
    get_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    get = get_pointer(("PyCapsule_GetPointer", ctypes.pythonapi))
    return int(get(capsule, _capsule_name(capsule)))


def _llvm_signature(c_signature: bytes) -> str | None:
    """LLVM's function type for the C signature that a capsule of Cython's has as its name."""
    result, _, parameters = c_signature.decode().rstrip(")").partition(" (")
    if "int64" in parameters or "long" in parameters:
        raise CalleeError(f"this SciPy's BLAS takes 64-bit integers: {c_signature.decode()}")
    types = [_llvm_type(parameter.strip()) for parameter in parameters.split(",")]
    returns = {"void": "void", "int": "i32", "double": "double"}.get(result.strip()) or {
        "_d": "double",
        "_s": "float",
    }.get(result[-2:])
    if returns is None or None in types:
        return None
    return f"{returns} ({', '.join(map(str, types))})"


def _llvm_type(parameter: str) -> str | None:
    if parameter.endswith("*"):
        return "ptr"
    return {"double": "double", "int __pyx_skip_dispatch": "i32"}.get(parameter)

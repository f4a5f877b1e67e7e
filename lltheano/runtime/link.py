"""Loading the native half of the run time: what it calls, and its place in a fork.

Apart from `native_code` because the compiler that this module needs takes some 60 ms to import:
whoever only builds graphs should not pay for it.
"""

import ctypes
import platform
from typing import Any

import numpy as np

from lltheano.runtime.assembly import declarations, module_text
from lltheano_ir.native.callees import Callee, CalleeTable
from lltheano_ir.native.mcjit import LoadedCode, compile_module
from lltheano_ir.native.object_cache import ObjectCache, cache_folder

__all__ = ["call_around_forks", "load_module", "numpy_table"]

# Positions in NumPy's table of C functions, which is part of its ABI.
_NUMPY_TABLE = {"PyArray_UpdateFlags": 92, "PyArray_New": 93, "PyArray_SetBaseObject": 282}


def load_module() -> LoadedCode:
    """The code of the native half, in memory for good.

    Arrays that outlive everything else still return their blocks through it, so not even the end of
    the interpreter may unload it.
    """
    text = module_text(machine=platform.machine())
    loaded = compile_module(text, _system_callees(), cache=ObjectCache(cache_folder()))
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(loaded))
    return loaded


def numpy_table() -> Any:
    """NumPy's table of C addresses, which the capsule `_ARRAY_API` publishes to C extensions."""
    unwrap = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi)
    )
    capsule = np._core.multiarray._ARRAY_API  # type: ignore[attr-defined]
    table = unwrap(capsule, None)
    return (ctypes.c_size_t * (max(_NUMPY_TABLE.values()) + 1)).from_address(table)


def call_around_forks(before: int, after: int) -> None:
    """Have the C library call the functions at these addresses right before and after each fork.

    Python's own hooks would not do for a lock of the pool: those of other packages run in between,
    and an array that dies there returns its block.

    Raises
    ------
    OSError
        The system has no memory to remember them.
    """
    library = ctypes.CDLL(None)
    arguments = [ctypes.c_void_p(address) for address in (before, after, after)]
    if hasattr(library, "pthread_atfork"):
        status = library.pthread_atfork(*arguments)
    else:  # glibc exports it under the name that its static stub calls
        status = library["__register_atfork"](*arguments, None)
    if status:
        raise OSError(status, "the C library took no handlers for fork")


def _system_callees() -> CalleeTable:
    """A callee for each outside function that native code calls, and for what intrinsics become."""
    memory = [("ptr", "memcpy", "(ptr, ptr, i64)"), ("ptr", "memset", "(ptr, i32, i64)")]
    memory.append(("ptr", "memmove", "(ptr, ptr, i64)"))
    return CalleeTable(
        Callee(name, _system_address(name), f"{result} {parameters}", "lltheano.runtime")
        for result, name, parameters in [*declarations(), *memory]
    )


def _system_address(name: str) -> int:
    if name in _NUMPY_TABLE:
        return int(numpy_table()[_NUMPY_TABLE[name]])
    library = ctypes.pythonapi if name.startswith("Py") else ctypes.CDLL(None)
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    return address or 0

"""The native half of the run time: compile it once, and call it.

Invariants: there is one `NativeCode` in a process, since there is one pool; it is never unloaded,
since arrays that outlive everything else still return their blocks through it. Functions in it
that can wait or take long are called without the GIL, all others with it.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lltheano.runtime.threads import thread_count
from lltheano_ir.locks import ProcessLock

if TYPE_CHECKING:
    from lltheano_ir.native.callees import Callee
    from lltheano_ir.native.mcjit import LoadedCode

__all__ = [
    "NativeCode",
    "native_code",
    "new_record",
    "pool_callees",
]

# In NumPy's table of C addresses.
_NUMPY_ARRAY_TYPE = 2

_POINTER = ctypes.c_void_p
_I32 = ctypes.c_int32
_I64 = ctypes.c_int64
_OBJECT = ctypes.py_object
_RECORD = (_I32, _POINTER, _POINTER, _I64)


class NativeCode:
    """The run time's native functions, loaded into this process. Get it from `native_code`.

    Attributes named after a native function call it with the GIL held; those that end in
    `_released` release it for the call.
    """

    def __init__(self, loaded: "LoadedCode", array_type: int) -> None:
        self._loaded = loaded
        self._bind_pool()
        self._bind_storages()
        self._bind_calls()
        configure = self._held("configure", None, _I64, *(5 * [_POINTER]))
        configure(object.__basicsize__, array_type, *map(id, (int, float, tuple, None)))

    def _bind_pool(self) -> None:
        hold, release = self._held, self._released
        self.pool_alloc = hold("pool_alloc", _POINTER, _I64)
        self.pool_retain = hold("pool_retain", None, _POINTER)
        self.pool_references = hold("pool_references", _I64, _POINTER)
        self.pool_free = hold("pool_free", None, _POINTER)
        self.pool_statistics = hold("pool_statistics", None, _POINTER)
        self.pool_set_most = hold("pool_set_most", None, _I64)
        self.pool_set_checking = hold("pool_set_checking", None, _I32)
        self.pool_set_huge_pages = hold("pool_set_huge_pages", None, _I32)
        self.pool_fail_after = hold("pool_fail_after", None, _I64)
        self.pool_reset_peak = hold("pool_reset_peak", None)
        self.pool_forget_damage = hold("pool_forget_damage", None)
        self.pool_trim_released = release("pool_trim", _I64)
        self.pool_set_limit_released = release("pool_set_limit", None, _I64)
        self.box = hold("box", _OBJECT, _POINTER, _I64, _I64, _I64)
        self.box_view = hold("box_view", _OBJECT, _POINTER, _I64, _I64, _I64)

    def _bind_storages(self) -> None:
        hold, release = self._held, self._released
        self.storage_release = hold("storage_release", None, _POINTER)
        self.storage_allocate = hold("storage_allocate", _OBJECT, _POINTER, _POINTER, _I64)
        self.storage_commit_all = hold("storage_commit_all", _I32, _POINTER, _I64)
        self.storage_unlock = hold("storage_unlock", None, _POINTER, _I64)
        self.storage_lock = hold("storage_lock", _I32, _POINTER, _I64, _I64)
        self.storage_lock_released = release("storage_lock", _I32, _POINTER, _I64, _I64)
        self.storage_write = hold("storage_write", *_RECORD)
        self.storage_write_released = release("storage_write", *_RECORD)
        self.storage_read_released = release("storage_read", *_RECORD)
        self.storage_view_released = release("storage_view", *_RECORD)
        self.storage_lease_released = release("storage_lease", *_RECORD)
        self.storage_end_lease = hold("storage_end_lease", None, _POINTER)
        self.storage_fetch = hold("storage_fetch", _OBJECT, _POINTER, _I64, _I64, _I64)
        self.storage_await_released = release("storage_await", _I32, _POINTER, _I64)
        self.new_lease = hold("new_lease", _OBJECT, _POINTER, _I64, _OBJECT)
        self.queue_reset = hold("queue_reset", None)

    def _bind_calls(self) -> None:
        hold, release = self._held, self._released
        self.call = hold("call", *_RECORD)
        self.call_released = release("call", *_RECORD)
        self.raise_interrupt = hold("raise_interrupt", _OBJECT)
        self.signal_setup = hold("signal_setup", None, _I64, _I32)
        self.threads_configure = hold("threads_configure", None, _I64, _I32)
        self.threads_count = hold("threads_count", _I64)
        self.threads_reset = hold("threads_reset", None)
        self.new_entry = hold("new_entry", _OBJECT, _POINTER, _OBJECT)
        self.new_function = hold("new_function", _OBJECT, _OBJECT, _I64)

    def address(self, name: str) -> int:
        """The address of a native function, named without its prefix `lltheano_`."""
        return int(self._loaded.address(f"lltheano_{name}"))

    @cached_property
    def boxes_natively(self) -> bool:
        """Whether NumPy's arrays have the layout that native boxing and unboxing rely on.

        Looked at once, on a known array. Without it the plain path in Python serves.
        """
        probe = np.zeros((3, 5), dtype=np.int16)
        if type(probe).__basicsize__ < object.__basicsize__ + 7 * 8:
            return False
        fields = (_I64 * 7).from_address(id(probe) + object.__basicsize__)
        data, rank, sizes, strides, base, dtype = fields[:6]
        if (data, rank & 0xFFFFFFFF) != (probe.ctypes.data, 2):
            return False
        if (base, dtype) != (0, id(probe.dtype)):
            return False
        read = (_I64 * 2).from_address
        return [*read(sizes), *read(strides)] == [*probe.shape, *probe.strides]

    def _held(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        return ctypes.PYFUNCTYPE(result, *arguments)(self.address(name))

    def _released(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        return ctypes.CFUNCTYPE(result, *arguments)(self.address(name))


_lock = ProcessLock()
_instances: list[NativeCode] = []


def native_code() -> NativeCode:
    """The run time's native functions, compiled or fetched from the cache on first use."""
    if _instances:
        return _instances[0]
    with _lock:
        if not _instances:
            _instances.append(_start())
        return _instances[0]


def _start() -> NativeCode:
    # Imports LLVM, for some 60 ms.
    from lltheano.runtime.link import call_around_forks, load_module, numpy_table  # noqa: PLC0415

    native = NativeCode(load_module(), numpy_table()[_NUMPY_ARRAY_TYPE])
    call_around_forks(native.address("pool_before_fork"), native.address("pool_after_fork"))
    _settle_pool(native)
    _settle_signals(native)
    native.threads_configure(thread_count(), signal.SIG_SETMASK)
    os.register_at_fork(after_in_child=lambda: _settle_child(native))
    return native


def _settle_child(native: NativeCode) -> None:
    native.queue_reset()
    native.threads_reset()
    _settle_signals(native)


def _settle_signals(native: NativeCode) -> None:
    """Tell native code which thread runs signal handlers: after a fork, the one that is left."""
    main = threading.main_thread().ident
    native.signal_setup(main or threading.get_ident(), time.CLOCK_MONOTONIC)


def _settle_pool(native: NativeCode) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    native.pool_set_limit_released(memory // 8)
    native.pool_set_huge_pages(int(sys.platform == "linux"))
    native.pool_set_checking(int(os.environ.get("LLTHEANO_POOL_CHECK", "") not in {"", "0"}))


def pool_callees() -> "tuple[Callee, ...]":
    """What compiled programs call of the run time, to be registered with the compiler."""
    # Imports LLVM, for some 60 ms.
    from lltheano_ir.native.callees import Callee  # noqa: PLC0415

    native = native_code()
    return tuple(
        Callee(f"lltheano_{name}", native.address(name), signature, "lltheano.runtime", native)
        for name, signature in (
            ("pool_alloc", "ptr (i64)"),
            ("pool_free", "void (ptr)"),
            ("poll", "i32 ()"),
            ("parallel", "i32 (ptr, ptr, i64, i64, i64)"),
            ("clock", "i64 ()"),
        )
    )


def new_record(count: int) -> Any:
    """A zeroed record of 8-byte words, to hand to a native function."""
    return (ctypes.c_int64 * count)()

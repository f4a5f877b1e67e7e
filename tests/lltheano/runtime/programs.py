"""Small compiled programs, written by hand in LLVM IR, for the tests of the run time."""

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

from lltheano.runtime.calls.executable import Executable
from lltheano.runtime.calls.plan import Input, Output, Shared, Update
from lltheano.runtime.native_code import pool_callees
from lltheano.runtime.storages.pool_storage import PoolStorage
from lltheano.runtime.structures import STORAGE
from lltheano_ir.native.callees import Callee, CalleeTable
from lltheano_ir.native.mcjit import LoadedCode, compile_module

I64 = np.dtype(np.int64)
F64 = np.dtype(np.float64)
F32 = np.dtype(np.float32)

TEXT = """
declare ptr @lltheano_pool_alloc(i64)
declare void @lltheano_pool_free(ptr)
declare i32 @usleep(i32)

; output = state; state += increment, in place.
; frame: 0 increment, 1 state, 2 output, 3 update, 4.. report
define i32 @accumulate(ptr %frame) nounwind {
  %increment.at = load ptr, ptr %frame
  %state.word = getelementptr i64, ptr %frame, i64 1
  %state = load ptr, ptr %state.word
  %output = call ptr @lltheano_pool_alloc(i64 8)
  %none = icmp eq ptr %output, null
  br i1 %none, label %exhausted, label %go
go:
  %increment = load i64, ptr %increment.at
  %old = load i64, ptr %state
  store i64 %old, ptr %output
  %new = add i64 %old, %increment
  store i64 %new, ptr %state
  %output.word = getelementptr i64, ptr %frame, i64 2
  %update.word = getelementptr i64, ptr %frame, i64 3
  store ptr %output, ptr %output.word
  store ptr %state, ptr %update.word
  ret i32 0
exhausted:
  %report = getelementptr i64, ptr %frame, i64 4
  store i64 8, ptr %report
  ret i32 2
}

; s = s + x into a fresh block, for f64 vectors of one size; site 7 reports two sizes that differ.
; frame: 0 x, 1 size, 2 stride, 3 s, 4 size, 5 stride, 6 update, 7 size, 8.. report
define i32 @add_fresh(ptr %frame) nounwind {
start:
  %x.size.word = getelementptr i64, ptr %frame, i64 1
  %x.stride.word = getelementptr i64, ptr %frame, i64 2
  %s.word = getelementptr i64, ptr %frame, i64 3
  %s.size.word = getelementptr i64, ptr %frame, i64 4
  %s.stride.word = getelementptr i64, ptr %frame, i64 5
  %update.word = getelementptr i64, ptr %frame, i64 6
  %update.size.word = getelementptr i64, ptr %frame, i64 7
  %report = getelementptr i64, ptr %frame, i64 8
  %report.1 = getelementptr i64, ptr %frame, i64 9
  %report.2 = getelementptr i64, ptr %frame, i64 10
  %x = load ptr, ptr %frame
  %s = load ptr, ptr %s.word
  %x.size = load i64, ptr %x.size.word
  %s.size = load i64, ptr %s.size.word
  %x.stride = load i64, ptr %x.stride.word
  %s.stride = load i64, ptr %s.stride.word
  %bytes = shl i64 %s.size, 3
  %fresh = call ptr @lltheano_pool_alloc(i64 %bytes)
  %none = icmp eq ptr %fresh, null
  br i1 %none, label %exhausted, label %compare
exhausted:
  store i64 %bytes, ptr %report
  ret i32 2
compare:
  %same = icmp eq i64 %x.size, %s.size
  br i1 %same, label %test, label %differ
differ:
  call void @lltheano_pool_free(ptr %fresh)
  store i64 7, ptr %report
  store i64 %x.size, ptr %report.1
  store i64 %s.size, ptr %report.2
  ret i32 1
test:
  %i = phi i64 [ 0, %compare ], [ %next, %body ]
  %end = icmp eq i64 %i, %s.size
  br i1 %end, label %done, label %body
body:
  %x.offset = mul i64 %i, %x.stride
  %s.offset = mul i64 %i, %s.stride
  %x.at = getelementptr i8, ptr %x, i64 %x.offset
  %s.at = getelementptr i8, ptr %s, i64 %s.offset
  %to = getelementptr double, ptr %fresh, i64 %i
  %a = load double, ptr %x.at
  %b = load double, ptr %s.at
  %sum = fadd double %a, %b
  store double %sum, ptr %to
  %next = add i64 %i, 1
  br label %test
done:
  store ptr %fresh, ptr %update.word
  store i64 %s.size, ptr %update.size.word
  ret i32 0
}

; a -= amount; b += amount, both in place, with a pause in between.
; frame: 0 amount, 1 a, 2 b, 3 update of a, 4 update of b, 5.. report
define i32 @transfer(ptr %frame) nounwind {
  %amount.at = load ptr, ptr %frame
  %amount = load i64, ptr %amount.at
  %a.word = getelementptr i64, ptr %frame, i64 1
  %b.word = getelementptr i64, ptr %frame, i64 2
  %a = load ptr, ptr %a.word
  %b = load ptr, ptr %b.word
  %a.old = load volatile i64, ptr %a
  %a.new = sub i64 %a.old, %amount
  store volatile i64 %a.new, ptr %a
  %ignored = call i32 @usleep(i32 0)
  %b.old = load volatile i64, ptr %b
  %b.new = add i64 %b.old, %amount
  store volatile i64 %b.new, ptr %b
  %a.update = getelementptr i64, ptr %frame, i64 3
  %b.update = getelementptr i64, ptr %frame, i64 4
  store ptr %a, ptr %a.update
  store ptr %b, ptr %b.update
  ret i32 0
}

; output = a + b.  frame: 0 a, 1 b, 2 output, 3.. report
define i32 @total(ptr %frame) nounwind {
  %b.word = getelementptr i64, ptr %frame, i64 1
  %output.word = getelementptr i64, ptr %frame, i64 2
  %a.at = load ptr, ptr %frame
  %b.at = load ptr, ptr %b.word
  %output = call ptr @lltheano_pool_alloc(i64 8)
  %a = load volatile i64, ptr %a.at
  %ignored = call i32 @usleep(i32 0)
  %b = load volatile i64, ptr %b.at
  %sum = add i64 %a, %b
  store i64 %sum, ptr %output
  store ptr %output, ptr %output.word
  ret i32 0
}

; output = a zeroed f32 matrix of the given sizes.
; frame: 0 rows, 1 columns, 2 output, 3 and 4 its sizes, 5.. report
define i32 @zeros(ptr %frame) nounwind {
  %columns.word = getelementptr i64, ptr %frame, i64 1
  %output.word = getelementptr i64, ptr %frame, i64 2
  %size.0.word = getelementptr i64, ptr %frame, i64 3
  %size.1.word = getelementptr i64, ptr %frame, i64 4
  %rows.at = load ptr, ptr %frame
  %columns.at = load ptr, ptr %columns.word
  %rows = load i64, ptr %rows.at
  %columns = load i64, ptr %columns.at
  %count = mul i64 %rows, %columns
  %bytes = shl i64 %count, 2
  %block = call ptr @lltheano_pool_alloc(i64 %bytes)
  call void @llvm.memset.p0.i64(ptr %block, i8 0, i64 %bytes, i1 false)
  store ptr %block, ptr %output.word
  store i64 %rows, ptr %size.0.word
  store i64 %columns, ptr %size.1.word
  ret i32 0
}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

; Keeps the storage until the flag is set, in place.
; frame: 0 flag, 1 its size, 2 its stride, 3 storage, 4 update, 5.. report
define i32 @occupy(ptr %frame) nounwind {
entry:
  %flag = load ptr, ptr %frame
  %storage.word = getelementptr i64, ptr %frame, i64 3
  %storage = load ptr, ptr %storage.word
  br label %wait
wait:
  %ignored = call i32 @usleep(i32 200)
  %set = load atomic i64, ptr %flag acquire, align 8
  %go.on = icmp eq i64 %set, 0
  br i1 %go.on, label %wait, label %done
done:
  %update.word = getelementptr i64, ptr %frame, i64 4
  store ptr %storage, ptr %update.word
  ret i32 0
}

; Writes one element too many into a block of two, and gives the block back.  frame: 0.. report
define i32 @overrun(ptr %frame) nounwind {
  %block = call ptr @lltheano_pool_alloc(i64 16)
  %beyond = getelementptr i64, ptr %block, i64 2
  store i64 1, ptr %beyond
  call void @lltheano_pool_free(ptr %block)
  ret i32 0
}

; Looks at nothing and gives nothing.
define i32 @nothing(ptr %frame) nounwind {
  ret i32 0
}

; output = first element, whatever the type.  frame: 0 value, 1 output, 2.. report
define i32 @first_8(ptr %frame) nounwind {
  %value.at = load ptr, ptr %frame
  %value = load i64, ptr %value.at
  %block = call ptr @lltheano_pool_alloc(i64 8)
  store i64 %value, ptr %block
  %output.word = getelementptr i64, ptr %frame, i64 1
  store ptr %block, ptr %output.word
  ret i32 0
}

define i32 @first_1(ptr %frame) nounwind {
  %value.at = load ptr, ptr %frame
  %value = load i8, ptr %value.at
  %block = call ptr @lltheano_pool_alloc(i64 8)
  store i8 %value, ptr %block
  %output.word = getelementptr i64, ptr %frame, i64 1
  store ptr %block, ptr %output.word
  ret i32 0
}

define i32 @first_4(ptr %frame) nounwind {
  %value.at = load ptr, ptr %frame
  %value = load i32, ptr %value.at
  %block = call ptr @lltheano_pool_alloc(i64 8)
  store i32 %value, ptr %block
  %output.word = getelementptr i64, ptr %frame, i64 1
  store ptr %block, ptr %output.word
  ret i32 0
}
"""


@cache
def code() -> LoadedCode:
    process = ctypes.CDLL(None)
    libc = [
        Callee("usleep", _address(process.usleep), "i32 (i32)"),
        Callee("memset", _address(process.memset), "ptr (ptr, i32, i64)"),
    ]
    return compile_module(TEXT, CalleeTable([*pool_callees(), *libc]))


def _address(function: object) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def executable(
    name: str,
    inputs: list[Input],
    shared: list[PoolStorage],
    outputs: list[Output],
    updates: list[PoolStorage],
    *,
    release_gil_from: int | None = 1 << 15,
    single: bool = False,
) -> Executable:
    loaded = code()
    return Executable(
        loaded.address(name),
        [*inputs, *map(Shared, shared)],
        [*outputs, *map(Update, updates)],
        keep_alive=loaded,
        release_gil_from=release_gil_from,
        single=single,
    )


def accumulator(state: PoolStorage, *, single: bool = False) -> Executable:
    increment = Input("increment", I64, 0, takes_int=True)
    return executable("accumulate", [increment], [state], [Output(I64, 0)], [state], single=single)


def adder(state: PoolStorage, *, contiguous: bool = True) -> Executable:
    return executable(
        "add_fresh", [Input("x", F64, 1, contiguous=contiguous)], [state], [], [state]
    )


def transfer(a: PoolStorage, b: PoolStorage, release_gil_from: int | None) -> Executable:
    amount = Input("amount", I64, 0, takes_int=True)
    return executable("transfer", [amount], [a, b], [], [a, b], release_gil_from=release_gil_from)


def total(a: PoolStorage, b: PoolStorage, release_gil_from: int | None) -> Executable:
    outputs = [Output(I64, 0)]
    return executable("total", [], [a, b], outputs, [], release_gil_from=release_gil_from)


def zeros() -> Executable:
    sizes = [Input("rows", I64, 0, takes_int=True), Input("columns", I64, 0, takes_int=True)]
    return executable("zeros", sizes, [], [Output(F32, 2)], [])


@contextmanager
def occupied(storage: PoolStorage) -> Iterator[Callable[[], None]]:
    """Another thread writes to the storage until the end, or until what this gives is called."""
    flag = np.zeros(1, np.int64)
    program = executable(
        "occupy", [Input("flag", I64, 1)], [storage], [], [storage], release_gil_from=0
    )
    thread = threading.Thread(target=program.run, args=([flag],))

    def release() -> None:
        flag[0] = 1

    thread.start()
    wait_until_written(storage)
    try:
        yield release
    finally:
        release()
        thread.join()


def wait_until_written(storage: PoolStorage) -> None:
    """Return once some thread is inside the storage as its writer."""
    state = ctypes.c_int64.from_address(storage.address + STORAGE.ctype.state.offset)
    while state.value != -1:
        time.sleep(0.001)


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise KeyboardInterrupt in this thread after so many seconds, as Ctrl-C would."""

    def interrupt(number: int, stack: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def scalar_storage(value: int, name: str = "") -> PoolStorage:
    storage = PoolStorage(I64, 0, name)
    storage.write(value)
    return storage


def vector_storage(*values: float, name: str = "") -> PoolStorage:
    storage = PoolStorage(F64, 1, name)
    storage.write(np.array(values, F64))
    return storage

import ctypes
import gc
import os
import re
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest

import lltheano_ir
from lltheano_ir.native import mcjit
from lltheano_ir.native.callees import Callee, CalleeError, CalleeTable
from lltheano_ir.native.mcjit import LoadedCode, compile_module, load_object, module_key
from lltheano_ir.native.object_cache import ObjectCache
from lltheano_ir.native.object_file import MalformedObjectError
from lltheano_ir.native.optimise import LLVMVerificationError, object_code, verify_module
from lltheano_ir.native.target import host_target
from lltheano_ir.target import cross_target

INT2 = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int32, ctypes.c_int32)
CONSTANT = "define i32 @value() nounwind {{\n  ret i32 {}\n}}"


def value_of(code: LoadedCode) -> int:
    return int(ctypes.CFUNCTYPE(ctypes.c_int32)(code.address("value"))())


def executable_bytes() -> int:
    pattern = re.compile(r"^(\w+)-(\w+) r.xp \S+ 00:00 0 *$", re.MULTILINE)
    ranges = pattern.findall(Path("/proc/self/maps").read_text())
    return sum(int(end, 16) - int(start, 16) for start, end in ranges)


def test_compiled_code_runs(add_text: str, callees: CalleeTable) -> None:
    code = compile_module(add_text, callees)
    assert INT2(code.address("add"))(40, 2) == 42
    assert code.names == frozenset({"add"})
    assert not code.from_cache


def test_an_address_of_another_name_is_an_error(add_text: str, callees: CalleeTable) -> None:
    code = compile_module(add_text, callees)
    with pytest.raises(KeyError, match="the code offers no 'sub'; it offers add"):
        code.address("sub")


def test_constants_of_the_code_are_reachable(axpb_text: str, callees: CalleeTable) -> None:
    code = compile_module(axpb_text, callees)
    x, out = (ctypes.c_float * 8)(*range(8)), (ctypes.c_float * 8)()
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    function(code.address("axpb"))(ctypes.addressof(x), ctypes.addressof(out), 8)
    assert list(out) == [3 * i + 0.5 for i in range(8)]


def test_calls_that_the_code_generator_brings_in_are_resolved(callees: CalleeTable) -> None:
    text = "define double @f(double %x, double %y) {\n%r = frem double %x, %y\nret double %r\n}"
    code = compile_module(text, callees)
    assert [callee.name for callee in code.callees] == ["fmod"]
    function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_double)
    assert function(code.address("f"))(7.5, 2.0) == 1.5


def test_calls_that_nothing_provides_are_an_error_not_the_end(callees: CalleeTable) -> None:
    text = "define i128 @f(i128 %x, i128 %y) {\n%r = sdiv i128 %x, %y\nret i128 %r\n}"
    with pytest.raises(CalleeError, match="the generated code calls __divti3"):
        compile_module(text, callees)


def test_the_same_name_may_mean_different_functions_to_different_code(magnitude: Callee) -> None:
    text = """
    declare i32 @magnitude(i32)
    define i32 @value() {
      %r = call i32 @magnitude(i32 -7)
      ret i32 %r
    }"""
    identity = compile_module("define i32 @same(i32 %x) {\nret i32 %x\n}", CalleeTable())
    other = Callee("magnitude", identity.address("same"), "i32 (i32)", owner=identity)
    codes = [
        compile_module(text, CalleeTable([callee])) for callee in (magnitude, other, magnitude)
    ]
    assert [value_of(code) for code in codes] == [7, -7, 7]


def test_code_keeps_the_owners_of_its_callees() -> None:
    inner = compile_module("define i32 @inner() {\nret i32 5\n}", CalleeTable())
    table = CalleeTable([Callee("inner", inner.address("inner"), "i32 ()", owner=inner)])
    text = """
    declare i32 @inner()
    define i32 @value() {
      %r = call i32 @inner()
      ret i32 %r
    }"""
    outer = compile_module(text, table)
    alive = weakref.ref(inner)
    del inner, table
    gc.collect()
    assert value_of(outer) == 5
    assert alive() is not None
    del outer
    gc.collect()
    assert alive() is None


def settled_executable_bytes() -> int:
    """When what died before, in other tests, has been freed, which another thread does."""
    gc.collect()
    last, same = -1, 0
    while same < 10:
        time.sleep(0.01)
        now = executable_bytes()
        last, same = now, same + 1 if now == last else 0
    return last


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_given_back(callees: CalleeTable) -> None:
    keep = compile_module(CONSTANT.format(0), callees)
    before = settled_executable_bytes()
    codes = [compile_module(CONSTANT.format(i), callees) for i in range(20)]
    assert executable_bytes() >= before + 20 * 4096
    del codes
    gc.collect()
    # Code that dies on the main thread is freed by another.
    until = time.monotonic() + 20
    while executable_bytes() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert executable_bytes() <= before
    assert value_of(keep) == 0


def test_many_threads_compile_at_once(callees: CalleeTable, cache: ObjectCache) -> None:
    results: dict[int, int] = {}

    def work(number: int) -> None:
        for _ in range(3):
            results[number] = value_of(
                compile_module(CONSTANT.format(number), callees, cache=cache)
            )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: number for number in range(8)}


def test_code_for_another_machine_is_refused(add_text: str, callees: CalleeTable) -> None:
    foreign = "aarch64" if host_target().architecture == "x86_64" else "x86_64"
    target = cross_target(f"{foreign}-unknown-linux-gnu")
    with pytest.raises(MalformedObjectError, match=f"the object is for {foreign}"):
        load_object(object_code(verify_module(add_text), target), callees)


def test_bytes_that_are_no_object_are_refused(callees: CalleeTable) -> None:
    with pytest.raises(MalformedObjectError):
        load_object(b"\x7fELF\x02\x01 and then nothing", callees)


@pytest.mark.parametrize("bad", ["ret i32 %nothing", "%x = add i32 %y, 1\n%y = add i32 %x, 1"])
def test_invalid_ir_is_refused_and_leaves_nothing_behind(bad: str, callees: CalleeTable) -> None:
    for _ in range(3):
        with pytest.raises(LLVMVerificationError):
            compile_module(f"define i32 @f() {{\n{bad}\nret i32 0\n}}", callees)
    # What the tracebacks kept alive outlived its LLVM context, and must not touch it.
    gc.collect()
    assert value_of(compile_module(CONSTANT.format(3), callees)) == 3


def test_a_cached_module_is_loaded_without_looking_at_its_text(
    add_text: str, callees: CalleeTable, cache: ObjectCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_module(add_text, callees, cache=cache)
    monkeypatch.setattr(mcjit, "verify_module", None)
    code = compile_module(add_text, callees, cache=cache)
    assert code.from_cache
    assert INT2(code.address("add"))(1, 2) == 3


def test_a_damaged_entry_is_compiled_anew_and_replaced(
    add_text: str, callees: CalleeTable, cache: ObjectCache
) -> None:
    compile_module(add_text, callees, cache=cache)
    assert cache.folder is not None
    (entry,) = cache.folder.glob("*.llo")
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-1] + b"?")
    assert not compile_module(add_text, callees, cache=cache).from_cache
    assert entry.read_bytes() == whole


def test_a_cached_module_whose_callee_changed_is_checked_anew(
    magnitude: Callee, cache: ObjectCache
) -> None:
    text = """
    declare i32 @magnitude(i32)
    define i32 @value() {
      %r = call i32 @magnitude(i32 -7)
      ret i32 %r
    }"""
    compile_module(text, CalleeTable([magnitude]), cache=cache)
    changed = CalleeTable([Callee("magnitude", magnitude.address, "i64 (i64)")])
    with pytest.raises(CalleeError, match="declares 'magnitude'"):
        compile_module(text, changed, cache=cache)


def test_keys_differ_by_text_and_machine(add_text: str) -> None:
    targets = [
        host_target(),
        cross_target("x86_64-unknown-linux-gnu", "haswell"),
        cross_target("x86_64-unknown-linux-gnu", "haswell", ("+avx",)),
        cross_target("aarch64-unknown-linux-gnu"),
    ]
    keys = {module_key(text, target) for text in (add_text, "") for target in targets}
    assert len(keys) == 8


FORKING = """
import os, signal, threading
from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.mcjit import compile_module

def compile_value(number):
    text = "define i32 @value() nounwind {\\n  ret i32 %d\\n}" % number
    return compile_module(text, CalleeTable())

def compile_forever():
    number = 0
    while not stopped.is_set():
        compile_value(number)
        number += 1

stopped = threading.Event()
compile_value(0)
thread = threading.Thread(target=compile_forever, daemon=True)
thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        compile_value(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
stopped.set()
thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_forked_while_another_thread_compiles_can_compile() -> None:
    root = Path(str(lltheano_ir.__file__)).parents[1]
    # Later versions of Python warn of forks beside threads, which is what this is about.
    command = [sys.executable, "-W", "ignore", "-c", FORKING]
    subprocess.run(command, env={"PYTHONPATH": str(root)}, check=True, timeout=60)


def test_it_is_known_where_each_function_lies() -> None:
    text = """
    define internal i64 @hidden(i64 %x) noinline nounwind {
      %y = mul i64 %x, %x
      ret i64 %y
    }
    define i64 @shown(i64 %x) nounwind {
      %y = call i64 @hidden(i64 %x)
      %z = add i64 %y, 1
      ret i64 %z
    }"""
    code = compile_module(text, CalleeTable())
    places = {name: (start, size) for name, start, size in code.extents()}
    assert set(places) == {"hidden", "shown"}
    assert places["shown"][0] == code.address("shown")
    (start, size), (after, _) = places["hidden"], places["shown"]
    assert size > 0
    assert start + size <= after
    square = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(start)
    assert square(5) == 25

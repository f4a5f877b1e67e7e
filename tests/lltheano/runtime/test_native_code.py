"""Loading the native half: portable IR, one instance, nothing on import."""

import subprocess
import sys
import threading

from lltheano.runtime.assembly import module_text
from lltheano.runtime.native_code import NativeCode, native_code, pool_callees
from lltheano_ir.native.optimise import assembly, optimise, verify_module
from lltheano_ir.target import cross_target


def test_the_ir_is_tied_to_no_machine() -> None:
    text = module_text()
    assert "target triple" not in text
    assert "target datalayout" not in text
    for triple, exchange in (("aarch64-unknown-linux-gnu", "ldaxr"), ("x86_64-linux-gnu", "lock")):
        target = cross_target(triple)
        module = verify_module(text)
        optimise(module, target)
        assert exchange in assembly(module, target)


def test_threads_that_start_together_get_one_instance() -> None:
    found: list[NativeCode] = []
    threads = [threading.Thread(target=lambda: found.append(native_code())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(native is native_code() for native in found)


def test_compiled_programs_are_offered_the_pool() -> None:
    assert [(callee.name, callee.signature) for callee in pool_callees()] == [
        ("lltheano_pool_alloc", "ptr (i64)"),
        ("lltheano_pool_free", "void (ptr)"),
        ("lltheano_poll", "i32 ()"),
        ("lltheano_parallel", "i32 (ptr, ptr, i64, i64, i64)"),
        ("lltheano_clock", "i64 ()"),
    ]


def test_importing_compiles_nothing() -> None:
    program = (
        "import lltheano.runtime.calls.executable\n"
        "from lltheano.runtime import native_code\n"
        "assert not native_code._instances\n"
    )
    subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=True
    )


def test_arrays_and_storages_may_outlive_everything() -> None:
    program = (
        "import sys\n"
        "import numpy as np\n"
        "from lltheano.runtime.storages.pool_storage import PoolStorage\n"
        "storage = PoolStorage('float64', 1)\n"
        "storage.write(np.ones(5000))\n"
        "sys.kept = [storage, storage.view(), storage.read_copy()[3:]]\n"
        "sys.kept.append(sys.kept)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")

import ctypes
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.special

import lltheano_ir
from lltheano_ir.native.callees import CalleeError, CalleeTable
from lltheano_ir.native.libraries import (
    CythonLibrary,
    blas,
    lapack,
    libm,
    special,
    standard_callees,
)
from lltheano_ir.native.mcjit import compile_module
from lltheano_ir.ops.elementwise.special import SCIPY_FUNCTIONS


def run_python(script: str) -> str:
    root = Path(str(lltheano_ir.__file__)).parents[1]
    return subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_memory_functions_work(callees: CalleeTable) -> None:
    text = f"""
    {callees["memset"].declaration}
    {callees["memcpy"].declaration}
    define void @f(ptr %to, ptr %from) {{
      %a = call ptr @memset(ptr %to, i32 7, i64 16)
      %b = call ptr @memcpy(ptr %to, ptr %from, i64 8)
      ret void
    }}"""
    code = compile_module(text, callees)
    target, source = ctypes.create_string_buffer(16), ctypes.create_string_buffer(b"12345678")
    ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(code.address("f"))(
        ctypes.addressof(target), ctypes.addressof(source)
    )
    assert target.raw == b"12345678" + b"\7" * 8


@pytest.mark.parametrize("name", ["pow", "atan2", "fmod", "tgamma", "log1p", "fma"])
def test_libm_is_there_for_both_precisions(name: str) -> None:
    double, single = libm().find(name), libm().find(f"{name}f")
    assert double is not None
    assert single is not None
    assert double.signature.replace("double", "float") == single.signature
    assert double.address != single.address


def test_dot_product_through_blas(callees: CalleeTable) -> None:
    text = f"""
    {callees["blas_ddot"].declaration}
    define double @f(ptr %n, ptr %x, ptr %one, ptr %y) {{
      %r = call double @blas_ddot(ptr %n, ptr %x, ptr %one, ptr %y, ptr %one)
      ret double %r
    }}"""
    code = compile_module(text, callees)
    n, one = ctypes.c_int(5), ctypes.c_int(1)
    x, y = np.arange(5.0), np.arange(5.0) + 1
    pointer = ctypes.c_void_p
    function = ctypes.CFUNCTYPE(ctypes.c_double, pointer, pointer, pointer, pointer)
    result = function(code.address("f"))(
        ctypes.addressof(n), x.ctypes.data, ctypes.addressof(one), y.ctypes.data
    )
    assert result == x @ y


@pytest.mark.parametrize(
    "name", [f"{kind}{name}" for kind in "sdcz" for name in ("gemm", "gemv", "axpy", "scal")]
)
def test_blas_has_every_precision(name: str) -> None:
    callee = blas().find(f"blas_{name}")
    assert callee is not None
    assert callee.signature.startswith("void (ptr, ptr")
    assert callee.origin == "scipy.linalg.cython_blas"


def test_lapack_has_the_same_structure() -> None:
    callee = lapack().find("lapack_dgesv")
    assert callee is not None
    assert callee.signature == f"void ({', '.join(['ptr'] * 8)})"


@pytest.mark.parametrize(("name", "arity"), [(name, n) for name, n, _ in SCIPY_FUNCTIONS])
def test_special_functions_are_scipys_own_for_doubles(name: str, arity: int) -> None:
    callee = special().find(f"special_{name}")
    assert callee is not None
    assert callee.signature == f"double ({'double, ' * arity}i32)"
    types = [ctypes.c_double] * (arity + 1)
    function = ctypes.CFUNCTYPE(*types, ctypes.c_int)(callee.address)
    args = [1.25, 0.625][-arity:]
    assert function(*args, 0) == getattr(scipy.special, name)(*args)


def test_functions_that_return_complex_numbers_are_left_out() -> None:
    assert blas().find("blas_zdotc") is None


def test_names_without_the_prefix_do_not_load_scipy() -> None:
    assert CythonLibrary("no.such.module", "blas_").find("dgemm") is None


def test_nothing_else_of_the_process_is_callable(callees: CalleeTable) -> None:
    with pytest.raises(CalleeError, match="no callee 'system'"):
        callees["system"]


def test_blas_loads_without_the_linalg_package_and_does_not_disturb_it() -> None:
    script = """
import sys
from lltheano_ir.native.libraries import standard_callees
table = standard_callees()
assert "memcpy" in table and "scipy" not in sys.modules
before = table["blas_dgemm"].address
table["lapack_dgesv"]
print("scipy.linalg" in sys.modules)
import scipy.linalg.cython_blas, scipy.linalg.lapack
print(standard_callees()["blas_dgemm"].address == before, scipy.linalg.blas.ddot([1, 2], [3, 4]))
"""
    assert run_python(script).split() == ["False", "True", "11.0"]


def test_tables_are_independent() -> None:
    assert standard_callees() is not standard_callees()

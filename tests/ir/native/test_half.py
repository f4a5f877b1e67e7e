import ctypes
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.half import HalfConversions
from lltheano_ir.native.mcjit import LoadedCode, compile_module
from lltheano_ir.native.target import host_target
from lltheano_ir.target import cross_target

pytestmark = pytest.mark.skipif(
    host_target().architecture != "x86_64", reason="other machines have the instructions"
)

LOOP = """
define void @convert(ptr %from, ptr %to, i64 %n) nounwind {{
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr {source}, ptr %from, i64 %i
  %x = load {source}, ptr %p
  %y = {operation} {source} %x to {result}
  %q = getelementptr {result}, ptr %to, i64 %i
  store {result} %y, ptr %q
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}}"""


def converter(source: str, result: str, operation: str) -> LoadedCode:
    """A loop for the oldest x86-64, which has to call functions for f16."""
    baseline = cross_target(host_target().triple, "x86-64")
    text = LOOP.format(source=source, result=result, operation=operation)
    code = compile_module(text, CalleeTable(libraries=[HalfConversions()]), target=baseline)
    assert code.callees
    return code


def convert(code: LoadedCode, values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    result = np.empty(values.shape, dtype)
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    function(code.address("convert"))(values.ctypes.data, result.ctypes.data, values.size)
    return result


def every_half() -> NDArray[np.float16]:
    return np.arange(1 << 16, dtype=np.uint16).view(np.float16)


def hard_cases(dtype: Any) -> NDArray[Any]:
    """Every half, every tie between two halves, their neighbours, and what is far outside."""
    finite = every_half()[np.isfinite(every_half())].astype(dtype)
    finite.sort()
    exact = np.concatenate([finite, (finite[1:] + finite[:-1]) / 2])
    info = np.finfo(dtype)
    outside = [65519.9, 65520, 65536, 1e30, info.max, info.tiny, info.smallest_subnormal, np.inf]
    values = np.concatenate(
        [exact, np.nextafter(exact, dtype(np.inf)), np.nextafter(exact, dtype(-np.inf))]
    )
    return np.concatenate([values, np.array(outside, dtype), -np.array(outside, dtype)])


def test_widening_is_exact_for_every_half() -> None:
    halves = every_half()
    wide = convert(converter("half", "float", "fpext"), halves, np.float32)
    expected = halves.astype(np.float32)
    is_nan = np.isnan(expected)
    assert np.array_equal(wide.view(np.uint32)[~is_nan], expected.view(np.uint32)[~is_nan])
    assert np.isnan(wide[is_nan]).all()


@pytest.mark.parametrize(("name", "dtype"), [("float", np.float32), ("double", np.float64)])
def test_narrowing_rounds_once_to_nearest_even(name: str, dtype: Any) -> None:
    values = hard_cases(dtype)
    narrow = convert(converter(name, "half", "fptrunc"), values, np.float16)
    with np.errstate(over="ignore", under="ignore"):
        expected = values.astype(np.float16)
    assert np.array_equal(narrow.view(np.uint16), expected.view(np.uint16))


@pytest.mark.parametrize(("name", "dtype"), [("float", np.float32), ("double", np.float64)])
def test_nan_stays_nan_with_its_sign(name: str, dtype: Any) -> None:
    quiet = np.array([np.nan, -np.nan], dtype)
    # The NaN whose only set bit of the mantissa is the lowest, which f16 has no room for.
    lowest = (np.array([np.inf, -np.inf], dtype).view(f"u{quiet.itemsize}") + 1).view(dtype)
    values = np.concatenate([quiet, lowest])
    narrow = convert(converter(name, "half", "fptrunc"), values, np.float16)
    assert np.isnan(narrow).all()
    assert np.array_equal(np.signbit(narrow), np.signbit(values))


def test_other_names_are_not_offered() -> None:
    assert HalfConversions().find("__divti3") is None

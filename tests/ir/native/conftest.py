"""LLVM IR to try the native layer with, and callees for it."""

import ctypes
from pathlib import Path

import pytest

from lltheano_ir.native.callees import Callee, CalleeTable
from lltheano_ir.native.libraries import standard_callees
from lltheano_ir.native.object_cache import ObjectCache


@pytest.fixture
def add_text() -> str:
    return """
    define i32 @add(i32 %a, i32 %b) nounwind {
      %slot = alloca i32
      store i32 %a, ptr %slot
      %x = load i32, ptr %slot
      %y = add i32 %x, %b
      ret i32 %y
    }"""


@pytest.fixture
def axpb_text() -> str:
    """out[i] = x[i] * 3 + 0.5 for i < n, four floats at a time; n is a multiple of four."""
    return """
    define void @axpb(ptr %x, ptr %out, i64 %n) nounwind {
    entry:
      %i = alloca i64
      store i64 0, ptr %i
      br label %head
    head:
      %at = load i64, ptr %i
      %more = icmp slt i64 %at, %n
      br i1 %more, label %body, label %done
    body:
      %from = getelementptr float, ptr %x, i64 %at
      %v = load <4 x float>, ptr %from, align 4
      %p = fmul <4 x float> %v, splat (float 3.0)
      %s = fadd <4 x float> %p, splat (float 0.5)
      %to = getelementptr float, ptr %out, i64 %at
      store <4 x float> %s, ptr %to, align 4
      %next = add i64 %at, 4
      store i64 %next, ptr %i
      br label %head
    done:
      ret void
    }"""


@pytest.fixture
def callees() -> CalleeTable:
    return standard_callees()


@pytest.fixture
def cache(tmp_path: Path) -> ObjectCache:
    return ObjectCache(tmp_path / "cache")


@pytest.fixture
def magnitude() -> Callee:
    """libc's `abs`, under a name by which LLVM does not know what it does."""
    function = ctypes.CDLL(None).abs
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return Callee("magnitude", address, "i32 (i32)", "libc")

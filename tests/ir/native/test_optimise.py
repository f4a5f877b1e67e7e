import re
from mmap import PAGESIZE as PAGE_BYTES
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from lltheano_ir.native.machine import llvm_lock
from lltheano_ir.native.optimise import (
    LLVMVerificationError,
    assembly,
    object_code,
    optimise,
    verify_module,
)
from lltheano_ir.native.target import host_target
from lltheano_ir.target import Target, cross_target

AVX2 = cross_target("x86_64-unknown-linux-gnu", "haswell", ("+avx", "+avx2", "+fma"))
NEON = cross_target("aarch64-unknown-linux-gnu")


def optimised(text: str, target: Target) -> str:
    module = verify_module(text)
    optimise(module, target)
    return str(verify_module(module))


def assembly_of(text: str, target: Target) -> str:
    module = verify_module(text)
    optimise(module, target)
    return assembly(module, target)


def test_a_parse_error_shows_the_numbered_line() -> None:
    text = "define i32 @f() {\n  %x = add i32 1, 2\n  ret i64 %x\n}"
    with pytest.raises(LLVMVerificationError) as caught:
        verify_module(text)
    assert str(caught.value).splitlines() == [
        "'%x' defined with type 'i32' but expected 'i64'",
        "     1 | define i32 @f() {",
        "     2 |   %x = add i32 1, 2",
        ">    3 |   ret i64 %x",
        "     4 | }",
    ]


def test_a_verifier_error_shows_the_instructions_that_it_names() -> None:
    text = """
define i32 @f(i1 %c) {
entry:
  br i1 %c, label %a, label %b
a:
  %x = add i32 1, 2
  br label %b
b:
  %y = mul i32 %x, 2
  ret i32 %y
}"""
    with pytest.raises(LLVMVerificationError) as caught:
        verify_module(text)
    message = str(caught.value)
    assert message.startswith("Instruction does not dominate all uses!")
    assert re.findall(r"^> +\d+ \|   (.*)$", message, re.MULTILINE) == [
        "%x = add i32 1, 2",
        "%y = mul i32 %x, 2",
    ]


def test_text_cut_by_a_nul_character_is_an_error() -> None:
    with pytest.raises(LLVMVerificationError, match="NUL"):
        verify_module("define void @f() {\n  ret void\n}\0 garbage")


def test_a_verified_module_can_be_verified_again(add_text: str) -> None:
    module = verify_module(add_text)
    assert verify_module(module) is module


def test_variables_on_the_stack_become_registers(axpb_text: str) -> None:
    text = optimised(axpb_text, AVX2)
    assert "alloca" not in text
    assert "phi i64" in text


def test_loops_test_at_the_bottom(axpb_text: str) -> None:
    assert len(re.findall(r"^\s+br ", optimised(axpb_text, AVX2), re.MULTILINE)) == 2


def test_helpers_marked_so_are_inlined_and_dropped() -> None:
    text = """
    define internal float @square(float %x) alwaysinline {
      %y = fmul float %x, %x
      ret float %y
    }
    define float @f(float %x) {
      %y = call float @square(float %x)
      ret float %y
    }"""
    assert "@square" not in optimised(text, AVX2)


def test_the_hot_loop_is_vector_code_on_x86(axpb_text: str) -> None:
    assert {"vmulps", "vaddps", "vmovups"} <= set(assembly_of(axpb_text, AVX2).split())


def test_the_hot_loop_is_neon_code_on_aarch64(axpb_text: str) -> None:
    text = assembly_of(axpb_text, NEON)
    assert re.search(r"fmul\s+v\d+\.4s", text)
    assert re.search(r"fadd\s+v\d+\.4s", text)


def test_a_product_and_a_sum_are_never_contracted(axpb_text: str) -> None:
    assert "vfmadd" not in assembly_of(axpb_text, AVX2)
    assert "fmla" not in assembly_of(axpb_text, NEON)


def test_float_arithmetic_is_never_reassociated() -> None:
    text = """
    define double @f(double %a, double %b) {
      %s = fadd double %a, %b
      %d = fsub double %s, %a
      %z = fadd double %d, 0.0
      ret double %z
    }"""
    assert len(re.findall(r"= (?:fadd|fsub)", optimised(text, host_target()))) == 3


def test_scalar_loops_are_left_scalar() -> None:
    text = """
    define void @f(ptr noalias %x, i64 %n) {
    entry:
      br label %loop
    loop:
      %i = phi i64 [ 0, %entry ], [ %next, %loop ]
      %p = getelementptr float, ptr %x, i64 %i
      %v = load float, ptr %p
      %w = fadd float %v, 1.0
      store float %w, ptr %p
      %next = add i64 %i, 1
      %more = icmp slt i64 %next, %n
      br i1 %more, label %loop, label %done
    done:
      ret void
    }"""
    result = optimised(text, AVX2)
    assert " x float>" not in result
    assert result.count("fadd") == 1


def test_a_module_for_another_machine_is_refused(add_text: str) -> None:
    module = verify_module(f'target triple = "{NEON.triple}"\n{add_text}')
    with pytest.raises(ValueError, match="the module has target triple 'aarch64"):
        object_code(module, AVX2)


def test_object_code_is_the_same_each_time(axpb_text: str) -> None:
    first, second = (object_code(verify_module(axpb_text), NEON) for _ in range(2))
    assert first == second


def resident_kilobytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * (PAGE_BYTES // 1024)


def test_optimising_leaves_nothing_behind() -> None:
    """A process compiles for months: LLVM's pass managers and builders give no memory back."""
    text = "\n".join(
        f"define i32 @f{i}(i32 %x) {{\n  %y = alloca i32\n  store i32 %x, ptr %y\n"
        f"  %z = load i32, ptr %y\n  %w = mul i32 %z, {i}\n  ret i32 %w\n}}"
        for i in range(20)
    )

    def optimise_one() -> None:
        with llvm_lock, llvm.create_context() as context, verify_module(text, context) as module:
            optimise(module, host_target())

    for _ in range(100):
        optimise_one()
    before = resident_kilobytes()
    for _ in range(400):
        optimise_one()
    assert (resident_kilobytes() - before) / 400 < 2

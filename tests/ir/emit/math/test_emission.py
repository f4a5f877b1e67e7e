"""What the kernels look like in LLVM IR and in assembly: vector code that calls nobody."""

import re

import llvmlite.binding as llvm
import pytest
from llvmlite import ir

from lltheano_ir.emit.math import MATH, MathFunction, call_math
from lltheano_ir.emit.math.call import MOST_INLINED
from lltheano_ir.emit.math.lanes import splat
from tests.accuracy.native import kernel_module
from tests.ir.emit.kernel_assembly import TARGETS, assembly, called_functions


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", list(MATH))
def test_no_kernel_calls_a_library(name: str, target: str) -> None:
    for dtype, lanes in (("f32", 4), ("f64", 2)):
        text = assembly(kernel_module(name, dtype, lanes), target)
        called = called_functions(text)
        assert all(c.startswith("lltheano.math.") for c in called), called


def test_vector_code_is_vector_code() -> None:
    x86 = assembly(kernel_module("exp", "f32", 8), "x86-64-v3")
    assert re.search(r"vfmadd\w+ps\s.*%ymm", x86)
    arm = assembly(kernel_module("exp", "f64", 2), "aarch64")
    assert re.search(r"fmla\s+v\d+\.2d", arm)


def test_the_helper_is_made_once() -> None:
    module = ir.Module("m")
    double = ir.DoubleType()
    function = ir.Function(module, ir.FunctionType(double, [double]), "f")
    builder = ir.IRBuilder(function.append_basic_block())
    value = function.args[0]
    for _ in range(3):
        value = call_math(module, builder, "exp", [value])
    builder.ret(value)
    text = str(llvm.parse_assembly(str(module)))
    assert len(re.findall(r"define internal", text)) == 1
    assert "alwaysinline nounwind memory(none)" in text


@pytest.mark.parametrize("uses", [MOST_INLINED, MOST_INLINED + 1])
def test_a_kernel_that_is_used_at_very_many_places_is_called_there(uses: int) -> None:
    module = ir.Module("m")
    double = ir.DoubleType()
    function = ir.Function(module, ir.FunctionType(double, [double]), "f")
    builder = ir.IRBuilder(function.append_basic_block())
    value = function.args[0]
    for _ in range(uses):
        value = call_math(module, builder, "exp", [value])
    builder.ret(value)
    (attributes,) = re.findall(r"define internal[^(]*\([^)]*\)(.*)", str(module))
    assert ("alwaysinline" in attributes) == (uses == MOST_INLINED)
    assert ("noinline" in attributes) == (uses > MOST_INLINED)


def test_splat_is_one_constant_in_every_lane() -> None:
    eight = ir.VectorType(ir.FloatType(), 8)
    assert splat(eight, 0.5).get_reference() == "splat (float 0x3fe0000000000000)"
    assert splat(ir.DoubleType(), 0.5).get_reference() == "0x3fe0000000000000"


def scratch() -> tuple[ir.Module, ir.IRBuilder]:
    module = ir.Module("m")
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), []), "f")
    return module, ir.IRBuilder(function.append_basic_block())


def test_wrong_arguments_are_refused() -> None:
    module, builder = scratch()
    number, integer = ir.Constant(ir.DoubleType(), 1.0), ir.Constant(ir.IntType(64), 1)
    with pytest.raises(TypeError, match="pow takes 2 arguments, not 1"):
        call_math(module, builder, "pow", [number])
    with pytest.raises(TypeError, match="not i64"):
        call_math(module, builder, "exp", [integer])
    with pytest.raises(KeyError, match="gamma"):
        call_math(module, builder, "gamma", [number])
    with pytest.raises(ValueError, match="another module"):
        call_math(ir.Module("other"), builder, "exp", [number])


@pytest.mark.parametrize("function", MATH.values(), ids=list(MATH))
def test_the_table_is_complete(function: MathFunction) -> None:
    assert MATH[function.name] is function
    assert function.doc
    limit = 4.0 if function.name in {"pow", "asinh", "acosh", "atanh", "zeta"} else 2.0
    assert 0.5 <= function.ulp_f32 <= limit
    assert 0.5 <= function.ulp_f64 <= limit

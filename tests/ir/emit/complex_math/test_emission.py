"""What the functions look like in assembly: vector code that calls nobody but our own helpers."""

import re

import pytest
from llvmlite import ir

from lltheano_ir.emit.complex_math import COMPLEX_MATH, ComplexFunction, call_complex
from lltheano_ir.emit.math.lanes import like
from lltheano_ir.emit.values import Pair
from tests.ir.emit.kernel_assembly import TARGETS, assembly, called_functions


def module_of(name: str, element: ir.Type, lanes: int) -> ir.Module:
    """A module with a function that computes `name` of vectors in memory."""
    module, kind = ir.Module(name), ir.VectorType(element, lanes)
    arity = COMPLEX_MATH[name].arity
    pointers = [ir.PointerType()] * (2 * arity + 2)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), pointers), "run")
    builder = ir.IRBuilder(function.append_basic_block())
    parts = [builder.load(place, typ=kind) for place in function.args[2:]]
    pairs = [Pair(*parts[at : at + 2]) for at in range(0, 2 * arity, 2)]
    result = call_complex(builder, name, pairs)
    for place, part in zip(function.args, result if isinstance(result, Pair) else [result],
                           strict=False):  # fmt: skip
        builder.store(part, place)
    builder.ret_void()
    return module


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", COMPLEX_MATH)
def test_no_function_calls_a_library(name: str, target: str) -> None:
    text = assembly(module_of(name, ir.DoubleType(), 2), target)
    called = called_functions(text)
    assert all(one.startswith(("lltheano.math.", "lltheano.complex.")) for one in called), called


def test_vector_code_is_vector_code() -> None:
    x86 = assembly(module_of("exp", ir.DoubleType(), 4), "x86-64-v3")
    assert re.search(r"vfmadd\w+pd\s.*%ymm", x86)
    arm = assembly(module_of("exp", ir.DoubleType(), 2), "aarch64")
    assert re.search(r"fmla\s+v\d+\.2d", arm)


def test_a_narrow_number_is_widened_and_rounded_once() -> None:
    text = str(module_of("exp", ir.FloatType(), 4))
    assert text.count("fpext") == text.count("fptrunc") == 2
    assert str(like(ir.VectorType(ir.FloatType(), 4), ir.DoubleType())) in text
    assert "llvm.cos.v4f32" not in text


def test_each_precision_has_a_helper_of_its_own() -> None:
    text = str(module_of("sqrt", ir.DoubleType(), 4))
    assert len(re.findall(r'define internal .*"lltheano.complex.sqrt', text)) == 1
    assert "lltheano.complex.sqrt.c128.v4f64" in text
    assert "lltheano.complex.sqrt.c64.v4f64" in str(module_of("sqrt", ir.FloatType(), 4))


@pytest.mark.parametrize("function", COMPLEX_MATH.values(), ids=list(COMPLEX_MATH))
def test_the_table_is_complete(function: ComplexFunction) -> None:
    assert COMPLEX_MATH[function.name] is function
    assert function.doc
    assert 0.5 <= function.ulp_c64 <= 1.0
    assert 0.5 <= function.ulp_c128 <= 4.0

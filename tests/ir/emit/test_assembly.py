"""Hot loops are vector code: read in the assembly, for this machine's widths and for others."""

import re

import pytest

from lltheano_ir.dtypes import DType, bool_, f32, f64, i32, i64
from lltheano_ir.emit import emit_module
from lltheano_ir.loops.nodes import (
    For,
    Let,
    Load,
    LoopFunction,
    Order,
    Reduce,
    Reduction,
    Scalar,
    Schedule,
    Statement,
    Store,
)
from lltheano_ir.native.optimise import verify_module
from lltheano_ir.target import Target, cross_target
from tests.ir.emit.harness import alloc, assembly_of, build, i, loop, n, packed, strided
from tests.ir.emit.kernels import gathering, reduction

AVX2 = cross_target("x86_64-unknown-linux-gnu", "x86-64-v3", ("+avx", "+avx2", "+fma", "+f16c"))
AVX512 = cross_target("x86_64-unknown-linux-gnu", "znver4", ("+avx512f", "+avx512vl"))
SSE = cross_target("x86_64-unknown-linux-gnu")
ARM = cross_target("aarch64-unknown-linux-gnu")
TARGETS = {"sse": SSE, "avx2": AVX2, "avx512": AVX512, "arm": ARM}
REGISTERS = {"sse": "xmm", "avx2": "ymm", "avx512": "zmm", "arm": r"v\d+\.\d"}

X86 = {
    ("add", f32): "addps",
    ("add", f64): "addpd",
    ("max", f32): "maxps",
    ("max", f64): "maxpd",
    ("argmax", f32): "cmp.*ps",
    ("argmax", f64): "cmp.*pd",
}
NEON = {"add": r"fadd\s+v\d+\.\d", "max": r"fmax\s+v\d+\.\d", "argmax": r"fcm\w+\s+v\d+\.\d"}


def innermost_loops(assembly: str) -> list[str]:
    """The text of each loop that has no label inside."""
    lines = assembly.splitlines()
    labels: dict[str, int] = {}
    loops = []
    for number, line in enumerate(lines):
        label = re.match(r"(\.L\w+):", line)
        if label:
            labels[label[1]] = number
        jump = re.match(r"\s+(?:j\w+|b\.?\w*|cbn?z\s+\w+,|tbn?z\s+\w+,\s*#\d+,)\s+(\.L\w+)", line)
        if jump and jump[1] in labels:
            body = lines[labels[jump[1]] : number + 1]
            if not any(re.match(r"\.L\w+:", one) for one in body[1:]):
                loops.append("\n".join(body))
    return loops


def has_hot_loop(function: LoopFunction, target: Target, *patterns: str) -> bool:
    loops = innermost_loops(assembly_of(function, target))
    return any(all(re.search(pattern, one) for pattern in patterns) for one in loops)


def product_and_sum(dtype: DType, target: Target) -> LoopFunction:
    """out = a * b + 1.5, elementwise."""
    x, y = strided("x", dtype, 1, [i("n")]), strided("y", dtype, 1, [i("n")])
    out = packed("out", dtype, i("n"))
    a, b, c, d = (Scalar(name, dtype) for name in "abcd")
    place = (i("i"),)
    body: list[Statement] = [
        Load(a, x, place),
        Load(b, y, place),
        Let(c, "mul", (a, b)),
        Let(d, "add", (c, n(1.5, dtype))),
        Store(out, place, d),
    ]
    nest = loop("i", i("n"), *body, vector=target.lanes(dtype), unroll=2)
    return build([x, y], [alloc(out), nest], [out])


@pytest.mark.parametrize("machine", TARGETS)
@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
def test_elementwise(machine: str, dtype: DType) -> None:
    function, target = product_and_sum(dtype, TARGETS[machine]), TARGETS[machine]
    if machine == "arm":
        lanes = {f32: r"v\d+\.4s", f64: r"v\d+\.2d"}[dtype]
        assert has_hot_loop(function, target, rf"fmul\s+{lanes}", rf"fadd\s+{lanes}")
        return
    suffix = {f32: "ps", f64: "pd"}[dtype]
    register = REGISTERS[machine]
    patterns = (rf"mul{suffix}.*{register}", rf"add{suffix}.*{register}", rf"movup.*{register}")
    assert has_hot_loop(function, target, *patterns)


@pytest.mark.parametrize("machine", TARGETS)
@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
@pytest.mark.parametrize("kind", ["add", "max", "argmax"])
def test_reductions(machine: str, kind: str, dtype: DType) -> None:
    target = TARGETS[machine]
    function = reduction(kind, dtype, vector=target.lanes(dtype))
    if machine == "arm":
        assert has_hot_loop(function, target, NEON[kind])
        return
    name = X86[kind, dtype]
    if (machine, kind) == ("avx512", "argmax"):
        name = "(cmp|fpclass|blend)"
    assert has_hot_loop(function, target, rf"{name}.*{REGISTERS[machine]}")


@pytest.mark.parametrize("op", ["exp", "tanh", "log"])
@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
def test_math(op: str, dtype: DType) -> None:
    x, out = strided("x", dtype, 1), packed("out", dtype, i("x.n0"))
    a, b = Scalar("a", dtype), Scalar("b", dtype)
    place = (i("i"),)
    body: list[Statement] = [Load(a, x, place), Let(b, op, (a,)), Store(out, place, b)]
    nest = loop("i", i("x.n0"), *body, vector=AVX2.lanes(dtype))
    text = assembly_of(build([x], [alloc(out), nest], [out]), AVX2)
    assert re.search(rf"fm\w+{'ps' if dtype is f32 else 'pd'}.*ymm", text)
    called = set(re.findall(r"\$(\w[\w.]*),", text)) | set(re.findall(r"callq?\s+(\w[\w.]*)", text))
    assert {name for name in called if name.startswith(op)} == set()


def test_sums_of_columns_are_vectors_along_the_row() -> None:
    x, out = strided("x", f32, 2), packed("out", f32, i("x.n1"))
    a, total = Scalar("a", f32), Scalar("total", f32)
    reduce = Reduce(
        (Reduction(total, "add", a),),
        (i("i"),),
        (i("x.n0"),),
        (Load(a, x, (i("i"), i("j"))),),
        Order.ROWS,
    )
    nest = For(i("j"), i("x.n1"), (reduce, Store(out, (i("j"),), total)), schedule=Schedule(8, 2))
    function = build([x], [alloc(out), nest], [out])
    assert has_hot_loop(function, AVX2, r"vaddps.*ymm")


@pytest.mark.parametrize(("kind", "name"), [("add", "add"), ("max", r"(?:max|blendv|cmp\w*)")])
@pytest.mark.parametrize(("dtype", "lanes"), [(f32, r"ps\s.*xmm"), (f64, r"pd\s.*ymm")], ids=str)
def test_gathered_elements_are_reduced_in_vectors(
    kind: str, name: str, dtype: DType, lanes: str
) -> None:
    """Fetched one by one, then subtracted and reduced four at a time."""
    text = assembly_of(gathering(kind, dtype, 4), AVX2)
    assert re.search(rf"v{name}{lanes}", text)
    assert re.search(rf"vsub{lanes}", text)


def test_comparisons_and_conversions() -> None:
    """Bools, which are bytes in memory and masks in registers, and integers to floats."""
    x, k = strided("x", f32, 1, [i("n")]), strided("k", i32, 1, [i("n")])
    flags = packed("flags", bool_, i("n"))
    a, b, c, less = Scalar("a", f32), Scalar("b", i32), Scalar("c", f32), Scalar("less", bool_)
    place = (i("i"),)
    body: list[Statement] = [
        Load(a, x, place),
        Load(b, k, place),
        Let(c, "cast", (b,)),
        Let(less, "lt", (a, c)),
        Store(flags, place, less),
    ]
    function = build([x, k], [alloc(flags), loop("i", i("n"), *body, vector=8)], [flags])
    assert has_hot_loop(function, AVX2, r"vcvtdq2ps.*ymm", r"vcmp\w*ps.*ymm")


def test_what_does_not_vary_is_outside_the_loop() -> None:
    """A factor in memory is read once, whatever the loop writes."""
    x, factor = strided("x", f64, 1), strided("factor", f64, 0)
    out = packed("out", f64, i("x.n0"))
    a, b, root, c = (Scalar(name, f64) for name in ("a", "b", "root", "c"))
    place = (i("i"),)
    body: list[Statement] = [
        Load(b, factor, ()),
        Let(root, "sqrt", (b,)),
        Load(a, x, place),
        Let(c, "mul", (a, root)),
        Store(out, place, c),
    ]
    nest = loop("i", i("x.n0"), *body, vector=4)
    function = build([x, factor], [alloc(out), nest], [out])
    loops = innermost_loops(assembly_of(function, AVX2))
    assert any("vmulpd" in one for one in loops)
    assert not any(re.search(r"sqrt|broadcast\w+\s+[^%]", one) for one in loops)


def test_the_same_text_serves_every_machine_of_a_width() -> None:
    function = reduction("add", f64, vector=2)
    text = emit_module(function, ARM)
    assert text == emit_module(function, ARM)
    assert "triple" not in text or 'triple = ""' in text
    verify_module(text)
    for machine in ("sse", "arm"):
        assert has_hot_loop(function, TARGETS[machine], "add.*(pd|2d)")


def test_no_fast_math() -> None:
    text = emit_module(product_and_sum(f64, AVX2), AVX2)
    assert not re.search(r"\b(fast|reassoc|contract|nnan|ninf|nsz|arcp|afn)\b", text)
    loops = innermost_loops(assembly_of(product_and_sum(f64, AVX2), AVX2))
    assert not any("vfma" in one for one in loops)


def test_positions_are_found_in_registers_of_the_values_width() -> None:
    function = reduction("argmax", i64, vector=4)
    assert has_hot_loop(function, AVX2, r"vpcmpgtq.*ymm")

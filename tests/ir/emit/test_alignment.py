"""What accesses say of their alignment: no more than is so, and as much as is known."""

import re

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType
from lltheano_ir.emit.module import emit_module
from lltheano_ir.loops.analysis.alignment import alignments, element_alignment
from lltheano_ir.loops.nodes import Load, Scalar, Store
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.loops.verify import verify_loops
from tests.ir.emit.harness import alloc, build, compiled, i, loop, packed, same_bits, strided
from tests.ir.targets import AVX2

X = "%x: f64[%n] strides [%s] input"

STORES = {
    "what has no index": ("alloc %y: f64[] store %y[] = f64 1.0", [64]),
    "known indices": (
        "alloc %y: f64[8] store %y[0] = f64 1.0 store %y[2] = f64 1.0 store %y[3] = f64 1.0",
        [64, 16, 8],
    ),
    "vectors, then elements": (
        "alloc %y: f64[%n] for %i in %n, vector=4, unroll=4 { store %y[%i] = f64 1.0 }",
        [64, 32, 8],
    ),
    "elements of a row": (
        "alloc %y: f64[%n, 8] for %i in %n {"
        " for %j in 8, vector=4 { store %y[%i, %j] = f64 1.0 } }",
        [32, 8],
    ),
    "rows of unknown length": (
        "alloc %y: f64[%n, %n] for %i in %n {"
        " for %j in %n, vector=4 { store %y[%i, %j] = f64 1.0 } }",
        [8, 8],
    ),
    "indices beside the loop's": (
        "alloc %y: f64[%n] alloc %z: f64[%n] for %i in %n, vector=4 {"
        " let %j: i64 = add %i, 2 let %k: i64 = sub %j, 1"
        " store %y[%j] = f64 1.0 store %z[%k] = f64 1.0 }",
        [16, 8, 8, 8],
    ),
    "elements apart": (
        "alloc %y: f64[%n] for %i in %n, vector=2 { let %j: i64 = mul %i, 3"
        " store %y[%j] = f64 1.0 }",
        [8, 8, 8],
    ),
    "a part": (
        "alloc %y: f64[%n] view %p: f64[%n] strides [1] = %y, offset=4"
        " for %i in %n, vector=8 { store %p[%i] = f64 1.0 }",
        [32, 8],
    ),
    "a part from somewhere on": (
        "alloc %y: f64[%n] view %p: f64[%n] strides [1] = %y, offset=%n"
        " for %i in %n, vector=8 { store %p[%i] = f64 1.0 }",
        [8, 8],
    ),
    "less than there is": (
        "alloc %y: f64[%n] align 2 for %i in %n, vector=4 { store %y[%i] = f64 1.0 }",
        [2, 2],
    ),
    "the parts of a complex number": (
        "alloc %y: c128[4] store %y[0] = c128 (1.0, 0.0) store %y[1] = c128 (1.0, 0.0)",
        [64, 8, 16, 8],
    ),
}

LOADS = {
    "an argument": (
        "contiguous %a: f64[%n] = %x alloc %y: f64[%n] for %i in %n, vector=4 {"
        " load %v: f64 = %a[%i] store %y[%i] = %v }",
        [8, 8],
    ),
    "what was allocated": (
        "alloc %a: f64[%n] alloc %y: f64[%n] for %i in %n, vector=4 {"
        " load %v: f64 = %a[%i] store %y[%i] = %v }",
        [32, 8],
    ),
    "the parts of a complex number": (
        "alloc %a: c128[4] alloc %y: c128[] load %v: c128 = %a[2] store %y[] = %v",
        [32, 8],
    ),
    "vectors of an extremum, the last of which overlaps": (
        "alloc %a: f64[%n] reduce %m: f64 = max %v over %i in %n, blocked, vector=4, unroll=4 {"
        " load %v: f64 = %a[%i] }",
        [64, 8, 8],
    ),
    "rows of a float's sum, the lanes of the last in memory": (
        "alloc %a: f64[%n] reduce %m: f64 = add %v over %i in %n, blocked, vector=4 {"
        " load %v: f64 = %a[%i] }",
        [64, 8, 8, 64, 8],
    ),
    "vectors of an integer's sum": (
        "alloc %a: i64[%n] reduce %m: i64 = add %v over %i in %n, blocked, vector=4, unroll=2 {"
        " load %v: i64 = %a[%i] }",
        [64, 32, 8],
    ),
}


def accesses(body: str, kind: str) -> list[int]:
    """The alignments of loads or stores of elements, in the order of the module's text."""
    function = parse_loops(f"loops @f({X}) {{ {body} }}")
    verify_loops(function)
    entry = emit_module(function, AVX2).partition('@"lltheano_entry"')[2].partition("\n}")[0]
    # Words of the frame are read and written without a word on alignment.
    return [int(one) for one in re.findall(rf"\b{kind} .*, align (\d+)$", entry, re.MULTILINE)]


@pytest.mark.parametrize("what", STORES)
def test_stores(what: str) -> None:
    body, wanted = STORES[what]
    assert accesses(body, "store") == wanted


@pytest.mark.parametrize("what", LOADS)
def test_loads(what: str) -> None:
    body, wanted = LOADS[what]
    assert accesses(body, "load") == wanted


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_memory_that_begins_anywhere_is_read_as_it_says(dtype: DType) -> None:
    x, out = strided("x", dtype, 1, alignment=1), packed("out", dtype, i("x.n0"))
    element = Scalar("a", dtype)
    nest = loop(
        "i", i("x.n0"), Load(element, x, (i("i"),)), Store(out, (i("i"),), element), vector=4
    )
    function = build([x], [alloc(out), nest], [out])
    assert alignments(function) == {"x": 1, "out": 64}
    run = compiled(function)
    data = (np.arange(37) % 2).astype(dtype.numpy)
    for offset in range(element_alignment(dtype) + 1):
        memory = np.zeros(data.nbytes + offset, np.uint8)
        moved = memory[offset:].view(data.dtype)
        moved[...] = data
        same_bits(run(moved)[0], data)
        same_bits(run(moved[::-2])[0], data[::-2])

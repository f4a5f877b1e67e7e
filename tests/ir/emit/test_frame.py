"""The frame's layout, and its C declarations, which a C compiler would read."""

import ctypes
import re

import numpy as np

from lltheano_ir.abi import REPORT_WORDS
from lltheano_ir.dtypes import ALL_DTYPES, bool_, f32, f64, i64
from lltheano_ir.emit import frame_layout
from lltheano_ir.loops.nodes import Buffer, Let, Load, Scalar, Store
from tests.ir.emit.harness import alloc, build, compiled, i, loop, packed, strided


def test_offsets_follow_the_parameters_then_the_results() -> None:
    x, w = strided("x", f64, 2), packed("w", f32, i("w.n0"))
    out = packed("out", i64)
    function = build([x, w], [alloc(out)], [out], shared=[w], updates=[(w, 1)])
    layout = frame_layout(function)
    first, second = (one.words for one in layout.parameters)
    assert (first.data, first.sizes, first.strides) == (0, 1, 3)
    assert (second.data, second.sizes, second.strides) == (5, 6, 7)
    assert [(one.words.data, one.words.sizes, one.words.end) for one in layout.results] == [
        (8, 9, 9),
        (9, 10, 11),
    ]
    assert layout.report == 11
    assert layout.words == 11 + REPORT_WORDS


def test_c_declarations_have_the_layouts_size() -> None:
    parameters = [strided(f"p{dtype}", dtype, rank % 3) for rank, dtype in enumerate(ALL_DTYPES)]
    layout = frame_layout(build(parameters, [], []))
    counted = [int(number) for number in re.findall(r"\[(\d+)\]", layout.c_source)]
    assert sum(counted) + len(parameters) == layout.words
    for name in ("uint8_t", "int8_t", "uint64_t", "_Float16", "float _Complex", "double"):
        assert f"const {name} *data" in layout.c_source


def test_names_become_different_c_identifiers() -> None:
    names = ("report", "a b", "a-b", "3", "é")
    layout = frame_layout(build([Buffer(name, f32, ()) for name in names], [], [], name="f"))
    members = re.findall(r"} (\w+);", layout.c_source)
    assert members == ["report_1", "a_b", "a_b_1", "_3", "_"]


def test_strides_reach_the_code_in_bytes_and_sizes_come_back() -> None:
    x, flags = strided("x", f64, 2), strided("flags", bool_, 1)
    out = packed("out", f64, i("x.n1"), i("flags.n0"))
    a, on, chosen = Scalar("a", f64), Scalar("on", bool_), Scalar("chosen", f64)
    body = loop(
        "j",
        i("flags.n0"),
        Load(a, x, (i("j"), i("i"))),
        Load(on, flags, (i("j"),)),
        Let(chosen, "cast", (on,)),
        Let(Scalar("product", f64), "mul", (a, chosen)),
        Store(out, (i("i"), i("j")), Scalar("product", f64)),
    )
    run = compiled(build([x, flags], [alloc(out), loop("i", i("x.n1"), body)], [out]))
    data = np.arange(12.0).reshape(4, 3)
    bits = np.array([True, False, True, True])
    np.testing.assert_array_equal(run(data, bits)[0], (data * bits[:, None]).T)
    # A byte other than 0 and 1, as a view of other memory as bool may hold, is true.
    odd = np.array([2, 0, 255, 128], np.uint8).view(bool)
    np.testing.assert_array_equal(run(data, odd)[0], (data * bits[:, None]).T)


def test_a_misaligned_frame_word_is_never_needed() -> None:
    """Every field is a whole word: the frame is an array of int64_t."""
    layout = frame_layout(build([strided("x", f32, 1)], [], []))
    assert ctypes.sizeof(ctypes.c_int64) * layout.words == 8 * (3 + REPORT_WORDS)

"""Convolutions and their gradients in loop IR and in native code against their reference."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.lowering.convolution import blocks, functions
from lltheano_ir.lowering.lower import lower
from lltheano_ir.program import Program
from lltheano_ir.text import parse_program
from tests.ir.agreement import agreed_failure
from tests.ir.emit.harness import Array, compiled
from tests.ir.loop_pipeline import scheduled
from tests.ir.targets import AVX2

DTYPES = {"f32": "float32", "f64": "float64", "f16": "float16", "c64": "complex64", "i32": "int32"}


@cache
def program(axes: int, groups: int, form: str, dtype: str = "f32") -> Program:
    """A convolution and both gradients, of images, filters and a gradient; every number is given at
    run time.
    """
    tensor = f"{dtype}[{','.join('?' * (2 + axes))}]"
    names = ("out", "image", "filter", "before", "dilation", "step")
    numbers = [[f"%{name}{axis}" for axis in range(axes)] for name in names]
    outputs, images, filters, *rest = numbers
    flat = [one for part in numbers for one in part]
    told = ", ".join(one for part in rest for one in part)
    ends = f"{told}, groups={groups}, filters={form}"
    return parse_program(
        f"""program @f(%x: {tensor}, %w: {tensor}, %g: {tensor},
            {", ".join(f"{one}: i64[]" for one in flat)}) {{
          %0: {tensor} = convolve %x, %w, {", ".join(outputs)}, {ends}
          %1: {tensor} = convolve_images %w, %g, {", ".join(images)}, {ends}
          %2: {tensor} = convolve_filters %x, %g, {", ".join(filters)}, {ends}
          output "y" = %0
          output "x" = %1
          output "w" = %2
        }}"""
    )


def arguments(
    rng: np.random.Generator,
    counts: tuple[int, int, int],
    geometry: Sequence[Sequence[int]],
    groups: int = 1,
    dtype: str = "f32",
) -> list[Any]:
    """Images, channels, filters; image and filter sizes, frames, dilations, steps by axis; as much
    is added after an image as before it.
    """
    images, channels, filters = counts
    sizes, lengths, before, dilations, steps = geometry
    outputs = [
        (size + 2 * frame - (length - 1) * apart - 1) // step + 1
        for size, length, frame, apart, step in zip(*geometry, strict=True)
    ]
    shapes = (
        (images, channels, *sizes),
        (filters, channels // groups, *lengths),
        (images, filters, *outputs),
    )
    tensors = [(3 * rng.standard_normal(one)).astype(DTYPES[dtype]) for one in shapes]
    numbers = [*outputs, *sizes, *lengths, *before, *dilations, *steps]
    return [*tensors, *(np.array(one, np.int64) for one in numbers)]


def require_close(found: Sequence[Array], wanted: Sequence[Array]) -> None:
    for one, other in zip(found, wanted, strict=True):
        kind = other.dtype
        bound = 0.0 if kind.kind == "i" else 64 * float(np.finfo(kind).eps)
        np.testing.assert_allclose(
            one, other, rtol=bound, atol=bound * np.abs(other).max(initial=0)
        )


PLAIN = ((6, 7), (3, 2), (0, 0), (1, 1), (1, 1))
FRAMED = ((6, 7), (3, 3), (2, 1), (1, 1), (1, 1))
STRIDED = ((6, 7), (3, 3), (2, 1), (2, 1), (2, 3))
POINT = ((3, 4), (1, 1), (0, 0), (1, 1), (1, 1))
BEYOND = ((2, 3), (2, 2), (4, 4), (1, 1), (1, 1))
CASES = [
    pytest.param((2, 3, 5), PLAIN, 1, id="plain"),
    pytest.param((2, 3, 5), FRAMED, 1, id="framed"),
    pytest.param((2, 4, 8), STRIDED, 2, id="strided and grouped"),
    pytest.param((2, 4, 8), STRIDED, 4, id="two filters a group"),
    pytest.param((2, 3, 3), FRAMED, 3, id="depthwise"),
    pytest.param((2, 3, 5), POINT, 1, id="one place"),
    pytest.param((2, 2, 4), BEYOND, 1, id="more frame than image"),
    pytest.param((0, 3, 5), PLAIN, 1, id="no image"),
    pytest.param((2, 0, 5), PLAIN, 1, id="no channel"),
    pytest.param((2, 3, 0), PLAIN, 1, id="no filter"),
]


@pytest.mark.parametrize(("counts", "geometry", "groups"), CASES)
def test_the_loops_mean_the_convolution(
    counts: tuple[int, int, int],
    geometry: Sequence[Sequence[int]],
    groups: int,
    rng: np.random.Generator,
) -> None:
    """In the interpreter, which checks every access; by products and by loops over lines."""
    source = program(2, groups, "turned")
    given = arguments(rng, counts, geometry, groups)
    wanted, _ = interpret(source, given)
    found, _ = interpret_loops(scheduled(source), given)
    require_close(found, wanted)


@pytest.mark.parametrize("dtype", ["f16", "f64", "c64", "i32"])
def test_of_every_kind_of_number(dtype: str, rng: np.random.Generator) -> None:
    source = program(1, 1, "turned", dtype)
    given = arguments(rng, (2, 2, 4), ((5,), (2,), (1,), (1,), (2,)), dtype=dtype)
    wanted, _ = interpret(source, given)
    found, _ = interpret_loops(lower(source), given)
    require_close(found, wanted)


def test_along_three_axes(rng: np.random.Generator) -> None:
    source = program(3, 1, "straight")
    geometry = ((3, 4, 5), (2, 3, 2), (1, 0, 1), (1, 1, 2), (1, 1, 2))
    given = arguments(rng, (1, 2, 4), geometry)
    wanted, _ = interpret(source, given)
    found, _ = interpret_loops(lower(source), given)
    require_close(found, wanted)


@pytest.mark.parametrize(("room", "least"), [(1, 1), (1, 20), (1 << 19, 120)])
def test_the_size_of_blocks_changes_nothing_else(
    room: int, least: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line of one image at once, some lines, two images of three."""
    monkeypatch.setattr(blocks, "BLOCK_BYTES", room)
    monkeypatch.setattr(blocks, "LEAST_COLUMNS", least)
    functions.kernel.cache_clear()
    try:
        module = lower(program(2, 1, "straight"))
    finally:
        functions.kernel.cache_clear()
    for geometry in (FRAMED, POINT):
        given = arguments(rng, (3, 2, 4), geometry)
        wanted, _ = interpret(program(2, 1, "straight"), given)
        found, _ = interpret_loops(module, given)
        require_close(found, wanted)


def test_native_code_of_one_program_for_all_sizes(rng: np.random.Generator) -> None:
    native = compiled(scheduled(program(2, 1, "straight")), AVX2.vector_bytes)
    for counts, geometry in (
        ((3, 5, 6), ((19, 37), (3, 3), (1, 1), (1, 1), (1, 1))),
        ((3, 5, 6), ((19, 37), (3, 5), (2, 9), (2, 3), (2, 1))),
        ((3, 5, 2), ((19, 37), (3, 3), (1, 1), (1, 1), (2, 2))),
        ((300, 5, 6), ((2, 3), (2, 2), (0, 0), (1, 1), (1, 1))),
        ((2, 40, 8), ((60, 61), (3, 3), (1, 1), (1, 1), (1, 1))),
    ):
        given = arguments(rng, counts, geometry)
        wanted, _ = interpret(program(2, 1, "straight"), given)
        require_close(native(*given), wanted)


def test_outside_an_image_there_are_zeros(rng: np.random.Generator) -> None:
    """Times infinity they are NaN, whichever way a convolution is made."""
    for filters in (1, 4):
        given = arguments(rng, (1, 1, filters), ((2, 2), (2, 2), (1, 1), (1, 1), (1, 1)))
        given[1][:, :, 0, 0] = given[2][:, :, 0, 0] = np.inf
        source = program(2, 1, "straight")
        wanted, _ = interpret(source, given)
        found, _ = interpret_loops(lower(source), given)
        assert np.isnan(wanted[0][:, :, 0, 0]).all()
        assert np.isnan(wanted[2]).any()
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(np.isnan(one), np.isnan(other))


def test_all_convolutions_of_a_program_share_their_functions() -> None:
    module = lower(program(2, 1, "turned"))
    verify_loops(module)
    assert parse_module(format_loops(module)) == module
    assert sorted(function.name for function in module.functions[1:]) == [
        "convolve2.f32",
        "convolve_filters2.f32",
        "convolve_images2.f32",
        "gather_windows2.f32",
        "scatter_windows2.f32",
        "turn2.f32",
    ]


@pytest.mark.parametrize(
    ("x", "w", "numbers", "groups", "kind"),
    [
        ((1, 3, 4), (2, 1, 2), (3, 0, 1, 1), 2, "sizes"),
        ((1, 2, 4), (3, 1, 2), (3, 0, 1, 1), 2, "sizes"),
        ((1, 1, 4), (1, 1, 2), (-1, 0, 1, 1), 1, "value"),
        ((1, 1, 4), (1, 1, 2), (3, -1, 1, 1), 1, "value"),
        ((1, 1, 4), (1, 1, 2), (3, 0, 0, 1), 1, "value"),
        ((1, 1, 4), (1, 1, 2), (3, 0, 1, 1 << 29), 1, "value"),
    ],
)
def test_what_there_is_no_convolution_of(
    x: tuple[int, ...], w: tuple[int, ...], numbers: tuple[int, ...], groups: int, kind: str
) -> None:
    tensor = "f32[?,?,?]"
    text = f"""program @f(%x: {tensor}, %w: {tensor}, %n: i64[], %b: i64[], %d: i64[], %s: i64[]) {{
      %0: {tensor} = convolve %x, %w, %n, %b, %d, %s, groups={groups}, filters=turned
      output "y" = %0
    }}"""
    arrays = [np.ones(one, np.float32) for one in (x, w)]
    assert agreed_failure(text, *arrays, *map(np.int64, numbers)).kind == kind

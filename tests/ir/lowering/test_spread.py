"""What windows give back to their elements, in loop IR and in native code, bit for bit."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from fuzz.comparison import same_bits
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.program import Program
from lltheano_ir.text import parse_program
from tests.ir.agreement import agreed, agreed_failure
from tests.ir.emit.harness import compiled
from tests.ir.loop_pipeline import scheduled
from tests.ir.targets import AVX2


def text(dtype: str = "f32", axes: int = 2) -> str:
    """Both ops, with numbers given at run time."""
    tensor = f"{dtype}[{','.join('?' * (2 + axes))}]"
    names = [
        [f"%{name}{axis}" for axis in range(axes)] for name in ("size", "length", "low", "step")
    ]
    numbers = ", ".join(f"{one}: i64[]" for part in names for one in part)
    told = ", ".join(one for part in names[1:] for one in part)
    return f"""program @f(%x: {tensor}, %y: {tensor}, %g: {tensor}, {numbers}) {{
      %0: {tensor} = spread %g, {", ".join(names[0])}, {told}
      %1: {tensor} = spread_max %x, %y, %g, {told}
      output "a" = %0
      output "b" = %1
    }}"""


@cache
def program(dtype: str = "f32") -> Program:
    return parse_program(text(dtype))


def arguments(
    rng: np.random.Generator,
    sizes: Sequence[int],
    windows: Sequence[int],
    numbers: Sequence[Sequence[int]],
    dtype: str = "float32",
) -> list[Any]:
    """Few numbers, so that many elements are alike; NaN, infinities and a zero with a sign too."""
    values = np.array([0, 1, 2, -1] if dtype == "int8" else [0.0, -0.0, 1.5, np.nan, np.inf], dtype)
    shapes = ((2, 3, *sizes), (2, 3, *windows), (2, 3, *windows))
    tensors = [rng.choice(values, one) for one in shapes]
    flat = [one for part in (sizes, *numbers) for one in part]
    return [*tensors, *(np.array(one, np.int64) for one in flat)]


APART = ((6, 19), (3, 9), ((2, 2), (0, 0), (2, 2)))
GAPS = ((7, 12), (3, 4), ((1, 2), (1, 1), (3, 3)))
FRAMED = ((4, 5), (3, 4), ((2, 3), (1, 2), (2, 3)))
OVERLAPPING = ((7, 21), (3, 7), ((3, 3), (1, 2), (2, 2)))
SLIDING = ((5, 18), (5, 18), ((3, 3), (1, 1), (1, 1)))
NOTHING = ((3, 4), (0, 2), ((2, 2), (0, 0), (1, 1)))
CASES = (APART, GAPS, FRAMED, OVERLAPPING, SLIDING, NOTHING)


@pytest.mark.parametrize(("sizes", "windows", "numbers"), CASES)
def test_windows_give_back_bit_for_bit(
    sizes: Sequence[int],
    windows: Sequence[int],
    numbers: Sequence[Sequence[int]],
    rng: np.random.Generator,
) -> None:
    given = arguments(rng, sizes, windows, numbers)
    wanted, _ = interpret(program(), given)
    found, _ = interpret_loops(lower(program()), given)
    for one, other in zip(found, wanted, strict=True):
        assert same_bits(one, other)


def test_native_code_gives_back_the_same(rng: np.random.Generator) -> None:
    native = compiled(scheduled(program()), AVX2.vector_bytes)
    for case in CASES:
        given = arguments(rng, *case)
        wanted, _ = interpret(program(), given)
        for one, other in zip(native(*given), wanted, strict=True):
            assert same_bits(one, other)


def test_of_integers_and_after_every_pass(rng: np.random.Generator) -> None:
    agreed(text("i8"), *arguments(rng, *FRAMED, dtype="int8"))


@pytest.mark.parametrize(
    ("place", "number"), [(3, -1), (5, -1), (7, -1), (9, 0), (9, 1 << 29)], ids=str
)
def test_numbers_that_no_windows_have(place: int, number: int, rng: np.random.Generator) -> None:
    given = arguments(rng, *APART)
    given[place] = np.array(number, np.int64)
    assert agreed_failure(text(), *given).kind == "value"

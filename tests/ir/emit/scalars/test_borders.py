"""Scalar ops at the numbers where the instruction of the machine would do something else."""

import numpy as np
import pytest

from fuzz.comparison import same_bits
from lltheano_ir.interpret import interpret
from lltheano_ir.text import parse_program
from tests.ir.emit.harness import compiled
from tests.ir.loop_pipeline import scheduled


@pytest.mark.parametrize("dtype", ["u8", "i32", "i64"])
@pytest.mark.parametrize("op", ["shl", "shr"])
def test_shifts_by_the_width_and_more(op: str, dtype: str) -> None:
    text = f"program @f(%x: {dtype}[?], %y: {dtype}[?]) {{ %0: {dtype}[?] = {op} %x, %y"
    program = parse_program(f'{text} output "z" = %0 }}')
    kind = {"u8": np.uint8, "i32": np.int32, "i64": np.int64}[dtype]
    width = 8 * np.dtype(kind).itemsize
    y = np.array([0, 1, width - 1, width, width + 1, 100] * 2, kind)
    x = np.array([1, 3, 5, 7, 9, 11] * 2, kind)
    (expected,), _ = interpret(program, [x, y])
    assert same_bits(compiled(scheduled(program))(x, y)[0], expected)


def test_the_sign_of_a_zero_is_the_positive_zero() -> None:
    program = parse_program('program @f(%x: f64[?]) { %0: f64[?] = sign %x output "y" = %0 }')
    x = np.array([-0.0, 0.0, -2.0, 3.0, np.nan] * 2)
    (expected,), _ = interpret(program, [x])
    assert same_bits(compiled(scheduled(program))(x)[0], expected)

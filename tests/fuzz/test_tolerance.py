"""What oracles promise of products: loops that are said to be exact give the reference's bits."""

import numpy as np
import pytest

from fuzz.comparison import same_bits
from fuzz.tolerance import loops_are_exact
from lltheano_ir.dtypes import ALL_DTYPES, DType
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.lowering.lower import lower
from lltheano_ir.text import parse_program

SHAPES = {"vectors": ("?", ""), "matrices": ("?,?", "?,?")}


@pytest.mark.parametrize("dtype", [one for one in ALL_DTYPES if not one.is_bool], ids=str)
@pytest.mark.parametrize("operands", SHAPES)
def test_products_are_exact_unless_said_otherwise(
    operands: str, dtype: DType, rng: np.random.Generator
) -> None:
    axes, left = SHAPES[operands]
    program = parse_program(
        f'program @f(%x: {dtype}[{axes}]) {{ %0: {dtype}[{left}] = dot %x, %x output "y" = %0 }}'
    )
    shape = (5,) * len(axes.split(","))
    arrays = [(rng.normal(size=shape) * 10).astype(dtype.numpy) for _ in range(100)]
    pairs = [(interpret(program, [x])[0], interpret_loops(lower(program), [x])[0]) for x in arrays]
    agree = all(same_bits(one, other) for (one,), (other,) in pairs)
    assert agree or not loops_are_exact(program)

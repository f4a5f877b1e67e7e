"""Programs of thousands of ops in a chain are lowered without recursion, fused or not."""

from collections.abc import Callable

import pytest

from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import f64
from lltheano_ir.nodes import Region, Value, argument, make
from lltheano_ir.program import Program
from lltheano_ir.types import INDEX, ValueType
from tests.ir.loop_pipeline import scheduled

DEPTH = 2_000
VECTOR = ValueType(f64, (False,))


def elementwise(builder: Builder) -> Value:
    value = builder.parameter("x", VECTOR)
    for _ in range(DEPTH):
        value = builder.elementwise("neg", value)
    return value


def scalar(builder: Builder) -> Value:
    value = builder.parameter("x", ValueType(f64, ()))
    for _ in range(DEPTH):
        value = builder.elementwise("neg", value)
    return value


def fused(builder: Builder) -> Value:
    inner = argument(0, VECTOR)
    for _ in range(DEPTH):
        inner = make("neg", (inner,))
    x = builder.parameter("x", VECTOR)
    return builder.make("fused", (x,), (), (Region((VECTOR,), (inner,)),))


def size(builder: Builder) -> Value:
    x = builder.parameter("x", VECTOR)
    total = builder.dim(x, 0)
    for _ in range(DEPTH):
        total = builder.elementwise("add", total, builder.dim(x, 0))
    return builder.iota(total)


def rearranged(builder: Builder) -> Value:
    value = builder.parameter("x", ValueType(f64, (False, False)))
    for _ in range(DEPTH):
        value = builder.dimshuffle(value, [1, 0])
    return value


def indexed(builder: Builder) -> Value:
    x, value = builder.parameter("x", ValueType(INDEX.dtype, (False,))), builder.integer(0)
    for _ in range(DEPTH):
        value = builder.index(x, value, 0)
    return value


CHAINS = (elementwise, scalar, fused, size, rearranged, indexed)


def program_of(chain: Callable[[Builder], Value]) -> Program:
    builder = Builder("deep")
    builder.output(chain(builder), "y")
    return builder.program()


@pytest.mark.parametrize("chain", CHAINS)
def test_a_long_chain_is_lowered(chain: Callable[[Builder], Value]) -> None:
    function = scheduled(program_of(chain))
    assert [result.name for result in function.results] == ["y"]

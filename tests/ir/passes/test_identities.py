"""Rewrite rules on every small expression: bit for bit the same for all pairs of special numbers.

Expressions are made of the op table: every op of two elements with a constant on either side, every
op of one element over every op, an op with constants twice, negated and equal operands, choices,
and casts through every dtype. A rule that is right for ordinary numbers only is wrong here.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from fuzz.comparison import differences
from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_, c64, f32, f64, i8, i32, i64, u8
from lltheano_ir.interpret import evaluate, interpret
from lltheano_ir.nodes import Value, argument, make
from lltheano_ir.ops.definition import Array, ExecutionError, Op, TypeRuleError
from lltheano_ir.ops.table import OPS
from lltheano_ir.passes.pipeline import run_passes
from lltheano_ir.program import Output, Parameter, Program
from lltheano_ir.rewrite.patterns import constant
from lltheano_ir.text import parse_program
from lltheano_ir.types import ValueType

ELEMENTWISE = [op for op in OPS.values() if op.is_elementwise and op.name != "cast"]
BY_ARITY = {arity: [op for op in ELEMENTWISE if op.arity == arity] for arity in (1, 2)}
CONSTANTS = (0, 1, -1, 2, 3, 64)
FLOATS = (-0.0, 0.5, 3.0, 2.0**100, 2.0**-130, np.inf, np.nan)
REPEATED = (True,)


def specials(dtype: DType) -> Array:
    """Numbers of a dtype at which identities of ordinary numbers fail."""
    kind = dtype.numpy
    if dtype.is_bool:
        return np.array([False, True])
    if dtype.is_integer:
        limits = np.iinfo(kind.name)
        ends = [limits.min, limits.min + 1, limits.max, limits.max - 1]
        near = [number for number in range(-4, 5) if limits.min <= number]
        return np.array([*ends, *near, 2, 7, 31], kind)
    limit: np.finfo[Any] = np.finfo(kind.name)
    sizes = [0.0, limit.smallest_subnormal, limit.tiny, 0.1, 0.5, 1.0, 1.5, 3.0, 1e4, limit.max]
    reals = np.array([*sizes, np.inf, np.nan], limit.dtype)
    reals = np.concatenate([reals, -reals])
    if not dtype.is_complex:
        return reals
    parts = reals[::3]
    return np.array([complex(*pair) for pair in product(parts, parts)], kind)


def constants(dtype: DType) -> Iterator[Value]:
    """Constants of one element, which is repeated, that rules look for."""
    numbers = (*CONSTANTS, *(() if dtype.is_integer or dtype.is_bool else FLOATS))
    with np.errstate(all="ignore"):
        for number in (0, 1) if dtype.is_bool else numbers:
            yield constant(np.array(number).astype(dtype.numpy).reshape(1), REPEATED)


def legal(name: str, *operands: Value) -> Iterator[Value]:
    """An op on these operands, if their types admit it.

    Of complex numbers only what is exact: the square is the product, whatever the power gives.
    """
    if operands[0].type.dtype.is_complex and not OPS[name].is_exact(operands[0].type.dtype):
        return
    try:
        yield make(name, operands)
    except TypeRuleError:
        return


def with_constants(x: Value, y: Value, op: Op) -> Iterator[Value]:
    for number in constants(x.type.dtype):
        for left, right in ((x, number), (number, x)):
            for value in legal(op.name, left, right):
                yield value
                for other in constants(x.type.dtype):
                    yield from legal(op.name, value, other)


def of_two(x: Value, y: Value) -> Iterator[Value]:
    for op in BY_ARITY[2]:
        yield from with_constants(x, y, op)
        yield from legal(op.name, x, x)
        for value in legal(op.name, x, y):
            for outer in BY_ARITY[1]:
                yield from legal(outer.name, value)
        for inner in BY_ARITY[1]:
            for value in legal(inner.name, x):
                yield from legal(op.name, value, y)
                yield from legal(op.name, y, value)


def of_one(x: Value, y: Value) -> Iterator[Value]:
    for inner, outer in product(BY_ARITY[1], repeat=2):
        for value in legal(inner.name, x):
            yield from legal(outer.name, value)


def choices(x: Value, y: Value) -> Iterator[Value]:
    (unequal,) = legal("ne", x, y)
    yes, no = (constant(np.array([truth]), REPEATED) for truth in (True, False))
    for condition in (unequal, make("not", (unequal,)), yes, no):
        for then, otherwise in ((x, y), (x, x), (y, x)):
            yield from legal("select", condition, then, otherwise)


def casts(x: Value, y: Value) -> Iterator[Value]:
    for middle, last in product(ALL_DTYPES, repeat=2):
        try:
            yield make("cast", (make("cast", (x,), (middle,)),), (last,))
        except TypeRuleError:
            continue


EXPRESSIONS = {"two": of_two, "one": of_one, "choices": choices, "casts": casts}
FEW = (bool_, i8, u8, i32, i64, f32, f64, c64)
CASES = [
    (kind, dtype)
    for kind in EXPRESSIONS
    for dtype in (ALL_DTYPES if kind in ("choices", "casts") else FEW)
    if not (kind == "one" and dtype.is_complex)
]


def program_of(values: Sequence[Value], type_: ValueType) -> Program:
    outputs = tuple(Output(f"y{number}", value) for number, value in enumerate(values))
    return Program("f", (Parameter("x", type_), Parameter("y", type_)), outputs)


@pytest.mark.parametrize(("kind", "dtype"), CASES, ids=str)
def test_a_rewritten_expression_has_the_same_bits(kind: str, dtype: DType) -> None:
    type_ = ValueType(dtype, (False,))
    values = list(dict.fromkeys(EXPRESSIONS[kind](argument(0, type_), argument(1, type_))))
    rewritten = run_passes(program_of(values, type_), ["canonicalise"]).roots
    changed = [pair for pair in zip(values, rewritten, strict=True) if pair[0] is not pair[1]]
    assert changed
    numbers = specials(dtype)
    arrays = [one.ravel() for one in np.meshgrid(numbers, numbers)]
    before = evaluate([old for old, _ in changed], arrays)
    after = evaluate([new for _, new in changed], arrays)
    for (old, _), expected, result in zip(changed, before, after, strict=True):
        assert (result.dtype, result.shape) == (expected.dtype, expected.shape), old
        wrong = differences(result, expected)
        assert not wrong.any(), (old, [one[wrong][:3] for one in (*arrays, expected, result)])


PARTS = """program @f(%x: f64[1], %y: f64[1], %z: f64[1]) {{
  %0: f64[?] = concatenate %x, %y, %z, axis=0
  %start: i64[] = constant {start}
  %size: i64[] = constant {size}
  %step: i64[] = constant {step}
  %1: f64[?] = slice %0, %start, %size, %step, axes=[0]
  %2: f64[] = index %0, %start, axis=0
  output "part" = %1
  output "element" = %2
}}"""


def test_parts_of_joined_elements_are_those_elements() -> None:
    arrays = [np.array([number]) for number in (1.0, 2.0, 3.0)]
    for start, size, step in product(range(-3, 4), range(4), range(-2, 3)):
        before = parse_program(PARTS.format(start=start, size=size, step=step))
        after = run_passes(before, ["canonicalise"])
        try:
            expected, _ = interpret(before, arrays)
        except ExecutionError:
            with pytest.raises(ExecutionError):
                interpret(after, arrays)
            continue
        results, _ = interpret(after, arrays)
        assert [one.tolist() for one in results] == [one.tolist() for one in expected]

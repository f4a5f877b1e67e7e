"""What is claimed of integers holds for every number that they may be."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

from lltheano_ir.dtypes import bool_, i64
from lltheano_ir.loops.builder import LoopBuilder, number, truth
from lltheano_ir.loops.nodes import Operand, Scalar
from lltheano_ir.loops.ranges import Ranges
from lltheano_ir.ops.table import OPS
from lltheano_ir.shapes import MAX_SIZE
from lltheano_ir.types import INDEX

COMPARISONS = ("lt", "le", "gt", "ge")
ARITHMETIC = ("add", "sub", "mul", "minimum", "maximum")


def result(op: str, *elements: int) -> Any:
    arrays = [np.asarray(element) for element in elements]
    (array,) = OPS[op].results(arrays, [INDEX] * len(arrays), ())
    return array.item()


def spans() -> Iterator[tuple[int, int]]:
    return ((low, high) for low, high in product(range(-2, 4), repeat=2) if low <= high)


def spanning(ranges: Ranges, name: str, low: int, high: int) -> Operand:
    """A scalar known to lie from `low` to `high`."""
    index, moved = Scalar(f"{name}.index", i64), Scalar(name, i64)
    ranges.note_index(index, number(high - low + 1))
    ranges.note_result(moved, "add", (index, number(low)))
    assert ranges.of(moved) == (low, high)
    return moved


@pytest.mark.parametrize("op", ARITHMETIC)
def test_results_lie_in_their_spans(op: str) -> None:
    for first, second in product(spans(), repeat=2):
        ranges = Ranges()
        operands = spanning(ranges, "x", *first), spanning(ranges, "y", *second)
        target = Scalar("z", i64)
        ranges.note_result(target, op, operands)
        low, high = ranges.of(target)
        results = {
            result(op, x, y)
            for x in range(first[0], first[1] + 1)
            for y in range(second[0], second[1] + 1)
        }
        assert (low, high) == (min(results), max(results))


@pytest.mark.parametrize("op", COMPARISONS)
def test_a_comparison_is_known_when_all_numbers_agree(op: str) -> None:
    for first, second in product(spans(), repeat=2):
        ranges = Ranges()
        operands = spanning(ranges, "x", *first), spanning(ranges, "y", *second)
        results = {
            result(op, x, y)
            for x in range(first[0], first[1] + 1)
            for y in range(second[0], second[1] + 1)
        }
        assert ranges.comparison(op, operands) == (results.pop() if len(results) == 1 else None)


@pytest.mark.parametrize("op", ["minimum", "maximum"])
def test_an_extremum_is_one_of_two_when_it_always_is(op: str) -> None:
    for first, second in product(spans(), repeat=2):
        ranges = Ranges()
        operands = spanning(ranges, "x", *first), spanning(ranges, "y", *second)
        pairs = list(product(range(first[0], first[1] + 1), range(second[0], second[1] + 1)))
        chosen = ranges.extremum(op, operands)
        always = [all(result(op, *pair) == pair[place] for pair in pairs) for place in (0, 1)]
        assert (chosen is not None) == any(always)
        assert chosen is None or always[operands.index(chosen)]


def test_an_index_is_below_its_extent_whatever_that_is() -> None:
    builder = LoopBuilder()
    extent = Scalar("n", i64)
    with builder.loops((extent,)) as (index,):
        assert builder.let("lt", bool_, index, extent) == truth(True)
        assert builder.let("ge", bool_, index, extent) == truth(False)
        assert builder.let("gt", bool_, extent, index) == truth(True)
        assert builder.let("ge", bool_, index, number(0)) == truth(True)
        assert builder.let("lt", bool_, index, Scalar("m", i64)) not in (truth(True), truth(False))


def test_what_may_wrap_around_is_not_known() -> None:
    ranges = Ranges()
    target = Scalar("z", i64)
    ranges.note_result(target, "add", (Scalar("x", i64), number(1)))
    assert ranges.comparison("gt", (target, number(0))) is None
    ranges.note_size(Scalar("n", i64))
    assert ranges.of(Scalar("n", i64)) == (0, MAX_SIZE)
    ranges.note_result(target, "mul", (Scalar("n", i64), Scalar("n", i64)))
    assert ranges.comparison("ge", (target, number(0))) is None

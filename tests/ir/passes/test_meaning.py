"""Every pass leaves the meaning of a program as it is, bit for bit; NaNs count as equal."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from lltheano_ir.interpret import interpret
from lltheano_ir.passes.pipeline import PASSES, optimise
from lltheano_ir.program import Program
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.verify import verify
from tests.ir.programs import programs

EXACT = [name for name in PASSES if name != "stabilise"]
relaxed = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def assert_same_bits(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> None:
    for x, y in zip(before, after, strict=True):
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        if x.dtype.kind == "f":
            x, y = np.where(np.isnan(x), np.nan, x), np.where(np.isnan(y), np.nan, y)
            np.testing.assert_array_equal(
                np.signbit(x) & ~np.isnan(x), np.signbit(y) & ~np.isnan(y)
            )
        np.testing.assert_array_equal(x, y)


def check(before: Program, after: Program, inputs: Sequence[Any]) -> None:
    verify(after)
    assert parse_program(format_program(after)) == after
    assert_same_bits(interpret(before, inputs)[0], interpret(after, inputs)[0])


@pytest.mark.parametrize("name", EXACT)
@relaxed
@given(case=programs())
def test_a_pass_keeps_the_meaning(name: str, case: tuple[Program, list[Any]]) -> None:
    program, inputs = case
    check(program, PASSES[name](program), inputs)


@relaxed
@given(case=programs())
def test_the_pipeline_keeps_the_meaning(case: tuple[Program, list[Any]]) -> None:
    program, inputs = case
    check(program, optimise(program, keep_results=True), inputs)


@pytest.mark.parametrize("name", EXACT)
@relaxed
@given(case=programs())
def test_a_pass_has_nothing_left_to_do(name: str, case: tuple[Program, list[Any]]) -> None:
    program, _ = case
    once = PASSES[name](program)
    assert PASSES[name](once) == once

"""Every elementwise op on float16: computed in float32 or better, rounded once, in one dtype."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.elementwise.op import Elementwise
from tests.lltheano.evaluation import ELEMENTWISE_OPS, evaluate

Array = NDArray[Any]


def takes_halves(op: Elementwise) -> bool:
    try:
        op(*[T.vector(dtype="float16") for _ in range(op.arity)])
    except TypeError:
        return False
    return True


OPS = sorted(name for name, op in ELEMENTWISE_OPS.items() if takes_halves(op))
EVERY_HALF = np.arange(2**16, dtype=np.uint16).view(np.float16)


def operands(arity: int) -> list[Array]:
    """All numbers there are, or as many pairs and triples of them."""
    if arity == 1:
        return [EVERY_HALF]
    rng = np.random.default_rng(5)
    numbers = [rng.permutation(EVERY_HALF), *(rng.normal(size=2**16) * 3 for _ in range(arity - 1))]
    numbers[1][::5] = rng.permutation(EVERY_HALF)[::5]
    return [one.astype(np.float16) for one in numbers]


@cache
def results(arity: int) -> dict[str, tuple[Array, Array]]:
    """What compiled code gives for each op of an arity, and what the reference does."""
    names = [name for name in OPS if ELEMENTWISE_OPS[name].arity == arity]
    inputs = [T.vector(dtype="float16") for _ in range(arity)]
    outputs = [ELEMENTWISE_OPS[name](*inputs) for name in names]
    values = operands(arity)
    found = function(inputs, outputs)(*values)
    with np.errstate(all="ignore"):
        wanted = evaluate(outputs, dict(zip(inputs, values, strict=True)))
    return dict(zip(names, zip(found, wanted, strict=True), strict=True))


@pytest.mark.parametrize("name", OPS)
def test_compiled_code_agrees_with_the_reference(name: str) -> None:
    got, wanted = results(ELEMENTWISE_OPS[name].arity)[name]
    assert got.dtype == wanted.dtype
    if wanted.dtype == bool:
        np.testing.assert_array_equal(got, wanted)
        return
    assert wanted.dtype == (np.complex64 if name == "complex" else np.float16)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))
    with np.errstate(all="ignore"):
        unit = np.spacing(np.abs(wanted)).astype(np.float64)
        distance = np.abs(got.astype(np.complex128) - wanted.astype(np.complex128))
        far = ~((got == wanted) | np.isnan(wanted) | (distance <= unit))
    assert not far.any(), (got[far][:5], wanted[far][:5])


def test_every_op_of_floats_takes_halves() -> None:
    without = set(ELEMENTWISE_OPS) - set(OPS)
    assert without == {"and_", "or_", "xor", "invert", "left_shift", "right_shift"}

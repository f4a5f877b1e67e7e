"""A lane's result does not depend on how many lanes there are, nor on what is in the others."""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.emit.math import MATH
from tests.accuracy.native import NUMPY, Array, compiled
from tests.accuracy.reference import arguments

BITS: dict[str, type[Any]] = {"f32": np.uint32, "f64": np.uint64}


def sample(name: str, dtype: str) -> list[Array]:
    """Random encodings, arguments of the function's domain, and a length that leaves a rest."""
    rng = np.random.default_rng(11)
    bits = np.iinfo(BITS[dtype])
    chosen = []
    with np.errstate(over="ignore"):
        for inside in arguments(name, rng, 600):
            any_bits = rng.integers(0, bits.max, 401, dtype=BITS[dtype]).view(NUMPY[dtype])
            chosen.append(np.concatenate([inside[:600].astype(NUMPY[dtype]), any_bits]))
    return [np.resize(a, 997) for a in chosen]


def same_bits(first: Array, second: Array) -> bool:
    """Equal to the bit; which NaN it is may differ, since IEEE leaves that open."""
    bits = BITS["f32" if first.dtype == np.float32 else "f64"]
    numbers = ~np.isnan(first)
    return bool(
        np.array_equal(numbers, ~np.isnan(second))
        and np.array_equal(first[numbers].view(bits), second[numbers].view(bits))
    )


@pytest.mark.parametrize("dtype", ["f32", "f64"])
@pytest.mark.parametrize("name", list(MATH))
def test_any_number_of_lanes_gives_the_same_bits(name: str, dtype: str) -> None:
    args = sample(name, dtype)
    alone = compiled(name, dtype, 1)(*args)
    for lanes in (4, 8, 16, 32):
        assert same_bits(compiled(name, dtype, lanes)(*args), alone), f"{lanes} lanes differ"


@pytest.mark.parametrize("dtype", ["f32", "f64"])
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_a_huge_lane_leaves_the_others_alone(name: str, dtype: str) -> None:
    x = np.linspace(-100, 100, 64).astype(NUMPY[dtype])
    mixed = x.copy()
    mixed[::3] = 1e30
    kernel = compiled(name, dtype, 8)
    usual, with_huge = kernel(x), kernel(mixed)
    others = np.arange(64) % 3 != 0
    assert same_bits(usual[others], with_huge[others])
    assert same_bits(with_huge[::3], kernel(np.full(22, 1e30, NUMPY[dtype])))

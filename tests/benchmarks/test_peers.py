"""Cases beside peers: ours agrees with NumPy, and an implementation that does not is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lltheano.function.profiling.limits import Limits
from tests.benchmarks.families import elementwise
from tests.benchmarks.families.case import Case
from tests.benchmarks.peers import checked, least_seconds

SMALL = list(elementwise.cases(sizes=(37,)))


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_ours_agrees_with_numpy(case: Case) -> None:
    assert checked(case, ("numpy", "lltheano")).keys() == {"numpy", "lltheano"}


def test_an_implementation_that_computes_something_else_is_not_timed() -> None:
    def wrong() -> Any:
        return lambda *arrays: arrays[0]

    case = replace(SMALL[0], implementations={"lltheano": wrong})
    with pytest.raises(AssertionError, match="lltheano in elementwise/fma"):
        checked(case, ("lltheano",))


def test_a_peer_that_is_not_installed_is_left_out() -> None:
    case = replace(SMALL[0], implementations={"no_such_library": lambda: np.add})
    assert checked(case, ("no_such_library",)) == {}


@pytest.mark.parametrize(("flops", "least"), [(10, 8.0), (900, 9.0)])
def test_the_limit_is_the_slower_of_memory_and_arithmetic(flops: int, least: float) -> None:
    known = Limits((("L2", 10, 1000.0), ("memory", 1 << 62, 100.0)), {"f32": 100.0}, {})
    assert least_seconds(replace(SMALL[0], bytes=800, flops=flops), known) == least

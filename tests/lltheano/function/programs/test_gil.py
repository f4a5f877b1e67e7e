"""Calls that may take long release the GIL, however few bytes they are given."""

from typing import Any

import pytest

import lltheano.tensor as T
from lltheano.function.programs.gil import release_gil_from
from lltheano.lowering import lower
from lltheano.runtime.calls.executable import RELEASE_GIL_BYTES
from lltheano.tensor.inner_graphs.mapping import map_index

x, n, i = T.dmatrix("x"), T.lscalar("n"), T.lscalar("i")


@pytest.mark.parametrize(
    ("result", "wanted"),
    [
        (x + 1, RELEASE_GIL_BYTES),
        (map_index(i, [i * 2], n)[0], 0),
        (map_index(i, [i * n], 5)[0].sum(), 0),
        (T.linalg.det(x), 1 << 11),
        (T.fft.rfft(x), 1 << 12),
    ],
)
def test_by_what_the_program_does(result: Any, wanted: int) -> None:
    assert release_gil_from(lower([x, n], [result])) == wanted

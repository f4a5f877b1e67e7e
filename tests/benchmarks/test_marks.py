"""Each case gives NumPy's result; run alone (`pytest -n 0 -m benchmark`) it also keeps its mark."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.benchmarks.cases import CASES, Case
from tests.benchmarks.latency import compile_milliseconds, import_milliseconds
from tests.benchmarks.measure import compare

IDS = [case.name for case in CASES]

TOLERANCE = {"float32": 2e-4, "float64": 1e-9}


def _assert_close(ours: Any, peer: Any, name: str) -> None:
    dtype = "float32" if "float32" in name else "float64"
    pairs = zip(ours, peer, strict=True) if isinstance(ours, list) else [(ours, peer)]
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("case", [c for c in CASES if "1e+07" not in c.name], ids=lambda c: c.name)
def test_results_are_numpys(case: Case) -> None:
    ours, peer = case.make().results()
    _assert_close(ours, peer, case.name)


@pytest.mark.benchmark
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_mark_is_kept(case: Case) -> None:
    trial = case.make()
    found = compare(trial.ours, trial.peer)
    if case.most is not None:
        assert found.ours <= case.most
    else:
        # The upper quartile: a noisy machine must not fail what is level with NumPy.
        assert found.high >= case.mark, found


@pytest.mark.benchmark
def test_compiling_the_accumulator_is_quick(tmp_path: Path) -> None:
    assert compile_milliseconds(tmp_path, cached=False) <= 50
    assert compile_milliseconds(tmp_path, cached=True) <= 10


@pytest.mark.benchmark
def test_importing_is_quick() -> None:
    assert import_milliseconds() <= 200

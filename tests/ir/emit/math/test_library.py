"""The functions that are SciPy's: each is measured, and away from zeros is as good as recorded."""

import json
from pathlib import Path

import pytest

from lltheano_ir.ops.elementwise.special import SCIPY_FUNCTIONS
from tests.accuracy.library import LIBRARY, measure_library

RECORDED = {
    row["function"]: row["ulp"]
    for row in json.loads((Path(__file__).parents[4] / "docs" / "accuracy.json").read_text())
    if row["function"] in LIBRARY
}


def test_every_function_of_scipys_is_measured_and_published() -> None:
    names = {name for name, _, _ in SCIPY_FUNCTIONS} | {"gammainc_slope"}
    assert set(LIBRARY) == names == set(RECORDED)


@pytest.mark.parametrize("name", LIBRARY)
def test_errors_are_of_the_size_that_is_published(name: str) -> None:
    assert measure_library(name, count=40, seed=3).ulp <= 2 * RECORDED[name]

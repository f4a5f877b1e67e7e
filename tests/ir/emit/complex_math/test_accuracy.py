"""Every function of complex numbers keeps its published bound, on samples small enough to run here.

``python -m tests.accuracy`` measures at length; this asks the same questions of fewer points.
"""

import pytest

from lltheano_ir.emit.complex_math import COMPLEX_MATH
from lltheano_ir.ops.elementwise.complexes import COMPLEX_REFERENCES
from lltheano_ir.ops.table import OPS
from tests.accuracy.complexes import EXACT, OPS as OF_KERNEL, measure_complex


def test_every_function_has_a_reference() -> None:
    assert set(EXACT) == set(COMPLEX_MATH)
    assert {OF_KERNEL[name] for name in COMPLEX_MATH} == set(COMPLEX_REFERENCES)


@pytest.mark.parametrize("dtype", ["c64", "c128"])
@pytest.mark.parametrize("name", COMPLEX_MATH)
def test_keeps_its_bound(name: str, dtype: str) -> None:
    worst = measure_complex(name, dtype, count=300, seed=3)
    function = COMPLEX_MATH[name]
    assert worst.count > 200
    assert worst.wrong == 0, f"not a number at {worst.first_wrong}"
    assert worst.ulp <= (function.ulp_c64 if dtype == "c64" else function.ulp_c128), worst.at


@pytest.mark.parametrize("name", COMPLEX_MATH)
def test_the_bound_is_within_that_of_the_op(name: str) -> None:
    promised = dict(OPS[OF_KERNEL[name]].ulp)
    assert COMPLEX_MATH[name].ulp_c64 <= promised["c64"]
    assert COMPLEX_MATH[name].ulp_c128 <= promised["c128"]

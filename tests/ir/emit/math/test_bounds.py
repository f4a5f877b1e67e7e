"""The kernels keep what the op table promises: their bounds lie within those of the ops."""

import pytest

from lltheano_ir.dtypes import f64
from lltheano_ir.emit.math import MATH
from lltheano_ir.emit.scalars.special import SPECIAL
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.table import OPS

INEXACT = [op.name for op in ELEMENTWISE if not op.is_exact(f64) and op.name not in SPECIAL]


@pytest.mark.parametrize("name", INEXACT)
def test_the_kernel_is_within_the_bound_of_the_op(name: str) -> None:
    kernel = MATH[name.replace("arc", "a", 1)]
    promised = dict(OPS[name].ulp)
    assert kernel.ulp_f32 <= promised["f32"]
    assert kernel.ulp_f64 <= promised["f64"]

"""Arrays with the elements that break things: NaN, infinities, signed zeros, extremes."""

from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from lltheano_ir.dtypes import DType
from lltheano_ir.types import ValueType

__all__ = ["SIZES", "arrays", "elements", "sizes_for"]

SIZES = (0, 1, 2, 3, 5, 8, 17, 33)
"""Sizes round the widths of vectors and blocks, and the empty one."""

_WIDTHS: dict[int, Literal[16, 32, 64]] = {2: 16, 4: 32, 8: 64}


def elements(dtype: DType) -> st.SearchStrategy[Any]:
    """One element of a dtype, special ones often."""
    numpy = dtype.numpy
    if dtype.is_bool:
        return st.booleans()
    if dtype.is_integer:
        limits = np.iinfo(numpy.name)
        low, high = int(limits.min), int(limits.max)
        small = st.integers(max(low, -4), 9)
        return st.one_of(
            small, small, st.sampled_from([low, high, high - 1]), st.integers(low, high)
        )
    if dtype.is_complex:
        part = elements(dtype.real)
        return st.builds(complex, part, part)
    info = np.finfo(numpy.name)
    tiny, least = float(info.tiny), float(info.smallest_subnormal)
    special = [0.0, -0.0, float("nan"), float("inf"), -float("inf"), float(info.max)]
    special += [tiny, -tiny, least, -least, 1.0, -1.0, 0.5]
    ordinary = st.floats(-8, 8, width=_WIDTHS[numpy.itemsize])
    return st.one_of(ordinary, ordinary, st.sampled_from(special))


@st.composite
def arrays(draw: st.DrawFn, dtype: DType, shape: tuple[int, ...]) -> NDArray[Any]:
    """An array of a dtype and shape; a few drawn elements are repeated to fill it."""
    count = int(np.prod(shape, dtype=np.int64))
    few = draw(st.lists(elements(dtype), min_size=1, max_size=12))
    with np.errstate(all="ignore"):
        drawn = np.array(few, dtype=object).astype(dtype.numpy)
    return np.resize(drawn, count).reshape(shape).astype(dtype.numpy)


@st.composite
def sizes_for(draw: st.DrawFn, one: ValueType, known: list[int]) -> tuple[int, ...]:
    """Sizes that fit a type; sizes of the list `known` often, so that operands agree."""
    fresh = st.sampled_from(SIZES)
    wide = st.one_of(st.sampled_from(known), fresh) if known else fresh
    return tuple(1 if static else draw(wide) for static in one.broadcast)

"""Programs of one op on arrays that are long enough for every loop that it is compiled to.

A kernel has a loop in several vectors, one in a single vector and one for what is left; a sum has
blocks, of elements or of rows, that are combined pairwise. Sizes are drawn round the borders of all
of these.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz.case import Case
from fuzz.strategies.arrays import elements
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_
from lltheano_ir.nodes import Value
from lltheano_ir.ops.definition import Op, TypeRuleError
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.reduction import REDUCTION_KINDS
from lltheano_ir.types import ValueType

__all__ = ["kernel_cases"]

Array: TypeAlias = NDArray[Any]

_LENGTHS = (1, 7, 8, 31, 33, 64, 127, 130, 256, 257, 1023, 2048, 2049, 5000)
_SELECT_ARITY = 3


@st.composite
def kernel_cases(draw: st.DrawFn) -> Case:
    """One op of some dtype, with arrays of ordinary and of special elements."""
    builder = Builder("kernel")
    inputs: list[Array] = []
    grow = draw(st.sampled_from((_elementwise, _elementwise, _reduction)))
    builder.output(grow(draw, builder, inputs), "y")
    return Case(builder.program(), tuple(inputs), draw(st.integers(0, 11)))


def _parameter(builder: Builder, dtype: DType, inputs: list[Array], array: Array) -> Value:
    inputs.append(array)
    pattern = (False,) * array.ndim
    return builder.parameter(f"x{len(inputs)}", ValueType(dtype, pattern))


def _operand_dtypes(op: Op, dtype: DType) -> tuple[DType, ...]:
    return (bool_, dtype, dtype) if op.arity == _SELECT_ARITY else (dtype,) * op.arity


def _takes(op: Op, dtype: DType) -> bool:
    assert op.infer is not None
    attributes = (dtype,) if op.name == "cast" else ()
    try:
        op.infer([ValueType(one, ()) for one in _operand_dtypes(op, dtype)], attributes)
    except TypeRuleError:
        return False
    return True


def _elementwise(draw: st.DrawFn, builder: Builder, inputs: list[Array]) -> Value:
    op = draw(st.sampled_from(ELEMENTWISE))
    dtype = draw(st.sampled_from([one for one in ALL_DTYPES if _takes(op, one)]))
    count = draw(st.sampled_from(_LENGTHS[:8]))
    operands = [
        _parameter(builder, own, inputs, draw(_filled(own, (count,))))
        for own in _operand_dtypes(op, dtype)
    ]
    if op.name == "cast":
        targets = [one for one in ALL_DTYPES if one.is_complex or not dtype.is_complex]
        return builder.cast(operands[0], draw(st.sampled_from(targets)))
    return builder.elementwise(op.name, *operands)


def _reduction(draw: st.DrawFn, builder: Builder, inputs: list[Array]) -> Value:
    kind = draw(st.sampled_from(sorted(REDUCTION_KINDS)))
    fitting = [one for one in ALL_DTYPES if one.numpy.kind in REDUCTION_KINDS[kind]]
    dtype = draw(st.sampled_from(fitting))
    length = draw(st.sampled_from(_LENGTHS))
    shapes = [(length,), (3, length), (length, 3), (2, 3, length), (length, 2, 3), (3, length, 2)]
    shape = draw(st.sampled_from(shapes))
    x = _parameter(builder, dtype, inputs, draw(_filled(dtype, shape)))
    axes = sorted(draw(st.sets(st.integers(0, len(shape) - 1), min_size=1)))
    if kind in ("max", "min") and draw(st.booleans()):
        return builder.argreduce(kind, x, axes[0])
    return builder.reduce(kind, x, axes)


@st.composite
def _filled(draw: st.DrawFn, dtype: DType, shape: Sequence[int]) -> Array:
    """Random elements, with some drawn ones in random places."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    array = _ordinary(random, dtype, tuple(shape))
    few = draw(st.lists(elements(dtype), max_size=8))
    with np.errstate(all="ignore"):
        drawn = np.array(few, dtype=object).astype(dtype.numpy)
    if array.size:
        array.reshape(-1)[random.integers(0, array.size, len(drawn))] = drawn
    return array


def _ordinary(random: np.random.Generator, dtype: DType, shape: tuple[int, ...]) -> Array:
    if dtype.is_bool:
        return random.integers(0, 2, shape).astype(bool)
    if dtype.is_integer:
        limits = np.iinfo(dtype.numpy.name)
        whole = random.integers(limits.min, limits.max, shape, dtype.numpy.name, endpoint=True)
        return np.where(random.integers(0, 2, shape) == 1, whole, whole % 7).astype(dtype.numpy)
    scale = random.choice([1e-3, 1.0, 30.0])
    numbers = random.standard_normal(shape) * scale
    if dtype.is_complex:
        numbers = numbers + 1j * random.standard_normal(shape)
    return np.asarray(numbers).astype(dtype.numpy)

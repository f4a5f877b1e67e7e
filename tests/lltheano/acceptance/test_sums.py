"""Sums and products of floats: one order, that sizes alone decide, and an error that hardly grows.

The order is `lltheano_ir.ops.summation`'s in every axis, layout, fused form and vector width. The
error of a sum of n terms is bounded as that of pairwise summation, also where terms are of one
sign, in which case adding one after another loses a digit with each tenfold length.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lltheano
from fuzz.comparison import same_bits
from fuzz.native import NativeProgram
from lltheano import function, tensor as T
from lltheano.tensor.inner_graphs.mapping import map_index
from lltheano.tensor.variables.variable import TensorType
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import DType, c64, c128, f16, f32, f64
from lltheano_ir.interpret import interpret
from lltheano_ir.nodes import Value
from lltheano_ir.ops.summation import BLOCK_ROWS, BLOCK_STEPS, lanes
from lltheano_ir.program import Program
from lltheano_ir.types import ValueType

Array = NDArray[Any]
FLOATS = (f16, f32, f64, c64, c128)


def producers(builder: Builder, x: Value, row: Value) -> Iterator[Value]:
    """The operand alone, and fused with exact ops; the last ones broadcast, and select."""
    do = builder.elementwise
    yield x
    squares = do("mul", x, x)
    yield squares
    yield do("sub", x, row)
    mask = do("ne", row, builder.constant(np.zeros((1,) * x.rank, x.type.dtype.numpy)))
    yield do("select", mask, squares, x)


def every_reduction(dtype: DType, rank: int, kind: str) -> Program:
    """Each producer reduced over each set of axes."""
    builder = Builder("sums")
    x = builder.parameter("x", ValueType(dtype, (False,) * rank))
    row = builder.parameter("row", ValueType(dtype, (*(True,) * (rank - 1), False)))
    for number, value in enumerate(producers(builder, x, row)):
        for count in range(1, rank + 1):
            for axes in itertools.combinations(range(rank), count):
                builder.output(builder.reduce(kind, value, axes), f"{number}{axes}")
    return builder.program()


SHAPES: dict[int, Sequence[tuple[int, ...]]] = {
    1: [(0,), (1,), (129,), (5000,)],
    2: [(0, 3), (3, 0), (1, 1), (128, 40), (129, 3), (700, 37), (3, 2100)],
    3: [(2, 0, 3), (1, 300, 1), (150, 3, 7), (3, 260, 17), (2, 5, 2100), (20, 13, 33)],
}


def layouts(x: Array) -> Iterator[Array]:
    yield x
    yield np.asfortranarray(x)
    yield x[::-1, ...]
    yield np.repeat(x, 2, axis=-1)[..., ::2]


@pytest.mark.parametrize("rank", SHAPES)
@pytest.mark.parametrize("kind", ["add", "mul"])
@pytest.mark.parametrize(
    ("dtype", "vector_bytes"), [*((one, None) for one in FLOATS), (f32, 16), (f32, 32), (f32, 64)]
)
def test_every_sum_has_the_bits_of_the_reference(
    dtype: DType, vector_bytes: int | None, kind: str, rank: int, rng: np.random.Generator
) -> None:
    program = every_reduction(dtype, rank, kind)
    native = NativeProgram(program, vector_bytes)
    for shape in SHAPES[rank]:
        x = rng.standard_normal(shape) + (
            1j * rng.standard_normal(shape) if dtype.is_complex else 0
        )
        x = (1 + x / 64 if kind == "mul" else x).astype(dtype.numpy)
        row = rng.integers(-1, 2, (1,) * (rank - 1) + shape[-1:]).astype(dtype.numpy)
        for view in layouts(x):
            wanted, _ = interpret(program, [view, row])
            found, _ = native.run([view, row])
            for one, other in zip(found, wanted, strict=True):
                assert same_bits(one, other)


def test_special_values_of_sums_over_rows() -> None:
    """A -0.0 alone stays, NaN and infinities go through, as in NumPy, in every block."""
    x = T.dmatrix("x")
    f = function([x], x.sum(axis=0))
    for rows in (1, 128, 129, 400):
        values = np.full((rows, 5), -0.0)
        values[rows - 1, 1:] = 0.0, np.nan, np.inf, -np.inf
        values[0, 4] = np.inf if rows > 1 else -np.inf
        with np.errstate(invalid="ignore"):
            wanted = values.sum(axis=0)
        found = f(values)
        np.testing.assert_array_equal(found, wanted)
        assert np.signbit(found[0])
    np.testing.assert_array_equal(np.signbit(f(np.zeros((0, 5)))), False)


def roundings(shape: Sequence[int], axes: Sequence[int], dtype: str) -> int:
    """The additions that an element takes part in, at most, as the order's definition says."""
    last = len(shape) - 1
    count = 0
    if last in axes:
        width = lanes({"float32": f32, "complex64": c64}[dtype])
        blocks = -(-shape[last] // (width * BLOCK_STEPS))
        count += BLOCK_STEPS - 1 + int(math.log2(width)) + math.ceil(math.log2(blocks))
    rows = math.prod(shape[axis] for axis in axes if axis != last)
    if rows > 1:
        count += BLOCK_ROWS - 1 + math.ceil(math.log2(-(-rows // BLOCK_ROWS)))
    return count


def exact_sums(x: Array, axes: tuple[int, ...]) -> Array:
    """The sums of `x` rounded once, to float64."""
    moved = np.moveaxis(x, axes, range(len(axes)))
    columns = moved.reshape(math.prod(x.shape[axis] for axis in axes), -1).T
    parts = (columns.real, columns.imag) if x.dtype.kind == "c" else (columns,)
    sums = [np.array([math.fsum(column.tolist()) for column in part]) for part in parts]
    total = sums[0] + 1j * sums[1] if len(sums) > 1 else sums[0]
    return np.asarray(total).reshape([n for axis, n in enumerate(x.shape) if axis not in axes])


LONG = [
    ((-1,), (0,)),
    ((-1, 1), (0,)),
    ((-1, 5), (0,)),
    ((-1, 5), (0, 1)),
    ((5, -1), (1,)),
    ((5, -1), (0, 1)),
    ((-1, 10, 2), (0, 1)),
    ((2, -1, 5), (1,)),
    ((2, -1, 5), (0, 1, 2)),
    ((-1, 2, 10), (0, 2)),
]


def check_errors(terms: int, dtype: str, generator: np.random.Generator) -> None:
    epsilon = float(np.finfo(dtype).eps) / 2
    for pattern, axes in LONG:
        x = generator.random(terms).astype(np.float32).astype(dtype).reshape(pattern)
        if dtype.startswith("complex"):
            x = x * np.asarray(1 + 1j, dtype)
        variable = TensorType(dtype, (False,) * x.ndim)("x")
        exact = exact_sums(x, axes)
        bound = roundings(x.shape, axes, dtype) * epsilon * np.abs(exact)
        # A transposed input takes another way into memory, and is summed in the same order.
        f = function([variable], variable.sum(axis=axes))
        for view in (x, np.asfortranarray(x)):
            assert np.all(np.abs(f(view) - exact) <= bound), (x.shape, axes)


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_the_error_of_a_sum_is_bounded(dtype: str, rng: np.random.Generator) -> None:
    check_errors(100_000, dtype, rng)


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "terms"), [("float32", 10_000_000), ("complex64", 1_000_000)])
def test_the_error_of_a_sum_of_millions_of_terms_is_bounded(
    dtype: str, terms: int, rng: np.random.Generator
) -> None:
    check_errors(terms, dtype, rng)


COUNT = 400_000
ROWS = np.float32(COUNT)
Expression = Callable[[Any], Any]

OF_COLUMNS: dict[str, tuple[Expression, Callable[[Array], Any]]] = {
    "sum": (lambda x: x.sum(axis=0), lambda x: x.sum(axis=0)),
    "mean": (lambda x: x.mean(axis=0), lambda x: x.mean(axis=0)),
    "var": (lambda x: x.var(axis=0), lambda x: x.var(axis=0)),
    "std": (lambda x: x.std(axis=0), lambda x: x.std(axis=0)),
    "norm": (lambda x: x.norm(2, axis=0), lambda x: np.sqrt((x * x).sum(axis=0))),
    "logsumexp": (lambda x: T.logsumexp(x, axis=0), lambda x: np.log(np.exp(x).sum(axis=0))),
    "masked sum": (
        lambda x: T.switch(x > 0.25, x, 0).sum(axis=0),
        lambda x: np.where(x > np.float32(0.25), x, 0).sum(axis=0),
    ),
    "sum of both axes": (lambda x: (x * x).sum(), lambda x: (x * x).sum()),
    "gradient of a bias": (
        lambda x: lltheano.grad((T.sqr(x + 0 * x[0]) / 2).sum(), x).sum(axis=0),
        lambda x: x.sum(axis=0),
    ),
    "rows of a softmax of columns": (
        lambda x: (T.exp(x) / T.exp(x).sum(axis=0, keepdims=True))[0] * ROWS,
        lambda x: (np.exp(x) / np.exp(x).sum(axis=0, keepdims=True))[0] * ROWS,
    ),
}


@pytest.mark.parametrize("name", OF_COLUMNS)
def test_what_is_made_of_long_sums_is_right(name: str, rng: np.random.Generator) -> None:
    """To 3e-5 of float32, where adding row after row leaves three digits or fewer."""
    expression, exact = OF_COLUMNS[name]
    values = rng.random((COUNT, 3)).astype("float32")
    x = T.fmatrix("x")
    found = function([x], expression(x))(values)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, exact(values.astype("float64")), rtol=3e-5)


def test_the_gradient_of_a_bias_is_right(rng: np.random.Generator) -> None:
    values = rng.random((COUNT, 3)).astype("float32")
    x, bias = T.fmatrix("x"), T.fvector("bias")
    slope = lltheano.grad(T.sqr(x + bias).sum(), bias)
    found = function([x, bias], slope)(values, np.zeros(3, "float32"))
    np.testing.assert_allclose(found, 2 * values.sum(axis=0, dtype="float64"), rtol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 1000, 300_000])
def test_sums_over_an_index_are_right(count: int) -> None:
    """The gradient of what all rows of a mapping share is a sum over the rows."""
    index, x = T.lscalar("index"), T.fscalar("x")
    (rows,) = map_index(index, [x * T.cast(index % 3 + 0.1, "float32")], count)
    slope = lltheano.grad(rows.sum(), x)
    wanted = math.fsum(float(np.float32(n % 3 + 0.1)) for n in range(count))
    np.testing.assert_allclose(function([x], slope)(1.0), wanted, rtol=1e-5)


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan])
def test_special_values_go_through_sums_over_an_index(special: float) -> None:
    index, x = T.lscalar("index"), T.fvector("x")
    (rows,) = map_index(index, [x[0] * x[index % 3 + 1]], 300)
    found = function([x], lltheano.grad(rows.sum(), x))([1.0, 2.0, special, 3.0])
    np.testing.assert_array_equal(found, [special, 100, 100, 100])


def test_var_loses_no_more_than_two_exact_passes(rng: np.random.Generator) -> None:
    """Where the mean is a million times the spread, the rounding of the mean is what is left."""
    for scale in (0.0, 100.0, 1e4, 1e6):
        values = (rng.standard_normal((COUNT, 2)) + scale).astype("float32")
        x = T.fmatrix("x")
        exact = values.astype("float64")
        rounded = exact.mean(axis=0).astype("float32").astype("float64")
        passes = ((exact - rounded) ** 2).mean(axis=0)
        found = function([x], [x.var(axis=0), x.std(axis=0)])(values)
        np.testing.assert_allclose(found[0], passes, rtol=2e-5)
        np.testing.assert_allclose(found[1], np.sqrt(passes), rtol=1e-5)

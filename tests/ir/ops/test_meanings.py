"""What ops mean, against written expectations: casts, integers, extremes, indexing, sums."""

from typing import Any

import numpy as np
import pytest

from lltheano_ir.dtypes import dtype_of, parse_dtype
from lltheano_ir.interpret import evaluate
from lltheano_ir.nodes import argument, make
from lltheano_ir.ops.definition import ExecutionError, TypeRuleError
from lltheano_ir.ops.elementwise import cast_array
from lltheano_ir.ops.summation import BLOCK_STEPS, fold_last_axis, lanes
from lltheano_ir.types import ValueType

INF, NAN = np.inf, np.nan


def apply(name: str, *arrays: Any, attributes: tuple[Any, ...] = ()) -> Any:
    """The result of an op on arrays whose axes are all `?`."""
    given = [np.asarray(array) for array in arrays]
    types = [ValueType(dtype_of(array.dtype), (False,) * array.ndim) for array in given]
    value = make(name, [argument(i, one) for i, one in enumerate(types)], attributes)
    return evaluate([value], given)[0]


@pytest.mark.parametrize(
    ("source", "target", "numbers", "wanted"),
    [
        ("f64", "i8", [1.9, -1.9, 127.9, 128.0, -128.9, -129.0], [1, -1, 127, 127, -128, -128]),
        ("f64", "u8", [-0.9, -1.0, 255.9, 256.0, INF, -INF, NAN], [0, 0, 255, 255, 255, 0, 0]),
        ("f64", "i32", [2147483647.9, 2147483648.0, -2147483648.9], [2**31 - 1] * 2 + [-(2**31)]),
        ("f64", "i64", [2.0**63, 9.223372036854774e18, -(2.0**63), -1e300, NAN],
         [2**63 - 1, 9223372036854773760, -(2**63), -(2**63), 0]),
        ("f64", "u64", [2.0**64, 1.8446744073709550e19, 2.0**63, -1.0, NAN],
         [2**64 - 1, 18446744073709549568, 2**63, 0, 0]),
        ("f32", "i64", [2.0**63, 3e38, -3e38], [2**63 - 1, 2**63 - 1, -(2**63)]),
        ("f32", "u32", [4294967040.0, 4294967296.0], [4294967040, 2**32 - 1]),
        ("f16", "i16", [65504.0, -65504.0, INF, NAN], [32767, -32768, 32767, 0]),
        ("f64", "bool", [0.0, -0.0, NAN, 0.5, 5e-324], [False, False, True, True, True]),
        ("i64", "u8", [256, 257, -1], [0, 1, 255]),
        ("i64", "f32", [2**24 + 1, 2**24 + 3], [2.0**24, 2.0**24 + 4]),
        ("u64", "f64", [2**64 - 1], [2.0**64]),
        ("f64", "f32", [1e300, -1e300, 1e-300, 0.1], [INF, -INF, 0.0, np.float32(0.1)]),
        ("f64", "f16", [65520.0, 65519.0], [INF, 65504.0]),
        ("bool", "f32", [True, False], [1.0, 0.0]),
        ("i8", "bool", [0, -1], [False, True]),
    ],
)  # fmt: skip
def test_casts(source: str, target: str, numbers: list[Any], wanted: list[Any]) -> None:
    before = np.array(numbers, parse_dtype(source).numpy)
    after = (
        cast_array(before, parse_dtype(target))
        if source != "f64"
        else apply("cast", before, attributes=(parse_dtype(target),))
    )
    expected = np.array(wanted, parse_dtype(target).numpy)
    assert after.dtype == expected.dtype
    np.testing.assert_array_equal(after, expected)
    for one, other in zip(before, expected, strict=True):
        single = apply("cast", one, attributes=(parse_dtype(target),))
        assert single.shape == ()
        np.testing.assert_array_equal(single, other)


@pytest.mark.parametrize(
    ("name", "dtype", "x", "y", "wanted"),
    [
        ("floordiv", "i32", [7, -7, 7, -7, 5], [2, 2, -2, -2, 0], [3, -4, -4, 3, 0]),
        ("floordiv", "i8", [-128], [-1], [-128]),
        ("mod", "i32", [7, -7, 7, -7, 5], [2, 2, -2, -2, 0], [1, 1, -1, -1, 0]),
        ("mod", "i8", [-128], [-1], [0]),
        ("mod", "u8", [200, 7], [7, 0], [4, 0]),
        ("pow", "i32", [2, 2, -1, -1, 1, 0, 3], [10, -1, -3, -4, -5, -1, 0],
         [1024, 0, -1, 1, 1, 0, 1]),
        ("pow", "u8", [3], [6], [217]),
        ("shl", "i8", [1, 1, 1, 3], [7, 8, -1, 6], [-128, 0, 0, -64]),
        ("shr", "i8", [-128, -128, 127], [7, 8, 8], [-1, -1, 0]),
        ("shr", "u8", [128, 128], [7, 8], [1, 0]),
        ("add", "u8", [255], [1], [0]),
        ("mul", "i8", [64], [2], [-128]),
        ("sub", "u8", [0], [1], [255]),
        ("maximum", "f64", [0.0, -0.0, -0.0, NAN, 1.0], [-0.0, 0.0, -0.0, 1.0, NAN],
         [0.0, 0.0, -0.0, NAN, NAN]),
        ("minimum", "f64", [0.0, -0.0, 0.0, NAN, -INF], [-0.0, 0.0, 0.0, 1.0, INF],
         [-0.0, -0.0, 0.0, NAN, -INF]),
        ("mod", "f64", [5.5, -5.5, 5.5, 1.0], [2.0, 2.0, -2.0, INF], [1.5, 0.5, -0.5, 1.0]),
        ("and", "bool", [True, True], [True, False], [True, False]),
        ("arctan2", "f64", [0.0, -0.0, 1.0], [-1.0, -1.0, 0.0], [np.pi, -np.pi, np.pi / 2]),
    ],
)  # fmt: skip
def test_binary(name: str, dtype: str, x: list[Any], y: list[Any], wanted: list[Any]) -> None:
    numpy = parse_dtype(dtype).numpy
    found = apply(name, np.array(x, numpy), np.array(y, numpy))
    assert found.dtype == numpy
    np.testing.assert_array_equal(found, np.array(wanted, numpy))
    if numpy.kind == "f":
        np.testing.assert_array_equal(np.signbit(found), np.signbit(np.array(wanted)))


@pytest.mark.parametrize(
    ("name", "numbers", "wanted"),
    [
        ("sign", [2.0, -0.0, -3.0, NAN], [1.0, 0.0, -1.0, NAN]),
        ("sigmoid", [0.0, 800.0, -800.0, INF, -INF, NAN], [0.5, 1.0, 0.0, 1.0, 0.0, NAN]),
        ("softplus", [0.0, 800.0, -800.0, INF, -INF, NAN], [np.log(2), 800.0, 0.0, INF, 0.0, NAN]),
        ("rint", [0.5, 1.5, -0.5, 2.5], [0.0, 2.0, -0.0, 2.0]),
        ("log1p", [1e-20, -1.0], [1e-20, -INF]),
        ("expm1", [1e-20, -INF], [1e-20, -1.0]),
        ("erfc", [0.0, INF, 30.0], [1.0, 0.0, 2.564656203756112e-393]),
    ],
)
def test_unary(name: str, numbers: list[float], wanted: list[float]) -> None:
    np.testing.assert_array_equal(apply(name, np.array(numbers)), wanted)


def test_sigmoid_keeps_its_small_results() -> None:
    assert apply("sigmoid", np.float64(-740.0)) == np.exp(-740.0) > 0
    assert apply("sigmoid", np.float16(-12.0)) == np.float16(6.1442e-06)


@pytest.mark.parametrize(
    ("dtype", "numbers", "wanted"),
    [
        ("i8", [0, 1, 2, 3, 127, -1, -128], [0, 1, 2, 2, 7, 8, 8]),
        ("i64", [0, 5, 2**62, -1], [0, 3, 63, 64]),
        ("u64", [0, 2**63, 2**63 - 1], [0, 64, 63]),
    ],
)
def test_bit_length(dtype: str, numbers: list[int], wanted: list[int]) -> None:
    found = apply("bit_length", np.array(numbers, parse_dtype(dtype).numpy))
    assert found.dtype == parse_dtype(dtype).numpy
    assert found.tolist() == wanted


def test_integer_edges() -> None:
    assert apply("abs", np.int8(-128)) == -128
    assert apply("neg", np.uint8(1)) == 255
    assert apply("not", np.array(True)) == np.False_
    assert apply("sign", np.uint8(7)) == 1


def test_extremes_of_signed_zeros_and_nans() -> None:
    rows = np.array([[0.0, -0.0], [-0.0, -0.0], [1.0, NAN], [-1.0, -0.0]])
    highest = apply("reduce", rows, attributes=("max", (1,)))
    lowest = apply("reduce", rows, attributes=("min", (1,)))
    np.testing.assert_array_equal(highest, [0.0, -0.0, NAN, -0.0])
    np.testing.assert_array_equal(np.signbit(highest), [False, True, False, True])
    np.testing.assert_array_equal(np.signbit(lowest), [True, True, False, True])


def test_arg_reductions_take_the_first() -> None:
    rows = np.array([[1.0, 3.0, 3.0], [NAN, 1.0, NAN], [5.0, 5.0, 1.0]])
    assert apply("argreduce", rows, attributes=("max", 1)).tolist() == [1, 0, 0]
    assert apply("argreduce", rows, attributes=("min", 1)).tolist() == [0, 0, 2]


@pytest.mark.parametrize(
    ("kind", "dtype", "wanted"),
    [
        ("add", "f32", 0),
        ("mul", "f32", 1),
        ("add", "u8", 0),
        ("and", "u8", 255),
        ("and", "bool", True),
        ("or", "bool", False),
    ],
)
def test_reductions_of_nothing(kind: str, dtype: str, wanted: Any) -> None:
    found = apply("reduce", np.zeros(0, parse_dtype(dtype).numpy), attributes=(kind, (0,)))
    assert (found, found.dtype) == (wanted, parse_dtype(dtype).numpy)


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("reduce", ("max", (0,))), ("reduce", ("min", (0,))), ("argreduce", ("max", 0))],
)
def test_there_is_no_extreme_of_nothing(name: str, attributes: tuple[Any, ...]) -> None:
    with pytest.raises(ExecutionError, match="of no elements does not exist"):
        apply(name, np.zeros((0, 2)), attributes=attributes)


def test_small_integers_are_summed_in_their_own_dtype() -> None:
    assert apply("reduce", np.full(3, 100, np.uint8), attributes=("add", (0,))) == 44


def one_lane_at_a_time(x: np.ndarray) -> Any:
    """The documented order of a sum over the last axis, in plain words."""
    width = lanes(dtype_of(x.dtype))
    steps = min(BLOCK_STEPS, -(-len(x) // width))
    blocks = []
    for start in range(0, len(x), width * steps):
        block = x[start : start + width * steps]
        partial = [x.dtype.type(-0.0)] * width
        partial[: len(block[:width])] = list(block[:width])
        for place, element in enumerate(block[width:], width):
            partial[place % width] = partial[place % width] + element
        while len(partial) > 1:
            half = len(partial) // 2
            partial = [partial[k] + partial[k + half] for k in range(half)]
        blocks.append(partial[0])
    while len(blocks) > 1:
        pairs = [blocks[k] + blocks[k + 1] for k in range(0, len(blocks) - 1, 2)]
        blocks = pairs + blocks[len(blocks) // 2 * 2 :]
    return blocks[0]


@pytest.mark.parametrize("dtype", ["f16", "f32", "f64", "c64"])
@pytest.mark.parametrize("count", [1, 5, 16, 33, 1024, 3000])
def test_the_order_of_a_sum(dtype: str, count: int) -> None:
    rng = np.random.default_rng(count)
    x = (rng.standard_normal(count) * 10.0 ** rng.integers(-3, 3, count)).astype(
        parse_dtype(dtype).numpy
    )
    assert fold_last_axis("add", x) == one_lane_at_a_time(x)
    assert apply("reduce", x, attributes=("add", (0,))) == one_lane_at_a_time(x)


def one_row_at_a_time(rows: Any) -> Any:
    """The order of sums along other axes, written down once more: 128 rows, then a tree."""
    blocks = []
    for start in range(0, len(rows), 128):
        total = rows[start]
        for row in rows[start + 1 : start + 128]:
            total = total + row
        blocks.append(total)
    while len(blocks) > 1:
        pairs = [blocks[k] + blocks[k + 1] for k in range(0, len(blocks) - 1, 2)]
        blocks = pairs + blocks[len(blocks) // 2 * 2 :]
    return blocks[0]


@pytest.mark.parametrize("dtype", ["f16", "f32", "f64", "c64"])
@pytest.mark.parametrize("count", [1, 50, 127, 128, 129, 256, 257, 650, 1793])
def test_other_axes_are_summed_in_blocks_of_rows(
    dtype: str, count: int, rng: np.random.Generator
) -> None:
    x = rng.standard_normal((count, 3, 2)).astype(parse_dtype(dtype).numpy)
    for axes, rows in (
        ((0,), x),
        ((1,), x.transpose(1, 0, 2)),
        ((0, 1), x.reshape(-1, 2)),
        ((0, 2), apply("reduce", x, attributes=("add", (2,)))),
    ):
        np.testing.assert_array_equal(
            apply("reduce", x, attributes=("add", axes)), one_row_at_a_time(rows)
        )


def test_a_sum_of_negative_zeros_is_negative_zero() -> None:
    assert np.signbit(apply("reduce", np.array([-0.0, -0.0]), attributes=("add", (0,))))


@pytest.mark.parametrize(
    ("name", "arrays", "attributes", "kind", "message"),
    [
        ("index", [np.ones(3), 3], (0,), "index", "index 3 is out of range on axis 0 of size 3"),
        ("index", [np.ones(3), -4], (0,), "index", "index -4 is out of range"),
        ("gather", [np.ones(3), [0, 3]], ((0,),), "index", "index 3 is out of range"),
        ("gather", [np.ones((2, 2)), [0, 1], [0]], ((0, 1),), "sizes", "sizes 2 and 1 differ"),
        ("scatter", [np.ones(3), [1.0], [-4]], ((0,), "set"), "index", "index -4 is out of range"),
        ("scatter", [np.ones(3), [1.0, 2.0], [0]], ((0,), "set"), "sizes", "sizes 2 and 1 differ"),
        ("slice", [np.ones(3), 1, 3, 1], ((0,),), "index", "index 3 is out of range"),
        ("windows", [np.ones(5), 3, 2, 2, 1], (0,), "index", "index 5 is out of range"),
        (
            "windows",
            [np.ones(5), 3, 2, -1, 1],
            (0,),
            "value",
            "do not go backwards, got a step of -1",
        ),
        ("windows", [np.ones(5), -3, 2, 1, 1], (0,), "value", "a size cannot be negative, got -3"),
        ("slice", [np.ones(3), 0, -1, 1], ((0,),), "value", "a size cannot be negative, got -1"),
        ("slice_update", [np.ones(3), [1.0], 0, 2, 1], ((0,), "set"), "sizes", "sizes 1 and 2"),
        ("reshape", [np.ones(6), 4], ((False,),), "sizes", "6 elements cannot be reshaped"),
        ("reshape", [np.ones(6), -6], ((False,),), "value", "a size cannot be negative"),
        ("reshape", [np.ones(2), 2], ((True,),), "sizes", "declared to have size 1"),
        ("reshape", [np.ones(0), 2**32, 2**32], ((False, False),), "sizes", "cannot be reshaped"),
        ("rebroadcast", [np.ones(2)], ((True,),), "sizes", "axis 0 was declared to have size 1"),
        ("iota", [-1], (), "value", "a size cannot be negative"),
        ("concatenate", [np.ones((2, 2)), np.ones((2, 3))], (0,), "sizes", "sizes 2 and 3 differ"),
        ("dot", [np.ones(2), np.ones(3)], (), "sizes", "sizes 2 and 3 differ in dot"),
        ("dot", [np.ones((2, 1, 1)), np.ones((3, 1, 1))], (), "sizes", "batches of 2 and 3"),
        (
            "convolve",
            [np.ones((1, 3, 4)), np.ones((2, 1, 2)), 3, 0, 1, 1],
            (2, "straight"),
            "sizes",
            "channels 3 and 2 differ",
        ),
        (
            "convolve",
            [np.ones((1, 2, 4)), np.ones((3, 1, 2)), 3, 0, 1, 1],
            (2, "straight"),
            "sizes",
            "2 groups do not divide 3 filters",
        ),
        (
            "convolve_images",
            [np.ones((2, 1, 2)), np.ones((1, 3, 4)), 3, 0, 1, 1],
            (1, "straight"),
            "sizes",
            "filters 3 and 2 differ",
        ),
        (
            "convolve_filters",
            [np.ones((1, 2, 4)), np.ones((2, 1, 4)), 3, 0, 1, 1],
            (1, "straight"),
            "sizes",
            "numbers of images 1 and 2 differ",
        ),
        (
            "convolve",
            [np.ones((1, 1, 4)), np.ones((1, 1, 2)), 3, 0, 1, 0],
            (1, "straight"),
            "value",
            "must lie from 1 to .* got 0",
        ),
        ("spread", [np.ones((1, 1, 2)), -1, 2, 0, 1], (), "value", "cannot be negative, got -1"),
        (
            "spread_max",
            [np.ones((1, 1, 4)), np.ones((1, 1, 2)), np.ones((1, 1, 3)), 2, 0, 2],
            (),
            "sizes",
            "sizes on axis 2, 2 and 3 differ",
        ),
        ("assert", [np.ones(2), False], ("assert", "x is wrong"), "assert", "x is wrong"),
        ("assert", [np.ones(2), False], ("linalg", "singular"), "linalg", "singular"),
        ("assert", [1.0, False, 7, 3], ("index", "{0} of {{{1}}}"), "index", r"7 of \{3\}"),
    ],
)
def test_failures(
    name: str, arrays: list[Any], attributes: tuple[Any, ...], kind: str, message: str
) -> None:
    with pytest.raises(ExecutionError, match=message) as caught:
        apply(name, *arrays, attributes=attributes)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("kind", "message", "wanted"),
    [
        ("assert", "{1}", r"the place \{1\}, but 1 values"),
        ("assert", "{}", r"the place \{\}, but 1 values"),
        ("assert", "{0!r:>9}", r"the place \{0\}"),
        ("assert", "{0", "the message '{0' of assert: "),
        (
            "memory",
            "{0}",
            "assert has the kinds assert, broadcast, index, linalg, sizes, value, got memory",
        ),
    ],
)
def test_the_type_rule_of_assert_reads_the_message(kind: str, message: str, wanted: str) -> None:
    with pytest.raises(TypeRuleError, match=wanted):
        apply("assert", 1.0, False, 7, attributes=(kind, message))


def test_assert_reports_no_more_than_the_frame_has_room_for() -> None:
    with pytest.raises(TypeRuleError, match="at most 7 values, got 8"):
        apply("assert", 1.0, False, *range(8), attributes=("assert", ""))


def test_indexing() -> None:
    x = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(apply("slice", x, 2, 2, -2, attributes=((0,),)), x[2::-2])
    np.testing.assert_array_equal(
        apply("gather", x, [0, -1, 0], attributes=((1,),)), x[:, [0, -1, 0]]
    )
    np.testing.assert_array_equal(
        apply("gather", x, [[0], [2]], [[1], [3]], attributes=((0, 1),)), x[[[0], [2]], [[1], [3]]]
    )
    twice = apply("scatter", np.zeros(3), [1.0, 2.0, 4.0], [0, 0, -1], attributes=((0,), "add"))
    assert twice.tolist() == [3.0, 0.0, 4.0]
    last = apply("scatter", np.zeros(3), [1.0, 2.0, 4.0], [0, 0, -1], attributes=((0,), "set"))
    assert last.tolist() == [2.0, 0.0, 4.0]
    part = apply("slice_update", np.zeros(4), [1.0, 2.0], 3, 2, -2, attributes=((0,), "add"))
    assert part.tolist() == [0.0, 2.0, 0.0, 1.0]


def test_arguments_are_not_written_to() -> None:
    x = np.zeros(3)
    x.flags.writeable = False
    apply("scatter", x, [1.0], [0], attributes=((0,), "add"))
    apply("slice_update", x, [1.0], 0, 1, 1, attributes=((0,), "set"))
    assert x.tolist() == [0.0, 0.0, 0.0]

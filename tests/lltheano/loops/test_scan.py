"""`scan` gives what the same steps give in Python, in all forms of its arguments."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import function, scan, shared
from lltheano.errors import MissingInputError
from lltheano.graph.walk import io_toposort
from lltheano.loops import Scan, until
from tests.lltheano.evaluation import evaluate

Array = np.ndarray[Any, Any]


def value(outputs: Any, inputs: Sequence[Any], given: Sequence[Any], updates: Any = None) -> Any:
    return function(list(inputs), outputs, updates=updates)(*given)


def test_a_sequence_and_a_state(rng: np.random.Generator) -> None:
    x = T.dmatrix("x")
    sums, updates = scan(lambda row, total: row + total, sequences=x, outputs_info=T.zeros(3))
    data = rng.normal(size=(5, 3))
    assert updates == {}
    np.testing.assert_allclose(value(sums, [x], [data]), data.cumsum(axis=0))


@pytest.mark.parametrize("taps", [[0], [-1, 0, 1], [2], [-2], [0, 3], [-1, 2]])
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("n_steps", [None, 3, 0])
def test_taps_of_sequences(taps: list[int], go_backwards: bool, n_steps: int | None) -> None:
    """Step t reads row t + tap of those for which all taps, and 0, lie inside."""
    x = T.dvector("x")
    read, _ = scan(
        lambda *rows: list(rows),
        sequences={"input": x, "taps": taps},
        go_backwards=go_backwards,
        n_steps=n_steps,
        return_list=True,
    )
    data = np.arange(8.0)
    first, last = min(0, *taps), max(0, *taps)
    for tap, got in zip(taps, value(read, [x], [data]), strict=True):
        rows = data[tap - first : len(data) + tap - last]
        rows = rows[::-1] if go_backwards else rows
        np.testing.assert_array_equal(got, rows[:n_steps])


@pytest.mark.parametrize("taps", [[-1], [-2], [-1, -2], [-3, -1], [-4]])
@pytest.mark.parametrize("steps", [0, 1, 2, 7])
def test_taps_of_outputs(taps: list[int], steps: int, rng: np.random.Generator) -> None:
    first = rng.normal(size=(-min(taps), 2)) if taps != [-1] else rng.normal(size=2)
    start, count = (T.dmatrix("start") if taps != [-1] else T.dvector("start")), T.iscalar("count")

    def step(*before: Any) -> Any:
        return sum(k * one for k, one in enumerate(before, start=1)) / 3 + 1

    out, _ = scan(step, outputs_info={"initial": start, "taps": taps}, n_steps=count)
    rows = list(np.atleast_2d(first))
    depth = len(rows)
    for _ in range(steps):
        rows.append(step(*(rows[len(rows) + tap] for tap in taps)))
    expected = np.array(rows[depth:]).reshape(steps, 2)
    np.testing.assert_allclose(value(out, [start, count], [first, steps]), expected)


def test_outputs_of_all_kinds_in_any_order(rng: np.random.Generator) -> None:
    """Read again at several taps, or once, or not at all; the order is the step's."""
    x, k = T.dvector("x"), T.dscalar("k")
    outputs, _ = scan(
        lambda x_t, before, older, total, k: [x_t * k, older + before * x_t, total + x_t],
        sequences=x,
        outputs_info=[
            None,
            {"initial": T.as_tensor_variable([1.0, 2.0]), "taps": [-1, -2]},
            0.5 * k,
        ],
        non_sequences=k,
    )
    data = rng.normal(size=6)
    mixed, total, expected = [1.0, 2.0], 0.15, []
    for one in data:
        mixed.append(mixed[-2] + mixed[-1] * one)
        total += one
        expected.append((one * 0.3, mixed[-1], total))
    for got, column in zip(value(outputs, [x, k], [data, 0.3]), np.array(expected).T, strict=True):
        np.testing.assert_allclose(got, column)


def test_the_shortest_sequence_decides() -> None:
    x, y = T.dvectors("x", "y")
    out, _ = scan(lambda a, b: a * b, sequences=[x, y])
    np.testing.assert_array_equal(value(out, [x, y], [[1.0, 2.0, 3.0], [4.0, 5.0]]), [4.0, 10.0])


def test_shared_variables_are_changed_step_by_step() -> None:
    total = shared(1.0, name="total")
    x = T.dvector("x")

    def step(one: Any) -> Any:
        return total * one, {total: total + one}

    out, updates = scan(step, sequences=x)
    run = function([x], out, updates=updates)
    np.testing.assert_array_equal(run([1.0, 2.0, 3.0]), [1.0, 4.0, 12.0])
    assert float(total.get_value()) == 7.0
    np.testing.assert_array_equal(run([1.0]), [7.0])


@pytest.mark.parametrize("n_steps", [1, 4])
def test_updates_alone_and_in_all_forms(n_steps: int) -> None:
    count = shared(0, name="count")
    steps: list[Any] = [
        lambda: {count: count + 1},
        lambda: [(count, count + 1)],
        lambda: (None, {count: count + 1}),
        lambda: ({count: count + 1}, [T.constant(2.0)]),
        lambda: (T.constant(2.0), [(count, count + 1)]),
    ]
    for number, step in enumerate(steps, start=1):
        _, updates = scan(step, n_steps=n_steps)
        function([], updates=updates)()
        assert int(count.get_value()) == number * n_steps


def test_default_updates_are_made_in_each_step() -> None:
    state = shared(1, name="state")
    state.default_update = state * 2
    drawn, updates = scan(lambda: state + 0, n_steps=5)
    run = function([], drawn, updates=updates)
    np.testing.assert_array_equal(run(), [1, 2, 4, 8, 16])
    np.testing.assert_array_equal(run(), [32, 64, 128, 256, 512])


def test_until_ends_after_the_step_that_says_so() -> None:
    most, start = T.dscalars("most", "start")
    powers, _ = scan(
        lambda p, most: (2 * p, until(2 * p > most)),
        outputs_info=start,
        non_sequences=most,
        n_steps=64,
    )
    run = function([most, start], [powers, powers[-1], powers.shape[0]])
    for limit, count in ((9.0, 4), (0.0, 1), (1e30, 64)):
        got, last, length = run(limit, 1.0)
        np.testing.assert_array_equal(got, 2.0 ** np.arange(1, count + 1))
        assert (last, length) == (2.0**count, count)


def test_until_with_updates_and_rows() -> None:
    x, calls = T.dvector("x"), shared(0, name="calls")

    def step(one: Any, total: Any) -> Any:
        return [total + one, one * 2], {calls: calls + 1}, until(total + one > 5)

    outputs, updates = scan(step, sequences=x, outputs_info=[T.zeros(()), None])
    got, doubled = value(outputs, [x], [[1.0, 2.0, 3.0, 4.0]], updates)
    np.testing.assert_array_equal(got, [1.0, 3.0, 6.0])
    np.testing.assert_array_equal(doubled, [2.0, 4.0, 6.0])
    assert int(calls.get_value()) == 3


def test_a_scan_inside_a_scan(rng: np.random.Generator) -> None:
    x = T.dmatrix("x")

    def of_row(row: Any, before: Any) -> Any:
        sums, _ = scan(lambda one, total: total + one, sequences=row, outputs_info=before)
        return sums[-1]

    out, _ = scan(of_row, sequences=x, outputs_info=T.zeros(()))
    data = rng.normal(size=(4, 3))
    np.testing.assert_allclose(value(out, [x], [data]), data.sum(axis=1).cumsum())


def test_the_test_values_of_a_step() -> None:
    x = T.dmatrix("x")
    x.tag.test_value = np.ones((4, 3))
    seen = []
    with lltheano.config.change_flags(compute_test_value="raise"):

        def step(row: Any, total: Any) -> Any:
            seen.append((row.tag.test_value.shape, total.tag.test_value.shape))
            return row + total

        out, _ = scan(step, sequences=x, outputs_info=T.zeros(3))
    assert seen == [((3,), (3,))]
    assert out.tag.test_value.tolist() == [[one] * 3 for one in (1.0, 2.0, 3.0, 4.0)]


def test_integers_bools_and_complex_numbers() -> None:
    n = T.iscalar("n")
    states = [T.constant(1, dtype="int64"), T.constant(True), T.constant(1j, dtype="complex128")]
    outputs, _ = scan(lambda i, b, c: [i * 3, ~b, c * 1j], outputs_info=states, n_steps=n)
    integers, bools, numbers = value(outputs, [n], [4])
    assert integers.tolist() == [3, 9, 27, 81]
    assert bools.tolist() == [False, True, False, True]
    np.testing.assert_array_equal(numbers, 1j ** np.arange(2, 6))


@pytest.mark.parametrize("steps", [1, T.constant(1)])
def test_one_step_is_no_loop(steps: Any) -> None:
    x = T.dvector("x")
    out, _ = scan(lambda one: one * 2, outputs_info=x, n_steps=steps)
    assert not any(isinstance(node.op, Scan) for node in io_toposort([], [out]))
    np.testing.assert_array_equal(value(out, [x], [[1.0, 2.0]]), [[2.0, 4.0]])


def test_strict_is_about_shared_variables() -> None:
    x, y, k = T.dvector("x"), T.dscalar("y"), shared(2.0, name="k")
    out, _ = scan(lambda a, k: a * k * y, sequences=x, non_sequences=k, strict=True)
    changed, updates = scan(lambda: (k * y, {k: k + 1}), n_steps=2, strict=True)
    got = value([out, changed], [x, y], [[1.0, 2.0], 3.0], updates)
    assert [one.tolist() for one in got] == [[6.0, 12.0], [6.0, 9.0]]


def test_a_first_value_without_taps() -> None:
    """None, which Theano takes for [-1], is a warning; no taps are taps as well."""
    x = T.dscalar("x")
    with pytest.warns(UserWarning, match=r"output 0 has a first value, x .* mean \[-1\]"):
        read, _ = scan(lambda a: a * 2, outputs_info={"initial": x, "taps": None}, n_steps=2)
    unread, _ = scan(lambda: x * 2, outputs_info={"initial": x, "taps": []}, n_steps=2)
    assert [one.tolist() for one in value([read, unread], [x], [1.0])] == [[2.0, 4.0], [2.0, 2.0]]


def test_an_axis_that_a_step_is_known_to_give_with_size_1() -> None:
    """What steps read may have any size there, though it has that one."""
    x, h, total = T.dmatrix("x"), T.dmatrix("h"), shared(np.ones((1, 2)), name="total")
    out, updates = scan(lambda row, before: (T.zeros((1, 2)) + row, {total: T.ones((1, 2))}), x, h)
    assert out.broadcastable == (False, False, False)
    run = function([x, h], [out, T.grad((out[-1] ** 2).sum(), x)], updates=updates)
    got, slope = run([[1.0, 2.0], [3.0, 4.0]], np.ones((1, 2)))
    assert got.tolist() == [[[1.0, 2.0]], [[3.0, 4.0]]]
    assert slope.tolist() == [[0.0, 0.0], [6.0, 8.0]]
    with pytest.raises(ValueError, match="size"):
        run([[1.0, 2.0], [3.0, 4.0]], np.ones((2, 2)))


@pytest.mark.parametrize("steps", [0, 2])
def test_the_sizes_of_rows_where_there_are_none(steps: int) -> None:
    """A size that only a row of a sequence tells is 0 then, and the others are what they are."""
    k, x, y, h = T.lvector("k"), T.dmatrix("x"), T.dtensor3("y"), T.dmatrix("h")
    rows, _ = scan(lambda size: T.zeros((size, x.shape[1])), k)
    joined, _ = scan(lambda row: T.concatenate([row, T.zeros((1, row.shape[1]))]), y)
    states, _ = scan(lambda size, before: before[: h.shape[0] + 0 * size], k, h)
    data = np.full(steps, 2), np.ones((2, 3)), np.ones((steps, 2, 5)), np.ones((4, 3))
    outputs = [rows, joined, states]
    expected = [(steps, steps, 3), (steps, 3, 5), (steps, 4, 3)]
    assert [one.shape for one in value(outputs, [k, x, y, h], data)] == expected
    interpreted = evaluate(outputs, dict(zip([k, x, y, h], data, strict=True)))
    assert [one.shape for one in interpreted] == expected


ERRORS: list[tuple[str, Any, type[Exception], str]] = [
    (
        "no steps known",
        lambda x: scan(lambda: x, non_sequences=x),
        ValueError,
        "steps is not known",
    ),
    ("negative", lambda x: scan(lambda: x, n_steps=-1), IndexError, "cannot be negative"),
    ("a fraction", lambda x: scan(lambda: x, n_steps=1.5), TypeError, "n_steps is an integer"),
    ("a scalar", lambda x: scan(lambda a: a, sequences=x.sum()), ValueError, "has no axis"),
    (
        "taps without first values",
        lambda x: scan(lambda a: a, outputs_info={"taps": [-1]}, n_steps=2),
        ValueError,
        "needs first values",
    ),
    (
        "taps of the future",
        lambda x: scan(lambda a: a, outputs_info={"initial": x, "taps": [1]}, n_steps=2),
        ValueError,
        "must be negative",
    ),
    (
        "another dtype",
        lambda x: scan(lambda a: a.astype("float32"), outputs_info=x, n_steps=2),
        TypeError,
        r"read again as x\[t-1\] .*cast one of them",
    ),
    (
        "another rank",
        lambda x: scan(lambda a: a.sum(), outputs_info=x, n_steps=2),
        TypeError,
        "as many axes",
    ),
    (
        "another pattern",
        lambda x: scan(lambda a: a + x, outputs_info=T.zeros((1,)), n_steps=2),
        TypeError,
        "unbroadcast",
    ),
    (
        "fewer first values than outputs",
        lambda x: scan(lambda a: [a, a], outputs_info=[x], n_steps=2),
        ValueError,
        "for 1 outputs, but a step gives 2",
    ),
    (
        "a sequence that is known to be too short",
        lambda x: scan(lambda a, b: a + b, sequences=[x, T.zeros((3,))], n_steps=4),
        ValueError,
        "4 steps were asked for, but the sequence .* has 3 rows",
    ),
    (
        "too few first values",
        lambda x: scan(
            lambda a: a, outputs_info={"initial": T.ones((2,)), "taps": [-3]}, n_steps=2
        ),
        IndexError,
        "output 0 need 3 first values, .* has 2 rows",
    ),
    (
        "an update of another dtype",
        lambda x: scan(lambda: {shared(1, name="count"): x.sum()}, n_steps=2),
        TypeError,
        "the shared variable count is read again as count",
    ),
    (
        "strict",
        lambda x: scan(lambda a: a * shared(2.0, name="k"), sequences=x, strict=True),
        MissingInputError,
        "add k ",
    ),
    (
        "a vector condition",
        lambda x: scan(lambda: (x, until(x > 0)), n_steps=2),
        TypeError,
        "scalar",
    ),
    ("no output", lambda x: scan(lambda: {"a": 1}, n_steps=2), TypeError, "shared variables"),
]


@pytest.mark.parametrize(
    ("build", "error", "message"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS]
)
def test_what_is_wrong_is_said_when_it_is_built(build: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        build(T.dvector("x"))


def test_what_is_wrong_is_said_when_it_runs() -> None:
    """State stays as it was."""
    x, n, seen = T.dvector("x"), T.lscalar("n"), shared(0, name="seen")
    out, _ = scan(lambda one: one + 1, sequences=x, n_steps=n)
    run = function([x, n], out, updates=[(seen, seen + 1)])
    with pytest.raises(ValueError, match=r"runs 4 steps, but its sequence .* has 3 rows"):
        run([1.0, 2.0, 3.0], 4)
    with pytest.raises(IndexError, match="was asked for -2 steps"):
        run([1.0], -2)
    start = T.dmatrix("start")
    back, _ = scan(lambda a: a + 1, outputs_info={"initial": start, "taps": [-3]}, n_steps=2)
    with pytest.raises(IndexError, match=r"output 0 need 3 first values, but start .* has 2 rows"):
        function([start], back, updates=[(seen, seen + 1)])(np.ones((2, 1)))
    growing, _ = scan(lambda a: T.concatenate([a, a]), outputs_info=x, n_steps=2)
    with pytest.raises(ValueError, match="size 2 on axis 0 and then 4"):
        function([x], growing, updates=[(seen, seen + 1)])([1.0, 2.0])
    assert int(seen.get_value()) == 0


def test_the_views() -> None:
    x = T.dvector("x")
    squares, _ = lltheano.map(lambda one: one**2, x)
    total, _ = lltheano.reduce(lambda one, total: one + total, x, T.zeros(()))
    left, _ = lltheano.foldl(lambda one, digits: 10 * digits + one, x, T.zeros(()))
    right, _ = lltheano.foldr(lambda one, digits: 10 * digits + one, x, T.zeros(()))
    got = value([squares, total, left, right], [x], [[1.0, 2.0, 3.0]])
    assert [one.tolist() for one in got] == [[1.0, 4.0, 9.0], 6.0, 123.0, 321.0]

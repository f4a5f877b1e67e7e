"""Gradients of scans are those of the steps written out, of first and second order and forward."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import function, scan, shared
from lltheano.graph import inputs as graph_inputs
from lltheano.graph.walk import io_toposort
from lltheano.loops import Scan, until
from lltheano.runtime import pool
from lltheano.shared import SharedVariable
from tests.lltheano.evaluation import evaluate

Array = np.ndarray[Any, Any]
Build = Callable[[Any, Any, Any], Any]

N, STEPS = 3, 5


def by_scan(x: Any, h: Any, W: Any) -> Any:
    out, _ = scan(lambda a, b, W: T.tanh(a + T.dot(b, W)), x, h, W)
    return out


def written_out(x: Any, h: Any, W: Any) -> Any:
    rows = []
    for t in range(STEPS):
        h = T.tanh(x[t] + T.dot(h, W))
        rows.append(h)
    return T.stack(rows)


def taps_by_scan(x: Any, h: Any, W: Any) -> Any:
    start = T.stack([h, 2 * h, T.sin(h)])
    out, _ = scan(
        lambda a, c, before, oldest: T.sin(before * a) + oldest * T.dot(c, W),
        sequences={"input": x, "taps": [0, 1]},
        outputs_info={"initial": start, "taps": [-1, -3]},
    )
    return out


def taps_written_out(x: Any, h: Any, W: Any) -> Any:
    rows = [h, 2 * h, T.sin(h)]
    for t in range(STEPS - 1):
        rows.append(T.sin(rows[-1] * x[t]) + rows[-3] * T.dot(x[t + 1], W))
    return T.stack(rows[3:])


def several_by_scan(x: Any, h: Any, W: Any) -> Any:
    (first, second, third), _ = scan(
        lambda a, b, c: [b * a + c, T.dot(b, W) + T.cos(c), a * b * c],
        sequences=x,
        outputs_info=[h, T.zeros_like(h), None],
        go_backwards=True,
    )
    return first * third + second[-1]


def several_written_out(x: Any, h: Any, W: Any) -> Any:
    c, firsts, thirds = T.zeros_like(h), [], []
    for t in reversed(range(STEPS)):
        thirds.append(x[t] * h * c)
        h, c = h * x[t] + c, T.dot(h, W) + T.cos(c)
        firsts.append(h)
    return T.stack(firsts) * T.stack(thirds) + c


def mapped_by_scan(x: Any, h: Any, W: Any) -> Any:
    out, _ = lltheano.map(lambda a: T.exp(T.dot(a, W)) * h.sum(), x)
    return out


def mapped_written_out(x: Any, h: Any, W: Any) -> Any:
    return T.stack([T.exp(T.dot(x[t], W)) * h.sum() for t in range(STEPS)])


def nested_by_scan(x: Any, h: Any, W: Any) -> Any:
    def of_row(row: Any, before: Any) -> Any:
        inner, _ = scan(lambda w, one: T.tanh(one * w + row), sequences=W, outputs_info=before)
        return inner[-1] + inner.sum(axis=0)

    out, _ = scan(of_row, sequences=x, outputs_info=h)
    return out


def nested_written_out(x: Any, h: Any, W: Any) -> Any:
    rows = []
    for t in range(STEPS):
        one, total = h, T.zeros_like(h)
        for k in range(N):
            one = T.tanh(one * W[k] + x[t])
            total = total + one
        h = one + total
        rows.append(h)
    return T.stack(rows)


def shared_by_scan(x: Any, h: Any, W: Any) -> Any:
    """The last value of a shared variable that each step changes is an expression like another."""
    state = shared(np.ones(N), name="state")
    out, updates = scan(lambda a: (T.dot(a, W) * state, {state: T.sin(state) + a * h}), sequences=x)
    return out + updates[state]


def shared_written_out(x: Any, h: Any, W: Any) -> Any:
    state, rows = T.ones(N), []
    for t in range(STEPS):
        rows.append(T.dot(x[t], W) * state)
        state = T.sin(state) + x[t] * h
    return T.stack(rows) + state


def ended_by_scan(x: Any, h: Any, W: Any) -> Any:
    def step(a: Any, before: Any, number: Any) -> Any:
        return [T.tanh(a * before + T.dot(before, W)), number + 1], until(T.ge(number, 2))

    (out, _), _ = scan(step, sequences=x, outputs_info=[h, T.zeros(())])
    return out


def ended_written_out(x: Any, h: Any, W: Any) -> Any:
    rows = []
    for t in range(3):
        h = T.tanh(x[t] * h + T.dot(h, W))
        rows.append(h)
    return T.stack(rows)


PAIRS: dict[str, tuple[Build, Build]] = {
    "state": (by_scan, written_out),
    "taps": (taps_by_scan, taps_written_out),
    "several": (several_by_scan, several_written_out),
    "mapped": (mapped_by_scan, mapped_written_out),
    "nested": (nested_by_scan, nested_written_out),
    "shared": (shared_by_scan, shared_written_out),
    "ended": (ended_by_scan, ended_written_out),
}


@pytest.fixture
def point(rng: np.random.Generator) -> list[Array]:
    return [rng.normal(size=(STEPS, N)), rng.normal(size=N), rng.normal(size=(N, N)) / 2]


def variables() -> list[Any]:
    return [T.dmatrix("x"), T.dvector("h"), T.dmatrix("W")]


def both(
    name: str, derived: Callable[[Any, Sequence[Any]], Sequence[Any]], point: Sequence[Array]
) -> None:
    """What is derived of both forms must be the same; that of steps written out, which are many, is
    interpreted where no state has a part in it.
    """
    found: list[Any] = []
    for build in PAIRS[name]:
        inputs = variables()
        results = list(derived(build(*inputs), inputs))
        leaves = graph_inputs(results)
        if found and not any(isinstance(one, SharedVariable) for one in leaves):
            found.append(evaluate(results, dict(zip(inputs, point, strict=True))))
        else:
            found.append(function(inputs, results, on_unused_input="ignore")(*point))
    for got, expected in zip(*found, strict=True):
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-11)


def weighted(out: Any) -> Any:
    """A cost in which no element counts as much as another."""
    count = T.arange(out.size).reshape(out.shape)
    return (out * T.cos(count) + out**2 / (1 + count)).sum()


def seeds(inputs: Sequence[Any]) -> list[Any]:
    return [T.cos(T.arange(one.size).reshape(one.shape)) for one in inputs]


@pytest.mark.parametrize("name", PAIRS)
class TestEachForm:
    """The scan, and its steps written out."""

    def test_value(self, name: str, point: list[Array]) -> None:
        both(name, lambda out, inputs: [out], point)

    def test_gradient(self, name: str, point: list[Array]) -> None:
        both(name, lambda out, inputs: T.grad(weighted(out), inputs), point)

    def test_gradient_of_the_last_row(self, name: str, point: list[Array]) -> None:
        def last(out: Any, inputs: Sequence[Any]) -> Any:
            return T.grad(weighted(out[-1]), inputs)

        both(name, last, point)

    def test_right_product(self, name: str, point: list[Array]) -> None:
        both(name, lambda out, inputs: [lltheano.Rop(out, list(inputs), seeds(inputs))], point)

    def test_second_derivatives(self, name: str, point: list[Array]) -> None:
        def twice(out: Any, inputs: Sequence[Any]) -> Any:
            slopes = T.grad(weighted(out), list(inputs))
            total: Any = sum((s * one).sum() for s, one in zip(slopes, seeds(inputs), strict=True))
            return T.grad(total, list(inputs))

        both(name, twice, point)

    def test_the_right_product_by_each_operand(self, name: str, point: list[Array]) -> None:
        def by_each(out: Any, inputs: Sequence[Any]) -> Any:
            return [
                lltheano.Rop(out, one, seed, disconnected_outputs="ignore")
                for one, seed in zip(inputs, seeds(inputs), strict=True)
            ]

        both(name, by_each, point)


@pytest.mark.parametrize(
    "name",
    ["state", *(pytest.param(one, marks=pytest.mark.slow) for one in PAIRS if one != "state")],
)
class TestMixedDerivatives:
    """Those of both kinds, one of the other."""

    def test_the_right_product_of_the_gradient(self, name: str, point: list[Array]) -> None:
        def product(out: Any, inputs: Sequence[Any]) -> Any:
            slopes = T.grad(weighted(out), list(inputs))
            return [*lltheano.Rop(slopes, list(inputs), seeds(inputs))]

        both(name, product, point)

    def test_the_gradient_of_the_right_product(self, name: str, point: list[Array]) -> None:
        def slope(out: Any, inputs: Sequence[Any]) -> Any:
            product = lltheano.Rop(out, list(inputs), seeds(inputs))
            return T.grad(weighted(product), list(inputs))

        both(name, slope, point)


def test_the_gradient_of_the_jacobian_of_a_scan(point: list[Array]) -> None:
    x, h, W = variables()
    jacobian = lltheano.gradient.jacobian(by_scan(x, h, W)[-1], h)
    expected = lltheano.gradient.jacobian(written_out(x, h, W)[-1], h)
    for one in (jacobian, expected):
        one.name = "jacobian"
    got = [
        function([x, h, W], [one, T.grad((one**2).sum(), W)])(*point)
        for one in (jacobian, expected)
    ]
    for one, other in zip(*got, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)


def test_gradients_inside_a_step() -> None:
    """Theano's way to a Jacobian and a Hessian: what is the same in all steps is itself."""
    x = T.dvector("x")
    y, slope = x**2 * x.sum(), T.grad((x**3).sum() * x[0], x)
    rows = [
        scan(
            lambda i, values, x: T.grad(values[i], x),
            sequences=T.arange(values.shape[0]),
            non_sequences=[values, x],
        )[0]
        for values in (y, slope)
    ]
    expected = [lltheano.gradient.jacobian(values, x) for values in (y, slope)]
    got = function([x], [*rows, *expected])([1.0, 2.0, 4.0])
    for one, other in zip(got[:2], got[2:], strict=True):
        np.testing.assert_allclose(one, other)


def test_a_shared_variable_that_is_given_and_changed() -> None:
    k, x = shared(1.0, name="k"), T.dvector("x")
    out, updates = scan(lambda a, k: (a * k, {k: k + 1}), x, non_sequences=k)
    got = function([x], out, updates=updates)([1.0, 1.0, 1.0])
    np.testing.assert_array_equal(got, [1.0, 2.0, 3.0])
    assert float(k.get_value()) == 4.0


def test_test_values_of_gradients(point: list[Array]) -> None:
    with lltheano.config.change_flags(compute_test_value="raise"):
        inputs = variables()
        for variable, value in zip(inputs, point, strict=True):
            variable.tag.test_value = value
        out = taps_by_scan(*inputs)
        slopes = T.grad(weighted(out), inputs)
        moved = lltheano.Rop(out, inputs, seeds(inputs))
    got = function(inputs, [*slopes, moved])(*point)
    for one, value in zip((*slopes, moved), got, strict=True):
        np.testing.assert_allclose(one.tag.test_value, value)


@pytest.mark.parametrize("back", [0, 1, 3, STEPS, 9])
def test_truncated(back: int, point: list[Array]) -> None:
    """Only the last steps get anything; what was before them counts as given."""
    x, h, W = variables()
    out, _ = scan(lambda a, b, W: T.tanh(a + T.dot(b, W)), x, h, W, truncate_gradient=back)
    got = function([x, h, W], T.grad(weighted(out), [x, h, W]))(*point)

    state, rows = h, []
    for t in range(STEPS):
        before = lltheano.gradient.disconnected_grad(state) if 0 < t == STEPS - back else state
        kept = t >= STEPS - back
        row = T.tanh((x[t] if kept else 0 * x[t]) + T.dot(before, W if kept else 0 * W))
        state = T.tanh(x[t] + T.dot(state, W)) if not kept else row
        rows.append(state if kept else lltheano.gradient.disconnected_grad(state))
    expected = function(
        [x, h, W],
        T.grad(weighted(T.stack(rows)), [x, h, W], disconnected_inputs="ignore"),
        on_unused_input="ignore",
    )(*point)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_no_steps_pass_the_gradient_on() -> None:
    n, h = T.lscalar("n"), T.dvector("h")
    out, updates = scan(lambda b: b * 3, outputs_info=h, n_steps=n)
    total = shared(np.zeros(2))
    assert updates == {}
    slope = function([n, h], T.grad((out.sum(axis=0) * h).sum(), h))
    np.testing.assert_array_equal(slope(0, [1.0, 2.0]), [0.0, 0.0])
    _, updates = scan(lambda: {total: total * h}, n_steps=n)
    by_h = T.grad(updates[total].sum(), total)
    np.testing.assert_array_equal(function([n, h], by_h)(0, [5.0, 6.0]), [1.0, 1.0])
    np.testing.assert_array_equal(function([n, h], by_h)(2, [5.0, 6.0]), [25.0, 36.0])


def test_integers_have_no_gradient_and_floats_beside_them_do() -> None:
    x, i = T.dvector("x"), T.lvector("i")
    (total, count), _ = scan(
        lambda a, k, s, c: [s + a * c, c + k],
        sequences=[x, i],
        outputs_info=[T.zeros(()), T.constant(1, dtype="int64")],
    )
    by_x, by_i = T.grad(total[-1], [x, i])
    run = function([x, i], [by_x, by_i, count], on_unused_input="ignore")
    slope, zero, counts = run([1.0, 2.0, 3.0], [1, 2, 3])
    np.testing.assert_array_equal(slope, [1, 2, 4])
    np.testing.assert_array_equal(zero, [0, 0, 0])
    np.testing.assert_array_equal(counts, [2, 4, 7])


def test_right_products_of_integers_and_of_other_dtypes() -> None:
    """Integers have no tangents; a tangent of another dtype is converted."""
    x, i, v = T.dvector("x"), T.lvector("i"), T.fvector("v")
    (total, count), _ = scan(
        lambda a, k, s, c: [s + a * c, c + k],
        sequences=[x, i],
        outputs_info=[T.zeros(()), T.constant(1, dtype="int64")],
    )
    moved = lltheano.Rop(total, x, v)
    still = lltheano.Rop(count, x, v, disconnected_outputs="ignore")
    run = function([x, i, v], [moved, still], on_unused_input="ignore")
    got, zeros = run([1.0, 2.0, 3.0], [1, 2, 3], np.ones(3, "float32"))
    np.testing.assert_array_equal(got, [1, 3, 7])
    np.testing.assert_array_equal(zeros, [0, 0, 0])


def test_the_right_product_takes_no_way_back() -> None:
    h, n = T.dvector("h"), T.lscalar("n")
    out, _ = scan(T.sin, outputs_info=h, n_steps=n)
    product = lltheano.Rop(out[-1], h, T.ones_like(h))
    scans = [node.op for node in io_toposort([], [product]) if isinstance(node.op, Scan)]
    assert not any(str(op).startswith("for{cpu,grad_of") for op in scans)
    run = function([h, n], product)
    run(np.ones(3), 10)
    before = pool.statistics().in_use
    pool.reset_peak()
    run(np.ones(3), 100_000)
    assert pool.statistics().peak - before < 10_000


def test_what_a_step_uses_only_to_end_is_disconnected() -> None:
    x, limit = T.dscalars("x", "limit")
    out, _ = scan(lambda p: (p * x, until(p > limit)), outputs_info=T.ones(()), n_steps=9)
    with pytest.raises(lltheano.gradient.DisconnectedInputError):
        T.grad(out[-1], limit)


def test_an_undefined_gradient_names_the_reason() -> None:
    x = T.dvector("x")
    out, _ = scan(lambda a: lltheano.gradient.undefined_grad(a) * 2, sequences=x)
    with pytest.raises(lltheano.gradient.NullTypeGradError, match="undefined_grad"):
        T.grad(out.sum(), x)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_numeric(dtype: str, rng: np.random.Generator) -> None:
    if dtype == "complex128":
        z = T.zvector("z")
        out, _ = scan(lambda a, b: a * b + T.sqr(b), sequences=z, outputs_info=z[0])
        point = rng.normal(size=4) + 1j * rng.normal(size=4)
        cost = T.abs_(out[-1])
        slope = function([z], T.grad(cost, z))(point)
        run, step = function([z], cost), 1e-7
        for k in range(4):
            moves = [np.eye(4)[k] * step * unit for unit in (1, 1j)]
            real, imaginary = ((run(point + m) - run(point - m)) / (2 * step) for m in moves)
            np.testing.assert_allclose(slope[k], real + 1j * imaginary, rtol=1e-5)
        return
    data = [rng.uniform(0.5, 1, size=(4, 2)).astype(dtype), rng.uniform(size=2).astype(dtype)]
    T.verify_grad(
        lambda x, h: scan(lambda a, b: T.sin(a) * b + a, sequences=x, outputs_info=h)[0],
        data,
        rng=np.random.RandomState(1),
    )

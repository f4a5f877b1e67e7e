"""Softmax regression in both precisions: its numbers, its memory, its one compile."""

import numpy as np
import pytest

import lltheano_ir.compile
from lltheano import In, Out, function, shared, tensor as T
from lltheano.runtime import pool
from lltheano.tensor.variables.variable import TensorVariable
from tests.lltheano.acceptance import demo_model

BATCH = 10


def reference(model: demo_model.SoftmaxRegression, index: int) -> list[np.ndarray]:
    """Cost, error and gradients in NumPy, in float64."""
    rows = slice(index * BATCH, (index + 1) * BATCH)
    x = model.data_x.get_value()[rows].astype("float64")
    y = model.data_y.get_value()[rows]
    W, b = model.W.get_value().astype("float64"), model.b.get_value().astype("float64")
    scores = x @ W + b
    scores -= scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    p = np.exp(logs)
    slope = p.copy()
    slope[np.arange(len(y)), y] -= 1
    slope /= len(y)
    cost = -logs[np.arange(len(y)), y].mean()
    return [cost, (p.argmax(axis=1) != y).mean(), x.T @ slope, slope.sum(axis=0)]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-13)])
def test_training_steps_agree_with_numpy(dtype: str, tolerance: float) -> None:
    model = demo_model.build(dtype)
    for turn in range(12):
        index = turn % 5
        cost, error, gW, gb = reference(model, index)
        W, b = model.W.get_value(), model.b.get_value()
        results = model.train(index)
        assert results[0].dtype == dtype
        np.testing.assert_allclose(results[0], cost, rtol=tolerance)
        assert results[1] == error
        np.testing.assert_allclose(model.W.get_value(), W - 0.1 * gW, atol=tolerance)
        np.testing.assert_allclose(model.b.get_value(), b - 0.1 * gb, atol=tolerance)
        assert model.W.get_value().dtype == dtype
    assert model.count.get_value() == 12


def test_its_gradients_are_those_of_finite_differences() -> None:
    model = demo_model.build()
    _, gW, gb = model.measure(2)
    for variable, slope in ((model.W, gW), (model.b, gb)):
        start = variable.get_value()
        for place in np.ndindex(start.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = start.copy()
                moved[place] += step
                variable.set_value(moved)
                ends.append(float(model.measure(2)[0]))
            np.testing.assert_allclose((ends[0] - ends[1]) / 2e-5, slope[place], atol=1e-9)
        variable.set_value(start)


def test_scores_that_overflow_a_naive_softmax_cost_what_they_should() -> None:
    model = demo_model.build("float32")
    model.W.set_value(model.W.get_value() * np.float32(1e4))
    cost, gW, gb = model.measure(0)
    wanted = reference(model, 0)
    np.testing.assert_allclose(cost, wanted[0], rtol=1e-5)
    np.testing.assert_allclose(gW, wanted[2], atol=1e-5)
    np.testing.assert_allclose(gb, wanted[3], atol=1e-5)


def test_weights_are_updated_in_place_and_the_reason_is_recorded() -> None:
    model = demo_model.build()
    taken = {one.subject: one for one in model.train.decisions if one.stage == "in place"}
    assert set(taken) == {"W", "b", "count"}
    assert all(one.taken and one.reason for one in taken.values())
    before = model.W.get_value(borrow=True).ctypes.data
    model.train(0)
    assert model.W.get_value(borrow=True).ctypes.data == before


def test_the_steady_state_asks_the_system_for_no_memory() -> None:
    model = demo_model.build()
    for index in range(5):
        model.train(index)
    before = pool.statistics()
    for turn in range(100):
        model.train(turn % 5)
    after = pool.statistics()
    assert after.misses == before.misses
    assert (after.live, after.in_use) == (before.live, before.in_use)
    per_step, rest = divmod(after.allocations - before.allocations, 100)
    assert rest == 0
    assert per_step <= 16


def test_nothing_is_compiled_for_other_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    model = demo_model.build()
    address = model.train.entry.address

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a call compiled something")

    monkeypatch.setattr(lltheano_ir.compile, "compile_module", refuse)
    with pytest.raises(AssertionError, match="compiled something"):
        function([], T.constant(1.0) + shared(2.0))
    for rows, features, classes in [(1, 1, 1), (7, 3, 2), (40, 17, 33)]:
        rng = np.random.default_rng(rows)
        model.data_x.set_value(rng.standard_normal((rows, features)))
        model.data_y.set_value(rng.integers(0, classes, rows))
        model.W.set_value(rng.standard_normal((features, classes)))
        model.b.set_value(np.zeros(classes))
        wanted = reference(model, 0)
        cost, error = model.train(0)
        np.testing.assert_allclose([cost, error], wanted[:2], rtol=1e-12)
    assert model.train.entry.address == address


def test_what_can_be_seen_of_it() -> None:
    model = demo_model.build()
    train = model.train
    assert list(train.stages) == ["graph", "source", "tensor", "loops", "llvm", "llvm-opt", "asm"]
    for name, text in train.stages.items():
        assert len(text.splitlines()) > 20, name
        if name in ("graph", "source", "tensor", "loops"):
            assert "demo_model.py:" in text, name
    assert train.entry.address > 0
    assert train.entry.signature == f"int32_t {train.compiled.loops.name}" + (
        f"(struct {train.compiled.loops.name}_frame *frame);"
    )
    assert "const int64_t *data" in train.entry.frame
    for kind in ("in place", "tile"):
        assert any(line.startswith(kind) for line in train.entry.buffers.splitlines()), kind
    assert set(train.get_shared()) == {
        model.data_x,
        model.data_y,
        model.W,
        model.b,
        model.count,
    }


def test_inputs_and_outputs_with_every_option_together() -> None:
    """Named and default arguments, a downcast, a kept value, borrowing and a dict of outputs."""
    rate: TensorVariable = T.fscalar("rate")
    x, hidden, total = T.fvector("x"), T.lscalar("hidden"), T.fscalar("total")
    scale = shared(np.float32(2.0), name="scale")
    step = function(
        [
            In(x, mutable=True, allow_downcast=True),
            In(rate, name="speed", value=0.5),
            In(total, value=1.0, update=total + x.sum() * rate),
            In(hidden, value=np.array(7), name="seed", strict=True),
        ],
        {"moved": Out(x * rate * scale, borrow=True), "seed": hidden, "total": total},
        updates={scale: scale + 1},
        name="step",
    )
    first = step(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(first["moved"], np.array([1, 2], "float32"))
    assert (first["seed"], first["total"]) == (7, 1)
    second = step(x=[3.0], speed=2)
    np.testing.assert_array_equal(second["moved"], [18])
    assert second["total"] == 2.5
    assert step["total"] == 8.5
    assert scale.get_value() == 4
    with pytest.raises(TypeError, match="seed"):
        step([1.0], seed=3)
    assert (step["total"], scale.get_value()) == (8.5, 4)

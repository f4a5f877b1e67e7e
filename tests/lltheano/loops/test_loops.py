"""What the loops are that scans become: native, of constant memory, and like other graphs."""

import _thread
import pickle
import re
import sys
import threading
import time
from functools import partial
from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import Op, OpFromGraph, function, scan, shared
from lltheano.errors import MissingInputError
from lltheano.function.debugging.nan_guard import NanGuardMode
from lltheano.graph import Apply
from lltheano.loops import Scan, until
from lltheano.printing import debugprint
from lltheano_ir.loops.nodes import Alloc, Call, For, Statement
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.walk import statements_in


def loops_of(f: Any) -> list[Statement]:
    return list(parse_module(f.stages["loops"]).functions[0].body)


def in_a_step(f: Any) -> list[Statement]:
    """The statements in sequential loops."""
    return [
        inner
        for statement in loops_of(f)
        for one in statements_in(statement)
        if isinstance(one, For) and one.sequential
        for body in one.body
        for inner in statements_in(body)
    ]


def note(events: list[str], frame: Any, event: str, argument: Any) -> None:
    events.append(event)


def test_no_python_is_run_in_a_loop() -> None:
    """Calls of Python functions do not grow with the number of steps."""
    x = T.dvector("x")
    out, _ = scan(lambda one, total: T.tanh(one + total), sequences=x, outputs_info=0.0)
    run = function([x], [out, T.grad(out.sum(), x)])
    counts = []
    for steps in (10, 20_000):
        data = np.ones(steps)
        run(data)
        events: list[str] = []
        sys.setprofile(partial(note, events))
        try:
            run(data)
        finally:
            sys.setprofile(None)
        counts.append(len(events))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("form", ["state", "taps", "until", "sum", "updates"])
def test_a_million_steps_in_the_memory_of_one(form: str) -> None:
    n, h = T.lscalar("n"), T.dvector("h")
    updates: Any = {}
    if form == "state":
        out, _ = scan(lambda a: a * 0.5 + h, outputs_info=h, n_steps=n)
        last = out[-1]
    elif form == "taps":
        start = {"initial": T.stack([h, h]), "taps": [-1, -2]}
        out, _ = scan(lambda a, b: (a + b) / 2, outputs_info=start, n_steps=n)
        last = out[-1]
    elif form == "until":
        out, _ = scan(lambda a: (a + 1, until(a[0] < 0)), outputs_info=h, n_steps=n)
        last = out[-1]
    elif form == "sum":
        out, _ = scan(lambda k, a: [k + 1, a + h * k], outputs_info=[0.0, h], n_steps=n)
        last = out[1][-1]
    else:
        state = shared(np.zeros(3))
        _, updates = scan(lambda: {state: state + h}, n_steps=n)
        last = T.constant(0.0)
    run = function([n, h], last, updates=updates, on_unused_input="ignore")
    assert not any(isinstance(one, Alloc) for one in in_a_step(run))
    extents = [one.extent for one in loops_of(run) if isinstance(one, For) and one.sequential]
    memory = [one.buffer for one in loops_of(run) if isinstance(one, Alloc)]
    assert extents
    assert not any(extent in buffer.sizes for extent in extents for buffer in memory)
    run(10, np.ones(3))
    started = time.perf_counter()
    assert np.isfinite(run(1_000_000, np.ones(3))).all()
    assert time.perf_counter() - started < 2


def test_a_step_of_a_network_and_of_its_gradient_allocates_and_copies_nothing() -> None:
    x, W = T.dtensor3("x"), T.dmatrix("W")
    out, _ = scan(
        lambda row, h: T.tanh(row + T.dot(h, W)), sequences=x, outputs_info=T.zeros_like(x[0])
    )
    run = function([x, W], T.grad((out[-1] ** 2).sum(), W))
    inside = in_a_step(run)
    assert not any(isinstance(one, Alloc) for one in inside)
    assert sum(isinstance(one, Call) for one in inside) >= 3
    data, weights = np.ones((4, 2, 3)), np.eye(3) / 2
    assert run(data, weights).shape == (3, 3)


def interrupt(told: list[float]) -> None:
    told.append(time.perf_counter())
    _thread.interrupt_main()


@pytest.mark.parametrize("work", ["short", "long"])
def test_ctrl_c_is_noticed(work: str) -> None:
    n, total = T.lscalar("n"), shared(0, name="total")
    size = 3 if work == "short" else 300
    out, _ = scan(lambda a: T.tanh(T.dot(a, a)), outputs_info=T.eye(size), n_steps=n)
    run = function([n], out[-1].sum(), updates=[(total, total + 1)])
    run(2)
    delays = []
    for _ in range(5):
        told: list[float] = []
        threading.Timer(0.1, partial(interrupt, told)).start()
        with pytest.raises(KeyboardInterrupt):
            run(1 << 40)
        delays.append(time.perf_counter() - told[0])
    assert min(delays) < 0.1  # the least: what else the machine does is no part of it
    assert int(total.get_value()) == 1


def test_a_scan_is_part_of_the_graph() -> None:
    x, y = T.dvectors("x", "y")
    out, _ = scan(lambda one, a: a + one * y.sum(), x, 0.0, name="sums")
    node = out.owner
    assert isinstance(node.op, Scan)
    assert isinstance(node.op.clone(), Scan)
    assert str(node.op) == "for{cpu,sums}"
    assert (node.op.n_seqs, node.op.n_sit_sot, node.op.n_mit_sot, node.op.n_nit_sot) == (1, 1, 0, 0)
    assert (node.op.as_while, node.op.name, node.op.info["mode"]) == (False, "sums", None)
    assert node.inputs[1] is x
    given = dict(zip(node.op.inputs, [1.0, 10.0, 3.0], strict=True))
    assert float(node.op.outputs[0].eval(given)) == 13.0
    text = debugprint(out, file="str")
    assert "x[t]" in text
    copy = lltheano.clone(out, {y: y * 2})
    run = function([x, y], [out, copy])
    first, second = run([1.0, 2.0], [1.0, 1.0])
    np.testing.assert_array_equal(2 * first, second)
    z = T.dscalar("z")
    replaced = function([x, z], out, givens={y: T.stack([z, z])})
    np.testing.assert_array_equal(replaced([1.0, 2.0], 1.0), first)


def test_a_function_with_a_scan_is_written_and_read() -> None:
    x, scale = T.dvector("x"), shared(2.0, name="scale")
    out, updates = scan(lambda one: (one * scale, {scale: scale + 1}), x)
    run = pickle.loads(pickle.dumps(function([x], out, updates=updates)))
    np.testing.assert_array_equal(run([1.0, 1.0]), [2.0, 3.0])
    np.testing.assert_array_equal(run([1.0]), [4.0])


class Doubled(Op):
    """Counts its calls."""

    __props__ = ()
    calls = 0

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        Doubled.calls += 1
        output_storage[0][0] = inputs[0] * 2

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return [output_gradients[0] * 2]

    def infer_shape(self, node: Apply, shapes: Any) -> Any:
        return shapes


def test_ops_of_a_users_own_are_called_in_each_step() -> None:
    x = T.dvector("x")
    out, _ = scan(lambda one, a: Doubled()(one) + a, x, 0.0)
    run = function([x], [out[-1], T.grad(out[-1], x)])
    Doubled.calls = 0
    total, slope = run([1.0, 2.0, 3.0])
    assert float(total) == 12.0
    np.testing.assert_array_equal(slope, [2.0, 2.0, 2.0])
    assert Doubled.calls >= 3


def test_what_is_missing_is_named() -> None:
    x, y = T.dvectors("x", "y")
    out, _ = scan(lambda one: one * y.sum(), x)
    with pytest.raises(MissingInputError, match="y"):
        function([x], out)


def test_wrong_values_inside_a_step_name_its_line() -> None:
    x, A = T.dmatrix("x"), T.dmatrix("A")
    out, _ = scan(lambda row: T.dot(row, A), x)
    run = function([x, A], out)
    with pytest.raises(ValueError, match="test_loops"):
        run(np.ones((2, 3)), np.ones((2, 2)))


def test_a_scan_in_an_op_from_a_graph() -> None:
    x, w = T.dvector("x"), shared(3.0, name="w")
    out, _ = scan(lambda one, total: total * w + one, x, T.zeros(()))
    op = OpFromGraph([x], [out[-1]])
    y = op(x * 2)
    got = function([x], [y, T.grad(y, x), lltheano.Rop(y, x, T.ones_like(x))])([1.0, 2.0])
    assert float(got[0]) == 10.0
    np.testing.assert_array_equal(got[1], [6.0, 2.0])
    assert float(got[2]) == 8.0


def test_the_shape_is_known_without_the_loop() -> None:
    x, h = T.dmatrix("x"), T.dvector("h")
    out, _ = scan(lambda row, before: T.tanh(row + before), x, h)
    run = function([x, h], out.shape, on_unused_input="ignore")
    assert run(np.ones((4, 3)), np.ones(3)).tolist() == [4, 3]
    assert not in_a_step(run)


@pytest.mark.parametrize(
    ("mode", "name"),
    [("DebugMode", "for{cpu,logs}"), (NanGuardMode(True, True, False), "a result of log")],
)
def test_what_a_mode_finds_in_a_step_is_said(mode: Any, name: str) -> None:
    x = T.dvector("x")
    out, _ = scan(lambda one, total: total + T.log(one), x, T.zeros(()), name="logs")
    run = function([x], [out, T.grad(out.sum(), x)], mode=mode)
    run([1.0, 2.0])
    with pytest.raises(Exception, match=re.escape(name)) as raised:
        run([1.0, -2.0])
    assert "test_loops" in str(raised.value)

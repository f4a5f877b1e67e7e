"""Calls from many threads are one after the other as far as anybody can see."""

import threading
import time
from collections.abc import Callable

import numpy as np

from lltheano import tensor as T
from lltheano.function import In, function
from lltheano.runtime.errors import DeadlockError
from lltheano.shared import shared
from tests.threads import repeated, run_together


def test_no_update_is_lost() -> None:
    state, inc = shared(0), T.lscalar("inc")
    add = function([inc], state, updates=[(state, state + inc)])
    run_together(*[repeated(500, add, 1)] * 4)
    assert state.get_value() == 2000


def test_two_functions_move_without_losing_anything() -> None:
    a, b = shared(np.full(50, 1000.0)), shared(np.zeros(50))
    there = function([], updates=[(a, a - 1), (b, b + 1)])
    back = function([], updates=[(b, b - 1), (a, a + 1)])
    total = function([], (a + b).sum())
    seen: list[float] = []
    run_together(
        repeated(300, there),
        repeated(300, back),
        lambda: seen.extend(float(total()) for _ in range(100)),
    )
    assert set(seen) == {50_000.0}
    assert a.get_value().tolist() == [1000] * 50


def test_kept_inputs_and_objects_count_every_call() -> None:
    x, count = T.lscalar("x"), T.lscalar("count")
    latest = shared(None)
    step = function([x, In(count, value=0, update=count + x)], {"count": count, "latest": latest})
    run_together(*[repeated(200, step, 1)] * 3)
    assert step["count"] == 600


def test_a_lease_and_a_call_that_wait_for_each_other_are_told_so() -> None:
    array, item = shared(np.zeros(2), name="array"), shared("old", name="item")
    touch_both = function([], [array, item], updates=[(array, array + 1)])
    leased = threading.Event()
    outcomes: list[str] = []

    def note(call: Callable[[], object]) -> None:
        try:
            call()
            outcomes.append("done")
        except DeadlockError:
            outcomes.append("refused")

    def lease_then_write() -> None:
        with array.borrowed():
            leased.set()
            while not item.container.backing.lease_holder:
                time.sleep(0.001)
            note(lambda: item.set_value("new"))

    def call() -> None:
        leased.wait(10)
        note(touch_both)

    run_together(lease_then_write, call)
    assert sorted(outcomes) == ["done", "refused"]


def test_an_object_that_is_leased_is_waited_for() -> None:
    item = shared([0], name="item")
    append = function([], item)
    leased = threading.Event()
    seen: list[list[int]] = []

    def lease() -> None:
        with item.borrowed() as items:
            leased.set()
            items.append(1)
            items.append(2)

    def look() -> None:
        leased.wait(10)
        seen.append(append())

    run_together(lease, look)
    assert seen == [[0, 1, 2]]

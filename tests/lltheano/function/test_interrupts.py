"""Interrupts at any moment: tensors and objects stay at one state, and no lock is left behind."""

import gc
import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import repeat, starmap
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Generic, In, function, shared
from lltheano.runtime import pool
from tests.garbage import collect_garbage
from tests.lltheano.runtime.programs import alarm

_STORM = """
import random, signal, threading, time
import lltheano.tensor as T
from lltheano import Generic, function, shared

item, x = Generic()("item"), T.dscalar("x")
first, second, steps = shared([0.0], "first"), shared([0.0], "second"), shared(0.0, "steps")
step = function([item, x], updates=[(first, item), (second, item), (steps, x)])

class Interrupt(BaseException):
    pass

def interrupt(number, frame):
    raise Interrupt

signal.signal(signal.SIGALRM, interrupt)
end, interrupts, number = time.monotonic() + 2, 0, 0
while time.monotonic() < end or interrupts < 100:
    number += 1
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, random.uniform(2e-6, 1e-4))
            for _ in range(3):
                step([float(number)], float(number))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Interrupt:
        interrupts += 1
    state = first.get_value(), second.get_value(), [float(steps.get_value())]
    assert state[0] == state[1] == state[2], state

other = threading.Thread(target=step, args=([-1.0], -1.0), daemon=True)
other.start()
other.join(20)
assert not other.is_alive(), "a lock was left behind"
print(first.get_value())
"""


@pytest.mark.slow
def test_a_storm_of_interrupts() -> None:
    command = [sys.executable, "-W", "error", "-c", _STORM]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (run.stdout, run.stderr) == ("[-1.0]\n", "")


def _long_function() -> tuple[Any, Any, Any]:
    state, count, x = shared(np.zeros(4_000_000)), shared(0), T.dscalar("x")
    new = T.sin(T.exp(T.cos(state + x)))
    for _ in range(6):
        new = T.sin(T.exp(T.cos(new)))
    return function([x], updates=[(state, new), (count, count + 1)]), state, count


def test_an_interrupt_stops_a_long_call_before_it_commits() -> None:
    step, state, count = _long_function()
    start = time.monotonic()
    with alarm(0.03), pytest.raises(KeyboardInterrupt) as caught:
        step(1.0)
    assert time.monotonic() - start < 1
    # As of any other error, though no Python code has part in the call.
    assert "callable.py" in {Path(one.path).name for one in caught.traceback}
    assert count.get_value() == 0
    assert not state.get_value(borrow=True).any()
    step(1.0)
    assert count.get_value() == 1


def test_an_interrupted_call_returns_its_blocks() -> None:
    step, _, _ = _long_function()
    collect_garbage()
    before = pool.statistics().live
    with alarm(0.03), pytest.raises(KeyboardInterrupt):
        step(1.0)
    assert pool.statistics().live == before


def test_a_handler_that_returns_sees_the_old_state_and_the_call_goes_on() -> None:
    step, _, count = _long_function()
    seen: list[int] = []
    previous = signal.signal(signal.SIGALRM, lambda *_: seen.append(int(count.get_value())))
    signal.setitimer(signal.ITIMER_REAL, 0.03)
    try:
        step(1.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert seen == [0]
    assert count.get_value() == 1


def _interrupted_at_every_opcode(act: Callable[[], object], check: Callable[[], None]) -> None:
    """Run `act` again and again, with an interrupt at its first opcode, its second, and so on."""
    done, number, left = False, 0, 0

    def tracer(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        frame.f_trace_opcodes = True
        if event == "opcode" and "lltheano" in frame.f_code.co_filename:
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return tracer

    collect_garbage()
    while not done:
        number += 1
        left = number
        gc.disable()  # a finalizer could only print what is raised in it
        sys.settrace(tracer)
        try:
            act()
            done = True
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
            gc.enable()
        check()
    assert number > 5


def _is_free(variable: Any) -> None:
    """Assert that another thread may use the shared variable."""
    other = threading.Thread(target=variable.get_value, daemon=True)
    other.start()
    other.join(20)
    assert not other.is_alive(), f"a lock of {variable} was left behind"


def _add_in_place(state: Any) -> None:
    with state.borrowed() as value:
        value[0] += 1


_USES: dict[str, Callable[[Any], object]] = {
    "lease": _add_in_place,
    "get": lambda state: state.get_value(),
    "set": lambda state: state.set_value([1.0] if type(state.get_value()) is list else np.ones(1)),
}


@pytest.mark.parametrize("use", _USES)
@pytest.mark.parametrize("value", [[0.0], np.zeros(1)], ids=["object", "array"])
def test_interrupts_at_every_step_of_python_leave_no_lock_and_lose_no_block(
    value: object, use: str
) -> None:
    state, act = shared(value), _USES[use]

    def check() -> None:
        _is_free(state)
        assert pool.statistics().live == before

    act(state)
    collect_garbage()
    before = pool.statistics().live
    _interrupted_at_every_opcode(lambda: act(state), check)


def test_interrupts_at_every_step_of_a_call_leave_no_lock_and_one_state() -> None:
    item, x = Generic()("item"), T.dscalar("x")
    first, second, steps = shared([0.0], "first"), shared([0.0], "second"), shared(0.0, "steps")
    both = function([item, x], first, updates=[(first, item), (second, item), (steps, x)])
    numbers = itertools.count(1)

    def act() -> None:
        number = float(next(numbers))
        both([number], number)

    def check() -> None:
        for one in (first, second, steps):
            _is_free(one)
        assert first.get_value() == second.get_value() == [float(steps.get_value())]

    act()
    _interrupted_at_every_opcode(act, check)


def test_interrupts_at_every_step_of_a_native_call_leave_no_lock_and_one_state() -> None:
    first, second, x = shared(np.zeros(2), "first"), shared(np.zeros(2), "second"), T.dscalar("x")
    both = function([x], first + second, updates=[(first, first + x), (second, second + x)])

    def check() -> None:
        _is_free(first)
        _is_free(second)
        assert first.get_value().tolist() == second.get_value().tolist()
        assert pool.statistics().live == before

    # An integer is converted, in Python; a float goes straight to native code.
    for argument in (1, 1.0):
        both(argument)
        collect_garbage()
        before = pool.statistics().live
        _interrupted_at_every_opcode(lambda argument=argument: both(argument), check)  # type: ignore[misc]


def test_a_kept_interrupt_keeps_no_object_locked() -> None:
    item = shared([0.0], "item")
    kept: list[BaseException] = []

    def act() -> None:
        try:
            item.set_value([1.0])
            item.get_value()
        except KeyboardInterrupt as interrupt:
            kept.append(interrupt)
            raise

    _interrupted_at_every_opcode(act, lambda: _is_free(item))
    assert len(kept) > 50


def _counting(**options: Any) -> tuple[Any, Any]:
    """A function that counts its calls and returns how many came before; and the count."""
    count, x = shared(0, "count"), T.dscalar("x")
    value = count + T.cast(0 * x, "int64")
    outputs = {"count": value} if options.pop("keyed", False) else value
    inputs = [In(x, value=0.0) if options.pop("default", False) else x]
    return function(inputs, outputs, updates=[(count, count + 1)], **options), count


def _counting_in_place() -> tuple[Any, Any]:
    """The same, which writes an array in place while it reads its argument."""
    count, state, x = shared(0, "count"), shared(np.zeros(3), "state"), T.dvector("x")
    updates = [(count, count + 1), (state, state + x)]
    return function([x], count, updates=updates), count


def _counting_objects() -> tuple[Any, Any]:
    """The same, which replaces a Python object too."""
    count, kept, item = shared(0, "count"), shared([0], "kept"), Generic()("item")
    return function([item], [count, kept], updates=[(count, count + 1), (kept, item)]), count


def _counting_kept() -> tuple[Any, Any]:
    """The same, with an input whose value the function keeps."""
    count, x = shared(0, "count"), T.dscalar("x")
    kept = In(x, value=0.0, update=x + 1, mutable=True)
    return function([kept], count, updates=[(count, count + 1)]), count


_WAYS: dict[str, tuple[Callable[[], tuple[Any, Any]], Sequence[Any], Mapping[str, Any]]] = {
    "native": (_counting, (1.0,), {}),
    "converted": (_counting, (np.ones((), "float32"),), {}),
    "by name": (_counting, (), {"x": 1.0}),
    "default": (partial(_counting, default=True), (), {}),
    "a subset": (_counting, (1.0,), {"output_subset": [0]}),
    "a dict": (partial(_counting, keyed=True), (1.0,), {}),
    "checked": (partial(_counting, mode="DebugMode"), (1.0,), {}),
    "in place": (_counting_in_place, (np.ones(3),), {}),
    "a view": (_counting_in_place, (np.ones(6)[::2],), {}),
    "an object": (_counting_objects, ([1],), {}),
    "kept": (_counting_kept, (), {}),
}


@pytest.mark.parametrize("way", _WAYS)
def test_value_and_update_go_together_at_every_step(way: str) -> None:
    """An interrupt at any opcode comes before the call, or when it has given its value."""
    make, args, kwargs = _WAYS[way]
    step, count = make()
    step(*args, **kwargs)
    count.set_value(0)
    values: list[Any] = []
    interrupts: list[int] = []

    def act() -> None:
        # A list takes the value of a call without a line of Python in between.
        values.extend(starmap(partial(step, **kwargs), (args,)))

    def check() -> None:
        assert len(values) == count.get_value()
        interrupts.append(len(values))

    _interrupted_at_every_opcode(act, check)
    before = interrupts.count(0)
    assert before > 0
    assert len(interrupts) > before, "no interrupt came when the call had happened"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["native", "converted", "a dict", "an object"])
def test_value_and_update_go_together_under_a_storm_of_signals(way: str, rng: Any) -> None:
    class Interrupt(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupt

    make, args, kwargs = _WAYS[way]
    step, count = make()
    values: list[Any] = []
    calls = partial(starmap, partial(step, **kwargs), repeat(args, 1000))
    previous = signal.signal(signal.SIGALRM, interrupt)
    interrupts, end = 0, time.monotonic() + 1.5
    collect_garbage()
    gc.disable()  # a finalizer could only print what is raised in it
    try:
        while time.monotonic() < end or interrupts < 100:
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, rng.uniform(2e-6, 1e-4))
                    values.extend(calls())
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except Interrupt:
                interrupts += 1
            assert len(values) == count.get_value()
    finally:
        gc.enable()
        signal.signal(signal.SIGALRM, previous)


def test_an_exception_that_waited_is_raised_when_the_call_has_returned() -> None:
    step, count = _counting()
    raised = KeyboardInterrupt("late")
    values: list[Any] = []

    def late(frame: FrameType, event: str, _: object) -> Any:
        frame.f_trace_opcodes = True
        if event == "opcode" and "lltheano/function" in frame.f_code.co_filename and count_is(1):
            raise raised
        return late

    def count_is(number: int) -> bool:
        return bool(count.container.backing.version == before + number)

    before = count.container.backing.version
    sys.settrace(late)
    try:
        with pytest.raises(KeyboardInterrupt, match="late"):  # noqa: PT012 - what comes after
            values.extend(starmap(step, ((np.ones((), "float32"),),)))
            pytest.fail("the exception was forgotten")
    finally:
        sys.settrace(None)
    assert (len(values), int(count.get_value())) == (1, 1)

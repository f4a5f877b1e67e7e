"""What DebugMode finds besides wrong values: memory that ops do not tell of, and NaN."""

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Op, function, shared
from lltheano.errors import BadDestroyMap, BadViewMap, InvalidValueError
from lltheano.function import DebugMode
from lltheano.function.modes.mode import get_mode, predefined_modes
from lltheano.graph import Apply

x, y = T.dvectors("x", "y")


def op(perform: Any, outputs: int = 1, **attributes: Any) -> Any:
    """An op on two vectors."""

    def make_node(self: Any, *inputs: Any) -> Apply:
        return Apply(self, list(inputs), [T.dvector() for _ in range(outputs)])

    def run(self: Any, node: Any, inputs: Any, storage: Any) -> None:
        perform(inputs, storage)

    made: Any = type("Made", (Op,), {"make_node": make_node, "perform": run, **attributes})
    return made()


def put(storage: Any, *values: Any) -> None:
    for cell, one in zip(storage, values, strict=True):
        cell[0] = one


def add_in_place(inputs: Any, storage: Any) -> None:
    inputs[0] += inputs[1]
    put(storage, inputs[0])


def checked(outputs: Any) -> Any:
    return function([x, y], outputs, mode="DEBUG_MODE", on_unused_input="ignore")


def test_an_input_that_is_written_to_must_be_told_of() -> None:
    with pytest.raises(BadDestroyMap, match="wrote to input 0, x "):
        checked(op(add_in_place)(x, y))([1.0, 2.0], [3.0, 4.0])
    said = op(add_in_place, destroy_map={0: [0]})
    assert checked(said(x, y))([1.0, 2.0], [3.0, 4.0]).tolist() == [4, 6]


@pytest.mark.parametrize("part", [slice(None), slice(1, None), slice(None, None, -1)])
def test_an_output_that_shows_an_input_must_be_told_of(part: slice) -> None:
    def view(inputs: Any, storage: Any) -> None:
        put(storage, inputs[0][part])

    with pytest.raises(BadViewMap, match="output 0 of Made has the memory of input 0"):
        checked(op(view)(x, y))([1.0, 2.0], [3.0, 4.0])
    said = op(view, view_map={0: [0]})
    assert checked(said(x, y))([1.0, 2.0], [3.0, 4.0]).tolist() == [1, 2][part]


def test_two_outputs_that_are_used_have_memory_of_their_own() -> None:
    def overlapping(inputs: Any, storage: Any) -> None:
        fresh = inputs[0] * 1
        put(storage, fresh[:-1], fresh[1:])

    first, second = op(overlapping, outputs=2)(x, y)
    with pytest.raises(BadViewMap, match="outputs 0 and 1"):
        checked(first * 2 + second * 2)([1.0, 2.0, 3.0], [0.0])
    assert checked(first * 2)([1.0, 2.0, 3.0], [0.0]).tolist() == [2, 4]
    assert [len(one) for one in checked([first, second])([1.0, 2.0, 3.0], [0.0])] == [2, 2]

    def views(inputs: Any, storage: Any) -> None:
        put(storage, inputs[0][:-1], inputs[0][1:])

    first, second = op(views, outputs=2, view_map={0: [0], 1: [0]})(x, y)
    assert checked(first + second)([1.0, 2.0, 3.0], [0.0]).tolist() == [3, 5]


def test_values_that_are_not_finite_are_found_where_that_is_wanted() -> None:
    s = shared(np.ones(1), "s")
    log, line = checked(T.log(x)), checked((x + 2) * s)
    assert line([1.0], [0.0]) == 3
    with pytest.raises(InvalidValueError, match=r"x .* is not finite"):
        line([np.inf], [0.0])
    with pytest.raises(InvalidValueError, match=r"log .* is not finite"):
        log([-1.0], [0.0])
    s.set_value(np.array([np.nan]))
    with pytest.raises(InvalidValueError, match=r"s .* is not finite"):
        line([1.0], [0.0])
    lax = function([x], T.log(x), mode=DebugMode(check_isfinite=False))
    assert np.isnan(lax([-1.0]))


def test_the_one_debug_mode_has_attributes_to_set() -> None:
    mode: Any = predefined_modes["DEBUG_MODE"]
    assert get_mode("DEBUG_MODE") is predefined_modes["DEBUG_MODE"]
    assert mode.check_isfinite
    log = checked(T.log(x))
    mode.check_isfinite = False
    try:
        assert np.isnan(log([-1.0], [0.0]))
    finally:
        del mode.check_isfinite
    with pytest.raises(InvalidValueError):
        log([-1.0], [0.0])

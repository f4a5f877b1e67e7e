"""Functions in pickles and deep copies: they go on as the originals would, by themselves."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.function import In, Out, function
from lltheano.function.build import assemble
from lltheano.function.callables.pickling import restored
from lltheano.function.modes.mode import Mode
from lltheano.shared import shared

x, y = T.dscalars("x", "y")
v = T.dvector("v")


def reloaded(one: Any) -> Any:
    return pickle.loads(pickle.dumps(one))


@pytest.fixture(params=[reloaded, copy.deepcopy], ids=["pickle", "deepcopy"])
def again(request: Any) -> Callable[[Any], Any]:
    way: Callable[[Any], Any] = request.param
    return way


def test_a_function_goes_on_by_itself(again: Any) -> None:
    state = shared(10.0, "state")
    f = function([x], [state, x * 2], updates=[(state, state + x)], name="f")
    f(1.0)
    g = again(f)
    assert [g(5.0), g(0.0)] == [[11, 10], [16, 0]]
    assert [f(0.0), state.get_value()] == [[11, 0], 11]
    assert (g.name, str(g.get_shared()[0])) == ("f", "state")


def test_shared_variables_and_functions_that_go_together_stay_together(again: Any) -> None:
    state = shared(0, "state")
    add, take = (function([], updates=[(state, state + one)]) for one in (1, -5))
    new = again({"state": state, "functions": [add, take]})
    for one in new["functions"]:
        one()
    assert new["state"].get_value() == -4
    assert state.get_value() == 0


def test_defaults_kept_inputs_givens_and_the_form_of_outputs(again: Any) -> None:
    default = np.array([1.0, 2.0])
    total = T.dscalar("total")
    f = function(
        [x, In(v, value=default), In(total, value=5.0, update=total + x)],
        {"sum": v.sum() + total, "x": Out(y, borrow=True)},
        givens={y: x * 1.0},
    )
    f(1.0)
    default[:] = 100
    g = again(f)
    assert [g(2.0)["sum"], g(0.0)["sum"], g["total"]] == [9, 11, 8]
    assert [f(0.0)["sum"], f["total"]] == [9, 6]
    assert g(0.0, [0.0, 0.0], total=3.0) == {"sum": 3, "x": 0}


def test_default_updates_and_the_lack_of_them(again: Any) -> None:
    count = shared(0, "count")
    count.default_update = count + 1
    for excluded, expected in ((False, [0, 1]), ([count], [0, 0])):
        g = again(function([], count, no_default_updates=excluded))
        assert [g(), g()] == expected


def test_objects_go_along(again: Any) -> None:
    settings, steps = shared({"rate": 1}, "settings"), shared(0.0, "steps")
    g = again(function([], settings, updates=[(settings, shared([2])), (steps, steps + 1)]))
    assert [g(), g()] == [{"rate": 1}, [2]]
    assert settings.get_value() == {"rate": 1}


def test_modes_and_copies_go_along(again: Any) -> None:
    state, other = shared(0.0, "state"), shared(50.0, "other")
    f = function([x], T.exp(state * x), updates=[(state, state + x)], mode=Mode(optimizer=None))
    g = again(f.copy(swap={state: other}))
    assert g.maker.mode == Mode(optimizer=None)
    assert g(0.0) == 1
    assert g.get_shared()[0].get_value() == 50
    h = again(f.copy(delete_updates=True))
    assert [h(7.0), h(7.0)] == [1, 1]


def test_a_deep_graph_does_not_exhaust_the_stack(again: Any) -> None:
    s = shared(0.5, "s")
    deep: Any = x
    for _ in range(1500):
        deep = deep + s
    g = again(function([x], deep, updates=[(s, deep)], mode=Mode(optimizer=None)))
    assert g(0.0) == 750


def test_a_pickle_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="of format 99, and this version reads format 2"):
        restored([99, {}], assemble)


def test_another_process_runs_the_function(tmp_path: Path) -> None:
    state = shared(np.ones(3), "state")
    f = function([v], T.exp(v) + state, updates=[(state, state + v)])
    file = tmp_path / "f.pkl"
    file.write_bytes(pickle.dumps((f, state)))
    script = (
        "import pickle, sys; f, s = pickle.load(open(sys.argv[1], 'rb'));"
        "print(f([0., 0., 0.]), f([1., 2., 3.])[0] > 3, s.get_value())"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[2. 2. 2.] True [2. 3. 4.]"


def test_inputs_that_are_held_in_shared_variables_go_along(again: Callable[[Any], Any]) -> None:
    s = shared(1.0, "s")
    step = function([In(x, value=s, update=x + y), y], x)
    other = again(step)
    assert [other(2.0), other(0.0), step(0.0)] == [1, 3, 1]
    mine = step.copy(swap={s: shared(7.0)})
    assert [mine(1.0), mine(0.0), s.get_value()] == [7, 8, 1]

"""Values that functions keep for their inputs: reached, shared by functions, copied, pickled."""

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Generic, In, function, shared

x, a, s = T.dscalars("x", "a", "s")


def accumulator(value: Any = 0.0, update: Any = None, **options: Any) -> Any:
    new = s + a * x if update is None else update
    return function([x, In(a, value=1.0), In(s, value=value, update=new, **options)], s + a * x)


def test_a_default_is_read_and_replaced_by_variable_name_and_position() -> None:
    f = function([x, In(s, value=2.0)], x * s)
    assert f[s] == f["s"] == f[1] == f.value[s] == f.container[s].value == 2
    assert f.container[s].storage[0] == f.container["s"].data == 2
    ways: tuple[Any, ...] = (
        lambda: f.__setitem__(s, 10.0),
        lambda: f.value.__setitem__("s", 11.0),
        lambda: setattr(f.container[s], "value", 12.0),
        lambda: f.container[s].storage.__setitem__(0, 13.0),
    )
    for number, assign in enumerate(ways):
        assign()
        assert (f(1.0), f(1.0), f(1.0, 3.0), f(1.0)) == (10 + number, 10 + number, 3, 10 + number)
    assert s in f
    assert "s" in f.container
    assert T.dscalar() not in f
    assert f[x] is None
    with pytest.raises(TypeError, match="no value is kept for x"):
        f[x] = 3


def test_what_is_read_is_the_readers_own() -> None:
    v = T.dvector("v")
    f = function([In(v, value=np.zeros(2))], v.sum())
    f[v][0] = f.container[v].storage[0][0] = 5
    assert f() == 0


def test_what_can_be_seen_of_the_inputs() -> None:
    w = shared(1.0, "w")
    f = function([x, In(a, value=3.0)], x * a * w)
    assert f.input_storage[1] is f.container[a]
    assert f.input_storage[2] is w.container
    assert [one.value for one in f.output_storage] == [None]
    assert f.defaults == [(True, False, None), (False, False, 3)]
    assert f.inv_finder[f.container[a]].variable is a
    assert f.finder["a"] is f.finder[1] is f.finder[a]
    assert f.unpack_single
    assert f.nodes_with_inner_function == []
    f.sync_shared()
    assert f.maker.expanded_inputs[1].variable is a
    twice = function([In(x, name="n"), In(a, name="n", value=1.0)], x + a)
    with pytest.raises(KeyError, match="several inputs called 'n'"):
        twice["n"]


def test_two_functions_share_a_state() -> None:
    f = accumulator()
    g = accumulator(f.container[s], s - a * x)
    h = function([x, In(s, value=f.container[s])], s * x)
    assert g.container[s] is f.container[s]
    assert g.container[s].storage is f.container[s].storage
    f(1, 2)
    assert f[s] == g[s] == h(1) == 2
    g(1, 2)
    assert f[s] == g[s] == h[s] == 0
    f[s] = 7
    assert h(2) == 14
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        h(1, 2)


def test_a_shared_state_may_be_passed_and_then_stays() -> None:
    inc = function([x, In(s, value=10.0, update=s + x)], [])
    dec = function([x, In(s, value=inc.container[s], update=s - x, implicit=False)], [])
    look = function([In(s, value=inc.container[s], implicit=False)], s * 10)
    inc[s] = 2
    dec(1)
    assert inc[s] == 1
    dec(1, 0)
    assert inc[s] == dec[s] == -1
    assert look(4.0) == 40
    assert inc[s] == look[s] == 4


def test_copies_and_pickles_keep_what_is_shared_and_no_more() -> None:
    f = accumulator()
    g = accumulator(f.container[s])
    f(3)
    alone = copy.copy(f)
    assert alone.container[s] is not f.container[s]
    assert alone[s] == 3
    ways: tuple[Any, ...] = (copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)))
    for again in ways:
        state, first, second = again([s, f, g])
        assert first.container[state] is second.container[state] is not f.container[s]
        second(4)
        assert first[state] == 7
        assert first["a"] == 1
    assert f[s] == 3


def test_a_function_of_another_deep_copy_shares_by_the_memo() -> None:
    h = function([In(a, value=0.0)], a)
    f = function([x, In(a, value=h.container[a], implicit=True)], x + a)
    memo: dict[int, Any] = {}
    its_a = copy.deepcopy(a, memo)
    hc, fc = copy.deepcopy(h, memo), copy.deepcopy(f, memo)
    h[a], hc[its_a] = 1, 2
    assert (f[a], fc[its_a]) == (1, 2)


def test_trust_in_arguments_is_copied_too() -> None:
    f = function([x], x)
    f.trust_input = True
    assert copy.deepcopy(f).trust_input
    assert pickle.loads(pickle.dumps(f)).trust_input


def test_a_call_that_raises_has_changed_nothing_that_is_kept() -> None:
    v, w = T.dvectors("v", "w")
    step = function([w, In(v, value=np.ones(2), update=v + w)], v.sum())
    with pytest.raises(ValueError, match="sizes"):
        step(np.ones(3))
    assert step[v].tolist() == [1, 1]
    with pytest.raises(TypeError, match="kept for v"):
        step[v] = np.ones((2, 2))
    assert step[v].tolist() == [1, 1]


def test_calls_of_functions_that_share_a_state_are_serial() -> None:
    f = accumulator()
    g = accumulator(f.container[s])
    threads = [
        threading.Thread(target=lambda one=one: [one(1.0) for _ in range(200)])
        for one in (f, g, f, g)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert f[s] == 800


def test_objects_are_kept_too() -> None:
    thing = Generic()("thing")
    f = function([In(thing, value={"n": 1})], thing)
    assert f() == f[thing] == {"n": 1}
    f[thing] = {"n": 2}
    assert f() == {"n": 2}
    assert function([In(thing, value=f.container[thing])], thing)() == {"n": 2}


def test_a_container_of_another_type_is_refused() -> None:
    f = function([In(s, value=1.0)], s)
    with pytest.raises(TypeError, match="the container holds"):
        function([In(T.dvector("v"), value=f.container[s])], T.dvector())


def test_a_default_that_nothing_needs_is_unused() -> None:
    from lltheano.errors import UnusedInputError

    with pytest.raises(UnusedInputError, match="depends on"):
        function([x, In(s, value=1.0)], x)

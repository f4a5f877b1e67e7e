"""Streams: what advances them, what does not, and how their states are set and copied."""

import pickle
import threading
from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import function, scan, shared
from lltheano.random import MRG_RandomStreams, RandomState, RandomStreams

FAMILIES = [RandomStreams, MRG_RandomStreams]


@pytest.mark.parametrize("family", FAMILIES)
def test_random_numbers_in_a_function(family: Any) -> None:
    """The tutorial of Theano's, line by line."""
    srng = family(seed=234)
    rv_u, rv_n = srng.uniform((2, 2)), srng.normal((2, 2))
    f = function([], rv_u)
    g = function([], rv_n, no_default_updates=True)
    nearly_zeros = function([], rv_u + rv_u - 2 * rv_u)
    assert (f() != f()).all()
    assert (g() == g()).all()
    assert (nearly_zeros() == 0).all()

    rng_val = rv_u.rng.get_value(borrow=True)
    rng_val.seed(89234)
    rv_u.rng.set_value(rng_val, borrow=True)
    first = f()
    rv_u.rng.set_value(RandomState(89234))
    assert (f() == first).all()

    state_after_v0 = rv_u.rng.get_value().get_state()
    nearly_zeros()
    v1 = f()
    rng = rv_u.rng.get_value(borrow=True)
    rng.set_state(state_after_v0)
    rv_u.rng.set_value(rng, borrow=True)
    v2, v3 = f(), f()
    assert (v2 != v1).all()
    assert (v3 == v1).all()


def test_states_are_copied_between_graphs() -> None:
    class Graph:
        def __init__(self, seed: int) -> None:
            self.rng = RandomStreams(seed)
            self.y = self.rng.uniform((1,))

    g1, g2 = Graph(123), Graph(987)
    f1, f2 = function([], g1.y), function([], g2.y)
    assert (f1() != f2()).all()
    for su1, su2 in zip(g1.rng.state_updates, g2.rng.state_updates, strict=True):
        su2[0].set_value(su1[0].get_value())
    assert (f1() == f2()).all()
    g2.rng[g2.y.rng] = g1.rng[g1.y.rng]
    assert (f1() == f2()).all()
    with pytest.raises(KeyError):
        g1.rng[g2.y.rng]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_makes_the_same_family_anywhere(family: Any) -> None:
    def sample(seed: Any) -> list[Any]:
        srng = family(seed)
        return list(function([], [srng.uniform((3,)), srng.normal((3,)), srng.uniform((3,))])())

    for one, other in zip(sample(5), sample(5), strict=True):
        np.testing.assert_array_equal(one, other)
    first, _, third = sample(5)
    assert (first != third).all()
    assert (first != sample(6)[0]).all()
    assert (sample([1, 2])[0] != sample([2, 1])[0]).all()


def test_seeding_anew() -> None:
    srng = RandomStreams(3)
    f = function([], [srng.uniform((2,)), srng.normal((2,))])
    first = f()
    srng.seed()
    np.testing.assert_array_equal(f(), first)
    srng.seed(4)
    assert (np.array(f()) != np.array(first)).all()
    srng.seed(3)
    np.testing.assert_array_equal(f(), first)


NAMES: dict[str, Any] = {
    "uniform": lambda s: s.uniform((5,)),
    "uniform32": lambda s: s.uniform((5,), dtype="float32"),
    "normal": lambda s: s.normal((5,)),
    "normal32": lambda s: s.normal((5,), dtype="float32"),
    "truncated_normal": lambda s: s.truncated_normal((5,)),
    "exponential": lambda s: s.exponential((5,)),
    "gamma": lambda s: s.gamma((5,), 2.0),
    "beta": lambda s: s.beta((5,), 2.0, 3.0),
}


@pytest.mark.parametrize("name", NAMES)
def test_calls_never_draw_the_same_numbers_again(name: str) -> None:
    f = function([], NAMES[name](RandomStreams(11)))
    drawn = np.concatenate([f() for _ in range(40)])
    assert len(np.unique(drawn)) == len(drawn)


def test_threads_never_draw_the_same_numbers() -> None:
    f = function([], RandomStreams(12).uniform((50,)))
    drawn: list[Any] = []
    threads = [
        threading.Thread(target=lambda: drawn.extend(f() for _ in range(50))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(np.unique(drawn)) == 4 * 50 * 50


def test_a_call_that_fails_draws_nothing() -> None:
    x = T.dvector("x")
    u = RandomStreams(13).uniform((3,))
    f, g = function([x], u + x), function([], u, no_default_updates=True)
    expected = g()
    with pytest.raises(ValueError, match="sizes"):
        f([1.0, 2.0])
    np.testing.assert_array_equal(f([0.0] * 3), expected)


def test_inside_a_scan() -> None:
    """Drawn anew in each step, and the state goes on after the loop."""
    srng = RandomStreams(14)
    walk, updates = scan(lambda x: x + srng.normal((2,)), outputs_info=T.zeros(2), n_steps=50)
    f = function([], walk, updates=updates)
    steps = [np.diff(f(), axis=0, prepend=0) for _ in range(2)]
    assert len(np.unique(np.concatenate(steps))) == 200
    outside = srng.uniform((3,))
    kept, updates = scan(lambda: outside * 1, n_steps=4)
    rows = function([], kept, updates=updates)()
    assert len(np.unique(rows)) == 12


def test_a_function_with_streams_is_written_and_read() -> None:
    f = function([], RandomStreams(15).uniform((3,)))
    f()
    copy = pickle.loads(pickle.dumps(f))
    np.testing.assert_array_equal(copy(), f())
    np.testing.assert_array_equal(copy(), f())


def test_updates_may_be_replaced_and_left_out() -> None:
    srng = RandomStreams(16)
    u = srng.uniform((2,))
    assert srng.updates() == srng.state_updates == [u.update]
    assert u.rng.default_update is u.update[1]
    same = function([], u, updates=[(u.rng, u.rng)])
    np.testing.assert_array_equal(same(), same())


def test_givens_and_clones() -> None:
    srng = RandomStreams(17)
    u = srng.uniform((4,))
    twice = lltheano.clone(u * 2)
    first, second = function([], [u, twice])()
    np.testing.assert_array_equal(second, 2 * first)
    noise = T.dvector("noise")
    np.testing.assert_array_equal(function([noise], u + 1, givens={u: noise})([1.0]), [2.0])


def test_values_of_states() -> None:
    u = RandomStreams(18).uniform((2,))
    f = function([], u)
    u.rng.set_value(7)
    first = f()
    u.rng.set_value(RandomState(7))
    np.testing.assert_array_equal(f(), first)
    generator = np.random.RandomState(3)
    u.rng.set_value(generator)
    second = f()
    u.rng.set_value(generator)
    np.testing.assert_array_equal(f(), second)
    u.rng.set_value(np.random.default_rng(3))
    assert (f() != second).all()
    with pytest.raises(TypeError, match="a random state is"):
        u.rng.set_value("seed")
    assert repr(RandomState(1)).startswith("RandomState(key=0x")


def test_names_of_theanos_other_generator() -> None:
    srng = MRG_RandomStreams(seed=1)
    u = srng.uniform(size=(2,), nstreams=4)
    assert u.rstate is u.rng
    before = srng.rstate
    srng.inc_rstate()
    assert (srng.rstate != before).any()
    assert srng.get_substream_rstates(3).shape == (3, 3)
    with pytest.raises(ValueError, match="seed should not be 0"):
        MRG_RandomStreams(0)


def test_streams_of_a_programs_own_shared_state() -> None:
    from lltheano.random.raw import normal, random_state_type

    state = random_state_type("state")
    following, drawn = normal(state, (2,))
    f = function([state], [following, drawn])
    kept = shared(RandomState(1).words)
    after, first = f(kept.get_value())
    _, second = f(after)
    assert (first != second).all()

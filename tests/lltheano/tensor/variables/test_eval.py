import pickle

import pytest

import lltheano.tensor as T


def test_eval_compiles_and_keeps_the_function() -> None:
    x = T.dscalar("x")
    y = x * 2
    assert y.eval({x: 3.0}) == 6
    assert y.eval({x: 4.0}) == 8
    assert T.constant(3).eval() == 3


def test_what_eval_keeps_is_not_pickled() -> None:
    x = T.dscalar("x")
    y = x * 2
    y.eval({x: 3.0})
    assert pickle.loads(pickle.dumps(y)).type == y.type


def test_eval_finds_inputs_by_name() -> None:
    x, y = T.dscalars("x", "y")
    assert (x - y).eval({"y": 1.0, x: 3.0}) == (x - y).eval({"x": 3.0, "y": 1.0}) == 2
    with pytest.raises(ValueError, match=r"no input called 'z'; its inputs are x .*, y "):
        (x - y).eval({"x": 1.0, "z": 1.0})
    with pytest.raises(ValueError, match="has 2 inputs called 'x'"):
        (x - T.dscalar("x")).eval({"x": 1.0})

import pickle

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

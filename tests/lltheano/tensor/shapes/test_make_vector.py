from typing import Any

import pytest

import lltheano.tensor as T
from lltheano.tensor.shapes.make_vector import MakeVector, make_vector


def test_a_vector_is_made_of_scalars_of_lesser_dtypes() -> None:
    i, j = T.bscalar("i"), T.lscalar("j")
    y: Any = make_vector(i, j, 3)
    assert y.type == T.lvector
    assert y.eval({i: 1, j: 2}).tolist() == [1, 2, 3]
    assert y.shape.eval({i: 1, j: 2}).tolist() == [3]
    one: Any = make_vector(i)
    assert one.broadcastable == (True,)
    assert one.eval({i: 7}).tolist() == [7]


def test_no_scalars_make_an_empty_vector() -> None:
    empty: Any = MakeVector("float32")()
    assert (empty.eval().shape, empty.eval().dtype) == ((0,), "float32")


def test_each_scalar_gets_its_element_of_the_gradient() -> None:
    x, y = T.dscalars("x", "y")
    cost = (MakeVector("float64")(x, y, x) * T.constant([1.0, 10.0, 100.0])).sum()
    assert [float(one.eval({x: 0.0, y: 0.0})) for one in T.grad(cost, [x, y])] == [101.0, 10.0]


def test_other_things_are_refused() -> None:
    with pytest.raises(TypeError, match="a vector of int64 is not made of x"):
        make_vector(T.dscalar("x"))
    with pytest.raises(TypeError, match="a vector of int64 is not made of v"):
        make_vector(T.lvector("v"))

"""Under Theano's name a variable is an object to Python and NumPy, as programs rely on."""

from collections.abc import Iterator

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.compat import install_as_theano, uninstall_as_theano
from lltheano.config import config
from lltheano.graph import Variable


@pytest.fixture
def as_theano() -> Iterator[None]:
    with config.change_flags(variables_as_values="object"):
        yield


@pytest.mark.usefixtures("as_theano")
def test_a_variable_equals_no_value() -> None:
    """Lasagne asks of sizes, some of which are symbolic, whether they are -1."""
    x = T.dmatrix("x")
    size = x.shape[0]
    assert [size == -1, size != -1, x.shape == (2, 3)] == [False, True, False]
    assert [3, size].index(size) == 1
    assert size not in (1, 2)
    assert (np.array([1, 2]) == size).tolist() == [False, False]
    assert (np.array([1, 2]) != size).tolist() == [True, True]


@pytest.mark.usefixtures("as_theano")
def test_a_variable_is_there() -> None:
    """Keras asks `if bias:`. What a comparison gives is no truth, as in Theano."""
    x, state = T.dscalar("x"), shared(0.0)
    assert x
    assert state
    assert T.constant(0.0)
    for condition in (x < 1, T.eq(x, 1)):
        with pytest.raises(TypeError, match=r"T\.switch"):
            bool(condition)


@pytest.mark.usefixtures("as_theano")
def test_arrays_hold_variables() -> None:
    x = T.dmatrix("x")
    count = np.prod([x.shape[0], x.shape[1]])
    assert isinstance(count, T.TensorVariable)
    assert int(function([x], count)(np.ones((2, 3)))) == 6
    array = np.array([x.shape[0], 2])
    assert array.dtype == object
    assert array[0] is not None
    assert np.asarray(x)[()] is x
    assert [*np.atleast_1d(x)] == [x]  # PyMC3 goes through one variable, or several, so
    assert float(function([x], np.sum([x.sum(), x.sum()]))(np.ones((2, 3)))) == 12


def test_elsewhere_that_is_an_error() -> None:
    x = T.dscalar("x")
    with config.change_flags(variables_as_values="raise"):
        with pytest.raises(TypeError, match=r"T\.eq"):
            assert x == 3
        with pytest.raises(TypeError, match="has no value yet"):
            np.prod([x, x])


def test_installing_decides() -> None:
    with config.change_flags(variables_as_values="raise"):
        uninstall_as_theano()
        install_as_theano()
        assert config.variables_as_values == "object"
        uninstall_as_theano()
        assert config.variables_as_values == "raise"


def test_only_what_is_computed_or_given_is_a_tensor_variable() -> None:
    """Libraries tell initial values that are expressions from those that they hold themselves."""
    x, state, number = T.dscalar("x"), shared(1.0), T.constant(1.0)
    for one in (x, state, number, x + 1):
        assert isinstance(one, Variable)
        assert isinstance(one, type(x).__mro__[1])
    assert [isinstance(one, T.TensorVariable) for one in (x, state, number, state + 1)] == [
        True,
        False,
        False,
        True,
    ]
    assert isinstance(number, T.TensorConstant)
    assert not isinstance(state, T.TensorConstant)


def test_a_list_with_slices_is_an_index_for_each_axis() -> None:
    """Keras turns axes around so."""
    x = T.dmatrix("x")
    value = np.arange(6.0).reshape(2, 3)
    found = function([x], x[[slice(None), slice(None, None, -1)]])(value)
    np.testing.assert_array_equal(found, value[:, ::-1])
    np.testing.assert_array_equal(function([x], x[[1, 0]])(value), value[[1, 0]])

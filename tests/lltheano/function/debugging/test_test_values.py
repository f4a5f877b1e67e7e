"""Test values: computed as the graph is built, with errors on the line that is wrong."""

import inspect
import pdb
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.config import config
from lltheano.errors import MissingTestValueError
from lltheano.function import function
from lltheano.function.debugging.test_values import get_test_value
from lltheano.graph import Generic, Op
from lltheano.graph.clone import clone
from lltheano.shared import shared


@pytest.fixture
def raising() -> Iterator[None]:
    with config.change_flags(compute_test_value="raise"):
        yield


def valued(value: Any, name: str) -> Any:
    variable = T.TensorType("float64", (False,) * np.ndim(value))(name)
    variable.tag.test_value = np.asarray(value, "float64")
    return variable


@pytest.mark.usefixtures("raising")
def test_values_go_through_the_graph() -> None:
    x, s = valued([[1.0, 2.0], [3.0, 4.0]], "x"), shared(np.array([1.0, 10.0]))
    y = T.nnet.softmax(T.dot(x, s) + 1)
    expected = y.eval({x: x.tag.test_value})
    np.testing.assert_allclose(y.tag.test_value, expected, rtol=1e-14)
    assert T.concatenate([x, x[:1]]).tag.test_value.tolist() == [[1, 2], [3, 4], [1, 2]]
    assert x[::-1, T.constant(1)].tag.test_value.tolist() == [4, 2]
    assert (x.shape[0] + 1).tag.test_value == 3


@pytest.mark.usefixtures("raising")
def test_gradients_have_values_too() -> None:
    x = valued([1.0, 2.0, 3.0], "x")
    assert T.grad((x**2).sum(), x).tag.test_value.tolist() == [2, 4, 6]


@pytest.mark.usefixtures("raising")
def test_a_size_that_does_not_fit_is_an_error_on_the_users_line() -> None:
    x, y = valued([1.0, 2.0], "x"), valued([1.0, 2.0, 3.0], "y")
    line = inspect.currentframe().f_lineno + 2  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="test value of add") as caught:
        x + y
    message = str(caught.value)
    assert f"{__file__}:{line}: x + y" in message
    assert "with x: float64 of shape (2,)" in message
    assert "with y: float64 of shape (3,)" in message
    with pytest.raises(IndexError, match="test value of"):
        x[T.constant(7)]


@pytest.mark.usefixtures("raising")
def test_a_value_of_another_type_is_refused() -> None:
    x = T.dvector("x")
    x.tag.test_value = np.zeros((2, 2))
    with pytest.raises(TypeError, match=r"test value of x .*expected 1 axes"):
        T.exp(x)
    x.tag.test_value = [1, 2]
    assert T.exp(x * 0).tag.test_value.tolist() == [1, 1]


def test_a_missing_value_is_an_error_a_warning_or_nothing() -> None:
    x, y = T.dscalar("x"), valued(2.0, "y")
    with config.change_flags(compute_test_value="raise"):
        with pytest.raises(MissingTestValueError, match=r"of mul: x .* has no test value; set"):
            x * y
        with pytest.raises(ValueError, match="no test value"):
            x * y
    with config.change_flags(compute_test_value="warn"):
        with pytest.warns(UserWarning, match="x .* has no test value") as caught:
            z = x * y
        assert caught[0].filename == __file__
        assert not hasattr(z.tag, "test_value")
    with config.change_flags(compute_test_value="ignore"), warnings.catch_warnings():
        z = x * y
        assert not hasattr(z.tag, "test_value")
        assert (y * 2).tag.test_value == 4
    assert not hasattr((y * 2).tag, "test_value")


def test_the_debugger_is_entered_where_the_flag_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[str] = []
    monkeypatch.setattr(pdb, "set_trace", lambda: entered.append("missing"))
    monkeypatch.setattr(pdb, "post_mortem", lambda trace: entered.append("failed"))
    with config.change_flags(compute_test_value="pdb"):
        T.exp(T.dscalar("x"))
        with pytest.raises(ValueError, match="test value"):
            valued([1.0], "a") + valued([1.0, 2.0], "b")
    assert entered == ["missing", "failed"]


def test_a_value_can_be_asked_for() -> None:
    s = shared([1], "s")
    assert get_test_value(s) == Op._get_test_value(s) == [1]
    assert get_test_value(Generic().make_constant("c")) == "c"
    assert get_test_value(2.5) == 2.5
    with pytest.raises(AttributeError, match=r"x .* has no test value"):
        get_test_value(T.dscalar("x"))


@pytest.mark.usefixtures("raising")
def test_functions_are_made_of_graphs_with_values_as_of_others() -> None:
    x, s = valued([1.0, 2.0], "x"), shared(np.zeros(2), "s")
    step = function([x], T.exp(x - s), updates=[(s, s + x)], givens={})
    assert step([0.0, 0.0]).tolist() == [1, 1]
    step([1.0, 2.0])
    assert s.get_value().tolist() == [1, 2]
    longer = shared(np.ones(3), "longer")
    assert function([x], x + s, givens={s: longer})(np.ones(3)).tolist() == [2, 2, 2]


@pytest.mark.usefixtures("raising")
def test_loops_over_an_index_have_values() -> None:
    x = valued([1.0, 2.0], "x")
    assert T.jacobian(x**2, x).tag.test_value.tolist() == [[2, 0], [0, 4]]
    assert T.hessian((x**3).sum(), x).tag.test_value.tolist() == [[6, 0], [0, 12]]


@pytest.mark.usefixtures("raising")
def test_copies_of_graphs_have_values_of_their_own() -> None:
    x, y = valued([1.0, 2.0], "x"), valued([3.0, 4.0], "y")
    x.tag.note = "kept"
    total = (x * 2).sum()
    total.tag.note = "kept too"
    other = clone(total, {x: y})
    assert (other.tag.test_value, other.tag.note) == (14, "kept too")
    stale = clone(total, {x: T.dvector("z")})
    assert stale.tag.test_value == 6  # as Theano's copies, where none can be computed
    assert vars(x.clone().tag) == {"test_value": x.tag.test_value, "note": "kept"}


def test_the_repr_of_a_variable_can_show_its_value() -> None:
    x = valued([1.0, 2.0], "x")
    assert repr(x) == "x"
    with config.change_flags(print_test_value=True):
        assert repr(x) == "x\nTest value: array([1., 2.])"
        assert str(x) == repr(x.clone())[:1] == "x"
        assert repr(T.dscalar("bare")) == "bare"

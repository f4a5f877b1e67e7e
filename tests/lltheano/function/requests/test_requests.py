"""Inputs, outputs and pairs are taken in all forms and refused in the user's terms."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.errors import UnusedInputError
from lltheano.function.requests.inputs import In, Out, Param
from lltheano.function.requests.reading import read_inputs, read_outputs, read_pairs
from lltheano.shared import shared

x = T.dvector("x")
y = T.iscalar("y")


def test_an_in_takes_the_variables_name_unless_told_otherwise() -> None:
    assert In(x).name == "x"
    assert In(x, name="points").name == "points"
    assert In(x, autoname=False).name is None


def test_mutable_implies_borrow_and_contradicting_that_warns() -> None:
    assert In(x, mutable=True).borrow
    with pytest.warns(UserWarning, match=r"In\(x, mutable=True, borrow=False\)"):
        assert In(x, mutable=True, borrow=False).borrow


def test_param_is_the_older_spelling_of_in() -> None:
    assert Param(x, default=1).value == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: In(3), "an input must be a symbolic variable.*got int"),  # type: ignore[arg-type]
        (lambda: In(T.constant(3)), "is a constant, and callers cannot give it a value"),
        (lambda: In(x, name=3), "name must be a string; got int"),  # type: ignore[arg-type]
        (lambda: In(x, implicit=True), "needs a value"),
    ],
)
def test_an_in_that_makes_no_sense_is_refused_at_once(make: Callable[[], In], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_inputs_are_variables_and_ins_in_a_list_or_tuple() -> None:
    first, second = read_inputs((x, In(y, value=1)), True)
    assert (first.variable, first.allow_downcast) == (x, True)
    assert (second.variable, second.value, second.allow_downcast) == (y, 1, None)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (x, r"inputs must be a list of variables, such as \[x\], even when there is only one"),
        ([1.5], r"inputs\[0\]: an input must be a symbolic variable.*got float"),
        ([x, T.constant(1)], r"inputs\[1\]: .* is a constant"),
        ([shared(1, name="s")], r"inputs\[0\]: s \(.*\) is a shared variable.*givens"),
        ([(x, 1)], r"inputs\[0\]: .*got tuple"),
    ],
)
def test_other_inputs_are_type_errors(inputs: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        read_inputs(inputs, None)


def test_a_variable_is_an_input_once() -> None:
    with pytest.raises(UnusedInputError, match=r"inputs\[0\] and inputs\[2\] are the same.*x \("):
        read_inputs([x, y, In(x)], None)


def test_outputs_remember_how_to_be_returned() -> None:
    assert read_outputs(None).specs == ()
    assert read_outputs(x).single
    assert not read_outputs([x]).single
    assert [one.variable for one in read_outputs((x, Out(y))).specs] == [x, y]
    named = read_outputs({"b": x, "a": Out(y, borrow=True)})
    assert named.keys == ("a", "b")
    assert named.specs[0].borrow


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (3, "outputs must be a variable, a list or dict of variables, or None; got int"),
        ([x, 3], r"outputs\[1\] must be a symbolic variable; got int.*T\.constant"),
        ({"a": None}, r"outputs\['a'\] must be a symbolic variable; got NoneType"),
        ({1: x}, "keys of a dict of outputs must be strings; got 1"),
    ],
)
def test_other_outputs_are_type_errors(outputs: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        read_outputs(outputs)


@pytest.mark.parametrize(
    "pairs",
    [
        [(x, 1), (y, 2)],
        ((x, 1), [y, 2]),
        {x: 1, y: 2},
        OrderedDict([(x, 1), (y, 2)]),
        iter([(x, 1), (y, 2)]),
    ],
)
def test_pairs_come_in_many_forms(pairs: Any) -> None:
    assert read_pairs(pairs, "updates") == [(x, 1), (y, 2)]


def test_no_pairs() -> None:
    assert read_pairs(None, "givens") == read_pairs([], "givens") == []


@pytest.mark.parametrize(
    ("pairs", "error", "message"),
    [
        (x, TypeError, "givens must be a list of pairs or a dict.*got TensorVariable"),
        (5, TypeError, "givens must be a list of pairs or a dict.*got int"),
        ([x], TypeError, r"givens\[0\] must be a pair"),
        ([(x, 1), (y,)], ValueError, r"givens\[1\] must be a pair .*got 1 items"),
        ([(np.ones(2), x)], TypeError, r"givens\[0\] begins with ndarray"),
        ([("x", x)], TypeError, r"givens\[0\] begins with str 'x'"),
        ([(x, 1), (x, 2)], ValueError, r"givens name x \(.*\) twice"),
    ],
)
def test_other_pairs_are_refused(pairs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_pairs(pairs, "givens")

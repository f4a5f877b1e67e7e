import itertools
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.lowering import lower
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

ARRAY = np.arange(60.0).reshape(3, 4, 5)
J = np.array([0, 2, 1])
K = np.array([[0, 1, 2], [2, -1, 0]])

BASIC = [
    np.s_[1],
    np.s_[-1, 2],
    np.s_[1:],
    np.s_[:-1],
    np.s_[::-1],
    np.s_[:, 1:3],
    np.s_[::2, ::-2],
    np.s_[2:0:-1],
    np.s_[5:],
    np.s_[-10:2],
    np.s_[1:-7:-1],
    np.s_[3:1],
    np.s_[None],
    np.s_[:, None, 1],
    np.s_[...],
    np.s_[..., 2],
    np.s_[0, ..., -1],
    np.s_[0, 1, 2],
    np.s_[...,],
    np.s_[:, :, None],
]
ADVANCED = [
    np.s_[J],
    np.s_[:, J],
    np.s_[J, J],
    np.s_[J, :, J],
    np.s_[K],
    np.s_[:, K, J],
    np.s_[1, J],
    np.s_[J, 1],
    np.s_[J, :, 1],
    np.s_[1, :, J],
    np.s_[:, 1, J],
    np.s_[1:, J],
    np.s_[::-1, :, J],
    np.s_[J[:, None], J],
    np.s_[J, None, J],
    np.s_[None, J],
    np.s_[..., J],
    np.s_[[0, 2]],
    np.s_[J, J, J],
    np.s_[np.array([], int)],
]


@pytest.mark.parametrize("index", BASIC + ADVANCED, ids=repr)
def test_reading(index: Any) -> None:
    x = T.dtensor3("x")
    np.testing.assert_array_equal(evaluate(x[index], {x: ARRAY}), ARRAY[index])


@pytest.mark.parametrize("mode", ["set", "add"])
@pytest.mark.parametrize("index", BASIC + ADVANCED, ids=repr)
def test_writing(index: Any, mode: Any) -> None:
    x = T.dtensor3("x")
    value = np.arange(1.0, 1 + ARRAY[index].size).reshape(ARRAY[index].shape)
    wanted = ARRAY.copy()
    update = T.set_subtensor if mode == "set" else T.inc_subtensor
    if mode == "set":
        wanted[index] = value
    else:
        np.add.at(wanted, index, value)
    np.testing.assert_array_equal(evaluate(update(x[index], value), {x: ARRAY}), wanted)


BOUNDS = [None, -9, -4, -1, 0, 1, 3, 4, 9]


@pytest.mark.parametrize("step", [None, 1, 2, -1, -3])
def test_all_bounds_known_and_symbolic(step: Any) -> None:
    x, a, b, s = T.dvector("x"), T.iscalar("a"), T.lscalar("b"), T.bscalar("s")
    values = np.arange(4.0)
    for start, stop in itertools.product(BOUNDS, BOUNDS):
        wanted = values[start:stop:step]
        np.testing.assert_array_equal(evaluate(x[start:stop:step], {x: values}), wanted)
        given = {a: start, b: stop, s: step}
        names = [one for one in given if given[one] is not None]
        bounds = [one if given[one] is not None else None for one in (a, b, s)]
        found = evaluate(x[slice(*bounds)], {x: values} | {one: given[one] for one in names})
        np.testing.assert_array_equal(found, wanted, err_msg=f"{start}:{stop}:{step}")


def test_symbolic_indices() -> None:
    x, i, j = T.dmatrix("x"), T.lscalar("i"), T.ivector("j")
    values = ARRAY[0]
    for index in (0, 3, -1, -4):
        np.testing.assert_array_equal(evaluate(x[i], {x: values, i: index}), values[index])
        np.testing.assert_array_equal(evaluate(x[:, i], {x: values, i: index}), values[:, index])
    rows = np.array([0, 0, -1], "int32")
    np.testing.assert_array_equal(evaluate(x[j, i], {x: values, j: rows, i: 1}), values[rows, 1])


def test_slices_of_a_data_set() -> None:
    x, index = T.dmatrix("x"), T.lscalar("index")
    batch = x[index * 2 : (index + 1) * 2]
    values = np.arange(10.0).reshape(5, 2)
    np.testing.assert_array_equal(evaluate(batch, {x: values, index: 1}), values[2:4])
    np.testing.assert_array_equal(evaluate(batch, {x: values, index: 2}), values[4:6])


@pytest.mark.parametrize("index", [3, -4])
def test_out_of_range(index: Any) -> None:
    x, i, j = T.dvector("x"), T.lscalar("i"), T.lvector("j")
    for expression, given in [
        (x[index], {}),
        (x[i], {i: index}),
        (x[j], {j: [0, index]}),
        (T.set_subtensor(x[i], 0), {i: index}),
        (T.inc_subtensor(x[j], 1), {j: [0, index]}),
    ]:
        with pytest.raises(ExecutionError, match="out of range"):
            evaluate(expression, {x: np.zeros(3), **given})


def test_a_step_of_zero() -> None:
    x, s = T.dvector("x"), T.lscalar("s")
    with pytest.raises(ValueError, match=r"a slice of x .* has step 0"):
        _ = x[::0]
    with pytest.raises(ExecutionError, match="step of a slice cannot be 0"):
        evaluate(x[::s], {x: np.zeros(3), s: 0})


def test_patterns_of_parts() -> None:
    column = T.dcol("c")
    assert column[1:].broadcastable == (False, True)
    assert column[:, 0].broadcastable == (False,)
    assert column[None].broadcastable == (True, False, True)
    assert T.dmatrix("m")[np.array([[1]])].broadcastable == (True, True, False)


def test_wrong_indices_are_found_at_once() -> None:
    x = T.dmatrix("weights")
    with pytest.raises(IndexError, match=r"weights .* has 2 axes, got 3 indices"):
        _ = x[0, 0, 0]
    with pytest.raises(IndexError, match="more than one ellipsis"):
        _ = x[..., ...]
    with pytest.raises(TypeError, match=r"an index of weights .* must be an integer, a slice"):
        _ = x[1.5]
    with pytest.raises(TypeError, match="must be an integer, got f"):
        _ = x[T.dvector("f")]
    with pytest.raises(TypeError, match=r"Python bool, which .* T.eq\(v, w\) compares elements"):
        _ = x[False]
    with pytest.raises(IndexError, match="has 2 axes, got 3 indices"):
        _ = x[0, T.matrix("m", dtype="bool")]
    with pytest.raises(TypeError, match="bounds of a slice of weights"):
        _ = x[: T.dscalar("stop")]
    with pytest.raises(IndexError, match=r"out of range on axis 1 of c .*, of size 1"):
        _ = T.dcol("c")[:, 1]


def test_whole_slices_can_be_written() -> None:
    x, v = T.dmatrix("x"), T.dvector("v")
    given = {x: np.zeros((2, 2)), v: [1.0, 2.0]}
    for part in (x[:], x[...], x[:, :]):
        assert evaluate(T.set_subtensor(part, v), given).tolist() == [[1, 2], [1, 2]]
        assert evaluate(T.inc_subtensor(part, v), given).tolist() == [[1, 2], [1, 2]]


def test_values_broadcast_into_the_part() -> None:
    x, v = T.dmatrix("x"), T.dvector("v")
    values = np.zeros((3, 2))
    found = evaluate(T.set_subtensor(x[1:], v), {x: values, v: [1.0, 2.0]})
    assert found.tolist() == [[0, 0], [1, 2], [1, 2]]
    found = evaluate(T.inc_subtensor(x[:, 0], 3), {x: values})
    assert found.tolist() == [[3, 0]] * 3
    with pytest.raises(ExecutionError):
        evaluate(T.set_subtensor(x[1:], v), {x: values, v: [1.0, 2.0, 3.0]})


def test_repeated_indices_are_increased_repeatedly() -> None:
    x = T.dvector("x")
    found = evaluate(T.inc_subtensor(x[[0, 0, 1]], 1), {x: np.zeros(3)})
    assert found.tolist() == [2, 1, 0]
    again = evaluate(T.inc_subtensor(x[[0, 0]], 1, set_instead_of_inc=True), {x: np.zeros(3)})
    assert again.tolist() == [1, 0, 0]


def test_bool_parts_can_be_written() -> None:
    x = T.vector("x", dtype="bool")
    values = np.array([True, False, False])
    found = evaluate(T.inc_subtensor(x[1:], T.constant([True, False])), {x: values})
    assert found.tolist() == [True, True, False]


def test_wrong_updates() -> None:
    x = T.fvector("weights")
    with pytest.raises(TypeError, match=r"weights stands for a value .* T\.set_subtensor"):
        x[0] = 1
    with pytest.raises(TypeError, match="take an indexing expression such as"):
        T.set_subtensor(x, 0)
    with pytest.raises(TypeError, match="would drop the imaginary part"):
        T.set_subtensor(x[0], T.zscalar("z"))
    with pytest.raises(ValueError, match=r"m .* cannot be written to .*\[1:\]"):
        T.set_subtensor(x[1:], T.fmatrix("m"))
    assert T.set_subtensor(x[0], 0.1).dtype == "float32"


def test_a_mask_of_another_shape_is_an_index_error_that_says_which_sizes() -> None:
    x, mask = T.dmatrix("x"), T.vector("mask", dtype="bool")
    s = shared(1.0)
    for part in (x[mask], T.set_subtensor(x[mask], 0), T.inc_subtensor(x[mask], [1.0, 2.0])):
        compiled = function([x, mask], part, updates=[(s, s + 1)])
        with pytest.raises(IndexError, match="a mask of size 3 stands for axis 0, of size 2"):
            compiled(np.ones((2, 2)), [True, False, True])
    assert s.get_value() == 1
    with pytest.raises(IndexError, match=r"the mask .* has size 3 where axis 1 of .* has size 2"):
        _ = T.zeros((4, 2))[:, np.zeros(3, bool)]


def test_one_value_for_all_that_a_mask_names_needs_no_list_of_places() -> None:
    x = T.dtensor3("x")
    for part, value in [(x[x > 5], 0), (x[:, x[0] > 5], x[:, 0, 0].dimshuffle(0, "x"))]:
        program = lower([x], [T.set_subtensor(part, value)])
        assert "nonzero" not in {one.op.name for one in program.values()}
    found = evaluate(T.inc_subtensor(x[x > 5], 10), {x: ARRAY})
    np.testing.assert_array_equal(found, np.where(ARRAY > 5, ARRAY + 10, ARRAY))
    wanted = ARRAY.copy()
    wanted[:, ARRAY[0] > 5] = ARRAY[:, :1, 0]
    found = evaluate(T.set_subtensor(x[:, x[0] > 5], x[:, 0, 0].dimshuffle(0, "x")), {x: ARRAY})
    np.testing.assert_array_equal(found, wanted)


def test_unsigned_numbers_beyond_the_signed_ones_are_out_of_range() -> None:
    x, i, v = T.dvector("x"), T.ulscalar("i"), T.ulvector("v")
    values, far = np.arange(3.0), 2**64 - 1
    for index, value in [(i, far), (v, np.array([1, far], "uint64"))]:
        with pytest.raises(ExecutionError, match="out of range"):
            evaluate(x[index], {x: values, index: value})
    assert evaluate(x[:i], {x: values, i: far}).tolist() == [0, 1, 2]
    assert evaluate(x[i:], {x: values, i: far}).tolist() == []


def test_what_is_known_to_be_out_of_range_is_found_at_once() -> None:
    known = T.zeros((3, T.lscalar("n")))
    for index in (np.s_[3], np.s_[[0, -4]], np.s_[:, None, 0, 0]):
        with pytest.raises(IndexError, match=r"is out of range|has 2 axes, got 3 indices"):
            _ = known[index]
    with pytest.raises(IndexError, match=r"do not broadcast together: .*\[0, 1\].*\[0, 1, 2\]"):
        _ = T.dmatrix("x")[[0, 1], [0, 1, 2]]
    with pytest.raises(ValueError, match=r"has size 2 on axis 0, where the part .* has size 1"):
        T.set_subtensor(T.drow("r")[[0]], np.ones((2, 3)))


def test_parts_of_shapes_and_stacks_can_be_written() -> None:
    x, a, b = T.dmatrix("x"), T.dscalar("a"), T.dscalar("b")
    values = {x: ARRAY[0], a: 1.0, b: 2.0}
    sizes = T.set_subtensor(x.shape[1], 3)
    assert evaluate(sizes, values).tolist() == [4, 3]
    assert T.get_vector_length(sizes) == 2
    assert evaluate(T.zeros(sizes, dtype="int8"), values).shape == (4, 3)
    assert evaluate(T.set_subtensor(T.stack([a, b])[0], b * 5), values).tolist() == [10, 2]
    assert evaluate(T.set_subtensor(T.stack([a, b])[1:], 7), values).tolist() == [1, 7]


def test_parts_that_were_reordered_or_reshaped_can_be_written() -> None:
    x = T.dmatrix("x")
    new = np.arange(8.0)
    places: list[tuple[Any, Any]] = [
        (x[[0, 2]].T, lambda y: y[[0, 2]].T),
        (x[1:3].dimshuffle(1, "x", 0), lambda y: y[1:3].T[:, None]),
        (x[1:3].reshape((4, 2)), lambda y: y[1:3].reshape(4, 2)),
        (T.addbroadcast(x[:, :1], 1), lambda y: y[:, :1]),
    ]
    for part, place in places:
        x_values = np.arange(16.0).reshape(4, 4)
        shape = place(x_values).shape
        value = new[: np.prod(shape)].reshape(shape)
        found = evaluate(T.set_subtensor(part, value), {x: x_values})
        np.testing.assert_array_equal(place(found), value)
        rest = evaluate(T.inc_subtensor(part, 1), {x: x_values})
        np.testing.assert_array_equal(place(rest), place(x_values) + 1)
        assert rest.sum() == x_values.sum() + np.prod(shape)
    with pytest.raises(ValueError, match="has 3 axes and cannot be written"):
        T.set_subtensor(x[:2].T, T.dtensor3())


def test_duplicates_can_be_ignored() -> None:
    x = T.dvector("x")
    part = x[[0, 0, 2]]
    found = evaluate(T.inc_subtensor(part, [1, 2, 3], ignore_duplicates=True), {x: np.zeros(3)})
    assert found.tolist() == [2, 0, 3]


def test_bools_are_added_as_often_as_they_are_named() -> None:
    x = T.vector("x", dtype="bool")
    added = T.inc_subtensor(x[[0, 0, 1]], T.constant([True, False, False]))
    assert evaluate(added, {x: [False, False, False]}).tolist() == [True, False, False]


def test_the_classes_of_the_ops() -> None:
    x, i = T.dmatrix("x"), T.lvector("i")
    parts: list[Any] = [x[1:], x[i], x[:, i], x[x > 0], x[i, 0]]
    kinds = [T.Subtensor, T.AdvancedSubtensor1] + [T.AdvancedSubtensor] * 3
    assert [type(one.owner.op) for one in parts] == kinds
    updates: list[Any] = [T.set_subtensor(one, 0) for one in parts]
    kinds = [T.IncSubtensor, T.AdvancedIncSubtensor1] + [T.AdvancedIncSubtensor] * 3
    assert [type(one.owner.op) for one in updates] == kinds
    assert all(one.owner.op.set_instead_of_inc for one in updates)


def test_an_index_of_another_form_than_the_template_is_refused() -> None:
    x = T.dmatrix("x")
    part: Any = x[T.lscalar("i")]
    with pytest.raises(TypeError, match="takes 1, got 0"):
        part.owner.op(x)

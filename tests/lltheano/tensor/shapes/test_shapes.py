from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import assert_evaluates, evaluate

ARRAY = np.arange(24.0).reshape(2, 3, 4)


def test_shape_and_size() -> None:
    x, row = T.dtensor3("x"), T.drow("r")
    assert_evaluates(x.shape, {x: ARRAY}, [2, 3, 4])
    assert_evaluates(x.size, {x: ARRAY}, 24)
    assert_evaluates(x.shape[1], {x: ARRAY}, 3)
    assert_evaluates(x.shape[-2:], {x: ARRAY}, [3, 4])
    assert_evaluates(x.shape[::-1] * 2, {x: ARRAY}, [8, 6, 4])
    assert evaluate(row.shape[0], {row: np.ones((1, 3))}) == 1
    s = T.dscalar("s")
    assert_evaluates(s.shape, {s: 1.0}, [])
    with pytest.raises(IndexError, match="of length 3"):
        _ = x.shape[3]


def test_the_size_of_a_shape_is_the_number_of_axes() -> None:
    x = T.dtensor3("x")
    sizes = [T.shape_i(x, axis) for axis in range(3)]
    ((length,),) = T.Shape().infer_shape(x.shape.owner, [sizes])  # type: ignore[arg-type]
    assert_evaluates(length, {}, 3)


def test_sizes_that_are_given_as_constants_are_known() -> None:
    n = T.lscalar("n")
    for x in (T.zeros((n, 3)), T.dvector().reshape((n, 3)), T.specify_shape(T.dmatrix(), (n, 3))):
        assert T.get_scalar_constant_value(x.shape[1]) == 3
        with pytest.raises(T.NotScalarConstantError):
            T.get_scalar_constant_value(x.shape[0])
    assert T.zeros((2, T.zeros((5, 1)).shape[1])).broadcastable == (False, True)


def test_sizes_in_a_constant_vector_are_known() -> None:
    for sizes in (np.array([3, 1]), T.constant([3, 1]), T.constant([5, 3, 1])[1:]):
        zeros = T.zeros(sizes, dtype="int8")
        assert zeros.broadcastable == (False, True)
        assert evaluate(zeros).shape == (3, 1)
    assert T.get_scalar_constant_value(T.constant([4, 5, 6])[-1]) == 6


def test_lengths_of_vectors() -> None:
    x = T.dtensor3("x")
    assert T.get_vector_length(x.shape) == 3
    assert T.get_vector_length(x.shape[1:]) == 2
    assert T.get_vector_length(T.constant([1, 2])) == 2
    assert T.get_vector_length(T.stack([x.size, 3])) == 2


@pytest.mark.parametrize(
    "shape", [(24,), (4, 6), (-1,), (2, -1, 2), (1, 24), (-1, 1, 24), 24, (2, 2, 2, 3)]
)
def test_reshape(shape: Any) -> None:
    x = T.dtensor3("x")
    assert_evaluates(x.reshape(shape), {x: ARRAY}, ARRAY.reshape(shape))


def test_reshape_to_symbolic_sizes() -> None:
    x, n, v = T.dtensor3("x"), T.lscalar("n"), T.lvector("v")
    assert_evaluates(x.reshape((n, -1)), {x: ARRAY, n: 6}, ARRAY.reshape(6, 4))
    assert_evaluates(x.reshape((n, 4)), {x: ARRAY, n: -1}, ARRAY.reshape(6, 4))
    assert_evaluates(x.reshape(v, ndim=2), {x: ARRAY, v: [3, 8]}, ARRAY.reshape(3, 8))
    assert_evaluates(
        x.reshape((x.shape[0], x.shape[1] * x.shape[2])), {x: ARRAY}, ARRAY.reshape(2, 12)
    )
    assert_evaluates(T.reshape(x, x.shape[::-1]), {x: ARRAY}, ARRAY.reshape(4, 3, 2))


def test_reshape_patterns() -> None:
    x = T.dtensor3("x")
    assert x.reshape((1, -1)).broadcastable == (True, False)
    assert T.dscalar("s").reshape((1, 1)).broadcastable == (True, True)


def test_wrong_reshapes() -> None:
    x = T.dtensor3("x")
    with pytest.raises(ValueError, match="one size may be -1"):
        x.reshape((-1, -1))
    with pytest.raises(ValueError, match="one size may be -1"):
        x.reshape((-2, 3))
    with pytest.raises(ValueError, match=r"length of v .* is not known yet"):
        x.reshape(T.lvector("v"))
    with pytest.raises(ValueError, match="expected 2 sizes, got 1"):
        x.reshape((3,), ndim=2)
    with pytest.raises(TypeError, match="a size must be an integer"):
        x.reshape((2.5, 3))
    with pytest.raises(ExecutionError):
        evaluate(x.reshape((5, 5)), {x: ARRAY})
    with pytest.raises(ExecutionError):
        evaluate(x.reshape((7, -1)), {x: ARRAY})


def test_flatten() -> None:
    x, s = T.dtensor3("x"), T.dscalar("s")
    assert_evaluates(x.flatten(), {x: ARRAY}, ARRAY.ravel())
    assert_evaluates(x.flatten(2), {x: ARRAY}, ARRAY.reshape(2, 12))
    assert_evaluates(x.ravel(), {x: ARRAY}, ARRAY.ravel())
    assert_evaluates(s.flatten(), {s: 3.0}, [3.0])
    assert x.flatten(3) is x
    assert T.flatten(x, outdim=2).ndim == 2
    with pytest.raises(ValueError, match=r"flatten of x .* to 4 axes: it takes 1 to 3"):
        x.flatten(4)


def test_dimshuffle() -> None:
    x = T.dtensor3("x")
    assert_evaluates(x.dimshuffle(2, "x", 0, 1), {x: ARRAY}, ARRAY.transpose(2, 0, 1)[:, None])
    assert_evaluates(x.dimshuffle([1, 0, 2]), {x: ARRAY}, ARRAY.transpose(1, 0, 2))
    assert x.dimshuffle(0, 1, 2) is x
    assert T.drow("r").dimshuffle(1).ndim == 1


def test_wrong_dimshuffles_name_the_variable() -> None:
    x = T.dmatrix("weights")
    with pytest.raises(ValueError, match="would drop axis 0 of weights"):
        x.dimshuffle(1)
    with pytest.raises(ValueError, match="names an axis twice"):
        x.dimshuffle(0, 0, 1)
    with pytest.raises(ValueError, match=r"weights .* has 2 axes and no axis 2"):
        x.dimshuffle(0, 2)


def test_transpositions() -> None:
    x = T.dtensor3("x")
    assert_evaluates(x.T, {x: ARRAY}, ARRAY.T)
    assert_evaluates(x.transpose(1, 0, 2), {x: ARRAY}, ARRAY.transpose(1, 0, 2))
    assert_evaluates(x.transpose((2, 0, 1)), {x: ARRAY}, ARRAY.transpose(2, 0, 1))
    assert_evaluates(x.transpose(), {x: ARRAY}, ARRAY.T)
    assert_evaluates(x.swapaxes(0, -1), {x: ARRAY}, ARRAY.swapaxes(0, -1))
    with pytest.raises(ValueError, match="got 2 axes, not 3"):
        x.transpose(0, 1)


def test_padding_with_axes() -> None:
    v = T.dvector("v")
    values = np.arange(3.0)
    assert_evaluates(T.shape_padleft(v, 2), {v: values}, values[None, None])
    assert_evaluates(T.shape_padright(v), {v: values}, values[:, None])
    assert_evaluates(T.shape_padaxis(v, -1), {v: values}, values[:, None])
    assert T.squeeze(T.shape_padleft(v)).broadcastable == (False,)


def test_broadcast_patterns() -> None:
    x = T.dmatrix("x")
    column = T.addbroadcast(x, 1)
    assert column.broadcastable == (False, True)
    assert_evaluates(column + x, {x: np.ones((3, 1))}, np.full((3, 1), 2.0))
    with pytest.raises(ExecutionError):
        evaluate(column, {x: np.ones((3, 2))})
    assert T.unbroadcast(T.drow("r"), 0).broadcastable == (False, False)
    assert T.patternbroadcast(x, (False, False)) is x
    with pytest.raises(ValueError, match="the pattern 1"):
        T.patternbroadcast(x, (True,))


def test_specify_shape() -> None:
    x, n = T.dmatrix("x"), T.lscalar("n")
    checked = T.specify_shape(x, (n, None))
    assert_evaluates(checked, {x: np.ones((3, 2)), n: 3}, np.ones((3, 2)))
    with pytest.raises(ExecutionError, match="axis 0 of x has size 3, not 4"):
        evaluate(checked, {x: np.ones((3, 2)), n: 4})
    assert T.specify_shape(x, (1, 3)).broadcastable == (True, False)
    with pytest.raises(ValueError, match=r"axis 0 of r .* has size 1, not 3"):
        T.specify_shape(T.drow("r"), (3, 3))


def test_joins() -> None:
    x, y = T.dmatrix("x"), T.imatrix("y")
    a, b = np.ones((2, 3)), np.zeros((2, 2), "int32")
    assert_evaluates(T.concatenate([x, y], axis=1), {x: a, y: b}, np.concatenate([a, b], 1))
    assert_evaluates(T.join(-1, x, x), {x: a}, np.concatenate([a, a], 1))
    assert_evaluates(T.vertical_stack(x, x), {x: a}, np.vstack([a, a]))
    assert_evaluates(T.horizontal_stack(x, y), {x: a, y: b}, np.hstack([a, b]))
    assert_evaluates(T.stack([x, x * 2], axis=1), {x: a}, np.stack([a, a * 2], 1))
    assert_evaluates(T.stack(x, x), {x: a}, np.stack([a, a]))
    assert_evaluates(T.stacklists([[x, x], [x, x]]), {x: a}, np.broadcast_to(a, (2, 2, 2, 3)))
    assert_evaluates(T.concatenate([x]), {x: a}, a)


def test_joining_an_axis_that_broadcasts() -> None:
    row, x = T.drow("r"), T.dmatrix("x")
    joined = T.concatenate([row, x])
    assert joined.broadcastable == (False, False)
    above, below = np.ones((1, 2)), np.zeros((3, 2))
    assert_evaluates(joined, {row: above, x: below}, np.concatenate([above, below]))
    assert T.concatenate([T.dcol("c"), x]).broadcastable == (False, True)


def test_wrong_joins() -> None:
    no_list: Any = T.dvector("v")
    with pytest.raises(TypeError, match=r"equally many axes, got m .* v "):
        T.concatenate([T.dmatrix("m"), T.dvector("v")])
    with pytest.raises(TypeError, match=r"use T\.stack"):
        T.concatenate([T.dscalar("s"), T.dscalar("s")])
    with pytest.raises(TypeError, match="concatenate takes a list"):
        T.concatenate(no_list)
    with pytest.raises(ValueError, match="at least one tensor"):
        T.concatenate([])
    with pytest.raises(TypeError, match="expected matrices, got v"):
        T.vertical_stack(T.dvector("v"))
    x, y = T.dmatrices("x", "y")
    with pytest.raises(ExecutionError):
        evaluate(T.concatenate([x, y]), {x: np.ones((2, 2)), y: np.ones((2, 3))})


def test_zeros_and_ones() -> None:
    n, x = T.iscalar("n"), T.fmatrix("x")
    assert_evaluates(T.zeros((n, 2)), {n: 3}, np.zeros((3, 2)))
    assert_evaluates(T.ones(n, dtype="int8"), {n: 3}, np.ones(3, "int8"))
    assert_evaluates(T.zeros(()), {}, 0)
    assert_evaluates(T.zeros(x.shape), {x: np.ones((2, 3), "float32")}, np.zeros((2, 3)))
    assert_evaluates(x.zeros_like(), {x: np.ones((2, 3), "float32")}, np.zeros((2, 3), "float32"))
    assert T.ones_like(x, dtype="int16").dtype == "int16"
    assert T.zeros((3, 1)).broadcastable == (False, True)
    assert_evaluates(T.full((2, n), 7), {n: 2}, np.full((2, 2), 7))


def test_alloc_and_fill() -> None:
    v, n, m = T.dvector("v"), T.iscalar("n"), T.dmatrix("m")
    values = np.arange(3.0)
    assert_evaluates(T.alloc(v, n, 3), {v: values, n: 2}, np.broadcast_to(values, (2, 3)))
    with pytest.raises(ExecutionError, match="alloc of a value: sizes on axis 1"):
        evaluate(T.alloc(v, 2, n), {v: values, n: 4})
    with pytest.raises(ValueError, match="needs 1 sizes, got 0"):
        T.alloc(v)
    assert_evaluates(
        T.fill(m, v), {m: np.zeros((2, 3)), v: values}, np.broadcast_to(values, (2, 3))
    )
    assert_evaluates(m.fill(7), {m: np.zeros((2, 3))}, np.full((2, 3), 7))
    with pytest.raises(ExecutionError):
        evaluate(T.fill(m, v), {m: np.zeros((2, 4)), v: values})


RANGES = [(5,), (2, 7), (7, 2), (0, 10, 3), (10, 0, -3), (0.0, 1.0, 0.25), (1, 2.5, 0.5), (3, 3)]


@pytest.mark.parametrize("bounds", RANGES)
def test_ranges(bounds: Any) -> None:
    assert_evaluates(T.arange(*bounds), {}, np.arange(*bounds))


@pytest.mark.parametrize("bounds", [(0, 7, 2), (7, 0, -2), (3, -3, 1)])
def test_symbolic_ranges(bounds: Any) -> None:
    start, stop, step = T.iscalars("start", "stop", "step")
    given = dict(zip((start, stop, step), bounds, strict=True))
    assert_evaluates(T.arange(start, stop, step), given, np.arange(*bounds))
    assert_evaluates(T.arange(stop), {stop: bounds[1]}, np.arange(bounds[1]))


def test_ranges_have_scalar_bounds() -> None:
    with pytest.raises(TypeError, match="arange takes real scalars, got v"):
        T.arange(T.ivector("v"))


def test_diagonal_matrices() -> None:
    n, m = T.iscalar("n"), T.dmatrix("m")
    assert_evaluates(T.eye(n, 4, 1), {n: 3}, np.eye(3, 4, 1))
    assert_evaluates(T.tri(3, n, -1), {n: 5}, np.tri(3, 5, -1))
    values = np.arange(12.0).reshape(3, 4)
    assert_evaluates(T.tril(m, 1), {m: values}, np.tril(values, 1))
    assert_evaluates(T.triu(m, -1), {m: values}, np.triu(values, -1))
    assert_evaluates(T.identity_like(m), {m: values}, np.eye(3, 4))


@pytest.mark.parametrize("compiled", [False, True])
def test_a_size_beside_a_size_of_zero_must_be_written(compiled: bool) -> None:
    x, n, m = T.dmatrix("x"), T.lscalar("n"), T.lscalar("m")

    def value(result: Any, values: Any) -> Any:
        if compiled:
            return function([x, n, m], result, on_unused_input="ignore")(*values)
        return evaluate(result, dict(zip((x, n, m), values, strict=True)))

    empty = np.zeros((0, 4))
    for shape in ((0, -1), (-1, 0), (n, -1), (n, m), (m, 0), (2, n, -1)):
        for values in ((empty, 0, -1), (np.ones((2, 4)), 0, -1)):
            with pytest.raises((ExecutionError, ValueError), match="a size of -1 is any size"):
                value(x.reshape(shape), values)
    assert value(x.reshape((0, 7)), (empty, 0, 0)).shape == (0, 7)
    assert value(x.reshape((n, m)), (empty, 0, 3)).shape == (0, 3)
    assert value(x.reshape((4, -1)), (empty, 0, 0)).shape == (4, 0)
    assert value(x.reshape((n, m)), (np.ones((2, 4)), -1, 2)).shape == (4, 2)
    with pytest.raises(ValueError, match="cannot be reshaped"):
        T.zeros((0, 4)).reshape((0, -1))


def test_plus() -> None:
    x = T.lvector("x")
    assert evaluate(+x, {x: [1, -2]}).tolist() == [1, -2]
    assert (+x).type == x.type
    assert function([x], +x)(np.arange(6)[::2]).tolist() == [0, 2, 4]
    y = T.dvector("y")
    assert evaluate(T.grad((+y * y).sum(), y), {y: [3.0]}).tolist() == [6]

from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import OpFromGraph, gradient
from lltheano.errors import DisconnectedInputError, NullTypeGradError
from lltheano.gradient import Lop
from lltheano.graph import Apply, DisconnectedType, NullType, Op
from lltheano.graph.gradient_types import disconnected, undefined
from tests.lltheano.evaluation import evaluate


def test_the_gradient_has_the_variables_type() -> None:
    x, b, row = T.fmatrix("x"), T.dvector("b"), T.drow("row")
    cost = (T.exp(x) * b + row).sum()
    for variable in (x, b, row):
        assert T.grad(cost, variable).type == variable.type


def test_one_variable_or_several() -> None:
    x, y = T.dscalars("x", "y")
    cost = x * y
    assert T.grad(cost, x) is not None
    assert isinstance(T.grad(cost, [x, y]), list)
    assert isinstance(T.grad(cost, (x, y)), tuple)


def test_gradients_are_named() -> None:
    x = T.dscalar("x")
    cost = x * x
    cost.name = "cost"
    assert T.grad(cost, x).name == "(dcost/dx)"
    assert T.grad(x * x * x, x, add_names=False).name is None


def test_the_gradient_of_the_cost_by_itself_is_one() -> None:
    x = T.dscalar("x")
    cost = x * x
    assert evaluate(T.grad(cost, cost), {x: 3.0}) == 1


def test_the_cost_must_be_a_scalar() -> None:
    with pytest.raises(TypeError, match=r"cost must be a scalar, got errors .*\.sum\(\) or"):
        T.grad(T.dvector("errors"), T.dvector("w"))


def test_arguments_must_be_variables() -> None:
    not_symbolic: Any = 1.0
    x = T.dscalar("x")
    with pytest.raises(TypeError, match="the cost must be a symbolic variable, got 1"):
        T.grad(not_symbolic, x)
    with pytest.raises(TypeError, match="wrt must be symbolic variables, got 3"):
        T.grad(x * x, [x, 3])
    with pytest.raises(ValueError, match="needs a cost"):
        T.grad(None, x)
    with pytest.raises(ValueError, match="disconnected_inputs takes raise, warn, ignore, got 'no'"):
        T.grad(x * x, x, disconnected_inputs="no")


def test_a_variable_that_does_not_occur() -> None:
    x, y = T.dscalar("x"), T.dvector("y")
    with pytest.raises(DisconnectedInputError, match=r"does not depend on y .*does not occur"):
        T.grad(x * x, y)
    with pytest.warns(UserWarning, match="does not depend on y"):
        T.grad(x * x, y, disconnected_inputs="warn")
    zeros = T.grad(x * x, y, disconnected_inputs="ignore")
    assert evaluate(zeros, {y: [1.0, 2.0]}).tolist() == [0, 0]


def test_what_a_disconnected_variable_gets() -> None:
    x, y = T.dscalars("x", "y")
    options: dict[str, Any] = {"disconnected_inputs": "ignore"}
    assert T.grad(x * x, y, return_disconnected="none", **options) is None
    found = T.grad(x * x, y, return_disconnected="disconnected", **options)
    assert isinstance(found.type, DisconnectedType)


def test_indices_and_sizes_do_not_connect() -> None:
    x, i, m = T.dvector("x"), T.lscalar("i"), T.dmatrix("m")
    with pytest.raises(DisconnectedInputError, match="as an index, a size"):
        T.grad(x[i], i)
    with pytest.raises(DisconnectedInputError, match="as an index, a size"):
        T.grad(T.zeros(m.shape).sum() + x.sum(), m)
    assert evaluate(T.grad(x[i], x), {x: np.zeros(3), i: 1}).tolist() == [0, 1, 0]


def test_steps_have_gradient_zero() -> None:
    x = T.dvector("x")
    for step in (T.floor(x).sum(), T.gt(x, 0).sum(), x.argmax() * 1.0, T.sgn(x).sum()):
        assert evaluate(T.grad(step, x), {x: [1.5, -2.0]}).tolist() == [0, 0]


def test_a_mixed_cost_ignores_its_steps() -> None:
    x = T.dvector("x")
    cost = (T.switch(x > 0, x, 2 * x) + T.floor(x)).sum()
    assert evaluate(T.grad(cost, x), {x: [1.5, -2.0]}).tolist() == [1, 2]


def test_integers_are_treated_as_reals() -> None:
    i, x = T.ivector("i"), T.dvector("x")
    found = T.grad((i * x).sum(), i)
    assert found.dtype == "float64"
    given = {i: np.array([1, 2], "int32"), x: [0.5, 1.5]}
    assert evaluate(found, given).tolist() == [0.5, 1.5]


def test_consider_constant() -> None:
    x = T.dscalar("x")
    y = x * x
    assert evaluate(T.grad(y * x, x, consider_constant=[y]), {x: 3.0}) == 9
    assert evaluate(T.grad(y * x, x), {x: 3.0}) == 27


def test_known_gradients() -> None:
    x = T.dscalar("x")
    y = x * x
    found = T.grad(None, x, known_grads={y: T.constant(2.0)})
    assert evaluate(found, {x: 3.0}) == 12
    with pytest.raises(ValueError, match="a gradient of more axes"):
        T.grad(None, x, known_grads={y: T.dvector("g")})


def test_a_known_gradient_of_fewer_axes_is_repeated() -> None:
    x, g = T.dmatrix("x"), T.dvector("g")
    values = {x: np.ones((2, 3)), g: [1.0, 2.0, 3.0]}
    for known, wanted in ((T.constant(1.0), [2, 2, 2]), (g, [2, 4, 6])):
        found = T.grad(None, x, known_grads={x * 2: known})
        assert found.type == x.type
        np.testing.assert_array_equal(evaluate(found, {**values, g: values[g]}), [wanted] * 2)
    itself = T.grad(None, x, known_grads={x: T.constant(1.0)})
    np.testing.assert_array_equal(evaluate(itself, values), np.ones((2, 3)))
    lop = Lop(x * 2, x, T.constant(3.0))
    np.testing.assert_array_equal(evaluate(lop, values), np.full((2, 3), 6))


def test_a_known_gradient_may_be_none() -> None:
    x, y = T.dscalars("x", "y")
    first, second = x * y, x + y
    known = {first: disconnected(), second: T.constant(3.0)}
    found = T.grad(None, [x, y], known_grads=known)
    assert [float(evaluate(one, {x: 5.0, y: 7.0})) for one in found] == [3, 3]
    with pytest.raises(DisconnectedInputError, match="the known gradients does not depend on x"):
        T.grad(None, x, known_grads={first: disconnected()})
    with pytest.raises(NullTypeGradError):
        T.grad(None, x, known_grads={first: undefined("of a test")})


def test_a_variable_used_twice_gets_both_terms() -> None:
    x = T.dvector("x")
    assert evaluate(T.grad((x * x + x).sum(), x), {x: [1.0, 2.0]}).tolist() == [3, 5]


def test_repeated_rows_are_summed() -> None:
    x, column = T.dmatrix("x"), T.dcol("c")
    found = T.grad((x * column).sum(), column)
    assert found.broadcastable == (False, True)
    assert evaluate(found, {x: np.ones((2, 3)), column: np.ones((2, 1))}).tolist() == [[3], [3]]


@pytest.mark.parametrize(
    ("expression", "point", "slope"),
    [
        (lambda x: x**2, 0.0, 0),
        (lambda x: x**0, 0.0, 0),
        (lambda x: T.constant(0.0) ** x, 2.0, 0),
        (abs, 0.0, 0),
        (lambda x: T.maximum(x, 0), 0.0, 1),
        (lambda x: T.maximum(0, x), 0.0, 0),
        (lambda x: T.minimum(x, 0), 0.0, 1),
        (lambda x: T.minimum(0, x), 0.0, 0),
        (lambda x: T.maximum(x, x), 1.0, 1),
        (lambda x: T.clip(x, 0, 1), 0.0, 1),
        (lambda x: T.clip(x, 0, 1), 2.0, 0),
        (T.nnet.relu, 0.0, 0.5),
        (lambda x: T.nnet.relu(x, 0.5), 0.0, 0.75),
        (T.nnet.sigmoid, -1000.0, 0),
        (T.nnet.softplus, 1000.0, 1),
        (lambda x: T.stack([x, x]).prod(), 0.0, 0),
        (lambda x: T.stack([x, T.constant(2.0)]).prod(), 0.0, 2),
        (lambda x: T.stack([x, T.constant(3.0)]).max(), 3.0, 1),
    ],
)
def test_where_functions_break(expression: Any, point: Any, slope: Any) -> None:
    x = T.dscalar("x")
    assert evaluate(T.grad(expression(x), x), {x: point}) == slope


def test_barriers() -> None:
    x = T.dscalar("x")
    given = {x: 3.0}
    for barrier in (gradient.zero_grad, gradient.consider_constant, gradient.disconnected_grad):
        assert evaluate(T.grad(barrier(x * x) * x, x), given) == 9
        assert evaluate(barrier(x), given) == 3
    assert evaluate(T.grad(gradient.grad_clip(x * x * 9, -1, 1), x), given) == 54
    assert evaluate(T.grad(gradient.grad_clip(x, -0.5, 0.5) * 9, x), given) == 0.5
    assert evaluate(T.grad(gradient.grad_scale(x, 0.5) * 9, x), given) == 4.5
    with pytest.raises(ValueError, match="lower <= upper"):
        gradient.grad_clip(x, 1, 0)
    with pytest.raises(TypeError, match="takes a symbolic variable, got 3"):
        gradient.zero_grad(3)


def test_a_cost_behind_a_barrier_alone_is_disconnected() -> None:
    x = T.dscalar("x")
    with pytest.raises(DisconnectedInputError, match="in a part that is held constant only"):
        T.grad(gradient.disconnected_grad(x * x), x)


def test_undefined_gradients() -> None:
    x = T.dscalar("x")
    y = gradient.undefined_grad(x) * x
    with pytest.raises(NullTypeGradError, match=r"with respect to x .*undefined_grad"):
        T.grad(y, x)
    assert isinstance(T.grad(y, x, null_gradients="return").type, NullType)
    kind: Any = gradient.grad_not_implemented(T.exp, 0, x, "too hard").type
    why = kind.why
    assert why.startswith("exp does not implement it for input 0, x (")
    assert why.endswith(": too hard")
    kind = gradient.grad_undefined(T.exp, 0, x).type
    assert "has none" in kind.why


class Halves(Op):
    """An op in Theano's manner: two outputs, and `grad` instead of `L_op`."""

    def make_node(self, x: Any) -> Any:
        return Apply(self, [x], [x.type(), x.type()])

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        first, second = output_gradients
        return [first * 2 + second * 3]

    def lower(self, builder: Any, node: Any, inputs: Any) -> Any:
        return [inputs[0], inputs[0]]


def test_ops_with_two_outputs_get_zeros_for_the_unused_one() -> None:
    x = T.dscalar("x")
    first, second = Halves()(x)
    assert evaluate(T.grad(first, x), {x: 1.0}) == 2
    assert evaluate(T.grad(first + second, x), {x: 1.0}) == 5


class Wrong(Op):
    def __init__(self, terms: Any) -> None:
        self.terms = terms

    def make_node(self, x: Any) -> Any:
        return Apply(self, [x], [x.type()])

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return self.terms

    def __str__(self) -> str:
        return "Wrong"


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        ([], ValueError, "the gradient of Wrong returned 0 terms for 1 inputs"),
        ([None], TypeError, "with respect to x .* is None, not a variable"),
        ([T.dvector()], ValueError, "has 1 axes, not 0"),
    ],
)
def test_wrong_gradients_of_user_ops_are_explained(terms: Any, error: Any, message: Any) -> None:
    x = T.dscalar("x")
    with pytest.raises(error, match=message):
        T.grad(Wrong(terms)(x), x)


def test_left_and_right_products() -> None:
    x, v, w = T.dvectors("x", "v", "w")
    f = T.stack([x[0] * x[1], T.exp(x[0]), x[1] ** 2])
    point = np.array([0.5, 2.0])
    jacobian = np.array([[2.0, 0.5], [np.exp(0.5), 0], [0, 4.0]])
    left, right = np.array([1.0, 2.0, 3.0]), np.array([0.3, -0.7])
    found = evaluate(T.Lop(f, x, v), {x: point, v: left})
    np.testing.assert_allclose(found, left @ jacobian)
    found = evaluate(T.Rop(f, x, w), {x: point, w: right})
    np.testing.assert_allclose(found, jacobian @ right)


def test_products_for_several_variables() -> None:
    x, y = T.dvectors("x", "y")
    results = T.Rop([x * y, x + y], [x, y], [x, y])
    given = {x: np.array([1.0, 2.0]), y: np.array([3.0, 4.0])}
    found = evaluate(results, given)
    np.testing.assert_allclose(found[0], 2 * given[x] * given[y])
    np.testing.assert_allclose(found[1], given[x] + given[y])
    with pytest.raises(ValueError, match="f has 1 variables and eval_points 2"):
        T.Lop([x], x, [x, y])


def test_a_deep_graph() -> None:
    x = y = T.dscalar("x")
    for _ in range(2000):
        y = T.sin(y)
    assert T.grad(y, x).type == x.type


def test_only_what_connects_is_differentiated() -> None:
    x, y = T.dscalars("x", "y")
    hidden = Wrong([])(y)
    assert evaluate(T.grad(x * x, x), {x: 3.0}) == 6
    cost = x * gradient.disconnected_grad(hidden)
    assert T.grad(cost, x).type == x.type


@pytest.mark.parametrize("wrt_too", [False, True])
def test_one_of_several_results_may_be_a_constant(wrt_too: bool) -> None:
    x = T.dscalar("x")
    first, second = OpFromGraph([x], [x**2, x**3])(x)
    wrt = [x, first] if wrt_too else [x]
    slope, *ones = T.grad(first + second, wrt, consider_constant=[first])
    assert evaluate(slope, {x: 2.0}) == 12
    assert [evaluate(one, {x: 2.0}) for one in ones] == [1] * wrt_too

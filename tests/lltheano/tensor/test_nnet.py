import numpy as np
import pytest
import scipy.special

import lltheano.tensor as T
from lltheano_ir.ops.definition import ExecutionError
from tests.lltheano.evaluation import evaluate

LOGITS = np.array([[0.1, -2.0, 3.0], [1000.0, 0.0, -1000.0]])


def test_softmax_is_stable_and_keeps_its_dtype() -> None:
    x = T.fmatrix("x")
    found = evaluate(T.nnet.softmax(x), {x: LOGITS.astype("float32")})
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, scipy.special.softmax(LOGITS, axis=1), rtol=1e-6)


def test_softmax_of_a_vector_is_a_row() -> None:
    x = T.dvector("x")
    found = evaluate(T.nnet.softmax(x), {x: LOGITS[0]})
    assert found.shape == (1, 3)
    assert T.nnet.softmax(x).broadcastable == (True, False)


def test_softmax_refuses_integers_and_scalars() -> None:
    for wrong in (T.imatrix("i"), T.dscalar("i")):
        with pytest.raises(TypeError, match="vector or matrix of floats, got i"):
            T.nnet.softmax(wrong)


def test_logsoftmax_is_finite() -> None:
    x = T.dmatrix("x")
    found = evaluate(T.nnet.logsoftmax(x), {x: LOGITS})
    np.testing.assert_allclose(found, scipy.special.log_softmax(LOGITS, axis=1))
    with_bias = T.nnet.softmax_with_bias(x, T.constant([1.0, 2.0, 3.0]))
    wanted = scipy.special.softmax(LOGITS + np.array([1, 2, 3]), axis=1)
    np.testing.assert_allclose(evaluate(with_bias, {x: LOGITS}), wanted)


def test_cross_entropies() -> None:
    p, t, y = T.dmatrix("p"), T.dmatrix("t"), T.ivector("y")
    probabilities = np.array([[0.2, 0.8], [0.5, 0.5]])
    one_hot = np.array([[0.0, 1.0], [1.0, 0.0]])
    wanted = -np.log([0.8, 0.5])
    dense = T.nnet.categorical_crossentropy(p, t)
    np.testing.assert_allclose(evaluate(dense, {p: probabilities, t: one_hot}), wanted)
    sparse = T.nnet.categorical_crossentropy(p, y)
    labels = np.array([1, 0], "int32")
    np.testing.assert_allclose(evaluate(sparse, {p: probabilities, y: labels}), wanted)
    with pytest.raises(TypeError, match="the true distribution must be of 2 axes"):
        T.nnet.categorical_crossentropy(p, T.dvector("v"))


def test_binary_cross_entropies_agree() -> None:
    x, t = T.dvectors("x", "t")
    given = {x: np.array([-3.0, 0.0, 2.0]), t: np.array([0.0, 1.0, 0.3])}
    plain = T.nnet.binary_crossentropy(T.nnet.sigmoid(x), t)
    stable = T.nnet.sigmoid_binary_crossentropy(x, t)
    np.testing.assert_allclose(evaluate(plain, given), evaluate(stable, given), rtol=1e-12)
    far = {x: np.array([-1000.0, 1000.0]), t: np.array([0.0, 1.0])}
    assert evaluate(stable, far).tolist() == [0, 0]


def test_activations() -> None:
    x = T.dvector("x")
    values = np.array([-3.0, -0.5, 0.0, 0.5, 3.0])
    positive = values > 0
    wanted = {
        T.nnet.relu(x): np.maximum(values, 0),
        T.nnet.relu(x, 0.1): np.where(positive, values, 0.1 * values),
        T.nnet.elu(x, 2): np.where(positive, values, 2 * np.expm1(values)),
        T.nnet.softsign(x): values / (1 + abs(values)),
        T.nnet.hard_sigmoid(x): np.clip(0.2 * values + 0.5, 0, 1),
        T.nnet.selu(x): 1.0507009873554805
        * np.where(positive, values, 1.6732632423543772 * np.expm1(values)),
        T.nnet.softplus(x): np.logaddexp(0, values),
        T.nnet.ultra_fast_sigmoid(x): scipy.special.expit(values),
    }
    for expression, value in wanted.items():
        np.testing.assert_allclose(evaluate(expression, {x: values}), value, atol=1e-15)


def test_activations_keep_single_precision() -> None:
    x = T.fvector("x")
    for function in (T.nnet.relu, T.nnet.elu, T.nnet.selu, T.nnet.softsign, T.nnet.hard_sigmoid):
        assert function(x).dtype == "float32"


def test_assert_checks_when_it_runs() -> None:
    x = T.dvector("x")
    checked = T.opt.Assert("x must be positive")(x, T.all(x > 0), x.shape[0])
    assert evaluate(checked, {x: np.ones(2)}).tolist() == [1, 1]
    with pytest.raises(ExecutionError, match="x must be positive"):
        evaluate(checked, {x: np.zeros(2)})
    with pytest.raises(TypeError, match="a condition of Assert must be a scalar, got"):
        T.opt.Assert()(x, x > 0)

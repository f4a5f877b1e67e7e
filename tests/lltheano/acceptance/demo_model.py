"""The demo's training step, small enough for tests."""

from dataclasses import dataclass

import numpy as np

from lltheano import function, shared, tensor as T
from lltheano.function import Function
from lltheano.shared import TensorSharedVariable
from lltheano.tensor.variables.variable import TensorVariable

__all__ = ["ROWS", "SoftmaxRegression", "build"]

ROWS = 50


@dataclass(frozen=True)
class SoftmaxRegression:
    """Softmax regression over `ROWS` rows of 6 features in 4 classes; `train` counts its calls."""

    data_x: TensorSharedVariable
    data_y: TensorSharedVariable
    W: TensorSharedVariable
    b: TensorSharedVariable
    count: TensorSharedVariable
    cost: TensorVariable
    slopes: list[TensorVariable]
    train: Function
    measure: Function

    def bits(self) -> list[bytes]:
        """What the shared variables hold, bit for bit."""
        kept = (self.data_x, self.data_y, self.W, self.b, self.count)
        return [one.get_value().tobytes() for one in kept]


def build(dtype: str = "float64", batch: int = 10) -> SoftmaxRegression:
    """The program as Theano's users write it."""
    rng = np.random.default_rng(3)
    data_x = shared(rng.standard_normal((ROWS, 6)).astype(dtype), name="data_x")
    data_y = shared(rng.integers(0, 4, ROWS), name="data_y")
    W = shared(rng.standard_normal((6, 4)).astype(dtype), name="W")
    b = shared(np.zeros(4, dtype), name="b")
    count = shared(0, name="count")
    x, y, index = T.matrix("x", dtype=dtype), T.lvector("y"), T.lscalar("index")
    p = T.nnet.softmax(T.dot(x, W) + b)
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    error = T.mean(T.neq(T.argmax(p, axis=1), y))
    gW, gb = T.grad(cost, [W, b])
    rows = slice(index * batch, (index + 1) * batch)
    givens = {x: data_x[rows], y: data_y[rows]}
    rate = np.dtype(dtype).type(0.1)
    updates = [(W, W - rate * gW), (b, b - rate * gb), (count, count + 1)]
    return SoftmaxRegression(
        data_x,
        data_y,
        W,
        b,
        count,
        cost,
        [gW, gb],
        function([index], [cost, error], updates=updates, givens=givens, name="train"),
        function([index], [cost, gW, gb], givens=givens, name="measure"),
    )

"""A program as people wrote them for Theano: training, saving, checking, in its old idiom."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import copy
import pickle
import sys

import numpy
import theano
import theano.tensor as T
from theano.compat import OrderedDict, izip
from theano.compile.mode import Mode, get_default_mode
from theano.compile.nanguardmode import NanGuardMode
from theano.compile.sharedvalue import SharedVariable
from theano.gof import graph
from theano.misc import pkl_utils
from theano.tensor.sharedvar import TensorSharedVariable


class LogisticRegression(object):
    def __init__(self, input, n_in, n_out):
        zeros = numpy.zeros((n_in, n_out), dtype=theano.config.floatX)
        self.W = theano.shared(value=zeros, name="W", borrow=True)
        self.b = theano.shared(value=zeros[0], name="b", borrow=True)
        self.input = input
        self.p_y_given_x = T.nnet.softmax(T.dot(input, self.W) + self.b)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.params = [self.W, self.b]

    def negative_log_likelihood(self, y):
        return -T.mean(T.log(self.p_y_given_x)[T.arange(y.shape[0]), y])


rng = numpy.random.RandomState(1)
images = numpy.asarray(rng.randn(60, 5), dtype=theano.config.floatX)
labels = numpy.asarray(images[:, 0] > 0, dtype=theano.config.floatX)
shared_x = theano.shared(images, borrow=True)
shared_y = T.cast(theano.shared(labels, borrow=True), "int32")

index, x, y = T.lscalar("index"), T.matrix("x"), T.ivector("y")
model = LogisticRegression(x, 5, 2)
cost = model.negative_log_likelihood(y)
gradients = [T.grad(cost=cost, wrt=one) for one in model.params]
updates = OrderedDict((one, one - 0.5 * g) for one, g in izip(model.params, gradients))
batch = slice(index * 20, (index + 1) * 20)
train = theano.function(
    inputs=[index],
    outputs=cost,
    updates=updates,
    givens={x: shared_x[batch], y: shared_y[batch]},
    mode=get_default_mode().excluding("fusion"),
    name="train",
)
costs = [numpy.mean([train(i) for i in range(3)]) for _ in range(30)]
predict = theano.function([x], model.y_pred, allow_input_downcast=True)
accuracy = numpy.mean(predict(images.tolist()) == labels)
assert costs[-1] < 0.5 * costs[0] and accuracy > 0.9

with open(sys.argv[1] + ".pkl", "wb") as file:
    pickle.dump(model, file, protocol=pickle.HIGHEST_PROTOCOL)
with open(sys.argv[1] + ".pkl", "rb") as file:
    loaded = pickle.load(file)
again = theano.function([loaded.input], loaded.y_pred)
assert (again(images) == predict(images)).all()

with open(sys.argv[1] + ".zip", "wb") as file:
    pkl_utils.dump(model.params, file)
with open(sys.argv[1] + ".zip", "rb") as file:
    W, b = pkl_utils.load(file)
assert isinstance(W, TensorSharedVariable) and isinstance(b, SharedVariable)
assert numpy.load(sys.argv[1] + ".zip")["W"].shape == (5, 2)

before = model.W.get_value()
copy.deepcopy(train)(0)
assert (model.W.get_value() == before).all()
assert {one.name for one in graph.inputs([cost]) if one.name} == {"x", "y", "W", "b"}
safe = theano.function([x], T.log(x).sum(), mode=NanGuardMode(True, True, True), name="safe")
try:
    safe(numpy.zeros((1, 1)))
except AssertionError as error:
    print(str(error).splitlines()[0])
plain = theano.function([x], theano.clone(x.sum(), {x: x * 2}), mode=Mode("py", None))
print(plain(numpy.ones((2, 2))), theano.config.floatX, theano.__version__)
"""


def test_an_old_program_runs_without_a_change(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(_PROGRAM)
    command = [sys.executable, "-m", "lltheano.compat", str(program), str(tmp_path / "model")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout == ("safe(): an infinity in a result of log\n" + "8.0 float64 1.0.5\n")

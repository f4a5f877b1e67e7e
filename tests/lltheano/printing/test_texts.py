"""What the printers of text show of a graph."""

import io
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.gradient import grad_clip
from lltheano.graph import Apply, Op
from lltheano.printing import debugprint, min_informative_str, pp, pprint, var_descriptor

X, W = T.dvectors("x", "w")
M, I = T.dmatrix("m"), T.lscalar("i")  # noqa: E741


def printed(obj: Any, **options: Any) -> str:
    text = debugprint(obj, file="str", **options)
    assert isinstance(text, str)
    return text


def test_a_tree_shows_a_shared_part_once() -> None:
    total = X + W
    assert printed(T.exp(total) * total) == (
        "mul [A]\n├─ exp [B]\n│  └─ add [C]\n│     ├─ x [D]\n│     └─ w [E]\n└─ add [C] ...\n"
    )


def test_it_goes_to_the_standard_output_or_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert debugprint(T.exp(X)) is None
    assert capsys.readouterr().out == "exp [A]\n└─ x [B]\n"
    stream = io.StringIO()
    assert debugprint(T.exp(X), file=stream) is stream
    assert stream.getvalue() == "exp [A]\n└─ x [B]\n"


def test_depth_and_types() -> None:
    assert printed(T.exp(T.sin(X)), depth=1) == "exp [A]\n└─ sin [B]\n"
    assert printed(T.exp(X), depth=0) == "exp [A]\n"
    assert printed(T.exp(X), print_type=True).splitlines()[1] == (
        "└─ x [B] : TensorType(float64, vector)"
    )


def test_ids() -> None:
    y = T.exp(X)
    assert printed(y, ids="int") == "exp [0]\n└─ x [1]\n"
    assert printed(y, ids="") == "exp\n└─ x\n"
    assert printed(y, ids="id") == f"exp [{id(y)}]\n└─ x [{id(X)}]\n"
    with pytest.raises(ValueError, match="ids takes 'CHAR', 'int', 'id', '', got 'char'"):
        printed(y, ids="char")


def test_named_parts_may_end_the_tree() -> None:
    y = T.sin(X)
    y.name = "y"
    assert printed(T.exp(y)) == "exp [A]\n└─ y = sin [B]\n   └─ x [C]\n"
    assert printed(T.exp(y), stop_on_name=True) == "exp [A]\n└─ y = sin [B]\n"
    assert printed(y, stop_on_name=True) == "y = sin [A]\n└─ x [B]\n"


def test_calls_may_share_ids_and_what_was_shown() -> None:
    done: dict[Any, Any] = {}
    used: dict[Any, str] = {}
    y = T.sin(X)
    assert printed(y, done=done, used_ids=used) == "sin [A]\n└─ x [B]\n"
    assert printed(T.exp(y), done=done, used_ids=used) == "exp [C]\n└─ sin [A] ...\n"


def test_a_function_shows_outputs_updates_and_values() -> None:
    state = shared(np.array([1.5, 2.0]), "state")
    f = function([X], X * 2, updates=[(state, state + X)])
    assert printed(f, print_storage=True) == (
        "mul [A]\n├─ x [B]\n└─ DimShuffle{x} [C]\n   └─ 2 [D]\n"
        "update of state: add [E]\n├─ state [F] = [1.5, 2. ]\n└─ x [B]\n"
    )


def test_lists_and_applications() -> None:
    assert printed([T.exp(X), X]) == "exp [A]\n└─ x [B]\nx [B]\n"
    assert printed(T.exp(X).owner) == "exp [A]\n└─ x [B]\n"
    with pytest.raises(TypeError, match=r"expected a variable, .* got 3 of type int"):
        printed(3)


def test_users_of_a_variable() -> None:
    y = T.exp(X)
    text = printed(y * T.sin(y), print_clients=True)
    assert "exp [B] <- sin [C], mul [A]" in text


def test_the_graph_inside_an_op_is_shown_after() -> None:
    text = printed(T.jacobian(X**3, X))
    head, _, inside = text.partition("\ninside Mapping [A]:\n")
    assert head.startswith("Mapping [A]\n")
    assert "is switch [" in inside, "a leaf inside names the operand that it stands for"


def test_a_deep_graph_is_printed() -> None:
    y: Any = X
    for _ in range(3000):
        y = T.sin(y)
    assert printed(y).count("sin") == 3000
    assert pp(y).count("sin") == 3000
    assert min_informative_str(y).count("sin") == 3000
    assert var_descriptor(y).count("sin") == 3000


class Pair(Op):
    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type(), x.type()])


def test_several_outputs_are_told_apart() -> None:
    first, second = Pair()(X)
    assert printed([first, second]) == "Pair.0 [A]\n└─ x [B]\nPair.1 [C] ...\n"
    assert pp(first - second) == "Pair(x)[0] - Pair(x)[1]"
    assert var_descriptor(second) == "A=Pair(B=x:TensorType(float64, vector)).1"


EXPRESSIONS: dict[str, Any] = {
    "x - (w - x)": X - (W - X),
    "x - w - x": X - W - X,
    "x / (w * x)": X / (W * X),
    "(x + w) * x": (X + W) * X,
    "x + w * x": X + W * X,
    "-x ** 2": -(X**2),
    "(-x) ** 2": (-X) ** 2,
    "x ** w ** x": X ** (W**X),
    "(x ** w) ** x": (X**W) ** X,
    "(x > 0) & ~(w < 1)": (X > 0) & ~(W < 1),
    "(x < w) < 1": (X < W) < 1,
    "abs(x) % 2": abs(X) % 2,
    "sum(m, axis=0)": M.sum(axis=0),
    "max(m)": M.max(),
    "sum(m, axis=(0, 1))": T.dtensor3("m").sum(axis=(0, 1)),
    "m.T": M.T,
    "x.dimshuffle(0, 'x')": X.dimshuffle(0, "x"),
    "(x + w)[1:]": (X + W)[1:],
    "m[::-1, None, i]": M[::-1, None, I],
    "m[[0, 1], i:]": M[[0, 1], I:],
    "m[m > 0]": M[M > 0],
    "m[[0, 2]]": M[[0, 2]],
    "stack([x, w])": T.stack([X, W]),
    "grad_clip(x)": grad_clip(X, -1, 1),
    "det(m)": T.nlinalg.det(M),
    "inc_subtensor(x[[0, 0]], w)": T.inc_subtensor(X[[0, 0]], W),
    "set_subtensor(x[1:], w)": T.set_subtensor(X[1:], W),
    "inc_subtensor(x[i], 1.0)": T.inc_subtensor(X[I], 1.0),
    "cast(x, 'float32')": X.astype("float32"),
    "concatenate([x, w], axis=0)": T.concatenate([X, W]),
    "reshape(m, (3, -1))": M.reshape((3, -1)),
    "reshape(m, (-1,))": M.reshape((-1,)),
    "x.shape[0]": X.shape[0],
    "switch(x > 0, x, w)": T.switch(X > 0, X, W),
    "dot(m, x)": T.dot(M, X),
    "softmax(m)": T.nnet.softmax(M),
    "clip(x, 0, 1)": T.clip(X, 0, 1),
    "x": X,
    "constant(float64, shape (10,))": T.constant(np.arange(10.0)),
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_are_written_as_one_would(text: str) -> None:
    assert pp(EXPRESSIONS[text]) == text


def test_a_named_or_long_part_is_written_once() -> None:
    y = T.exp(X)
    y.name = "y"
    assert pp(y * y + 1) == "y = exp(x)\ny * y + 1"
    assert pp(T.exp(X) + y) == "exp(x) + exp(x)"
    long = X * W + X / W + X - W * X + 1
    assert pp(long + T.exp(long)) == ("t0 = x * w + x / w + x - w * x + 1\nt0 + exp(t0)")


def test_a_graph_that_doubles_at_every_step_stays_short() -> None:
    y: Any = X
    for _ in range(60):
        y = y + y
    assert len(pp(y)) < 3000


def test_inputs_and_outputs() -> None:
    assert pprint([X, W], X + W) == "x, w -> x + w"
    assert pprint([X], [X, X * 2]) == "x -> x, x * 2"
    assert pprint.process(X) == "x"
    with pytest.raises(TypeError, match="takes symbolic variables, got 3"):
        pprint(3)
    with pytest.raises(TypeError, match="inputs and outputs; got 3"):
        pprint(X, X, X)


def test_a_tree_for_people() -> None:
    total = X + 1.5
    assert min_informative_str(total * total) == (
        "A. mul\n B. add\n  C. x\n  D. DimShuffle{x}\n   E. 1.5\n <B>"
    )
    total.name = "total"
    assert min_informative_str(T.exp(total), indent_level=2) == "  A. exp\n   B. total"
    with pytest.raises(TypeError, match="takes a symbolic variable, got 3"):
        min_informative_str(3)


def test_descriptors_tell_whether_two_variables_are_computed_alike() -> None:
    y = T.dvector("x")
    assert var_descriptor(X * X) == var_descriptor(y * y)
    assert var_descriptor(X * X) != var_descriptor(y * T.dvector("w"))
    assert var_descriptor(X * 2) != var_descriptor(X * 3)
    assert "\n" not in var_descriptor(M[1:] + T.constant(np.ones((2, 2))))

import pickle
from typing import Any

import pytest

import lltheano.tensor as T
from lltheano.errors import LoweringError, MethodNotDefined
from lltheano.graph import Apply, Constant, Generic, Op, Variable, generic
from lltheano.lowering import lower


class Double(Op):
    def make_node(self, x: Any) -> Any:
        return Apply(self, [x], [x.type()])


def test_an_application_owns_its_outputs() -> None:
    x = T.dvector("x")
    y = x + 1
    assert y.owner is not None
    assert y.index is not None
    assert y.owner.outputs[y.index] is y
    assert y.owner.out is y
    assert (y.owner.nin, y.owner.nout) == (2, 1)


def test_an_output_has_one_owner() -> None:
    y = T.dvector("x") + 1
    with pytest.raises(ValueError, match="already computed by add"):
        Apply(Double(), [T.dvector()], [y])


def test_an_application_takes_variables_only() -> None:
    not_symbolic: Any = 1.0
    with pytest.raises(TypeError, match="not a Variable"):
        Apply(Double(), [not_symbolic], [])


def test_the_source_is_the_users_line() -> None:
    x = T.dmatrix("x")
    made = [x + 1, -x, x[1:], x.sum(), x.T, T.nnet.softmax(x), T.grad(x.sum(), x)]
    assert x.source is not None
    assert x.source.text == 'x = T.dmatrix("x")'
    for variable in made:
        assert variable.source is not None
        assert variable.source.filename == __file__
        assert variable.source.line == x.source.line + 1


def test_describe_names_variable_type_and_line() -> None:
    x = T.dvector("x")
    assert x.describe().startswith("x (TensorType(float64, vector), made at ")
    assert f"{__file__}:" in x.describe()


def test_a_name_is_a_string() -> None:
    not_text: Any = 3
    with pytest.raises(TypeError, match="name of a variable must be a string"):
        Variable(Generic(), name=not_text)


def test_an_op_without_gradient_says_so() -> None:
    x = T.dscalar("x")
    with pytest.raises(MethodNotDefined, match="Double has no gradient"):
        T.grad(Double()(x), x)


def test_an_op_without_meaning_says_so() -> None:
    x = T.dscalar("x")
    with pytest.raises(
        LoweringError, match="Double has no meaning: it defines neither lower nor perform"
    ):
        lower([x], [Double()(x)])


def test_clone_makes_a_leaf() -> None:
    x = T.dvector("x")
    y = (x * 2).clone()
    assert y.owner is None
    assert y.type == x.type


@pytest.mark.parametrize(
    "make", [lambda: T.constant([1.0, 2.0]), lambda: Constant(generic, "text")]
)
def test_a_clone_of_a_constant_is_another_constant_of_the_same_value(make: Any) -> None:
    constant = make()
    constant.name, constant.tag.note = "c", 5
    copy = constant.clone()
    assert copy is not constant
    assert type(copy) is type(constant)
    assert (copy.type, copy.name, copy.tag.note) == (constant.type, "c", 5)
    assert copy.data is constant.data
    assert copy.signature() == constant.signature()


def test_tag_is_the_users() -> None:
    x = T.dvector("x")
    x.tag.test_value = 1
    assert x.tag.test_value == 1
    assert not hasattr(T.dvector("y").tag, "test_value")


def test_graphs_pickle() -> None:
    x = T.dvector("x")
    y = pickle.loads(pickle.dumps(T.exp(x)[1:].sum()))
    assert str(y.owner.op) == "Sum{axis=[0]}"
    assert y.owner.inputs[0].owner.inputs[0].owner.op is T.exp


def test_generic_takes_everything() -> None:
    assert Generic().filter("text") == "text"
    assert Generic().is_valid_value(None)
    assert Generic() == Generic()

"""Ops that compute in Python, in Theano's form, inside compiled functions."""

import threading
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Apply, Generic, Op, function, shared
from lltheano.errors import LoweringError, MethodNotDefined, MissingInputError, ShapeError
from lltheano.runtime.errors import DeadlockError


class Scaled(Op):
    """x times a factor, as Theano's tutorials write it; counts its calls."""

    __props__ = ("factor",)

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.calls: list[Any] = []

    def make_node(self, x: Any) -> Apply:
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        (x,) = inputs
        self.calls.append(x)
        output_storage[0][0] = x * self.factor

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        return shapes

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return [output_gradients[0] * self.factor]

    def R_op(self, inputs: Any, eval_points: Any) -> Any:
        return [eval_points[0] * self.factor]


def test_ops_with_equal_props_are_equal_and_named_by_them() -> None:
    assert Scaled(2.0) == Scaled(2.0) != Scaled(3.0)
    assert len({Scaled(2.0), Scaled(2.0), Scaled(3.0)}) == 2
    assert str(Scaled(2.0)) == "Scaled{factor=2.0}"


def test_an_op_computes_and_has_its_gradient_and_tangent() -> None:
    x, v = T.dvectors("x", "v")
    op = Scaled(3.0)
    y = op(x)
    slope = T.grad((y**2).sum(), x)
    f = function([x, v], [y, slope, T.Rop(y, x, v)])
    found = f([1.0, 2.0], [1.0, 10.0])
    assert [one.tolist() for one in found] == [[3.0, 6.0], [18.0, 36.0], [3.0, 30.0]]
    T.verify_grad(op, [np.array([0.3, -0.7])], rng=np.random.RandomState(0))


def test_equal_applications_are_computed_once() -> None:
    x = T.dvector("x")
    op = Scaled(2.0)
    f = function([x], op(x) + Scaled(2.0)(x))
    assert f([1.0]).tolist() == [4.0]
    assert len(op.calls) == 1


def test_a_size_alone_needs_no_call_where_infer_shape_tells_it() -> None:
    x = T.dmatrix("x")
    op = Scaled(2.0)
    f = function([x], op(x).shape)
    assert f(np.zeros((2, 3))).tolist() == [2, 3]
    assert not op.calls


class Repeated(Op):
    """x, n times; the size depends on a value."""

    __props__ = ("known",)

    def __init__(self, known: Any) -> None:
        self.known = known

    def make_node(self, x: Any, n: Any) -> Apply:
        return Apply(self, [T.as_tensor_variable(x), T.as_tensor_variable(n)], [T.dvector()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = np.tile(inputs[0], int(inputs[1]))

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        if self.known == "right":
            return [(shapes[0][0] * node.inputs[1],)]
        if self.known == "wrong":
            return shapes[:1]
        if self.known == "partly":
            return [None]
        raise ShapeError("who knows")


@pytest.mark.parametrize("known", ["right", "partly", "never"])
def test_sizes_are_known_before_or_after_the_call(known: str) -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    y = Repeated(known)(x, n)
    f = function([x, n], [y * 2, y.shape[0], y[::-1]])
    doubled, size, reverse = f([1.0, 2.0], 2)
    assert doubled.tolist() == [2.0, 4.0, 2.0, 4.0]
    assert reverse.tolist() == [2.0, 1.0, 2.0, 1.0]
    assert size == 4
    assert f(np.zeros(0), 3)[1] == 0


def test_a_wrong_infer_shape_is_an_error() -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    f = function([x, n], Repeated("wrong")(x, n))
    with pytest.raises(ValueError, match=r"must have size 2 on axis 0 .* got shape"):
        f([1.0, 2.0], 2)


class InPlace(Op):
    """Adds one to its input where it lies."""

    __props__ = ()
    view_map: ClassVar[dict[int, list[int]]] = {0: [0]}
    destroy_map: ClassVar[dict[int, list[int]]] = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Sequence[Any]) -> None:
        inputs[0] += 1
        output_storage[0][0] = inputs[0]


def test_destroying_an_input_harms_nobody() -> None:
    """Neither the caller's array, nor shared state, nor another reader of the value."""
    x, state = T.dvector("x"), shared(np.array([10.0, 20.0]))
    doubled = x * 2
    f = function([x], [InPlace()(x), InPlace()(state), InPlace()(doubled), doubled, x + state])
    given = np.array([1.0, 2.0])
    for _ in range(2):
        found = [one.tolist() for one in f(given)]
        assert found == [[2.0, 3.0], [11.0, 21.0], [3.0, 5.0], [2.0, 4.0], [11.0, 22.0]]
    assert given.tolist() == [1.0, 2.0]
    assert state.get_value().tolist() == [10.0, 20.0]


class Halves(Op):
    """Two outputs, of other dtypes."""

    __props__ = ()
    itypes = (T.dvector,)
    otypes = (T.fvector, T.lscalar)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = (inputs[0] / 2).astype("float32")
        output_storage[1][0] = len(inputs[0])


def test_several_outputs_and_types_instead_of_make_node() -> None:
    x = T.dvector("x")
    half, size = Halves()(x)
    assert function([x], [half, size])([2.0, 4.0])[0].dtype == np.float32
    assert function([x], size)([2.0, 4.0]) == 2
    with pytest.raises(TypeError, match=r"input 0 must be TensorType\(float64, vector\), got m"):
        Halves()(T.dmatrix("m"))
    with pytest.raises(ValueError, match="takes 1 inputs, got 2"):
        Halves()(x, x)
    assert len(Halves()(x, return_list=True)) == 2


def test_an_op_without_meaning_or_form_says_so() -> None:
    class Nothing(Op):
        pass

    class NoMeaning(Op):
        itypes = otypes = (T.dvector,)

    with pytest.raises(MethodNotDefined, match="must define make_node, or itypes and otypes"):
        Nothing()(T.dvector())
    x = T.dvector("x")
    with pytest.raises(LoweringError, match="neither lower nor perform"):
        function([x], NoMeaning()(x))


class Faulty(Op):
    itypes = otypes = (T.dvector,)

    def __init__(self, act: Any) -> None:
        self.act = act

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        self.act(inputs, output_storage)


def test_the_users_exception_arrives_with_the_users_line_and_nothing_has_changed() -> None:
    error = ZeroDivisionError("mine")

    def act(inputs: Any, storage: Any) -> None:
        raise error

    x, state = T.dvector("x"), shared(np.zeros(2), name="state")
    y = Faulty(act)(x)
    f = function([x], y.sum(), updates=[(state, state + 1)])
    with pytest.raises(ZeroDivisionError) as caught:
        f([1.0])
    assert caught.value is error
    (note,) = error.__notes__
    assert note.startswith("raised by Faulty, applied in ")
    assert note.endswith("y = Faulty(act)(x)")
    assert state.get_value().tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "left output 0 empty"),
        (np.zeros((1, 1)), "wrong value for output 0: expected 1 axes"),
        (np.zeros(2, complex), "wrong value for output 0"),
        ("text", "wrong value for output 0"),
    ],
)
def test_a_wrong_output_is_an_error(value: Any, message: str) -> None:
    def act(inputs: Any, storage: Any) -> None:
        storage[0][0] = value

    x = T.dvector("x")
    with pytest.raises((TypeError, ValueError), match=message):
        function([x], Faulty(act)(x))([1.0])


def test_values_that_lose_nothing_are_converted() -> None:
    def act(inputs: Any, storage: Any) -> None:
        storage[0][0] = [1, 2]

    x = T.dvector("x")
    assert function([x], Faulty(act)(x))([1.0]).tolist() == [1.0, 2.0]


def test_calling_a_function_on_the_same_state_is_a_deadlock_error() -> None:
    state = shared(np.zeros(2), name="state")
    step = function([], updates=[(state, state + 1)])

    def act(inputs: Any, storage: Any) -> None:
        step()
        storage[0][0] = inputs[0]

    x = T.dvector("x")
    y = Faulty(act)(x)
    reads, writes = function([x], y + state), function([x], y, updates=[(state, state * 2)])
    for f in (reads, writes):
        with pytest.raises(DeadlockError, match="state"):
            f([1.0, 2.0])
    assert state.get_value().tolist() == [0.0, 0.0]
    assert function([x], y)([5.0]).tolist() == [5.0]
    assert state.get_value().tolist() == [1.0, 1.0]


def test_a_function_may_be_called_from_many_threads_while_it_computes_in_python() -> None:
    state = shared(np.zeros(1), name="state")
    x = T.dvector("x")
    f = function([x], Scaled(2.0)(x), updates=[(state, state + Scaled(1.0)(x))])
    wrong: list[Any] = []

    def work(number: float) -> None:
        wrong.extend(found for _ in range(50) if (found := f([number])).tolist() != [2 * number])

    threads = [threading.Thread(target=work, args=(float(n),)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert state.get_value().tolist() == [50.0 * (1 + 2 + 3 + 4)]


class Looked(Op):
    """What a dict has under a key, and the input; the dict is a Python object."""

    __props__ = ()

    def make_node(self, x: Any, table: Any) -> Apply:
        if not isinstance(table, T.Variable):
            table = Generic().make_constant(table)
        return Apply(self, [T.as_tensor_variable(x), table], [T.dvector()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = inputs[0] * inputs[1]["factor"]


def test_python_objects_reach_an_op_as_constants_inputs_and_shared_variables() -> None:
    x, table = T.dvector("x"), Generic()("table")
    kept = shared({"factor": 5.0})
    assert function([x], Looked()(x, {"factor": 3.0}))([1.0]).tolist() == [3.0]
    f = function([x, table], [Looked()(x, table), Looked()(x, kept)])
    for factor in (2.0, 7.0):
        found = f([1.0], {"factor": factor})
        assert [one.tolist() for one in found] == [[factor], [5.0]]
    kept.set_value({"factor": 6.0})
    assert f([1.0], {"factor": 1.0})[1].tolist() == [6.0]
    with pytest.raises(MissingInputError, match="table"):
        function([x], Looked()(x, table))


class Thunked(Op):
    """Its meaning is the thunk that it makes, with storage of its own."""

    itypes = otypes = (T.dvector,)

    def __init__(self) -> None:
        self.made = 0

    def make_thunk(
        self, node: Apply, storage_map: Any, compute_map: Any, no_recycling: Any, impl: Any = None
    ) -> Any:
        self.made += 1
        source, target = storage_map[node.inputs[0]], storage_map[node.outputs[0]]

        def thunk() -> None:
            target[0] = source[0] + 1
            compute_map[node.outputs[0]][0] = True

        return thunk


def test_an_op_may_make_thunks_which_are_kept() -> None:
    x = T.dvector("x")
    op = Thunked()
    f = function([x], op(x))
    assert [f([float(n)]).tolist() for n in range(3)] == [[1.0], [2.0], [3.0]]
    assert op.made == 1


def test_a_rebuilt_application_keeps_what_make_node_cannot_take_again() -> None:
    """`make_node` of one parameter makes applications of two inputs."""

    class Padded(Op):
        def make_node(self, x: Any) -> Apply:
            return Apply(self, [x, T.constant(1.0)], [x.type()])

        def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
            output_storage[0][0] = inputs[0] + inputs[1]

    x, y = T.dvectors("x", "y")
    z = Padded()(x)
    assert function([y], z, givens={x: y * 2})([1.0]).tolist() == [3.0]


def test_the_line_of_an_op_is_where_it_is_applied() -> None:
    x = T.dvector("x")
    y = Scaled(2.0)(x)
    assert y.source is not None
    assert y.source.text == "y = Scaled(2.0)(x)"


class Sent(Op):
    """Passes its input on, and must not be called more often than it stands there."""

    ordered = True
    itypes = otypes = (T.dvector,)

    def __init__(self, known: bool) -> None:
        self.calls = 0
        if known:
            self.infer_shape = lambda node, shapes: shapes

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        self.calls += 1
        output_storage[0][0] = inputs[0]


def test_an_ordered_op_in_a_loop_is_called_once_in_each_step_or_refused() -> None:
    x, i = T.dvector("x"), T.lscalar("i")
    known = Sent(known=True)
    (rows,) = T.map_index(i, [known(x * i)], 3)
    assert function([x], rows)([1.0, 2.0]).tolist() == [[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]
    assert known.calls == 3
    (rows,) = T.map_index(i, [Sent(known=False)(x * i)], 3)
    with pytest.raises(NotImplementedError, match=r"called once each time.*infer_shape"):
        function([x], rows)


class Squared(Op):
    """x * x, whose gradient is computed in Python too; neither tells its size before."""

    __props__ = ()
    itypes = otypes = (T.dvector,)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = inputs[0] ** 2

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return [DoubledProduct()(inputs[0], output_gradients[0])]


class DoubledProduct(Op):
    """2 * x * y."""

    __props__ = ()
    itypes = (T.dvector, T.dvector)
    otypes = (T.dvector,)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = 2 * inputs[0] * inputs[1]


def test_rows_of_a_jacobian_whose_size_only_the_op_can_tell() -> None:
    x = T.dvector("x")
    f = function([x], T.jacobian(Squared()(x), x))
    assert f([1.0, 2.0]).tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert f(np.zeros(0)).shape == (0, 0)
    debug = function([x], T.jacobian(Squared()(x), x), mode="DebugMode")
    assert debug([1.0, 2.0]).tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert debug(np.zeros(0)).shape == (0, 0)

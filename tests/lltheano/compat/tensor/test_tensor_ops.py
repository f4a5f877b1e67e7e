"""Op classes, types and functions of `theano.tensor` that only Theano's programs name."""

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad, scalar
from lltheano.compat.modules import install_as_theano, uninstall_as_theano
from lltheano.compat.tensor import (
    canonical_slices,
    instances,
    names as tensor_names,
    ops as tensor_ops,
    permutations,
    tolerances,
    types as tensor_types,
)
from lltheano.errors import DefaultOutputError
from lltheano.graph import Apply, Op
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.variables.type_methods import TOLERANCES
from tests.lltheano.evaluation import evaluate

X = np.array([[3.0, 0.0, 2.0], [5.0, 5.0, -1.0]])
P = permutations

CASES: dict[str, tuple[Callable[[Any], Any], type[Op], Any]] = {
    "AllocEmpty": (lambda x: tensor_ops.AllocEmpty("int8")(*x.shape), tensor_ops.AllocEmpty, X * 0),
    "Mean": (tensor_ops.Mean(axis=1), tensor_ops.Mean, X.mean(1)),
    "Mean of all": (tensor_ops.Mean(), tensor_ops.Mean, X.mean()),
    "Tile": (lambda x: tensor_ops.Tile(2)(x, [2, 1]), tensor_ops.Tile, np.tile(X, (2, 1))),
    "Flatten": (tensor_ops.Flatten(), tensor_ops.Flatten, X.ravel()),
    "ProdWithoutZeros": (tensor_ops.ProdWithoutZeros(1), tensor_ops.ProdWithoutZeros, [6.0, -25.0]),
    "Fourier": (lambda x: abs(tensor_ops.fft(x, 3, 0)), T.Op, abs(np.fft.fft(X, 3, 0))),
    "PermuteRowElements": (
        lambda x: P.permute_row_elements(x, [2, 0, 1]),
        P.PermuteRowElements,
        X[:, [2, 0, 1]],
    ),
    "ScalarFromTensor": (
        lambda x: tensor_ops.scalar_from_tensor(x[0, 0]),
        tensor_ops.ScalarFromTensor,
        3.0,
    ),
    "TensorFromScalar": (
        lambda x: tensor_ops.tensor_from_scalar(tensor_ops.scalar_from_tensor(x[0, 0])),
        tensor_ops.TensorFromScalar,
        3.0,
    ),
    "Default": (lambda x: instances.default(x, 2 * x), instances.Default, X),
}


@pytest.mark.parametrize("name", CASES)
def test_an_op_class_is_real(name: str) -> None:
    make, kind, wanted = CASES[name]
    x = T.dmatrix("x")
    y = make(x)
    op = y.owner.op
    assert isinstance(op, kind)
    np.testing.assert_allclose(function([x], y)(X), wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(evaluate(y, {x: X}), wanted, rtol=1e-12, atol=1e-12)
    assert op == make(T.dmatrix()).owner.op == pickle.loads(pickle.dumps(op)) == copy.copy(op)
    assert str(op)
    assert isinstance(op(*y.owner.inputs, return_list=True), list)
    if y.dtype == "float64":
        slope = grad(y.sum(), x)
        assert slope.type == x.type
        assert function([x], slope)(X).shape == X.shape


def test_every_composed_op_of_the_package_has_a_case() -> None:
    kinds = {kind for _, kind, _ in CASES.values()}
    modules = (tensor_ops, permutations, instances)
    composed = {
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, ComposedOp) and "compat" in one.__module__
    }
    assert composed - kinds == {tensor_ops.Fourier}


@pytest.mark.parametrize("inverse", [0, 1])
@pytest.mark.parametrize(
    ("rows", "orders"),
    [
        ((4,), (4,)),
        ((3, 4), (4,)),
        ((4,), (3, 4)),
        ((3, 4), (3, 4)),
        ((2, 3, 4), (4,)),
        ((2, 3, 4), (2, 3, 4)),
    ],
)
def test_rows_are_permuted(rows: Any, orders: Any, inverse: int, rng: np.random.Generator) -> None:
    a = rng.normal(size=rows)
    order = rng.permuted(np.broadcast_to(np.arange(4), orders), axis=-1)
    x, y = (
        T.TensorType("float64", (False,) * a.ndim)(),
        T.TensorType("int32", (False,) * order.ndim)(),
    )
    used = np.argsort(order, -1) if inverse else order
    rank = max(a.ndim, order.ndim)
    wide = [one.reshape((1,) * (rank - one.ndim) + one.shape) for one in (a, used)]
    together, places = np.broadcast_arrays(*wide)
    wanted = np.take_along_axis(together, places, -1)
    found = function([x, y], P.permute_row_elements(x, y, inverse))(a, order.astype("int32"))
    np.testing.assert_array_equal(found, wanted)
    which = T.lscalar("inverse")
    chosen = function([x, y, which], P.permute_row_elements(x, y, which))
    np.testing.assert_array_equal(chosen(a, order.astype("int32"), inverse), wanted)
    inverted = function([y], P.inverse_permutation(y))(order.astype("int32"))
    np.testing.assert_array_equal(inverted, np.argsort(order, -1))
    assert inverted.dtype == "int32"


def test_wrong_permutations() -> None:
    x, v = T.dmatrix("x"), T.lvector("v")
    permuted = function([x, v], P.permute_row_elements(x, v))
    with pytest.raises(ValueError, match="rows of 3 elements, permutations of 2"):
        permuted(X, [0, 1])
    with pytest.raises(IndexError):
        permuted(X, [0, 1, 3])
    with pytest.raises(TypeError, match="permutations are integers"):
        P.permute_row_elements(x, T.dvector())
    with pytest.raises(TypeError, match="takes permutations of integers"):
        P.inverse_permutation(x)


def test_none_is_an_axis() -> None:
    x = T.dmatrix("x")
    none = tensor_types.NoneConst
    assert T.max(x, axis=none).ndim == T.sum(x, axis=none).ndim == T.argmax(x, axis=none).ndim == 0
    assert T.sort(x, none).ndim == T.argsort(x, none).ndim == 1
    assert tensor_names.check_and_normalize_axes(x, none) == []
    matrix = T.dmatrix("m")
    values = T.slinalg.eigvalsh(matrix, none).eval({matrix: np.diag([2.0, 1.0])})
    assert values.tolist() == [1.0, 2.0]
    assert pickle.loads(pickle.dumps(none)).data is None
    assert tensor_types.NoneTypeT() == none.type
    with pytest.raises(TypeError, match="the only value is None"):
        tensor_types.none_type_t.filter(1)


def test_slices_are_values() -> None:
    n = T.lscalar("n")
    made: Any = tensor_types.make_slice(slice(1, n))
    assert made.type == tensor_types.slicetype
    assert [str(one) for one in made.owner.inputs] == ["TensorConstant{1}", "n", "NoneConst"]
    cell: list[Any] = [None]
    made.owner.op.perform(made.owner, [1, 2, None], [cell])
    assert cell == [slice(1, 2, None)]
    constant = tensor_types.slicetype.make_constant(slice(np.int64(1), None))
    assert constant.signature() == tensor_types.SliceConstant(made.type, slice(1, None)).signature()
    assert tensor_types.as_index_variable(constant) is constant
    with pytest.raises(TypeError, match="an index is an integer"):
        tensor_types.as_index_variable(T.dvector())
    with pytest.raises(TypeError, match="an integer is wanted"):
        tensor_types.as_int_none_variable(T.dscalar())
    with pytest.raises(TypeError, match="expected a slice"):
        tensor_types.slicetype.filter(1)


def test_slices_that_are_values_index() -> None:
    """Bounds known, symbolic and absent, beside other indices, for reading and writing."""
    x, n = T.dmatrix("x"), T.lscalar("n")
    part: Any = tensor_types.make_slice(n, None, -1)
    known = tensor_types.slicetype.make_constant(slice(None, 2))
    results = [x[part], x[1, part], x[part, known], T.inc_subtensor(x[:, known], 1)]
    increased = X + np.array([1, 1, 0])
    expected = [X[1::-1], X[1, 1::-1], X[1::-1, :2], increased]
    for result, value in zip(function([x, n], results)(X, 1), expected, strict=True):
        np.testing.assert_array_equal(result, value)
    np.testing.assert_array_equal(
        function([x, n], grad(x[part].sum(), x))(X, 0), [[1.0, 1, 1], [0, 0, 0]]
    )


def test_a_slice_without_a_value_is_no_index() -> None:
    with pytest.raises(TypeError, match="is not a tensor"):
        T.dvector("x")[tensor_types.slicetype("s")]


BOUNDS = (None, -9, -3, -1, 0, 1, 2, 5, 9)


@pytest.mark.parametrize("length", [0, 1, 5])
@pytest.mark.parametrize("step", [None, 1, 2, -1, -2, -7])
def test_slices_run_upwards_in_their_canonical_form(length: int, step: int | None) -> None:
    numbers = np.arange(length)
    start, stop, size, stride = T.lscalars("start", "stop", "size", "stride")
    upwards, direction = canonical_slices.get_canonical_form_slice(slice(start, stop, stride), size)
    compiled = function(
        [start, stop, stride, size],
        [
            T.as_tensor_variable(one)
            for one in (upwards.start, upwards.stop, upwards.step, direction)
        ],
    )
    for first in BOUNDS:
        for last in BOUNDS:
            given = slice(first, last, step)
            found, turned = canonical_slices.get_canonical_form_slice(given, length)
            assert 0 <= found.start <= found.stop <= length
            np.testing.assert_array_equal(numbers[found][::turned], numbers[given])
            if None in (first, last, step):
                continue
            begin, end, stride_up, sign = map(int, compiled(first, last, step, length))
            np.testing.assert_array_equal(numbers[begin:end:stride_up][::sign], numbers[given])


def test_masks_are_recognised() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    read: Any = x[x > 0]
    written: Any = T.set_subtensor(x[x > 0], 0)
    rows: Any = x[[0, 1]]
    assert isinstance(read.owner.op, tensor_ops.AdvancedBooleanSubtensor)
    assert isinstance(read.owner.op, tensor_ops.BaseAdvancedSubtensor)
    assert isinstance(written.owner.op, tensor_ops.AdvancedBooleanIncSubtensor)
    assert isinstance(written.owner.op, tensor_ops.BaseAdvancedIncSubtensor)
    assert not isinstance(rows.owner.op, tensor_ops.AdvancedBooleanSubtensor)
    assert isinstance(rows.owner.op, tensor_ops.BaseAdvancedSubtensor)
    values = {x: [1.0, -1.0], y: [5.0]}
    mask = x > 0
    assert evaluate(tensor_ops.advanced_boolean_subtensor(x, mask), values).tolist() == [1.0]
    assert evaluate(tensor_ops.advanced_boolean_inc_subtensor(x, y, mask), values).tolist() == [
        6.0,
        -1.0,
    ]
    assert evaluate(tensor_ops.advanced_boolean_set_subtensor(x, y, mask), values).tolist() == [
        5.0,
        -1.0,
    ]


def test_running_totals_by_older_names() -> None:
    assert tensor_ops.CumsumOp(axis=1) == T.CumOp(1, "add")
    node = T.cumprod(T.dvector()).owner
    assert node is not None
    assert isinstance(node.op, tensor_ops.CumprodOp)
    assert not isinstance(node.op, tensor_ops.CumsumOp)


def test_scalars_become_tensors_and_back() -> None:
    with pytest.raises(TypeError, match="a tensor without axes is wanted"):
        tensor_ops.scalar_from_tensor(T.dvector())
    with pytest.raises(TypeError, match="a variable of a scalar type is wanted"):
        tensor_ops.tensor_from_scalar(T.dvector())
    s = scalar.float32("s")
    tensor = tensor_ops.tensor_from_scalar(s)
    assert type(tensor.type) is T.TensorType
    assert function([s], tensor * 2)(1.5) == 3.0
    assert isinstance(tensor_ops.scalar_from_tensor(tensor).type, scalar.Scalar)


def test_comparing_values_allows_what_it_is_told_to() -> None:
    a, b = np.array([1.0, np.inf, np.nan]), np.array([1.0, 2.0, 3.0])
    approx = T.dvector.values_eq_approx
    assert not approx(a, b)
    assert not tensor_names.values_eq_approx_remove_nan(a, b)
    assert tensor_names.values_eq_approx_remove_inf_nan(a, b)
    assert approx(a, a)
    assert T.dvector.values_eq(a, a)
    assert not T.dvector.values_eq(a, a.astype("float32"))
    assert not approx(np.ones(2), np.ones(3))
    assert not approx(np.array([1]), np.array([2]))
    assert approx(np.array([1.0]), np.array([1.01]), rtol=0.1)
    assert tensor_names.values_eq_approx_always_true(1, 2)


@pytest.fixture
def basic() -> Iterator[Any]:
    install_as_theano()
    before = dict(TOLERANCES)
    import theano.tensor.basic  # type: ignore[import-not-found]

    yield theano.tensor.basic
    TOLERANCES.update(before)
    uninstall_as_theano()


def test_tolerances_can_be_set(basic: Any) -> None:
    a, b = np.array([1.0], "float32"), np.array([1.001], "float32")
    assert basic.float32_rtol == 1e-5
    assert not T.fvector.values_eq_approx(a, b)
    basic.float32_rtol = 1e-2
    assert basic.float32_rtol == tolerances.float32_rtol == 1e-2
    assert T.fvector.values_eq_approx(a, b)


def test_types_have_the_methods_that_ops_use() -> None:
    assert T.fmatrix.value_zeros((2, 3)).dtype == "float32"
    assert T.dmatrix.get_size(T.dmatrix.get_shape_info(X)) == X.nbytes
    assert T.dmatrix.may_share_memory(X, X[1:])
    assert not T.dmatrix.may_share_memory(X, X.copy())
    m = T.dmatrix("m")
    assert T.dmatrix.filter_variable(m) is m
    assert T.drow.filter_variable(m).type == T.drow
    assert T.dmatrix.filter_variable(X).type == T.dmatrix
    with pytest.raises(TypeError, match=r"m .* is not, and cannot become"):
        T.fmatrix.filter_variable(m)
    assert T.dmatrix.is_super(T.dcol)
    assert not T.dmatrix.is_super(T.fmatrix)


def test_small_functions() -> None:
    x, n = T.dmatrix("x"), T.lscalar("n")
    assert tensor_names.extract_constant(T.constant(2)) == 2
    assert tensor_names.extract_constant(n) is n
    assert tensor_names.makeKeepDims(x, x.sum(axis=1), 1).broadcastable == (False, True)
    with pytest.raises(TypeError, match="a bool is not accepted"):
        tensor_names.check_and_reject_bool(T.vector(dtype="bool"))
    with pytest.raises(IndexError):
        tensor_names.check_advanced_indexing_dimensions(x, [0, 0, 0])
    state = np.random.RandomState(1)
    assert tensor_names.check_equal_numpy(state, np.random.RandomState(1))
    assert not tensor_names.check_equal_numpy(state, np.random.RandomState(2))
    key = tensor_names.TensorConstantSignature((T.dvector, np.array([np.nan])))
    assert {key} == {tensor_names.TensorConstantSignature((T.dvector, np.array([np.nan])))}
    assert key != tensor_names.TensorConstantSignature((T.dvector, np.array([1.0])))
    assert tensor_names.div_proxy(T.lvector(), 2).dtype == "int64"
    assert instances.frozendict(a=1) == {"a": 1}


def test_variables_move_where_a_registered_function_takes_them(basic: Any) -> None:
    x = T.dvector("x")
    assert x.transfer("cpu") is x
    with pytest.raises(ValueError, match=r"cannot transfer x .* to 'elsewhere'"):
        x.transfer("elsewhere")
    marked = x * 1
    basic.register_transfer(lambda one, target: marked if target == "there" else None)
    assert x.transfer("there") is marked


class Several(Op):
    __props__ = ("default_output",)

    def __init__(self, default_output: Any) -> None:
        self.default_output = default_output

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, [T.dscalar()], [T.dscalar("a"), T.dscalar("b")])


@pytest.mark.parametrize("wrong", [2, -1, [1], None])
def test_an_application_stands_for_an_output_that_there_is(wrong: Any) -> None:
    assert T.as_tensor_variable(Several(1).make_node()).name == "b"
    for error in (AttributeError, ValueError, DefaultOutputError):
        with pytest.raises(error, match="Several"):
            T.as_tensor_variable(Several(wrong).make_node())


def test_every_op_returns_a_list_on_request() -> None:
    x = T.dmatrix("x")
    ops: list[Any] = [T.exp, T.Unique(), T.nlinalg.matrix_inverse, T.Sum(0), T.nlinalg.TensorInv(1)]
    for op in (*ops, T.add):
        found = op(x, return_list=True)
        assert isinstance(found, list)
        assert len(found) == 1
    named: Any = T.clip
    assert isinstance(named(x, min=0, max=1, return_list=True), list)


def test_reductions_say_their_dtypes() -> None:
    for dtype, wanted in (("int8", "int64"), ("float16", "float32"), ("uint8", "uint64")):
        op: Any = T.sum(T.vector(dtype=dtype)).owner
        assert op.op.acc_dtype == wanted
        assert isinstance(op.op, T.Sum)
    assert T.mean(T.fmatrix(), dtype="float16").dtype == "float16"
    for dtype in ("int8", "float32", "float16", "bool"):
        x = T.vector("x", dtype=dtype)
        average = T.mean(x, dtype="float16")
        assert average.dtype == "float16"
        assert evaluate(average, {x: np.ones(3, dtype)}) == 1


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_bools_stay_bools_in_reductions_without_dtypes(axis: Any) -> None:
    x = T.matrix("x", dtype="bool")
    values = np.array([[True, False], [False, False], [True, True]])
    for op, numpys in ((T.add, np.any), (T.mul, np.all)):
        y = T.CAReduce(op, axis=axis)(x)
        assert y.dtype == "bool"
        np.testing.assert_array_equal(function([x], y)(values), numpys(values, axis))

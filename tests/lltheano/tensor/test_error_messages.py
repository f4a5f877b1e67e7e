"""Errors name what the program called and its own variables, and show its own frames."""

import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from docs.extensions.catalogue import public_names
from lltheano import config, function, shared
from lltheano.graph import Op
from lltheano.graph.boundary import boundary, given_arguments

PACKAGE = str(Path(lltheano.__file__).parent)

INTERNAL = re.compile(
    r"(DimShuffle|Reshape|Join|Cast|Sum|Prod|Max|Min|Subtensor)\{|Rebroadcast|MakeVector|Shape_i"
    r"|Requirement|CAReduce|IncSubtensor|AdvancedSubtensor|TensorOperators"
)
"""Ops that a program does not call by name."""

DESCRIBED = re.compile(r"(\S+) \(TensorType\(")
OWN = {"weights", "bias", "scale", "matrix", "index"}

NOT_TENSORS = {
    *("verify_grad", "numeric_grad", "load", "known_element", "known_elements", "lower_part"),
    *("mpi_send_wait_key", "mpi_tag_key", "hints", "upper_part", "is_hint", "mgrid", "ogrid"),
    *("grad_not_implemented", "grad_undefined", "Lop", "Rop", "hessian", "jacobian"),
    *("consider_constant", "pool_2d", "pool_3d"),
}
"""Functions of something else than tensors and numbers, or that call functions of the program."""


def functions() -> Iterator[tuple[str, Any]]:
    seen: set[int] = set()
    for full, value in public_names().items():
        name = full.rpartition(".")[2]
        if full.startswith("lltheano.tensor.") and inspect.isroutine(value):
            if id(value) not in seen and name not in NOT_TENSORS:
                yield full.removeprefix("lltheano.tensor."), value
            seen.add(id(value))


def operands() -> list[tuple[Any, ...]]:
    weights, bias = T.tensor4("weights", dtype="float64"), T.zvector("bias")
    matrix, index, scale = T.dmatrix("matrix"), T.lvector("index"), T.dscalar("scale")
    return [
        *((weights,), (bias,), (scale,), (weights, bias), (bias, weights), (matrix, weights)),
        *((matrix, bias), (matrix, index), ([weights, bias],), ([matrix, bias],), (weights, 99)),
        *((matrix, 99), (matrix, "text"), (matrix, 1.5), (matrix, [7, 7]), (scale, matrix)),
        *((matrix, matrix, matrix), (weights, matrix, 99), (matrix, index, 7), (matrix, -9)),
        *((matrix, (1, 2, 3)), ([],), ("text",)),
    ]


FUNCTIONS = dict(functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_refuses_is_said_in_the_terms_of_its_caller(name: str) -> None:
    called = FUNCTIONS[name]
    names = {name.rpartition(".")[2], called.__name__}
    for given in operands():
        try:
            called(*given)
        except (TypeError, ValueError, IndexError, AssertionError, NotImplementedError) as error:
            message = str(error)
            assert any(re.search(rf"\b{one}\b", message) for one in names), message
            assert not INTERNAL.search(message), message
            for one in DESCRIBED.findall(message):
                assert one in OWN or (one[-1] == "}" and "TensorConstant{" in message), message
            assert_frames(error)


def assert_frames(error: BaseException) -> None:
    """At most one frame is of the package; the others are of the program."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    ours = [one for one in files if one.startswith(PACKAGE)]
    assert len(ours) <= 1, files
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


def test_an_expression_of_the_caller_is_named_itself() -> None:
    x = T.dmatrix("x")
    row = x[0]
    row.name = "row"
    with pytest.raises(TypeError, match=r"got x \(.*, row \(TensorType\(float64, vector\)"):
        T.stack([x, row])
    with pytest.raises(TypeError, match=r"got x \(.*, TensorConstant\{3\} \(TensorType\(int8"):
        T.stack([x, 3])


MISMATCHES: dict[str, tuple[Callable[[Any, Any], Any], tuple[int, ...], tuple[int, ...]]] = {
    "stack": (lambda x, y: T.stack([x, y]), (2, 3), (2, 4)),
    "concatenate": (lambda x, y: T.concatenate([x, y]), (2, 3), (2, 4)),
    "hstack": (lambda x, y: T.hstack([x, y]), (2, 3), (3, 3)),
    "vstack": (lambda x, y: T.vstack([x, y]), (2, 3), (2, 4)),
    "switch": (lambda x, y: T.switch(x > 0, y, 0.0), (2, 3), (2, 4)),
    "where": (lambda x, y: T.where(x > 0, y, x), (2, 3), (2, 4)),
    "maximum": (T.maximum, (2, 3), (2, 4)),
    "add": (lambda x, y: x + y, (2, 3), (2, 4)),
    "mul": (lambda x, y: x * y, (2, 3), (2, 4)),
    "gt": (lambda x, y: x > y, (2, 3), (2, 4)),
    "dot": (T.dot, (2, 3), (2, 4)),
    "matmul": (lambda x, y: x @ y, (2, 3), (2, 4)),
    "tensordot": (lambda x, y: T.tensordot(x, y, 2), (2, 3), (3, 2)),
    "einsum": (lambda x, y: T.einsum("ij,kj->ik", x, y), (2, 3), (2, 4)),
    "logaddexp": (T.logaddexp, (2, 3), (2, 4)),
    "hypot": (T.hypot, (2, 3), (2, 4)),
    "outer": (lambda x, y: T.outer(x[0], y[0])[:, 99], (2, 3), (2, 4)),
    "x[...]": (lambda x, y: x[7] + y[0], (2, 3), (2, 3)),
    "take": (lambda x, y: T.take(x, [9], axis=1) + y[:, :1], (2, 3), (2, 3)),
    "reshape": (lambda x, y: x.reshape((4, 2)) + y.sum(), (2, 3), (2, 3)),
    "set_subtensor": (lambda x, y: T.set_subtensor(x[:, :2], y), (2, 3), (2, 4)),
    "set": (lambda x, y: x[:, :2].set(y), (2, 3), (2, 4)),
}


@pytest.mark.parametrize("name", MISMATCHES)
def test_what_a_call_refuses_names_the_function_of_the_line_and_its_arguments(name: str) -> None:
    build, first, second = MISMATCHES[name]
    x, y = T.dmatrix("weights"), T.dmatrix("bias")
    f = function([x, y], build(x, y))
    with pytest.raises((ValueError, IndexError)) as caught:
        f(np.zeros(first), np.zeros(second))
    message = str(caught.value)
    assert not re.search(
        r"\b(gather|scatter|select|slice_update|slice|iota|rebroadcast|dimshuffle|broadcast):",
        message,
    ), message
    assert f"weights: float64 of shape {first}" in message
    assert Path(__file__).name in message
    assert_call_frames(caught.value)


def assert_call_frames(error: BaseException) -> None:
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    assert sum(one.startswith(PACKAGE) for one in files) == 1, files


def test_a_composition_is_named_at_run_time() -> None:
    x, y = T.dmatrices("x", "y")
    for name, build in [("stack", T.stack), ("hstack", T.hstack), ("column_stack", T.column_stack)]:
        f = function([x, y], build([x, y]))
        with pytest.raises(ValueError, match=rf": {name}: sizes on axis . ?"):
            f(np.zeros((2, 3)), np.zeros((3, 4)))


ONES: dict[str, tuple[Any, str]] = {
    "matrix": (T.dmatrix, r"declare it as T\.col\(\"x\"\), or use T\.addbroadcast\(x, 1\)"),
    "3D": (T.dtensor3, r"T\.TensorType\('float64', \(False, False, True\)\)\('x'\)"),
}


@pytest.mark.parametrize("what", ONES)
@pytest.mark.parametrize(
    "build",
    [
        lambda x, y: x + y,
        lambda x, y: T.switch(x > 0, y, 1),
        lambda x, y: T.logaddexp(y, x),
        lambda x, y: (x * 2) - T.exp(y),
    ],
)
def test_a_size_of_1_that_is_not_repeated_is_explained(what: str, build: Any) -> None:
    kind, advice = ONES[what]
    x, y = kind("x"), kind("y")
    f = function([x, y], build(x, y))
    shape = (2, 3, 4)[: x.ndim]
    with pytest.raises(ValueError, match=advice) as caught:
        f(np.ones((*shape[:-1], 1)), np.ones(shape))
    axis = x.ndim - 1
    assert f"x has size 1 on axis {axis}, and is not repeated there" in str(caught.value)
    assert "y has size" not in str(caught.value)


def test_the_advice_on_a_size_of_1_works() -> None:
    y = T.dmatrix("y")
    column, plain = T.dcol("x"), T.dmatrix("x")
    values = np.arange(2.0).reshape(2, 1), np.ones((2, 3))
    for x, operand in ((column, column), (plain, T.addbroadcast(plain, 1))):
        assert function([x, y], operand + y)(*values).tolist() == [[1, 1, 1], [2, 2, 2]]


def test_a_shared_variable_and_an_expression_with_a_size_of_1() -> None:
    w, y = shared(np.ones((2, 1)), name="w"), T.dmatrix("y")
    with pytest.raises(ValueError, match=r"shared\(value, broadcastable=\(False, True\)\)"):
        function([y], w + y)(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"T\.addbroadcast\(expression, axis\)"):
        function([y], y[:, : T.constant(1) + 0 * y.shape[0]] + y)(np.ones((2, 3)))


def test_sizes_that_differ_otherwise_are_not_explained_so() -> None:
    x, y = T.dmatrices("x", "y")
    cases: list[tuple[Callable[[], Any], Any]] = [
        (lambda: x + y, (2, 4)),
        (lambda: T.dot(x, y), (1, 3)),
    ]
    for build, shape in cases:
        with pytest.raises(ValueError, match="differ") as caught:
            function([x, y], build())(np.ones((2, 3)), np.ones(shape))
        assert "repeated" not in str(caught.value)


def test_all_frames_are_shown_when_asked_for() -> None:
    x, y = T.dvector("x"), T.dmatrix("y")
    f = function([x], x[9])
    with config.change_flags(exception_verbosity="high"):
        for call in (lambda: T.stack([x, y]), lambda: f([1.0])):
            with pytest.raises((TypeError, IndexError)) as caught:
                call()
            files = [one.filename for one in traceback.extract_tb(caught.value.__traceback__)]
            assert sum(one.startswith(PACKAGE) for one in files) > 1


class Broken(Op):
    itypes = otypes = (T.dvector,)

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        helper_of_the_program()


def helper_of_the_program() -> None:
    raise ValueError("from the program")


def test_an_error_of_the_program_keeps_its_words_and_frames() -> None:
    x = T.dvector("x")
    f = function([x], Broken()(x))
    with pytest.raises(ValueError, match=r"^from the program") as caught:
        f([1.0])
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-2:] == ["perform", "helper_of_the_program"]
    assert_call_frames(caught.value)


def test_what_a_call_was_given_is_known_inside_it() -> None:
    assert given_arguments() == ()
    found = boundary(lambda *args, **kwargs: (args, kwargs, given_arguments()))(1, b=2)
    assert found == ((1,), {"b": 2}, ())  # the frames beneath are those of a program

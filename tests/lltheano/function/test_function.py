"""What functions return, what they refuse to be made of, and what can be seen of them."""

import ctypes

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.config import config
from lltheano.errors import MissingInputError, UnusedInputError
from lltheano.function import In, Out, function
from lltheano.shared import shared

x, y = T.dscalars("x", "y")
v, w = T.dvectors("v", "w")


def test_the_form_of_the_outputs_is_the_form_of_the_results() -> None:
    assert function([x], x + 1)(1.0) == 2
    assert function([x], [x + 1])(1.0) == [2]
    assert function([x], (x + 1, x))(1.0) == [2, 1]
    assert function([x], {"b": x + 1, "a": x})(1.0) == {"b": 2, "a": 1}
    assert function([x], {"only": x})(1.0) == {"only": 1}
    assert function([], {})() == {}
    assert function([], [])() == function([], None)() == function([])() == []


def test_outputs_may_be_inputs_constants_shared_and_the_same_twice() -> None:
    s = shared(np.ones(2))
    results = function([v], [v, v, T.constant([1.0, 2.0]), s, s, s + v, Out(s, borrow=True)])(
        [1, 2]
    )
    expected = [[1, 2], [1, 2], [1, 2], [1, 1], [1, 1], [2, 3], [1, 1]]
    assert [one.tolist() for one in results] == expected
    for i, one in enumerate(results):
        one[:] = -i
    assert [one.tolist() for one in results] == [[-i, -i] for i in range(7)]
    assert s.get_value().tolist() == [1, 1]


def test_a_computed_variable_may_be_an_input() -> None:
    inner = x * 2
    assert function([inner], inner + 1)(10.0) == 11
    assert function([inner, x], inner + x)(10.0, 1.0) == 11
    assert function([inner, y], inner + x, givens={x: y})(10.0, 1.0) == 11


def test_a_variable_without_a_value_is_named_with_its_line() -> None:
    with pytest.raises(MissingInputError, match=r"value for y \(.*made at .*test_function.py:\d+"):
        function([x], x + y)


def test_unused_inputs_are_errors_warnings_or_nothing() -> None:
    with pytest.raises(UnusedInputError, match=r"depends on inputs\[1\], y .*test_function.py"):
        function([x, y], x)
    with pytest.warns(UserWarning, match=r"depends on inputs\[1\], y") as caught:
        function([x, y], x, on_unused_input="warn")
    assert caught[0].filename == __file__
    assert function([x, y], x, on_unused_input="ignore")(1.0, 2.0) == 1
    with config.change_flags(on_unused_input="ignore"):
        assert function([x, y], x)(1.0, 2.0) == 1
    with pytest.raises(ValueError, match=r"on_unused_input must be .*; got 'maybe'"):
        function([x], x, on_unused_input="maybe")


def test_a_name_must_be_a_string() -> None:
    with pytest.raises(TypeError, match="name of a function must be a string; got int"):
        function([x], x, name=3)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "name", ["memcpy", "main", "2 x", "sin", "é", "lltheano_pool_alloc", "blas_dgemm"]
)
def test_any_name_will_do(name: str) -> None:
    with_name = function([v], T.sin(v) + v[::-1], name=name)
    np.testing.assert_allclose(with_name([0.0, 1.0]), [1, np.sin(1)])
    assert with_name.name == name


def test_variables_may_share_their_names_or_have_none() -> None:
    a, b, c = T.dscalar("a"), T.dscalar("a"), T.dscalar()
    subtract = function([a, b, c], a - b * c)
    assert subtract(5.0, 2.0, 2.0) == 1
    with pytest.raises(TypeError, match="several parameters called 'a'"):
        subtract(a=1.0)


def test_defaults_serve_where_nothing_is_passed() -> None:
    default = np.array([1.0, 2.0])
    add = function([v, In(w, value=default), In(x, value=10, name="scale")], (v + w) * x)
    default[:] = 0
    assert add([1, 1]).tolist() == [20, 30]
    assert add([1, 1], scale=1).tolist() == [2, 3]
    assert add([1, 1], [0, 0], 2).tolist() == [2, 2]
    with pytest.raises(TypeError, match="takes from 1 to 3 positional arguments but 4"):
        add(1, 2, 3, 4)


def test_a_default_is_checked_when_the_function_is_made() -> None:
    with pytest.raises(TypeError, match=r"In\(x, value=...\): expected 0 axes"):
        function([In(x, value=[1, 2])], x)


def test_a_function_can_keep_the_value_of_an_input() -> None:
    total = T.dscalar("total")
    add = function([x, In(total, value=10.0, update=total + x)], total)
    assert [add(1), add(1)] == [10, 11]
    assert add[total] == add["total"] == 12
    assert add(5, total=100) == 100
    assert add(1, 0) == 0
    assert add["total"] == 1
    add["total"] = 7
    assert add(1) == 7
    assert add["x"] is None
    with pytest.raises(KeyError, match="keeps no value for 'y', which is no input; its inputs are"):
        add["y"]
    with pytest.raises(TypeError, match="the value that is kept for total: expected 0 axes"):
        add[total] = [1, 2]
    assert add[total] == 8


def test_a_kept_input_without_a_first_value_is_passed_each_time() -> None:
    follow = function([In(x, update=x + 1)], x)
    assert follow(3) == 3
    assert follow[x] == 4
    with pytest.raises(TypeError, match="missing 1 required argument: 'x'"):
        follow()


def test_a_kept_value_must_fit_its_variable() -> None:
    with pytest.raises(TypeError, match=r"In\(x, value=...\): expected 0 axes"):
        function([In(x, value=[1.0], update=x + 1)], x)
    with pytest.raises(TypeError, match=r"the update must have the type of the variable, .*got v "):
        function([In(x, value=1.0, update=v), v], x)


def test_an_input_can_have_its_value_from_a_shared_variable() -> None:
    s = shared(1.0)
    step = function([In(x, value=s, update=x + y), y], x)
    assert [step(2), step(3)] == [1, 3]
    assert s.get_value() == 6
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        step(1, 2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'x'"):
        step(2, x=1)
    fixed = function([In(x, value=3, implicit=True), y], x * y)
    assert fixed(2) == 6


def test_mutable_and_borrowed_inputs_may_be_passed_twice() -> None:
    swap = function([In(v, mutable=True), In(w, borrow=True)], [w + 0, v + 0, v + w])
    mine = np.array([1.0, 2.0, 3.0])
    results = swap(mine, mine[::-1])
    assert [one.tolist() for one in results] == [[3, 2, 1], [1, 2, 3], [4, 4, 4]]


def test_an_argument_may_be_the_memory_of_a_shared_variable_that_is_updated() -> None:
    s = shared(np.arange(100.0))
    step = function([v], updates=[(s, s + v[::-1])])
    assert any(one.stage == "in place" and one.taken for one in step.decisions)
    step(s.get_value(borrow=True)[:])
    assert s.get_value().tolist() == [99] * 100


def test_what_can_be_seen_of_a_function() -> None:
    s = shared(np.zeros(2), name="s")
    step = function([v], [v.sum()], updates=[(s, s + v)], name="step")
    assert repr(step).startswith("<Function step(v) updating s, made at")
    assert [str(one.variable) for one in step.inputs] == ["v"]
    assert len(step.outputs) == 1
    assert step.get_shared() == [s]
    assert list(step.stages) == ["graph", "source", "tensor", "loops", "llvm", "llvm-opt", "asm"]
    assert all(step.stages.values())
    assert step.compiled.source.name == "step"
    assert "update s = " in step.stages["graph"]
    with pytest.raises(KeyError, match="no stage is called 'llvmopt'"):
        step.stages["llvmopt"]
    step.free()
    assert step([1, 2]) == [3]


def test_the_entry_can_be_called_through_its_declaration() -> None:
    entry = (add := function([x, y], x + y, name="add")).entry
    assert entry.signature == "int32_t add(struct add_frame *frame);"
    assert "const double *data" in entry.frame
    frame = (ctypes.c_int64 * entry.layout.words)()
    numbers = np.array([2.0, 3.0])
    frame[0], frame[1] = numbers.ctypes.data, numbers.ctypes.data + 8
    native = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(entry.address)
    assert native(frame) == 0
    assert ctypes.c_double.from_address(frame[2]).value == 5
    assert add(2, 3) == 5


def test_an_unnamed_function_is_known_by_its_line() -> None:
    unnamed = function([x], x)
    assert unnamed.name.startswith(__file__)
    with pytest.raises(TypeError, match=r"the function of .*test_function.py:\d+ takes 1"):
        unnamed(1, 2)

"""Shared variables keep their values to themselves, and take only what fits."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from lltheano import tensor as T
from lltheano.runtime.errors import TornStorageError
from lltheano.shared import (
    GenericSharedVariable,
    ScalarSharedVariable,
    TensorSharedVariable,
    shared,
    shared_constructor,
)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (0, "int64"),
        (2**63, "uint64"),
        (0.5, "float64"),
        (1j, "complex128"),
        (True, "bool"),
        (np.float32(1), "float32"),
        (np.int8(-1), "int8"),
        (np.bool_(True), "bool"),
    ],
)
def test_a_number_gives_a_scalar_of_numpys_dtype(value: Any, dtype: str) -> None:
    variable = shared(value)
    assert isinstance(variable, ScalarSharedVariable)
    assert (variable.dtype, variable.broadcastable) == (dtype, ())
    assert variable.get_value() == value
    assert variable.get_value().shape == ()


def test_an_array_gives_a_tensor_of_its_dtype_and_rank() -> None:
    variable = shared(np.ones((1, 3), "float32"), name="W")
    assert type(variable) is TensorSharedVariable
    assert (variable.name, variable.dtype) == ("W", "float32")
    assert variable.broadcastable == (False, False)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4)[::-1, ::2],
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 5)),
        np.frombuffer(b"\0" + np.arange(3.0).tobytes(), dtype="u1")[1:].view("f8"),
        np.broadcast_to(np.float32(2), (3, 3)),
    ],
    ids=["negative strides", "byte-swapped", "fortran", "no elements", "misaligned", "read-only"],
)
def test_arrays_of_any_layout_are_taken_over(array: Any) -> None:
    got = shared(array).get_value()
    np.testing.assert_array_equal(got, array)
    assert got.dtype == array.dtype.newbyteorder("=")
    assert got.flags.c_contiguous
    assert got.flags.aligned
    assert got.flags.writeable


def test_other_objects_give_generic_variables() -> None:
    for value in ([1, 2], {"a": 1}, None, "text", np.array(["a", "b"])):
        variable = shared(value)
        assert isinstance(variable, GenericSharedVariable)
        np.testing.assert_equal(variable.get_value(), value)


@pytest.mark.parametrize("borrow", [False, True])
def test_managed_memory_is_not_the_callers(borrow: bool) -> None:
    mine = np.zeros(3)
    variable = shared(mine, borrow=borrow)
    mine[:] = 1
    assert variable.get_value().tolist() == [0, 0, 0]
    variable.get_value()[:] = 2
    assert variable.get_value().tolist() == [0, 0, 0]
    variable.set_value(mine, borrow=borrow)
    mine[:] = 3
    assert variable.get_value().tolist() == [1, 1, 1]


def test_generic_objects_are_copied_unless_borrowed() -> None:
    mine = {"steps": [1]}
    copied, borrowed = shared(mine), shared(mine, borrow=True)
    mine["steps"].append(2)
    assert copied.get_value() == {"steps": [1]}
    assert borrowed.get_value() == {"steps": [1, 2]}
    assert borrowed.get_value() is not mine
    assert borrowed.get_value(borrow=True) is mine
    borrowed.set_value(mine)
    assert borrowed.get_value(borrow=True) is not mine


def test_an_object_that_cannot_be_copied_must_be_borrowed() -> None:
    lock = threading.Lock()
    with pytest.raises(TypeError, match=r"lock cannot be copied.*borrow=True"):
        shared(lock)
    assert shared(lock, borrow=True).get_value(borrow=True) is lock


def test_a_borrowed_view_shows_the_value_and_outlives_it() -> None:
    variable = shared(np.arange(4.0))
    view = variable.get_value(borrow=True)
    assert view.ctypes.data % 64 == 0
    variable.set_value(np.zeros(2))
    assert view.tolist() == [0, 1, 2, 3]
    del variable
    assert view.tolist() == [0, 1, 2, 3]


def test_the_internal_type_is_an_array() -> None:
    variable = shared(np.arange(4.0))
    assert isinstance(variable.get_value(return_internal_type=True), np.ndarray)
    assert isinstance(variable.get_value(borrow=True, return_internal_type=True), np.ndarray)


def test_sizes_may_change() -> None:
    variable = shared(np.zeros((2, 3)))
    variable.set_value(np.ones((5, 1)))
    assert variable.get_value().shape == (5, 1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(2, "float32"), "expected 2 axes.*shape \\(2,\\)"),
        (np.zeros((2, 2), "float64"), "float64.*would lose precision as float32"),
        ([[0.1]], "would lose precision as float32"),
        (T.fmatrix("other"), "symbolic variable other"),
        ("text", "got .*U4"),
        (None, "got object"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(value: Any, message: str) -> None:
    variable = shared(np.ones((1, 2), "float32"), name="W")
    with pytest.raises(TypeError, match=f"set_value of W .*{message}"):
        variable.set_value(value)
    assert variable.get_value().tolist() == [[1, 1]]


def test_what_loses_nothing_is_converted() -> None:
    variable = shared(np.zeros(2))
    variable.set_value(np.array([1, 2], "int32"))
    assert variable.get_value().tolist() == [1, 2]
    variable.set_value([3, 4.5])
    assert variable.get_value().tolist() == [3, 4.5]
    count = shared(np.int8(0))
    count.set_value(np.int64(3))
    assert count.get_value() == 3
    with pytest.raises(TypeError, match="int8"):
        count.set_value(np.int64(300))


def test_strict_and_allow_downcast_change_what_is_converted() -> None:
    strict = shared(np.zeros(2), strict=True)
    with pytest.raises(TypeError, match="expected an array of dtype float64"):
        strict.set_value(np.zeros(2, "float32"))
    lenient = shared(np.zeros(2, "int8"), allow_downcast=True)
    lenient.set_value(np.array([1.5, -2.5]))
    assert lenient.get_value().tolist() == [1, -2]


def test_a_broadcastable_axis_keeps_size_one() -> None:
    variable = shared(np.ones((1, 3)), broadcastable=(True, False))
    with pytest.raises(TypeError, match="axis 0"):
        variable.set_value(np.ones((2, 3)))
    with pytest.raises(TypeError, match="axis 1"):
        shared(np.ones((1, 3)), broadcastable=(True, True))
    with pytest.raises(ValueError, match="1 entries for an array with 2 axes"):
        shared(np.ones((1, 3)), broadcastable=(True,))


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (T.dscalar("x"), TypeError, "takes a value, not the symbolic variable x"),
        (2**64, OverflowError, "18446744073709551616 does not fit"),
        (-(2**63) - 1, OverflowError, "does not fit"),
        (np.ma.masked_array([1.0], [True]), TypeError, "masked"),
        (np.zeros(2, np.longdouble), TypeError, "tensors cannot have dtype"),
    ],
)
def test_values_that_cannot_be_shared(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        shared(value)


def test_options_that_do_not_apply_are_refused() -> None:
    with pytest.raises(TypeError, match="broadcastable applies to arrays; got dict"):
        shared({}, broadcastable=(True,))
    with pytest.raises(ValueError, match="'cpu'"):
        shared(1.0, target="gpu")


def test_zero_keeps_the_sizes() -> None:
    variable = shared(np.ones((2, 3)))
    variable.zero()
    np.testing.assert_array_equal(variable.get_value(), np.zeros((2, 3)))


def test_a_lease_shows_the_value_and_changes_it_in_place() -> None:
    variable = shared(np.ones(3))
    with variable.borrowed() as array:
        array *= 2
    assert variable.get_value().tolist() == [2, 2, 2]
    generic = shared([1])
    with generic.borrowed() as items:
        items.append(2)
    assert generic.get_value() == [1, 2]


def test_a_clone_shares_the_storage() -> None:
    variable = shared(np.ones(3), name="W")
    variable.tag.note = "mine"
    copy = variable.clone()
    copy.set_value(np.zeros(1))
    assert variable.get_value().tolist() == [0]
    assert (copy.name, copy.type, copy.tag.note) == ("W", variable.type, "mine")
    assert copy is not variable


def test_the_container_is_the_storage() -> None:
    variable = shared(np.ones(3))
    variable.container.value = np.zeros(2)
    assert variable.get_value().tolist() == [0, 0]
    assert variable.container.value.tolist() == [0, 0]
    with pytest.raises(TypeError, match="expected 1 axes"):
        variable.container.value = np.zeros((2, 2))
    generic = shared([1])
    generic.container.value = [2]
    assert generic.container.value == [2]


def test_a_default_update_has_the_variables_type() -> None:
    counter = shared(0, name="counter")
    counter.default_update = counter + 1
    counter.default_update = 5
    assert counter.default_update.type == counter.type
    counter.default_update = None
    with pytest.raises(TypeError, match=r"default update of counter .*must have its type"):
        counter.default_update = counter * 0.5


def test_operators_build_graphs() -> None:
    assert (shared(1) + shared(np.ones(2))).type == T.dvector().type


@given(st.lists(st.floats(width=32), max_size=5))
def test_what_goes_in_comes_out(items: list[float]) -> None:
    variable = shared(np.zeros(0, "float32"))
    variable.set_value(items)
    np.testing.assert_array_equal(variable.get_value(), np.array(items, "float32"))


def test_a_programs_own_constructors_are_asked_first() -> None:
    def complain(value: Any, **options: Any) -> Any:
        raise TypeError

    def of_words(value: Any, name: Any = None, separator: str = " ", **options: Any) -> Any:
        if not isinstance(value, str):
            raise TypeError
        return shared(len(value.split(separator)), name)

    for one in (of_words, complain):
        assert shared_constructor(one) is one
    try:
        assert shared("a b", "words").get_value() == 2
        assert shared("a,b,c", separator=",").get_value() == 3
        assert shared(1.5).get_value() == 1.5
    finally:
        for one in (of_words, complain):
            shared_constructor(one, remove=True)
    assert shared("a b").get_value() == "a b"
    with pytest.raises(TypeError, match="unexpected keyword argument 'separator'"):
        shared("a b", separator=",")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_an_object_in_use_all_through_a_fork_is_an_error_in_the_child() -> None:
    item = shared([1], name="item")
    begun, end = threading.Event(), threading.Event()

    def hold() -> None:
        with item.borrowed():
            begun.set()
            end.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(10)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            item.get_value()
        except TornStorageError:
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    end.set()
    thread.join()
    assert status == 0
    assert item.get_value() == [1]


def _in_another_thread(act: Callable[[], object]) -> list[object]:
    """What `act` returns, or nothing if it does not end."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(act()), daemon=True)
    thread.start()
    thread.join(20)
    return results


@pytest.mark.parametrize("value", [[1], np.ones(1)], ids=["object", "array"])
def test_any_thread_may_end_a_lease(value: object) -> None:
    item = shared(value, name="item")

    def leased() -> Iterator[Any]:
        with item.borrowed() as shown:
            yield shown

    use = leased()
    next(use)[0] = 2
    assert _in_another_thread(lambda: list(use)) == [[]]
    assert _in_another_thread(item.get_value) == [[2]]
    item.set_value(value)


@pytest.mark.parametrize("value", [[1], np.ones(1)], ids=["object", "array"])
def test_a_lease_that_is_dropped_ends(value: object) -> None:
    item = shared(value, name="item")
    lease = item.borrowed()
    lease.__enter__()
    del lease
    assert _in_another_thread(item.get_value) == [[1]]


def test_a_lease_of_an_object_within_one_of_the_same_thread_does_not_end_it() -> None:
    item = shared([1], name="item")
    with ExitStack() as stack, item.borrowed() as outer:
        inner = stack.enter_context(item.borrowed())
        assert inner is outer
        item.set_value([2])
        assert item.get_value() == [2]
        assert item.container.backing.lease_holder == threading.get_ident()
    assert not item.container.backing.lease_holder
    with ExitStack() as stack:
        stack.enter_context(item.borrowed())
        assert item.container.backing.lease_holder == threading.get_ident()
    assert not item.container.backing.lease_holder

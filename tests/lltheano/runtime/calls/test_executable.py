"""Calling compiled programs: outcomes, atomicity, failures, threads, both ways of calling."""

import pickle
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from lltheano.runtime import pool
from lltheano.runtime.box import box, box_plainly, box_view
from lltheano.runtime.calls.executable import Executable
from lltheano.runtime.calls.plan import Input, Output
from lltheano.runtime.errors import DeadlockError, ExecutionFailed, MemoryDamagedError
from lltheano.runtime.native_code import native_code, new_record
from lltheano.runtime.storages.pool_storage import PoolStorage
from lltheano_ir.abi import Status
from tests.garbage import collect_garbage
from tests.lltheano.runtime.programs import (
    F64,
    I64,
    accumulator,
    adder,
    alarm,
    code,
    executable,
    occupied,
    scalar_storage,
    total,
    transfer,
    vector_storage,
    zeros,
)
from tests.threads import run_together

Way = Callable[[Executable, Sequence[Any]], list[Any]]

WAYS = pytest.mark.parametrize("way", [Executable.run, Executable.run_plainly])


@WAYS
def test_outputs_and_updates(way: Way) -> None:
    state = scalar_storage(10)
    program = accumulator(state)
    outputs = [way(program, [value]) for value in (1, np.array(300))]
    assert [int(output[0]) for output in outputs] == [10, 11]
    assert state.read_copy() == 311
    assert outputs[0][0].dtype == I64
    assert outputs[0][0].shape == ()
    assert outputs[0][0].flags.writeable


@WAYS
def test_a_fresh_update_is_swapped_in(way: Way) -> None:
    state = vector_storage(1, 2, 3)
    version = state.version
    assert way(adder(state), [np.array([10.0, 20.0, 30.0])]) == []
    assert state.read_copy().tolist() == [11, 22, 33]
    assert state.version == version + 1


@WAYS
def test_strides_reach_the_program(way: Way) -> None:
    state = vector_storage(1, 2, 3)
    way(adder(state, contiguous=False), [np.arange(6.0)[::-2]])
    assert state.read_copy().tolist() == [6, 5, 4]


@WAYS
@pytest.mark.parametrize("shape", [(2, 3), (0, 4), (4, 0), (1, 1), (300, 400)])
def test_outputs_of_all_sizes(way: Way, shape: tuple[int, int]) -> None:
    (output,) = way(zeros(), list(shape))
    assert output.shape == shape
    assert output.dtype == np.float32
    assert output.ctypes.data % 64 == 0
    assert output.flags.c_contiguous
    assert output.flags.writeable
    assert output.flags.f_contiguous == np.zeros(shape, order="C").flags.f_contiguous
    assert output.size == 0 or output.strides == np.zeros(shape, np.float32).strides
    assert not output.any()


def test_an_outputs_memory_returns_to_the_pool_with_its_last_view() -> None:
    collect_garbage()
    before = pool.statistics().in_use
    (output,) = zeros().run([500, 500])
    assert pool.statistics().in_use >= before + 1_000_000
    view = output[10:, 3]
    del output
    assert pool.statistics().in_use >= before + 1_000_000
    assert not view.any()
    del view
    assert pool.statistics().in_use == before


@WAYS
def test_a_failed_check_changes_nothing(way: Way) -> None:
    state = vector_storage(1, 2, 3)
    collect_garbage()
    before, version, data = pool.statistics().live, state.version, state.data_address
    with pytest.raises(ExecutionFailed) as caught:
        way(adder(state), [np.zeros(5)])
    error = caught.value
    assert (error.status, error.site, error.values[:2]) == (1, 7, (5, 3))
    assert state.read_copy().tolist() == [1, 2, 3]
    assert (state.version, state.data_address) == (version, data)
    assert pool.statistics().live == before
    state.write(np.zeros(5))


@WAYS
def test_no_memory_changes_nothing(way: Way) -> None:
    state = scalar_storage(5)
    program = accumulator(state)
    with pool.failing_allocation(0), pytest.raises(MemoryError, match="no memory for 8 B more"):
        way(program, [1])
    assert state.read_copy() == 5
    assert int(way(program, [1])[0]) == 5


@pytest.mark.parametrize("single", [False, True])
def test_failed_calls_leave_no_results_behind(single: bool) -> None:
    """The arrays are made before the call, which may then have nothing to put into them."""
    program = accumulator(scalar_storage(5), single=single)

    def fail() -> None:
        with pool.failing_allocation(0), pytest.raises(MemoryError):
            program.run([1])

    calls = 200
    for _ in range(calls):  # what Python keeps for such calls is there from then on
        fail()
    collect_garbage()
    before = sys.getallocatedblocks()
    for _ in range(calls):
        fail()
    collect_garbage()
    assert sys.getallocatedblocks() < before + calls // 2


def test_the_two_ways_agree_on_arrays() -> None:
    for rank, name in enumerate(["float64", "int64", "bool", "complex64"]):
        dtype = np.dtype(name)
        sizes = (3, 1, 2)[:rank]
        arrays = []
        for make in (box, box_view, box_plainly):
            record = new_record(1 + rank)
            record[0] = native_code().pool_alloc(6 * dtype.itemsize)
            record[1:] = sizes
            arrays.append(make(record, dtype))
        for array in arrays:
            array[...] = 1
        for array in arrays[1:]:
            assert array.dtype is arrays[0].dtype
            assert (array.shape, array.strides) == (arrays[0].shape, arrays[0].strides)
            assert array.flags.c_contiguous == arrays[0].flags.c_contiguous
            assert array.flags.f_contiguous == arrays[0].flags.f_contiguous
            assert array.flags.aligned
            assert array.flags.writeable
            assert np.array_equal(array, arrays[0])


def test_native_boxing_is_available_here() -> None:
    assert native_code().boxes_natively


def test_without_native_boxing_everything_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    native = native_code()
    monkeypatch.setitem(native.__dict__, "boxes_natively", False)
    state = vector_storage(1, 2)
    adder(state).run([np.ones(2)])
    assert state.read_copy().tolist() == [2, 3]
    with state.lease() as array:
        array[0] = 0
    assert state.view().tolist() == [0, 3]
    assert accumulator(scalar_storage(4), single=True).run([np.array(1)])[0] == 4


def test_the_entry_returns_a_single_output_itself() -> None:
    state = scalar_storage(1)
    program = accumulator(state, single=True)
    outcome = program.entry(5)
    assert isinstance(outcome, np.ndarray)
    assert outcome == 1
    assert program.run([1])[0] == 6


@pytest.mark.parametrize(
    "argument",
    [
        True,
        1.0,
        1 << 63,
        np.int64(1),
        np.array([1]),
        np.array(1, np.int32),
        np.array(1, ">i8"),
        "1",
        None,
    ],
)
def test_the_entry_leaves_all_but_the_easy_case_to_python(argument: object) -> None:
    state = scalar_storage(1)
    outcome = accumulator(state).entry(argument)
    assert outcome[0] == Status.UNPREPARED
    assert outcome[1] == 0
    assert len(outcome) == 9
    assert state.read_copy() == 1


def test_the_entry_minds_the_number_of_arguments() -> None:
    program = accumulator(scalar_storage(1))
    assert program.entry()[:2] == (Status.UNPREPARED, -1)
    assert program.entry(1, 2)[:2] == (Status.UNPREPARED, -1)
    with pytest.raises(TypeError, match="got 2 arguments, wanted 1: increment"):
        program.run([1, 2])


@pytest.mark.parametrize(
    ("dtype", "fits", "excess"),
    [
        ("int8", [-128, 127, 0], [128, -129, 1 << 40]),
        ("uint8", [0, 255], [256, -1]),
        ("int32", [-(1 << 31), (1 << 31) - 1], [1 << 31]),
        ("uint32", [(1 << 32) - 1], [-1, 1 << 32]),
        ("int64", [-(1 << 63), (1 << 63) - 1], [1 << 63]),
        ("uint64", [0, (1 << 63) - 1], [-1]),
        ("float32", [0, 1 << 24, -(1 << 24)], [(1 << 24) + 1]),
        ("float64", [1 << 53, -(1 << 53)], [(1 << 53) + 1, 1 << 70]),
    ],
)
def test_python_ints_are_converted_exactly_or_not_at_all(
    dtype: str, fits: list[int], excess: list[int]
) -> None:
    kind = np.dtype(dtype)
    entry = executable(
        f"first_{kind.itemsize}",
        [Input("value", kind, 0, takes_int=True)],
        [],
        [Output(kind, 0)],
        [],
        single=True,
    ).entry
    for value in fits:
        assert int(entry(value)) == value
    for value in excess:
        assert entry(value)[0] == Status.UNPREPARED


def test_python_floats_are_converted_where_allowed() -> None:
    for dtype, value in (("float64", 0.1), ("float32", np.float32(0.1))):
        kind = np.dtype(dtype)
        name = f"first_{kind.itemsize}"
        taking = Input("value", kind, 0, takes_float=True)
        entry = executable(name, [taking], [], [Output(kind, 0)], [], single=True).entry
        assert entry(0.1) == value
        refusing = Input("value", kind, 0)
        strict = executable(name, [refusing], [], [Output(kind, 0)], [], single=True).entry
        assert strict(0.1)[0] == Status.UNPREPARED


def test_python_ints_out_of_range_are_errors() -> None:
    program = accumulator(scalar_storage(0))
    with pytest.raises((OverflowError, ValueError, TypeError)):
        program.run([1 << 64])
    with pytest.raises(TypeError, match="argument increment: got float64, wanted int64"):
        program.run([1.5])


@WAYS
def test_arguments_of_another_form_are_errors(way: Way) -> None:
    state = vector_storage(1, 2)
    program = adder(state)
    with pytest.raises(TypeError, match="argument x: got int64, wanted float64"):
        way(program, [np.arange(2)])
    with pytest.raises(ValueError, match=r"argument x: got 2 dimensions \(shape \(2, 2\)\)"):
        way(program, [np.zeros((2, 2))])
    with pytest.raises(ValueError, match="not C-contiguous"):
        way(program, [np.zeros(4)[::2]])
    misaligned = np.zeros(17, np.uint8)[1:].view(F64)
    with pytest.raises(ValueError, match="not aligned"):
        way(program, [misaligned])
    assert state.read_copy().tolist() == [1, 2]


@WAYS
def test_broadcast_dimensions_have_size_one(way: Way) -> None:
    pattern = Input("x", I64, 2, (False, True))
    program = executable("nothing", [pattern], [], [], [])
    assert way(program, [np.full((3, 1), 7)]) == []
    with pytest.raises(ValueError, match="wanted size 1 in dimension 1, which broadcasts"):
        way(program, [np.zeros((3, 2), I64)])


@WAYS
def test_arrays_to_be_written_are_writable(way: Way) -> None:
    program = executable("nothing", [Input("x", I64, 1, written=True)], [], [], [])
    array = np.arange(3)
    way(program, [array])
    array.flags.writeable = False
    with pytest.raises(ValueError, match="not writable"):
        way(program, [array])


def test_dtypes_that_are_equal_but_not_the_same_object_are_taken() -> None:
    state = scalar_storage(1)
    alias = np.array(4, np.dtype(np.int64, metadata={"unit": "m"}))
    assert accumulator(state).run([alias])[0] == 1
    assert state.read_copy() == 5


def test_a_plan_checks_its_parts() -> None:
    a = scalar_storage(0, "a")
    with pytest.raises(ValueError, match="'a' is updated twice"):
        executable("transfer", [], [a], [], [a, a])
    with pytest.raises(ValueError, match="a single output was announced, got 0"):
        executable("transfer", [], [a], [], [a], single=True)


def test_locks_are_taken_in_creation_order() -> None:
    a, b = scalar_storage(0), scalar_storage(0)
    plan = executable("transfer", [Input("amount", I64, 0)], [b, a], [], [b]).plan
    assert plan.locks == ((a, False), (b, True))


def test_a_program_keeps_what_it_needs_alive() -> None:
    state = scalar_storage(3)
    gone = weakref.ref(state)
    entry = accumulator(state, single=True).entry
    del state
    collect_garbage()
    assert gone() is not None
    assert entry(1) == 3
    del entry
    collect_garbage()
    assert gone() is None


def test_a_leased_storage_may_be_read_but_not_written_by_its_thread() -> None:
    a, b = scalar_storage(2, "a"), scalar_storage(3)
    with a.lease() as array:
        array += 10
        assert total(a, b, None).run([])[0] == 15
        for way in (Executable.run, Executable.run_plainly):
            with pytest.raises(DeadlockError, match="leases shared variable 'a'"):
                way(transfer(a, b, None), [1])
    assert [int(a.read_copy()), int(b.read_copy())] == [12, 3]


@WAYS
def test_a_contended_call_waits(way: Way) -> None:
    storage = scalar_storage(1)
    with occupied(storage) as release:
        threading.Timer(0.1, release).start()
        assert way(accumulator(storage), [1])[0] == 1
    assert storage.read_copy() == 2


@pytest.mark.parametrize("release_gil_from", [0, None])
def test_transfers_and_totals_from_many_threads(release_gil_from: int | None) -> None:
    a, b = scalar_storage(1000), scalar_storage(-1000)
    forth = transfer(a, b, release_gil_from)
    back = transfer(b, a, 0)
    balance = total(a, b, release_gil_from)
    sums: set[int] = set()

    def move(program: Executable) -> None:
        for amount in range(150):
            program.run([amount])

    def watch() -> None:
        for _ in range(150):
            sums.add(int(balance.run([])[0]))

    threads = [threading.Thread(target=move, args=(p,)) for p in (forth, back, forth)]
    threads += [threading.Thread(target=watch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moved = sum(range(150))
    assert sums == {0}
    assert [int(a.read_copy()), int(b.read_copy())] == [1000 - moved, moved - 1000]


def test_increments_from_many_threads_are_all_counted() -> None:
    state = scalar_storage(0)
    program = accumulator(state, single=True)
    seen: list[int] = []

    def count() -> None:
        mine = [int(program.run([1])[0]) for _ in range(2000)]
        seen.extend(mine)

    run_together(*[count] * 4)
    assert state.read_copy() == 8000
    assert sorted(seen) == list(range(8000))


def test_fresh_updates_from_many_threads_with_readers() -> None:
    state = PoolStorage(F64, 1)
    state.write(np.zeros(5000))
    program = adder(state)
    ones, torn = np.ones(5000), []

    def add() -> None:
        for _ in range(100):
            program.run([ones])

    def read() -> None:
        for _ in range(100):
            copy, view = state.read_copy(), state.view()
            if copy.min() != copy.max() or view.min() != view.max():
                torn.append(copy)

    threads = [threading.Thread(target=add) for _ in range(2)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torn == []
    assert state.read_copy().tolist() == [200.0] * 5000


@WAYS
def test_damage_done_by_a_program_is_raised_by_the_next_call(way: Way) -> None:
    pool.trim()
    pool.set_checking(True)
    try:
        executable("overrun", [], [], [], []).run([])
        with pytest.raises(MemoryDamagedError, match="written outside their bounds"):
            way(accumulator(scalar_storage(0)), [1])
        way(accumulator(scalar_storage(0)), [1])
    finally:
        pool.set_checking(False)
        native_code().pool_forget_damage()
        pool.trim()


def test_programs_run_clean_in_checking_mode() -> None:
    pool.trim()
    pool.set_checking(True)
    try:
        state = vector_storage(1, 2, 3)
        for size in (3, 3, 3):
            adder(state).run([np.ones(size)])
        state.write(np.zeros(2))
        state.write(np.zeros(40))
        output = zeros().run([7, 9])
        del state, output
        pool.check()
    finally:
        pool.set_checking(False)
        pool.trim()


def test_the_frame_is_laid_out_as_compiled_code_expects() -> None:
    state = vector_storage(1)
    plan = adder(state).plan
    assert [one.data for one in plan.frame.parameters] == [0, 3]
    assert [one.data for one in plan.frame.results] == [6]
    assert (plan.frame.report, plan.frame.host, plan.frame_length) == (8, 16, 17)
    assert code().address("add_fresh")


def test_a_call_that_waits_long_leaves_its_other_storages_usable() -> None:
    first, second = scalar_storage(0), scalar_storage(0)
    both, one = transfer(first, second, None), accumulator(first)
    with second.lease():
        thread = threading.Thread(target=both.run, args=([5],))
        thread.start()
        start = time.monotonic()
        for _ in range(20):
            one.run([1])
        assert time.monotonic() - start < 3
    thread.join()
    assert [int(first.read_copy()), int(second.read_copy())] == [15, 5]


def test_interrupts_reach_a_call_that_waits() -> None:
    storage = scalar_storage(1)
    program = accumulator(storage)
    with occupied(storage), alarm(0.05), pytest.raises(KeyboardInterrupt):
        program.run([1])
    assert storage.read_copy() == 1
    assert program.run([1])[0] == 1


def test_failures_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(ExecutionFailed(1, 7, (5, 3))))
    assert (error.status, error.site, error.values) == (1, 7, (5, 3))
    assert str(error) == "compiled code stopped with status 1 at site 7: (5, 3)"

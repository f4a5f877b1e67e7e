"""Storages in the pool: contents, locks, leases, views, forks."""

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import numpy as np
import pytest

from lltheano.runtime import pool
from lltheano.runtime.errors import DeadlockError, TornStorageError
from lltheano.runtime.native_code import native_code
from lltheano.runtime.storages.pool_storage import PoolStorage
from lltheano.runtime.storages.storage import native_dtype
from tests.garbage import collect_garbage
from tests.lltheano.runtime.programs import (
    F64,
    I64,
    alarm,
    occupied,
    scalar_storage,
    vector_storage,
)

DTYPES = ["bool", "int8", "uint16", "int32", "int64", "float16", "float32", "float64", "complex128"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 0, 3), (2, 3, 4)])
def test_contents_come_back_as_they_were(dtype: str, shape: tuple[int, ...]) -> None:
    value = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    storage = PoolStorage(dtype, len(shape))
    storage.write(value)
    copy = storage.read_copy()
    assert copy.dtype == value.dtype
    assert copy.shape == storage.shape == shape
    assert np.array_equal(copy, value)
    assert copy.flags.writeable
    assert copy.flags.c_contiguous


def test_a_copy_belongs_to_the_caller() -> None:
    storage = vector_storage(1, 2)
    storage.read_copy()[:] = 9
    assert storage.read_copy().tolist() == [1, 2]


def test_writing_copies_from_any_layout() -> None:
    storage = PoolStorage("int64", 2)
    value = np.arange(12).reshape(3, 4)
    for view in (value.T, value[::-1, ::2], np.asfortranarray(value)):
        storage.write(view)
        assert np.array_equal(storage.read_copy(), view)


def test_writing_a_view_of_the_storage_itself() -> None:
    storage = vector_storage(1, 2, 3)
    storage.write(storage.view()[::-1])
    assert storage.read_copy().tolist() == [3, 2, 1]
    storage.write(storage.view())
    assert storage.read_copy().tolist() == [3, 2, 1]


def test_a_wrong_dtype_or_rank_is_refused_in_the_users_terms() -> None:
    storage = PoolStorage("float32", 1, "bias")
    with pytest.raises(TypeError, match="'bias' holds float32, got float64"):
        storage.write(np.zeros(3))
    with pytest.raises(ValueError, match=r"'bias' has 1 dimensions, got 2 \(shape \(2, 2\)\)"):
        storage.write(np.zeros((2, 2), np.float32))
    with pytest.raises(TypeError, match="got >f4"):
        storage.write(np.zeros(3, ">f4"))


def test_the_block_is_kept_while_contents_fit() -> None:
    storage = vector_storage(*range(100))
    address = storage.data_address
    storage.write(np.zeros(90))
    assert storage.data_address == address
    storage.write(np.zeros(1000))
    assert storage.data_address != address


def test_the_version_counts_writes() -> None:
    storage = scalar_storage(1)
    version = storage.version
    storage.read_copy()
    storage.write(2)
    with storage.lease():
        pass
    assert storage.version == version + 2


def test_a_failed_write_leaves_the_contents() -> None:
    storage = vector_storage(1, 2)
    version = storage.version
    with pool.failing_allocation(0), pytest.raises(MemoryError, match="no memory for"):
        storage.write(np.zeros(1000))
    assert storage.read_copy().tolist() == [1, 2]
    assert storage.version == version


def test_a_failed_copy_is_a_memory_error_and_unlocks() -> None:
    storage = vector_storage(1, 2)
    with pool.failing_allocation(0), pytest.raises(MemoryError):
        storage.read_copy()
    storage.write(np.zeros(3))


def test_views_outlive_the_storage() -> None:
    storage = vector_storage(1, 2, 3)
    view = storage.view()
    part = view[1:]
    del storage, view
    collect_garbage()
    vector_storage(9, 9, 9)
    assert part.tolist() == [2, 3]


def test_a_view_keeps_what_it_showed_when_the_contents_are_replaced() -> None:
    storage = vector_storage(1, 2)
    view = storage.view()
    storage.write(np.array([8.0, 9.0]))
    assert view.tolist() == [1, 2]
    assert storage.view().tolist() == [8, 9]


def test_the_memory_of_a_storage_returns_to_the_pool() -> None:
    collect_garbage()
    before = pool.statistics().in_use
    storage = PoolStorage(F64, 1)
    storage.write(np.zeros(100_000))
    view = storage.view()
    copy = storage.read_copy()
    assert pool.statistics().in_use >= before + 1_600_000
    del storage, view, copy
    assert pool.statistics().in_use == before


def test_a_lease_writes_in_place() -> None:
    storage = vector_storage(1, 2)
    with storage.lease() as array:
        array *= 10
        assert storage.read_copy().tolist() == [10, 20]
    assert storage.read_copy().tolist() == [10, 20]
    assert not array.flags.writeable


def test_a_lease_of_a_scalar_writes_in_place() -> None:
    storage = scalar_storage(3)
    with storage.lease() as array:
        array += 4
    assert storage.read_copy() == 7


def test_a_lease_ends_with_an_exception_too() -> None:
    storage = vector_storage(1)
    with pytest.raises(KeyError), storage.lease():
        raise KeyError
    storage.write(np.zeros(2))


def test_writing_what_this_thread_leases_is_refused() -> None:
    storage = vector_storage(1, name="weights")
    with storage.lease():
        with pytest.raises(DeadlockError, match="leases shared variable 'weights'"):
            storage.write(np.zeros(1))
        with pytest.raises(DeadlockError), storage.lease():
            pass
    storage.write(np.zeros(1))


def test_other_threads_wait_for_a_lease() -> None:
    storage = vector_storage(1)
    seen: list[float] = []
    with storage.lease() as array:
        thread = threading.Thread(target=lambda: seen.append(float(storage.read_copy()[0])))
        thread.start()
        time.sleep(0.12)
        assert seen == []
        array[0] = 5
    thread.join()
    assert seen == [5]


def test_leases_in_opposite_orders_raise_instead_of_hanging() -> None:
    first, second = vector_storage(1, name="first"), vector_storage(2, name="second")
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def lease_both(one: PoolStorage, other: PoolStorage) -> None:
        try:
            with one.lease():
                ready.wait()
                with other.lease():
                    outcomes.append("done")
        except DeadlockError:
            outcomes.append("refused")

    threads = [
        threading.Thread(target=lease_both, args=pair)
        for pair in ((first, second), (second, first))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["done", "refused"]


def test_interrupts_reach_a_thread_that_waits() -> None:
    storage = scalar_storage(1)
    leased, done = threading.Event(), threading.Event()

    def hold() -> None:
        with storage.lease():
            leased.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    leased.wait(10)
    with alarm(0.05), pytest.raises(KeyboardInterrupt):
        storage.write(2)
    done.set()
    thread.join(10)
    assert storage.read_copy() == 1
    storage.write(3)


def test_writers_are_not_starved_by_readers() -> None:
    storage = PoolStorage(F64, 1)
    storage.write(np.zeros(20_000))
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            storage.read_copy()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    start = time.monotonic()
    for _ in range(5):
        storage.write(np.ones(20_000))
    elapsed = time.monotonic() - start
    stop.set()
    for reader in readers:
        reader.join()
    assert elapsed < 5


def test_whoever_waits_gets_in_after_the_calls_that_came_before() -> None:
    storage = PoolStorage(F64, 1)
    value = np.zeros(3_000_000)
    storage.write(value)
    stop = threading.Event()
    writes = itertools.count()

    def hog() -> None:
        while not stop.is_set():
            storage.write(value)
            next(writes)

    hogs = [threading.Thread(target=hog) for _ in range(2)]
    for one in hogs:
        one.start()
    passed = []
    for _ in range(10):
        before = next(writes)
        storage.view()
        passed.append(next(writes) - before)
    stop.set()
    for one in hogs:
        one.join()
    assert max(passed) <= 5


def test_a_lease_may_be_ended_by_another_thread() -> None:
    storage = vector_storage(1)

    def rows() -> Iterator[object]:
        with storage.lease() as array:
            yield array

    steps = rows()
    thread = threading.Thread(target=next, args=(steps,))
    thread.start()
    thread.join()
    steps.close()  # type: ignore[attr-defined]
    storage.write(np.zeros(2))
    assert not storage.lease_holder


def test_a_lease_whose_thread_has_ended_is_an_error_for_those_who_wait() -> None:
    storage = vector_storage(1, name="left")
    lease = storage.lease()
    thread = threading.Thread(target=lease.__enter__)
    thread.start()
    thread.join()
    with pytest.raises(DeadlockError, match="'left' may never end: the thread that leases it"):
        storage.write(np.zeros(2))
    del lease
    storage.write(np.zeros(2))


def test_storages_serve_where_numpys_arrays_have_another_layout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = vector_storage(1, 2)
    monkeypatch.setitem(native_code().__dict__, "boxes_natively", False)
    with storage.lease() as array:
        array *= 10
    assert not array.flags.writeable
    assert storage.read_copy().tolist() == storage.view().tolist() == [10, 20]
    with storage.lease(), pytest.raises(DeadlockError), storage.lease():
        pass
    assert not storage.lease_holder


def test_leases_serve_in_an_exit_stack() -> None:
    storage = vector_storage(1)
    with ExitStack() as stack:
        stack.enter_context(storage.lease())[0] = 5
    assert storage.read_copy().tolist() == [5]


def test_readers_never_see_half_a_write() -> None:
    storage = PoolStorage(I64, 1)
    storage.write(np.zeros(30_000, I64))
    torn: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            copy = storage.read_copy()
            if copy.size and copy.min() != copy.max():
                torn.append(copy)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for value in range(60):
        storage.write(np.full(30_000 - value * 10, value))
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []


def test_dtypes_are_made_native() -> None:
    assert native_dtype(">i4") is np.dtype(np.int32)
    assert native_dtype(np.longlong) is np.dtype(np.int64)


def in_child(check: Callable[[], bool]) -> int:
    """Fork, run the check in the child, return its exit status: 0 if it held."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if check() else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_storages_work_in_a_forked_child_and_apart_from_it() -> None:
    storage = vector_storage(1, 2)

    def check() -> bool:
        before = storage.read_copy().tolist()
        storage.write(np.zeros(5000))
        return before == [1, 2] and storage.shape == (5000,)

    assert in_child(check) == 0
    assert storage.read_copy().tolist() == [1, 2]


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_amid_running_threads_leaves_whole_contents() -> None:
    storage = PoolStorage(I64, 1)
    storage.write(np.zeros(50_000, I64))
    stop = threading.Event()

    def write() -> None:
        value = 0
        while not stop.is_set():
            value += 1
            storage.write(np.full(50_000, value))

    writer = threading.Thread(target=write)
    writer.start()

    def check() -> bool:
        copy = storage.read_copy()
        storage.write(np.zeros(100_000, I64))
        return bool(copy.min() == copy.max())

    statuses = [in_child(check) for _ in range(5)]
    stop.set()
    writer.join()
    assert statuses == [0] * 5


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_contents_written_all_through_a_fork_are_torn_in_the_child() -> None:
    storage, other = scalar_storage(1, "busy"), scalar_storage(2)

    def check() -> bool:
        with pytest.raises(TornStorageError, match="'busy'"):
            storage.read_copy()
        return bool(other.read_copy() == 2)

    with occupied(storage):
        assert in_child(check) == 0
    assert storage.read_copy() == 1


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_lease_goes_through_a_fork_with_its_thread() -> None:
    storage = vector_storage(1)
    with storage.lease() as array:

        def check() -> bool:
            array[0] = 7
            return bool(storage.read_copy()[0] == 7 and storage.lease_holder)

        assert in_child(check) == 0
        assert array[0] == 1
    storage.write(np.zeros(1))

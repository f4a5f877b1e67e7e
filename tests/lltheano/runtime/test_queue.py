"""Who waits for a storage gets in by turns: in order of arrival, readers behind earlier writers."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import numpy as np
import pytest

from lltheano.runtime.assembly import QUEUE_PLACES, SLICE_MICROSECONDS
from lltheano.runtime.storages.pool_storage import PoolStorage
from tests.lltheano.runtime.programs import F64

SECONDS = 30


def let_in_turn(storage: PoolStorage, *works: Callable[[], None], pause: float = 0.0) -> None:
    """Run works in threads that come one after another, and all wait before the first gets in."""
    threads = [threading.Thread(target=work) for work in works]
    with storage.lease():
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: storage._fields.waiting == number)  # type: ignore[misc]
            time.sleep(pause)
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.0005)


@pytest.mark.parametrize("slices", [0.0, 0.35], ids=["in one slice", "over several slices"])
def test_writers_get_in_in_the_order_in_which_they_came(slices: float) -> None:
    """A thread that serves signals between two slices of its waiting keeps its place.

    In that moment it may be passed, so that one try of several may fail.
    """
    pause = slices * SLICE_MICROSECONDS / 1e6
    assert any(order_of_six(pause) == list(range(6)) for _ in range(3))


def order_of_six(pause: float) -> list[int]:
    storage, order = PoolStorage(F64, 1), list[int]()

    def enter(number: int) -> None:
        with storage.lease():
            order.append(number)

    let_in_turn(storage, *(partial(enter, number) for number in range(6)), pause=pause)
    return order


def test_places_of_threads_that_never_come_back_are_taken() -> None:
    """One that is interrupted between two slices leaves its place for good, and nobody says so."""
    storages = [PoolStorage(F64, 1) for _ in range(2 * QUEUE_PLACES)]
    with ExitStack() as leases:
        for storage in storages:
            leases.enter_context(storage.lease())

        def give_up() -> None:
            assert not any(storage.hold_for_fork(2e-6) for storage in storages)

        thread = threading.Thread(target=give_up)
        thread.start()
        thread.join(SECONDS)
    assert any(order_of_six(0.35 * SLICE_MICROSECONDS / 1e6) == list(range(6)) for _ in range(3))


@pytest.mark.parametrize(("first", "value"), [("writer", 1.0), ("readers", 0.0)])
def test_readers_and_writers_pass_only_their_kind(first: str, value: float) -> None:
    """As above, one try of several may fail."""
    assert any(all(seen_by_two_readers(first) == [value] * 2 for _ in range(10)) for _ in range(3))


def seen_by_two_readers(first: str) -> list[float]:
    """What two readers read who wait together with a writer of ones, where zeros were."""
    storage, seen = PoolStorage(F64, 1), list[float]()
    storage.write(np.zeros(1))

    def read() -> None:
        seen.append(float(storage.read_copy()[0]))

    def write() -> None:
        storage.write(np.ones(1))

    works = (write, read, read) if first == "writer" else (read, read, write)
    let_in_turn(storage, *works)
    return seen


def test_a_writer_that_has_left_may_come_again_while_others_read() -> None:
    storage = PoolStorage(F64, 1)
    storage.write(np.ones(1))
    assert storage.hold_for_fork(0)
    end = threading.Timer(0.05, storage.release_after_fork)
    end.start()
    storage.write(np.zeros(2))
    end.join(SECONDS)
    assert storage.read_copy().tolist() == [0.0, 0.0]

"""Who waits for a storage gets in by turns: in order of arrival, readers behind earlier writers."""

import threading
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from lltheano.runtime.pool_storage import PoolStorage
from tests.lltheano.runtime.programs import F64

SECONDS = 30


def let_in_turn(storage: PoolStorage, *works: Callable[[], None]) -> None:
    """Run works in threads that come one after another, and all wait before the first gets in."""
    threads = [threading.Thread(target=work) for work in works]
    with storage.lease():
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: storage._fields.waiting == number)  # type: ignore[misc]
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.0005)


def test_writers_get_in_in_the_order_in_which_they_came() -> None:
    storage = PoolStorage(F64, 1)
    order: list[int] = []

    def enter(number: int) -> Callable[[], None]:
        def work() -> None:
            with storage.lease():
                order.append(number)

        return work

    let_in_turn(storage, *map(enter, range(6)))
    assert order == list(range(6))


@pytest.mark.parametrize(("first", "value"), [("writer", 1.0), ("readers", 0.0)])
def test_readers_and_writers_pass_only_their_kind(first: str, value: float) -> None:
    for _ in range(10):
        storage = PoolStorage(F64, 1)
        storage.write(np.zeros(1))
        seen: list[float] = []
        write = partial(storage.write, np.ones(1))

        def read(storage: PoolStorage = storage, seen: list[float] = seen) -> None:
            seen.append(float(storage.read_copy()[0]))

        works = (write, read, read) if first == "writer" else (read, read, write)
        let_in_turn(storage, *works)
        assert seen == [value, value]

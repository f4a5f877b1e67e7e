"""The pool: blocks, classes, retention, statistics, failures and the checking mode."""

import ctypes
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lltheano.runtime import pool
from lltheano.runtime.errors import MemoryDamagedError
from lltheano.runtime.native_code import native_code
from tests.garbage import collect_garbage

MIB = 1 << 20
STATM = Path("/proc/self/statm")


def alloc(count: int) -> int:
    address = native_code().pool_alloc(count)
    assert address is not None
    return int(address)


def free(address: int) -> None:
    native_code().pool_free(address)


@pytest.fixture(autouse=True)
def _nothing_left() -> None:
    """Blocks of what earlier tests dropped go back before this one counts."""
    collect_garbage()


@pytest.fixture
def checking() -> Iterator[None]:
    pool.trim()
    pool.set_checking(True)
    yield
    pool.set_checking(False)
    native_code().pool_forget_damage()
    pool.trim()


@pytest.fixture
def restored_limit() -> Iterator[None]:
    limit = pool.statistics().limit
    yield
    pool.set_limit(limit)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 320, 321, 4095, 100_000, 5 * MIB])
def test_blocks_are_aligned_and_hold_what_was_asked_for(count: int) -> None:
    before = pool.statistics()
    address = alloc(count)
    assert address % 64 == 0
    ctypes.memset(address, 255, count)
    grown = pool.statistics().in_use - before.in_use
    assert max(count, 1) <= grown <= max(64, count * 1.25 + 64)
    free(address)
    assert pool.statistics().in_use == before.in_use


def test_large_blocks_start_at_huge_pages() -> None:
    address = alloc(8 * MIB)
    assert (address - 128) % (2 * MIB) == 0
    free(address)


def test_zero_bytes_give_distinct_blocks() -> None:
    first, second = alloc(0), alloc(0)
    assert first != second
    free(first)
    free(second)


def test_a_freed_block_is_used_again() -> None:
    address = alloc(777)
    free(address)
    hits = pool.statistics().hits
    assert alloc(800) == address
    assert pool.statistics().hits == hits + 1
    free(address)


def test_references_keep_a_block() -> None:
    native = native_code()
    address = alloc(64)
    native.pool_retain(address)
    assert native.pool_references(address) == 2
    live = pool.statistics().live
    free(address)
    assert pool.statistics().live == live
    free(address)
    assert pool.statistics().live == live - 1


def test_the_peak_is_the_most_that_was_in_use() -> None:
    pool.reset_peak()
    start = pool.statistics().in_use
    address = alloc(3 * MIB)
    free(address)
    found = pool.statistics()
    assert found.peak >= start + 3 * MIB
    pool.reset_peak()
    assert pool.statistics().peak == pool.statistics().in_use


@pytest.mark.usefixtures("restored_limit")
def test_what_waits_stays_below_the_limit() -> None:
    pool.set_limit(MIB)
    assert pool.statistics().cached <= MIB
    blocks = [alloc(300_000) for _ in range(8)]
    for address in blocks:
        free(address)
        assert pool.statistics().cached <= MIB
    assert pool.statistics().cached > 0
    free(alloc(4 * MIB))
    assert pool.statistics().cached <= MIB
    pool.set_limit(0)
    assert pool.statistics().cached == 0


@pytest.mark.skipif(not STATM.exists(), reason="the kernel does not tell how much is resident")
def test_trimmed_blocks_go_back_to_the_system() -> None:
    """What this process holds stays as it was, however much has been used and trimmed."""
    for _ in range(6):
        address = alloc(32 * MIB)
        ctypes.memset(address, 1, 32 * MIB)
        used = resident_bytes()
        free(address)
        pool.trim()
        assert resident_bytes() < used - 24 * MIB


def resident_bytes() -> int:
    return int(STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="got -1"):
        pool.set_limit(-1)


def test_impossible_requests_fail_and_are_counted() -> None:
    free(alloc(MIB))
    failures = pool.statistics().failures
    for count in (-1, 1 << 46, 1 << 50):
        assert native_code().pool_alloc(count) is None
    found = pool.statistics()
    assert found.failures == failures + 3
    assert found.cached == 0, "what was kept for reuse is released before giving up"


def test_a_chosen_allocation_can_be_made_to_fail() -> None:
    with pool.failing_allocation(2):
        outcomes = [native_code().pool_alloc(64) for _ in range(4)]
    assert [address is None for address in outcomes] == [False, False, True, False]
    for address in outcomes:
        free(address or 0)


def test_the_memory_error_shows_the_pool() -> None:
    address = alloc(2 * MIB)
    message = str(pool.out_of_memory(5 << 30))
    assert "no memory for 5.0 GiB more" in message
    assert "in use in" in message
    assert "kept for reuse" in message
    free(address)


def test_many_threads_share_the_pool() -> None:
    before = pool.statistics()
    errors: list[str] = []

    def work(seed: int) -> None:
        native, choose = native_code(), random.Random(seed)
        held: list[tuple[int, int, int]] = []
        for step in range(1500):
            if held and choose.random() < 0.5:
                address, count, mark = held.pop(choose.randrange(len(held)))
                if ctypes.string_at(address, count) != bytes([mark]) * count:
                    errors.append(f"block of {count} bytes changed under thread {seed}")
                native.pool_free(address)
            else:
                count, mark = choose.choice([0, 8, 64, 200, 1000, 70_000]), (seed + step) % 256
                address = native.pool_alloc(count)
                ctypes.memset(address, mark, count)
                held.append((address, count, mark))
        for address, _, _ in held:
            native.pool_free(address)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = pool.statistics()
    assert errors == []
    assert (after.in_use, after.live) == (before.in_use, before.live)


def test_native_threads_share_the_pool_without_the_gil() -> None:
    before = pool.statistics()
    native = native_code()
    release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(native.address("pool_free"))
    take = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int64)(native.address("pool_alloc"))

    def work() -> None:
        for _ in range(4000):
            release(take(128))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pool.statistics().in_use == before.in_use
    assert pool.statistics().allocations == before.allocations + 16_000


@pytest.mark.usefixtures("checking")
@pytest.mark.parametrize("offset", [-64, -1, 100, 127])
def test_a_write_outside_a_block_is_found_when_it_is_freed(offset: int) -> None:
    address = alloc(100)
    ctypes.memset(address + offset, 0, 1)
    free(address)
    with pytest.raises(MemoryDamagedError, match="1 blocks written outside their bounds"):
        pool.check()
    pool.check()


@pytest.mark.usefixtures("checking")
def test_a_write_after_the_end_is_found_when_the_block_is_used_again() -> None:
    address = alloc(100)
    free(address)
    ctypes.memset(address + 50, 0, 1)
    pool.check()
    assert alloc(100) == address
    with pytest.raises(MemoryDamagedError, match="1 written after they were freed"):
        pool.check()
    free(address)


@pytest.mark.usefixtures("checking")
def test_a_double_free_is_found_and_does_no_harm() -> None:
    address = alloc(100)
    free(address)
    free(address)
    with pytest.raises(MemoryDamagedError, match="1 freed that were not live"):
        pool.check()
    first, second = alloc(100), alloc(100)
    assert first != second
    free(first)
    free(second)


@pytest.mark.usefixtures("checking")
def test_fresh_and_freed_memory_is_conspicuous() -> None:
    address = alloc(16)
    assert ctypes.string_at(address, 16) == b"\xcb" * 16
    free(address)
    assert ctypes.string_at(address, 16) == b"\xdd" * 16
    pool.check()


def test_the_environment_switches_checking_on() -> None:
    program = (
        "import ctypes\n"
        "from lltheano.runtime import pool\n"
        "from lltheano.runtime.native_code import native_code\n"
        "address = native_code().pool_alloc(8)\n"
        "ctypes.memset(address, 0, 9)\n"
        "native_code().pool_free(address)\n"
        "pool.check()\n"
    )
    environment = {"LLTHEANO_POOL_CHECK": "1", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "MemoryDamagedError" in done.stderr

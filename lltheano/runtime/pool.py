"""The pool of aligned memory that shared values, temporaries and outputs live in.

Invariants: a block is aligned to 64 bytes; it is owned by references counted in its header and
returns to the pool with the last one; what waits in the pool for reuse stays within a limit. All
functions here may be called from any thread.

Checking mode (`LLTHEANO_POOL_CHECK=1` before first use, or `set_checking`) puts red zones round
every block, fills fresh memory with 0xCB and freed memory with 0xDD, and finds writes outside a
block (when it is freed), writes after its end (when it is used again) and blocks freed twice. What
it finds is counted, and raised by `check` and by the next call of a compiled function.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from lltheano.runtime.errors import MemoryDamagedError
from lltheano.runtime.native_code import native_code
from lltheano.runtime.structures import STATISTICS
from lltheano_ir.records import record

__all__ = [
    "PoolStatistics",
    "bounded",
    "check",
    "failing_allocation",
    "out_of_memory",
    "reset_peak",
    "set_checking",
    "set_limit",
    "statistics",
    "trim",
]


@record(frozen=True)
class PoolStatistics:
    """The pool's counters as of one moment; sizes are in bytes.

    Attributes
    ----------
    in_use
        Capacity of the blocks that somebody owns.
    peak
        The largest `in_use` so far, or since `reset_peak`.
    cached
        Capacity of the blocks that wait for reuse, at most `limit`.
    limit
        What `set_limit` set.
    live
        How many blocks somebody owns.
    allocations
        Requests so far; each is a hit (served from the cache), a miss (a new block from the
        system) or a failure.
    overruns, bad_frees, late_writes
        Damage found and not yet raised: red zones written, blocks freed that were not live, and
        memory written after it was freed.
    damaged
        The address of the first block that damage was found at, 0 if none.
    """

    in_use: int
    peak: int
    cached: int
    limit: int
    live: int
    allocations: int
    hits: int
    misses: int
    failures: int
    overruns: int
    bad_frees: int
    late_writes: int
    damaged: int

    @property
    def damage(self) -> int:
        """How many times damage was found since it was last raised."""
        return self.overruns + self.bad_frees + self.late_writes

    def __str__(self) -> str:
        return (
            f"{_size(self.in_use)} in use in {self.live} blocks (peak {_size(self.peak)}), "
            f"{_size(self.cached)} kept for reuse (limit {_size(self.limit)}), "
            f"{self.allocations} allocations: {self.hits} reused, {self.misses} new, "
            f"{self.failures} failed"
        )


def statistics() -> PoolStatistics:
    """The pool's counters.

    >>> statistics().cached <= statistics().limit
    True
    """
    counters = STATISTICS.ctype()
    native_code().pool_statistics(ctypes.addressof(counters))
    return PoolStatistics(*(getattr(counters, one.name) for one in STATISTICS.members))


def trim() -> int:
    """Give all memory that waits for reuse back to the system; returns how many bytes.

    >>> released = trim()
    >>> trim()
    0
    """
    return int(native_code().pool_trim_released())


def set_limit(limit: int) -> None:
    """Set how many bytes may wait for reuse; 0 keeps none. The start value is 1/8 of the memory.

    Raises
    ------
    ValueError
        The limit is negative.
    """
    if limit < 0:
        raise ValueError(f"the pool's limit is a number of bytes from 0 on, got {limit}")
    native_code().pool_set_limit_released(min(limit, 2**62))


@contextmanager
def bounded(growth: int | None) -> Iterator[None]:
    """Have a request in the block fail that would take more than `growth` bytes beyond what is in
    use now; None is no bound. It holds for all threads.

    >>> with bounded(1 << 20):
    ...     native_code().pool_alloc(1 << 21) is None
    True
    """
    if growth is not None:
        native_code().pool_set_most(min(statistics().in_use + growth, _UNBOUNDED))
    try:
        yield
    finally:
        native_code().pool_set_most(_UNBOUNDED)


_UNBOUNDED = 2**63 - 1


def reset_peak() -> None:
    """Have `peak` start again from what is in use now."""
    native_code().pool_reset_peak()


def set_checking(on: bool) -> None:
    """Switch the checking mode on or off for blocks handed out from now on."""
    native_code().pool_set_checking(int(on))


def check() -> None:
    """Raise what damage the pool has found since the last time, and forget it.

    Raises
    ------
    MemoryDamagedError
        Memory was written outside a block or after its end, or a block was freed twice.

    >>> check()
    """
    found = statistics()
    if not found.damage:
        return
    native_code().pool_forget_damage()
    raise MemoryDamagedError(
        f"the pool found damaged memory: {found.overruns} blocks written outside their bounds, "
        f"{found.late_writes} written after they were freed, {found.bad_frees} freed that were "
        f"not live; the first at address {found.damaged:#x}. Compiled code, or code that "
        "was given a raw pointer, writes where it must not; LLTHEANO_POOL_CHECK=1 finds it sooner"
    )


def out_of_memory(wanted: int) -> MemoryError:
    """The error to raise when `wanted` bytes could not be had, with the pool's state in it.

    >>> str(out_of_memory(1 << 20))
    'no memory for 1.0 MiB more; the pool: ...'
    """
    return MemoryError(f"no memory for {_size(wanted)} more; the pool: {statistics()}")


@contextmanager
def failing_allocation(successes: int) -> Iterator[None]:
    """Make one allocation in the block fail, after `successes` that do not. For tests.

    >>> with failing_allocation(0):
    ...     native_code().pool_alloc(64) is None
    True
    """
    native = native_code()
    native.pool_fail_after(successes)
    try:
        yield
    finally:
        native.pool_fail_after(-1)


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    power = min((count.bit_length() - 1) // 10, 4)
    return f"{count / 1024**power:.1f} {' KMGT'[power]}iB"

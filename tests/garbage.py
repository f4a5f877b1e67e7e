"""Collecting garbage for good, before a test counts what is left."""

import gc
import time
import weakref

__all__ = ["collect_garbage"]


class _Cycle:
    def __init__(self) -> None:
        self.itself = self


def collect_garbage() -> None:
    """Free all objects that nothing refers to.

    `gc.collect` returns at once, with nothing done, while another thread collects: such as one of
    pytest-xdist's, in a finalizer of ours that lets other threads run. Objects would then die
    later, in the middle of a test that counts blocks. What was made after that collection had begun
    is freed by no collection but one's own.
    """
    freed = False
    while not freed:
        last = weakref.ref(_Cycle())
        gc.collect()
        freed = last() is None
        time.sleep(0 if freed else 0.001)

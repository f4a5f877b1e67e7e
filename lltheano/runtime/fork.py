"""Carrying shared cells through `os.fork`.

Invariant: a child never sees contents that another thread was in the middle of writing. Before the
fork every cell is locked for reading, in creation order. A cell that stays locked for longer than
`PATIENCE_SECONDS` is marked torn in the child, where any use of it is an error; the parent is
never affected. The hooks are set when the first cell is made, not on import.
"""

import os
import threading
import time
import weakref
from typing import Protocol

from lltheano.runtime.waiting import forget_other_threads

__all__ = ["PATIENCE_SECONDS", "Inheritable", "guard"]

PATIENCE_SECONDS = 1.0


class Inheritable(Protocol):
    """What the hooks do with a cell."""

    order: int

    def hold_for_fork(self, seconds: float) -> bool:
        """Lock for reading; False when that took too long."""
        ...

    def release_after_fork(self) -> None:
        """In the parent: unlock."""

    def inherit(self, held: bool) -> None:
        """In the child: unlock as far as other threads had it locked, or mark it torn."""


_lock = threading.Lock()
_guarded: weakref.WeakSet[Inheritable] = weakref.WeakSet()
_outcomes: list[tuple[Inheritable, bool]] = []
_hooked: list[bool] = []


def guard(cell: Inheritable) -> None:
    """Carry the cell through every fork from now on."""
    with _lock:
        _guarded.add(cell)
        if not _hooked:
            os.register_at_fork(
                before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
            )
            _hooked.append(True)


def _before() -> None:
    _lock.acquire()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for cell in sorted(_guarded, key=lambda cell: cell.order):
        held = cell.hold_for_fork(deadline - time.monotonic())
        _outcomes.append((cell, held))


def _after_in_parent() -> None:
    for cell, held in _outcomes:
        if held:
            cell.release_after_fork()
    _outcomes.clear()
    _lock.release()


def _after_in_child() -> None:
    forget_other_threads()
    for cell, held in _outcomes:
        cell.inherit(held)
    _outcomes.clear()
    _lock.release()

"""Carrying shared storages through `os.fork`.

Invariant: a child never sees contents that another thread was in the middle of writing. Before the
fork every storage is locked for reading, in creation order. A storage that stays locked for longer
than `PATIENCE_SECONDS` is marked torn in the child, where any use of it is an error; the parent is
never affected. The hooks are set when the first storage is made, not on import. There is no lock
here, which a finalizer or a signal handler on the same thread could wait for in vain: each step on
the books is one operation on a dict, and every forking thread has an entry of its own.
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
    """What the hooks do with a storage."""

    @property
    def order(self) -> int:
        """Place in the order in which storages are locked."""
        ...

    def hold_for_fork(self, seconds: float) -> bool:
        """Lock for reading; False when that took too long."""
        ...

    def release_after_fork(self) -> None:
        """In the parent: unlock."""

    def inherit(self, held: bool) -> None:
        """In the child: unlock as far as other threads had it locked, or mark it torn."""


_Outcomes = list[tuple[Inheritable, bool]]

_guarded: "dict[int, weakref.ref[Inheritable]]" = {}
_outcomes: dict[int, _Outcomes] = {}
_hooks: dict[str, object] = {}


def guard(storage: Inheritable) -> None:
    """Carry the storage through every fork from now on."""
    order = storage.order
    _guarded[order] = weakref.ref(storage, lambda _: _guarded.pop(order, None))
    mine = object()
    if _hooks.setdefault("set by", mine) is mine:
        os.register_at_fork(
            before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
        )


def _before() -> None:
    outcomes: _Outcomes = []
    _outcomes[threading.get_ident()] = outcomes
    deadline = time.monotonic() + PATIENCE_SECONDS
    # The keys alone: pairs would be objects to make, with which a collection may begin, and what it
    # frees leaves the dict.
    for order in sorted(_guarded):
        reference = _guarded.get(order)
        storage = None if reference is None else reference()
        if storage is not None:
            outcomes.append((storage, storage.hold_for_fork(deadline - time.monotonic())))


def _after_in_parent() -> None:
    for storage, held in _outcomes.pop(threading.get_ident(), ()):
        if held:
            storage.release_after_fork()


def _after_in_child() -> None:
    forget_other_threads()
    for storage, held in _outcomes.pop(threading.get_ident(), ()):
        storage.inherit(held)
    _outcomes.clear()
